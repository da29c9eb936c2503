import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importModules, platformModules } from '../../src/platforms.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The rooms of the house from the ground up: each may import only rooms before it. A new room has to be given its
 * place here.
 */
const rooms = [
  'errors.ts',
  'platform',
  'detection',
  'storage',
  'config',
  'control',
  'ledger',
  'people',
  'delivery',
  'membership',
  'groups',
  'transcript',
  'decisions',
  'nudges',
  'stakeholders',
  'digests',
  'imports',
  'interactions',
  'schedule',
  'pipeline.ts',
  'installation.ts',
  'page-acts.ts',
  'world.ts',
  'web',
  // What starts it all.
  'report-failure.ts',
  'environment.ts',
  'log.ts',
  'listen.ts',
  'platforms.ts',
  'sandbox-seed.ts',
  'commands',
  'compose.ts',
  'cli.ts',
  'main.ts',
]

/** The wiring: the only files of src that name adapters, and only lazily, so that what is not configured costs nothing. */
const wiring = ['main.ts', 'cli.ts', 'platforms.ts', 'compose.ts']

/** The command line's `start` is the program itself. */
const mayStartMain = 'src/cli.ts'

/** All that adapters may know of the program. */
const theirDoors = ['src/platform/index.ts', 'src/errors.ts']

interface Import {
  readonly from: string
  readonly to: string
  readonly lazy: boolean
}

const files = ['src', 'adapters'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('generated'))
    .map((name) => join(top, name)),
)
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The program's own files that a file imports, whatever the form. */
const imports: readonly Import[] = files.flatMap((from) =>
  [...textOf(from).matchAll(/(?:\bfrom|^import|(\bimport)\s*\()\s*'(\.[^']+)'/gm)].map((match) => ({
    from,
    to: relative(root, resolve(root, dirname(from), match[2] ?? '')).replace(/\.js$/, '.ts'),
    lazy: match[1] !== undefined,
  })),
)
const roomOf = (file: string): string => file.split('/')[1] ?? ''
const told = (crossings: readonly Import[]): string[] =>
  crossings.map(({ from, to }) => `${from} imports ${to}`)

describe('the house', () => {
  test('has files and imports to look at', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(imports.length).toBeGreaterThan(400)
  })

  test('has a place for every room, and no place for a room that is gone', () => {
    const found = new Set(files.filter((file) => file.startsWith('src/')).map(roomOf))
    expect([...found].filter((room) => !rooms.includes(room))).toEqual([])
    expect(rooms.filter((room) => !found.has(room))).toEqual([])
  })

  test('is built downward: a room imports only rooms below it', () => {
    const upward = imports.filter(
      ({ from, to }) =>
        from.startsWith('src/') &&
        to.startsWith('src/') &&
        roomOf(to) !== 'generated' &&
        roomOf(from) !== roomOf(to) &&
        rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(from)) &&
        !(from === mayStartMain && to === 'src/main.ts'),
    )
    expect(told(upward)).toEqual([])
  })

  test('is entered at the top: nothing imports main, save the command line that starts it', () => {
    const entering = imports.filter(({ from, to }) => to === 'src/main.ts' && from !== mayStartMain)
    expect(told(entering)).toEqual([])
  })

  test('knows no adapter by name outside its wiring, and there only lazily', () => {
    const known = imports.filter(({ from, to }) => from.startsWith('src/') && to.startsWith('adapters/'))
    const wrong = known.filter(({ from, lazy }) => !lazy || !wiring.includes(from.replace('src/', '')))
    expect(told(wrong)).toEqual([])
    expect(known.length).toBeGreaterThan(0)
  })

  test('opens every room with a comment saying what it is for', () => {
    const folders = rooms.filter((room) => !room.endsWith('.ts'))
    const silent = folders.filter((room) => {
      const index = join('src', room, 'index.ts')
      return !existsSync(join(root, index)) || !/^(\/\*\*|\/\/)/.test(textOf(index))
    })
    expect(silent).toEqual([])
  })
})

describe('adapters', () => {
  const ours = imports.filter(({ from }) => from.startsWith('adapters/'))

  test('know of the program the port and its errors alone', () => {
    const crossings = ours.filter(({ to }) => to.startsWith('src/') && !theirDoors.includes(to))
    expect(told(crossings)).toEqual([])
  })

  test('know nothing of each other, of tests or of scripts', () => {
    const crossings = ours.filter(
      ({ from, to }) => !to.startsWith('src/') && !to.startsWith(`adapters/${roomOf(from)}/`),
    )
    expect(told(crossings)).toEqual([])
  })

  test('keep Microsoft’s SDK in one file, which nothing loads before Teams is started', () => {
    const sdk = /\bfrom '(?:@microsoft\/teams-ai|botbuilder|botframework-[a-z]+)['/]/
    expect(files.filter((file) => sdk.test(textOf(file)))).toEqual(['adapters/teams/sdk.ts'])
    const loaded = new Set(['adapters/teams/index.ts'])
    for (const file of loaded)
      for (const { from, to, lazy } of imports) if (from === file && !lazy) loaded.add(to)
    expect(loaded).toContain('adapters/teams/settings.ts')
    expect(loaded).not.toContain('adapters/teams/sdk.ts')
  })

  test('are exactly those that the program can load, each under the name of its folder', async () => {
    const folders = readdirSync(join(root, 'adapters')).sort()
    const loadable = { ...platformModules, ...importModules }
    expect(Object.keys(loadable).sort()).toEqual(folders)
    for (const [folder, load] of Object.entries(loadable)) expect((await load()).name).toBe(folder)
  }, 60_000)
})

describe('the code', () => {
  /** Without comments, which may speak of anything. */
  const code = files.map((file) => ({
    file,
    text: textOf(file)
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/(^|\s)\/\/.*$/gm, ''),
  }))
  const withPattern = (pattern: RegExp): string[] =>
    code.filter(({ text }) => pattern.test(text)).map(({ file }) => file)

  test('has no default exports', () => {
    expect(withPattern(/^export default\b|\bas default\b/m)).toEqual([])
  })
  test('has no enums', () => {
    expect(withPattern(/^(export )?(declare )?(const )?enum\s/m)).toEqual([])
  })
  test('never says any', () => {
    expect(withPattern(/:\s*any\b|<any\b|\bas any\b|\bany\[\]/)).toEqual([])
  })
  test('never switches the compiler off', () => {
    expect(files.filter((file) => /@ts-(ignore|nocheck)/.test(textOf(file)))).toEqual([])
  })
})

describe('the guides', () => {
  const guides = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))].filter(
    (file) => file.endsWith('.md'),
  )

  test('link only to files that are there', () => {
    const missing = guides.flatMap((guide) =>
      [...textOf(guide).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !existsSync(resolve(root, dirname(guide), link)))
        .map((link) => `${guide}: ${link}`),
    )
    expect(missing).toEqual([])
  })

  test('name only files of the program that are there, or folders that its own runs make', () => {
    // What .gitignore names is made by a run and stands in no fresh clone.
    const made = textOf('.gitignore')
      .split('\n')
      .filter((line) => line.endsWith('/'))
    const missing = guides.flatMap((guide) =>
      [...textOf(guide).matchAll(/`((?:src|adapters|test|scripts|prisma|docs)\/[\w./-]+)`/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !made.some((folder) => `${name}/`.startsWith(folder)))
        .filter((name) => !existsSync(join(root, name)) && !existsSync(join(root, `${name}.ts`)))
        .map((name) => `${guide}: ${name}`),
    )
    expect(missing).toEqual([])
  })
})
