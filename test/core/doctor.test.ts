import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type CommandContext, commandNamed } from '../../src/commands/index.js'
import { readSettings } from '../../src/config/index.js'
import type { World } from '../../src/world.js'

const folder = mkdtempSync(join(tmpdir(), 'remembrancer-doctor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `doctor PLATFORM` as a program runs it that started with these settings and with no platform but the sandbox. */
async function doctor(platform: string, startedWith: NodeJS.ProcessEnv): Promise<number> {
  const world = { platforms: [{ name: 'sandbox' }] } as unknown as World
  const context: CommandContext = {
    settings: readSettings({}),
    env: startedWith,
    args: [platform],
    cwd: folder,
    usual: 'sandbox',
    world: async () => ({ world, address: '' }),
    out: () => {},
    err: () => {},
    tty: false,
  }
  return await commandNamed('doctor').run(context)
}

test('a line left blank at the start does not hide what .env says since', async () => {
  const blank = { SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' }
  writeFileSync(join(folder, '.env'), 'SLACK_BOT_TOKEN=\n')
  await expect(doctor('slack', blank)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  writeFileSync(join(folder, '.env'), 'SLACK_BOT_TOKEN=xoxb-1\n')
  await expect(doctor('slack', blank)).rejects.toMatchObject({ code: 'SLACK_CONFIG_INCOMPLETE' })
})

test('what needs no setting up, or is nothing, is a usage error', async () => {
  for (const name of ['elsewhere', 'constructor'])
    await expect(doctor(name, {})).rejects.toMatchObject({ code: 'USAGE' })
})
