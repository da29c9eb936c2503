import { createWriteStream } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { slackExportModule } from '../../adapters/slack-export/index.js'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { isRemembrancerError } from '../../src/errors.js'
import { eventKey } from '../../src/platform/index.js'
import { fixture, readImport } from './support/read-import.js'

const unpacked = fixture('slack-export')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slack-export-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function zipped(name: string, prefix = ''): Promise<string> {
  const path = join(folder, name)
  const zip = new ZipFile()
  for (const file of await readdir(unpacked, { recursive: true, withFileTypes: true }))
    if (file.isFile()) {
      const full = join(file.parentPath, file.name)
      zip.addFile(full, prefix + full.slice(unpacked.length + 1))
    }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  return path
}

/** A copy of the fixture in which one file says something else. */
async function spoilt(file: string, content: string): Promise<string> {
  const path = join(folder, 'spoilt')
  await rm(path, { recursive: true, force: true })
  await cp(unpacked, path, { recursive: true })
  await writeFile(join(path, file), content)
  return path
}

describe('a Slack export', () => {
  it('gives the same events from its folder, its zip, and a zip of its folder', async () => {
    const keys = async (path: string) => (await readImport(slackExportModule, path)).events.map(eventKey)
    const expected = await keys(unpacked)
    for (const path of [await zipped('export.zip'), await zipped('again.zip', 'Dept Slack export/')]) {
      expect(await slackExportModule.recognises(path)).toBe(true)
      expect(await whatsappModule.recognises(path)).toBe(false)
      expect(await keys(path)).toEqual(expected)
    }
    expect(new Set(expected).size).toBe(expected.length)
  })

  it('gives messages with threads, edits, files and markup as people read it', async () => {
    const { of } = await readImport(slackExportModule, unpacked)
    const flood = of('message-posted').filter((event) => event.conversation === 'C0FLOOD')
    expect(flood.map(({ text }) => text)).toEqual([
      '@Ann Lee shall we buy 4,000 sandbags & pumps? See the kit list (https://example.gov.uk/kit) in #old-plan @here',
      'Agreed, buy them from Severn.',
      'Level 3.2 m',
      '',
      'Hello from the county',
    ])
    expect(flood[0]).toMatchObject({ mentions: ['U0ANN'], tenant: 'T0DEPT', at: '2024-02-01T08:10:00.000Z' })
    expect(flood[0]?.thread).toBeUndefined()
    expect(flood[1]?.thread).toBe('1706775000.000200')
    expect(flood[3]?.files).toEqual([
      { name: 'map.pdf', mimeType: 'application/pdf', url: 'https://files.example/map.pdf' },
    ])
    expect(of('message-edited')).toMatchObject([
      { message: '1706775100.000300', revision: '1706775160.000000', postedAt: '2024-02-01T08:11:40.000Z' },
    ])
    expect(of('message-deleted')).toMatchObject([{ message: '1706860000.000100' }])
  })

  it('tells who people are: title, address, guests, programs, other organisations, those who left the workspace', async () => {
    const { of } = await readImport(slackExportModule, unpacked)
    const people = new Map(of('message-posted').map(({ author }) => [author.id, author]))
    expect(people.get('U0ANN')).toEqual({
      id: 'U0ANN',
      name: 'Ann Lee',
      title: 'Head of Floods',
      email: 'ann.lee@example.gov.uk',
      external: false,
      bot: false,
      active: true,
    })
    expect(people.get('U0BOB')).toMatchObject({ name: 'Bob Shah', active: false })
    expect(people.get('U0GUEST')).toMatchObject({ external: true })
    expect(people.get('B0GAUGE')).toMatchObject({ name: 'Gauge', bot: true })
    expect(people.get('U0STRANGE')).toMatchObject({ name: 'Sam Strange', external: true })
  })

  it('tells membership with inviters, and the roster at its last instant', async () => {
    const { of } = await readImport(slackExportModule, unpacked)
    expect(of('member-joined').map(({ person, actor }) => [person.id, actor?.id])).toEqual([
      ['U0ANN', undefined],
      ['U0BOB', 'U0ANN'],
    ])
    expect(of('member-left').map(({ person, how }) => [person.id, how])).toEqual([['U0BOB', 'departed']])
    const rosters = of('roster-observed')
    expect(rosters.map(({ conversation, members }) => [conversation, members.length])).toEqual([
      ['C0FLOOD', 3],
      ['G0PRIV', 1],
      ['G0MP', 2],
    ])
    expect(new Set(rosters.map(({ at }) => at))).toEqual(new Set(['2024-02-02T07:51:40.000Z']))
  })

  it('tells of groups, and leaves out direct messages', async () => {
    const { of, report, events } = await readImport(slackExportModule, unpacked)
    expect(of('group-created').map(({ name, visibility }) => [name, visibility])).toEqual([
      ['flood-response', 'public'],
      ['old-plan', 'public'],
      ['budget', 'private'],
      ['Ann Lee, Gina Guest', 'private'],
    ])
    expect(of('group-renamed')).toMatchObject([{ name: 'flood-response' }])
    expect(of('group-archived')).toMatchObject([{ conversation: 'C0OLD' }])
    expect(JSON.stringify(events)).not.toContain('Just between us')
    expect(report).toMatchObject({
      messages: 8,
      groups: 4,
      linesNotUnderstood: { count: 1, first: [{ file: 'flood-response/2024-02-01.json', line: 8 }] },
      leftOut: [
        { what: 'direct conversations of two people', count: 1 },
        { what: 'folders that no list names', count: 1 },
      ],
    })
  })
})

