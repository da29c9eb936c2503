import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCommand } from '../support/running-program.js'

/** What the command line says to somebody who does not know it yet. */
const folder = mkdtempSync(join(tmpdir(), 'remembrancer-help-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = (...args: string[]) =>
  runCommand(
    args,
    { DATA_DIR: join(folder, 'data'), TEAMS_APP_ID: '', SLACK_BOT_TOKEN: '' },
    undefined,
    folder,
  )

describe('help', { timeout: 60_000 }, () => {
  test.each([
    [
      ['teams', 'package', '--help'],
      ['teams package', '--out FILE', '--host NAME', '--app-version', '1.29'],
    ],
    [
      ['teams', '--help'],
      ['teams package', '--manifest-version'],
    ],
    [['teams'], ['teams package', '--developer NAME']],
    [
      ['slack', 'manifest', '--help'],
      ['slack manifest', '--url ADDRESS', 'Socket Mode'],
    ],
    [
      ['import', '--help'],
      ['import FILE', '--date-order dmy|mdy|ymd'],
    ],
    [
      ['start', '-h'],
      ['start', 'Run the program'],
    ],
  ])('%j prints what there is to give, and does nothing', (args, words) => {
    const { status, stdout, stderr } = run(...args)
    expect([status, stderr]).toEqual([0, ''])
    for (const word of words) expect(stdout).toContain(word)
    expect(readdirSync(folder)).toEqual([])
  })

  test('of a command that is not there is a usage error', () => {
    for (const args of [
      ['teams', 'nonsense', '--help'],
      ['teams', 'nonsense'],
    ]) {
      const { status, stderr } = run(...args)
      expect(status).toBe(2)
      expect(stderr).toMatch(/^USAGE: There is no command "teams nonsense"\. Run npx remembrancer help/)
    }
  })
})
