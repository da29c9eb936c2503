import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { packageCommand } from '../../adapters/teams/package/command.js'
import {
  buildLocalisation,
  buildManifest,
  resourcePermissions,
} from '../../adapters/teams/package/manifest.js'
import { buildPackage } from '../../adapters/teams/package/zip.js'
import { commandNames } from '../../src/platform/index.js'

const appId = '3f1c2a4e-0000-4000-8000-000000000001'
const options = { appId, host: 'chat.example.gov.uk', manifestVersion: '1.29', developer: 'Department' }

async function unzip(zip: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const archive = await yauzl.fromBufferPromise(zip, { lazyEntries: true })
  for await (const entry of archive.eachEntry())
    files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)))
  return files
}

describe('the app package', () => {
  test('holds manifest, icons and every language it names, at its root', async () => {
    const files = await unzip(await buildPackage(options))
    expect([...files.keys()].sort()).toEqual(['color.png', 'fr.json', 'manifest.json', 'outline.png'])
    expect(JSON.parse(String(files.get('manifest.json')))).toEqual(buildManifest(options))
  })

  test('is the same for the same settings', async () => {
    expect((await buildPackage(options)).equals(await buildPackage(options))).toBe(true)
  })

  test.each([
    ['color.png', 192],
    ['outline.png', 32],
  ])('%s is a PNG of %i pixels', async (name, size) => {
    const png = (await unzip(await buildPackage(options))).get(name) ?? Buffer.alloc(0)
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    const length = png.readUInt32BE(33)
    const rows = inflateSync(png.subarray(41, 41 + length))
    expect(rows.length).toBe(size * (size * 4 + 1))
    const alphas = new Set<number>()
    for (let row = 0; row < size; row += 1)
      for (let column = 0; column < size; column += 1)
        alphas.add(rows[row * (size * 4 + 1) + 1 + column * 4 + 3] ?? 0)
    // The colour icon fills its square; the outline icon is white on nothing.
    expect(alphas.has(0)).toBe(name === 'outline.png')
  })

  test('asks for reading messages and members where it is installed, and nothing more', () => {
    expect(buildManifest(options)).toMatchObject({
      authorization: {
        permissions: {
          resourceSpecific: [
            { name: 'ChannelMessage.Read.Group', type: 'Application' },
            { name: 'ChatMessage.Read.Chat', type: 'Application' },
            { name: 'TeamMember.Read.Group', type: 'Application' },
            { name: 'ChatMember.Read.Chat', type: 'Application' },
            { name: 'ChannelMember.Read.Group', type: 'Application' },
          ],
        },
      },
    })
    expect(resourcePermissions.every((name) => name.includes('.Read.'))).toBe(true)
  })

  test('offers every command and the message action, translated in full', () => {
    const manifest = JSON.stringify(buildManifest(options))
    for (const name of commandNames) expect(manifest).toContain(`"title":"${name}"`)
    expect(manifest).toContain('"id":"recordDecision"')
    const french = buildLocalisation('fr', '1.29')
    expect(Object.keys(french).filter((key) => key.endsWith('.description'))).toHaveLength(
      commandNames.length + 2 + 1,
    )
    for (const [key, value] of Object.entries(french)) {
      if (key === 'description.short') expect(value.length).toBeLessThanOrEqual(80)
      expect(value.length).toBeGreaterThan(0)
    }
  })
})

describe('teams package', () => {
  async function run(args: readonly string[], env: NodeJS.ProcessEnv = { TEAMS_APP_ID: appId }) {
    const lines: string[] = []
    return { code: await packageCommand.run(args, env, (line) => lines.push(line)), lines }
  }

  test('writes the file where it is told to', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'teams-package-'))
    try {
      const out = path.join(folder, 'app.zip')
      const { code, lines } = await run(['--out', out, '--host', 'chat.example.gov.uk'])
      expect(code).toBe(0)
      expect(lines[0]).toContain(out)
      expect((await unzip(await readFile(out))).size).toBe(4)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('gives an update the version it is told', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'teams-package-'))
    try {
      const out = path.join(folder, 'app.zip')
      await run(['--out', out, '--host', 'chat.example.gov.uk', '--app-version', '1.2.10'])
      const manifest = (await unzip(await readFile(out))).get('manifest.json')
      expect(JSON.parse(String(manifest))).toMatchObject({ version: '1.2.10' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('says what is missing', async () => {
    const host = ['--host', 'chat.example.gov.uk']
    await expect(run(host, {})).rejects.toMatchObject({ code: 'TEAMS_CONFIG_INCOMPLETE' })
    await expect(run([])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run(['--host', 'http://x'])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run(['--wrong', 'x'])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run([...host, '--out', '/no/such/folder/app.zip'])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run([...host, '--app-version', 'v2'])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run([...host, '--manifest-version', '1.0'])).rejects.toMatchObject({ code: 'USAGE' })
  })
})