describe('a damaged or foreign export', () => {
  it('is refused with the name of the file inside it, before anything is handed over', async () => {
    for (const [file, content] of [
      ['flood-response/2024-02-02.json', '[{"type":"message","text":"cut sho'],
      ['budget/2024-02-01.json', '{"messages":[]}'],
      ['users.json', '[{"id":7}]'],
      ['channels.json', ''],
    ] as const) {
      const error: unknown = await slackExportModule
        .open(await spoilt(file, content), { timeZone: 'Europe/London' })
        .catch((caught: unknown) => caught)
      expect(isRemembrancerError(error, 'IMPORT_TRUNCATED')).toBe(true)
      expect((error as Error).message).toContain(file)
      expect((error as Error).message).not.toContain('cut sho')
    }
  })

  it('is not recognised when its messages are not Slack’s', async () => {
    const path = await spoilt('flood-response/2024-02-01.json', JSON.stringify(Array(50).fill({ note: 'x' })))
    await expect(slackExportModule.open(path, { timeZone: 'UTC' })).rejects.toMatchObject({
      code: 'IMPORT_NOT_RECOGNISED',
    })
  })

  it('that declares absurd sizes is refused unread', async () => {
    const path = await zipped('huge.zip')
    const bytes = await readFile(path)
    // The central directory's record of users.json: its uncompressed size stands 24 bytes in.
    for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4))
      if (bytes.toString('latin1', at + 46, at + 46 + 10) === 'users.json')
        bytes.writeUInt32LE(2_000_000_000, at + 24)
    await writeFile(path, bytes)
    await expect(slackExportModule.open(path, { timeZone: 'UTC' })).rejects.toMatchObject({
      code: 'IMPORT_TOO_LARGE',
    })
  })

  it('never crashes, whatever JSON its files hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.constantFrom('users.json', 'channels.json', 'budget/2024-02-01.json'),
        async (value, file) => {
          const path = await spoilt(file, JSON.stringify(Array.isArray(value) ? value : [value]))
          const error = await readImport(slackExportModule, path).catch((caught: unknown) => caught)
          if (error instanceof Error) expect(isRemembrancerError(error), error.stack ?? '').toBe(true)
        },
      ),
      { numRuns: 12 },
    )
  })
})
