import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js'

const chat = [
  '01/06/2026, 09:00 - Ada Fenn created group "Bridge repairs"',
  '01/06/2026, 09:00 - Ada Fenn added Tom Hale and Mo Idris',
  '01/06/2026, 09:05 - Tom Hale: Contractor wants an answer today. Close the bridge for a week or do it at night over three?',
  '01/06/2026, 09:09 - Ada Fenn: Nights over three weeks. Please tell them we approve the extra £40,000',
  '01/06/2026, 09:10 - Tom Hale: Will do, thanks',
  '13/06/2026, 10:00 - Mo Idris left',
].join('\n')

/** Everything an operator or a file can get wrong: one clear sentence with its code, a status that is not 0, nothing lost. */
describe('bad input', { timeout: 240_000 }, () => {
  let folder: string
  let program: RunningProgram
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'remembrancer-bad-'))
    writeFileSync(join(folder, 'chat.txt'), chat)
    program = await startProgram()
  }, 120_000)
  afterAll(async () => {
    await program?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  async function refusedStart(env: Record<string, string>, dataDir?: string): Promise<string> {
    return await startProgram(env, dataDir).then(
      async (unexpected) => {
        await unexpected.stop()
        return 'it started'
      },
      (error: Error) => error.message,
    )
  }

  test('a second process on the same data folder is refused, and the first goes on', async () => {
    expect(await refusedStart({}, program.dataDir)).toMatch(/ended with 1: .*DATA_DIR_IN_USE/s)
    expect((await fetch(`${program.address}/healthz`)).status).toBe(200)
  })

  test('a port in use is said at once', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    expect(await refusedStart({ PORT: String(port) })).toMatch(/ended with 1: .*PORT_IN_USE: PORT \d+/s)
    server.close()
  })

  test('a setting that makes no sense is named without its value', async () => {
    const said = await refusedStart({ PORT: 'hunter2' })
    expect(said).toMatch(/ended with 1: .*CONFIG_INVALID: PORT/s)
    expect(said).not.toContain('hunter2')
  })

  test('a language nobody has brought is named with those there are', async () => {
    expect(await refusedStart({ DETECTION_LANGUAGE: 'xx' })).toMatch(
      /ended with 1: .*DETECTION_LANGUAGE_UNKNOWN: .*"xx".* for en\./s,
    )
  })

  test('a broken policy names the key and nothing starts', async () => {
    const data = join(folder, 'policy-data')
    mkdirSync(data)
    writeFileSync(join(data, 'policy.yaml'), 'nudges:\n  perGroupPerDay: many\n')
    expect(await refusedStart({}, data)).toMatch(
      /ended with 1: .*POLICY_INVALID: policy\.yaml at nudges\.perGroupPerDay/s,
    )
  })

  test.each([
    ['a foreign text file', 'shopping.txt', 'milk\neggs\nbread\n', 'IMPORT_NOT_RECOGNISED'],
    [
      'binary junk',
      'junk.txt',
      Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 256)),
      'IMPORT_NOT_RECOGNISED',
    ],
    ['an empty file', 'empty.txt', '', 'IMPORT_'],
    ['a truncated zip', 'cut.zip', Buffer.from('504b0304140000000800', 'hex'), 'IMPORT_'],
  ])('%s is refused with its code', (_what, name, content, code) => {
    const { status, stderr } = program.cli(['import', file(name, content)])
    expect(stderr).toContain(code)
    expect(status).toBe(1)
  })

  test('a file that is not there, an unknown option and an unknown command are said', () => {
    expect(program.cli(['import', join(folder, 'nowhere.txt')])).toMatchObject({ status: 1 })
    const option = program.cli(['import', '--colour', 'x'])
    expect(option.stderr).toContain('USAGE')
    const command = program.cli(['dance'])
    expect(command.stderr).toContain('USAGE')
    expect(command.status).toBe(2)
  })

  test('dates that could be read two ways are asked about, and --date-order settles it', () => {
    const ambiguous = file('ambiguous.txt', chat.split('\n').slice(0, 5).join('\n'))
    const asked = program.cli(['import', ambiguous])
    expect(asked.stderr).toContain('IMPORT_DATES_AMBIGUOUS')
    expect(asked.stderr).toContain('--date-order')
    const settled = program.cli(['import', ambiguous, '--date-order', 'dmy', '--group', 'Ambiguous'])
    expect(`${settled.stdout}${settled.stderr}`).toMatch(/Messages/i)
    expect(settled.status).toBe(0)
  })

  test('an import while the program runs is handed to it, reported, readable in the browser, and taken once', async () => {
    const first = program.cli(['import', join(folder, 'chat.txt')])
    expect(first.status, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/Bridge repairs|chat/)
    const address = /http:\/\/localhost:\d+/.exec(first.stdout)?.[0] ?? ''
    const groups = await (await fetch(`${address}/groups`)).text()
    expect(groups).toMatch(/Bridge repairs|chat/)
    const again = program.cli(['import', join(folder, 'chat.txt')])
    expect(again.status, again.stderr).toBe(0)
    const verified = program.cli(['verify'])
    expect(verified.stdout).toContain('The ledger verifies')
  })

  test('without a program running the same commands work on the folder itself', () => {
    const data = join(folder, 'alone')
    mkdirSync(data)
    const imported = runCommand(['import', join(folder, 'chat.txt')], { DATA_DIR: data })
    expect(imported.status, imported.stderr).toBe(0)
    expect(runCommand(['verify'], { DATA_DIR: data }).stdout).toContain('The ledger verifies')
    const checkpoint = join(folder, 'checkpoint.json')
    expect(runCommand(['checkpoint', checkpoint], { DATA_DIR: data }).status).toBe(0)
    expect(runCommand(['verify', '--checkpoint', checkpoint], { DATA_DIR: data }).status).toBe(0)
  })
})
