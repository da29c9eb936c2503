import { afterEach, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { slackModule } from '../../adapters/slack/index.js'
import { requiredScopes } from '../../adapters/slack/manifest.js'
import { handClock, scaledClock } from '../support/slack/clock.js'
import { allScopes } from '../support/slack/index.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

let running: RunningSlack | undefined
async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, ...options })
  return running
}
afterEach(async () => {
  await running?.stop()
  running = undefined
})
const failing = async ({ platform }: RunningSlack) =>
  (await platform.doctor()).filter((finding) => !finding.ok)

describe('the doctor', () => {
  test.each(['http', 'socket'] as const)('finds nothing wrong over %s', async (mode) => {
    expect(await failing(await start({ mode }))).toEqual([])
  })

  test('works before the platform is started', async () => {
    const findings = await (await start({ start: false })).platform.doctor()
    expect(findings.map((finding) => finding.check)).toEqual([
      'reachable',
      'bot token',
      'scopes',
      'clock',
      'events',
      'arrivals',
    ])
  })

  test('names the scopes that are missing', async () => {
    const scopes = allScopes.filter((scope) => scope !== 'groups:history')
    const [finding] = await failing(await start({ scopes }))
    expect(finding).toMatchObject({
      check: 'scopes',
      detail: expect.stringContaining('groups:history'),
      fix: expect.stringContaining('reinstall'),
    })
  })

  test('what keeps it from listing its channels is logged once for each reason', async () => {
    const begun = await start({
      clock: scaledClock(200),
      prepare: (slack) => {
        furnish(slack)
        const method = 'users.conversations'
        slack.api.failures.push({ method, error: 'missing_scope', times: 3 })
        slack.api.failures.push({ method, error: 'access_denied', times: 2 })
      },
    })
    const warned = () =>
      begun.host.lines.filter((line) => line.message.startsWith('could not list the channels'))
    await begun.host.until('the second reason', () => warned().length === 2)
    await begun.host.until('the list', () => begun.slack.api.failures.every(({ times }) => times === 0))
    expect(warned().map((line) => line.fields.code)).toEqual(['SLACK_SCOPE_MISSING', 'PLATFORM_REFUSED'])
  })

  test('says when the token is refused, and when Slack is not there at all', async () => {
    const begun = await start()
    begun.slack.api.failures.push({ method: 'auth.test', error: 'token_revoked', times: 1 })
    expect(await failing(begun)).toMatchObject([
      { check: 'bot token', detail: expect.stringContaining('token_revoked') },
    ])
    begun.slack.down = true
    expect(await failing(begun)).toMatchObject([{ check: 'reachable' }])
    begun.slack.down = false
  })

  test('notices a clock that is wrong', async () => {
    const begun = await start()
    begun.host.setNow(new Date(Date.now() + 4 * 60_000))
    expect(await failing(begun)).toMatchObject([{ check: 'clock', fix: expect.stringContaining('NTP') }])
  })

  test('says when Socket Mode is refused', async () => {
    const begun = await start({ mode: 'socket', start: false })
    begun.slack.api.failures.push({ method: 'apps.connections.open', error: 'missing_scope', times: 1 })
    expect(await failing(begun)).toMatchObject([
      { check: 'events', fix: expect.stringContaining('connections:write') },
    ])
  })

  test('says when the last event came', async () => {
    const clock = handClock()
    const { slack, platform } = await start({ clock })
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Hello')
    await slack.events.idle()
    clock.advance(3 * 60_000)
    const findings = await platform.doctor()
    expect(findings.find((finding) => finding.check === 'arrivals')?.detail).toBe(
      'The last event came 3 minutes ago.',
    )
  })
})

describe('the doctor and a subscription that was switched off', () => {
  test('our own posts that do not come back are a finding, until something comes', async () => {
    const clock = handClock()
    const begun = await start({ clock })
    const { slack, platform } = begun
    slack.events.hold()
    const target = { kind: 'group', conversation: 'C1FLOOD' } as const
    await platform.post('T0TEAM', { outboxId: 'o1', target, card: { heading: 'Hello', summary: 'Hello' } })
    expect(await failing(begun)).toEqual([])
    clock.advance(9 * 60_000)
    expect(await failing(begun)).toMatchObject([
      { check: 'arrivals', fix: expect.stringContaining('Event Subscriptions') },
    ])
    await slack.events.release()
    expect(await failing(begun)).toEqual([])
  })
})

describe('the manifest', () => {
  interface Manifest {
    oauth_config: { scopes: { bot: string[] } }
    features: {
      slash_commands: { command: string; url?: string; description: string }[]
      shortcuts: { type: string; name: string }[]
    }
    settings: {
      event_subscriptions: { request_url?: string; bot_events: string[] }
      interactivity: { request_url?: string }
      socket_mode_enabled: boolean
    }
  }
  async function printed(...args: string[]): Promise<Manifest> {
    const lines: string[] = []
    const [command] = slackModule.commands
    expect(await command?.run(args, {}, (line) => void lines.push(line))).toBe(0)
    return parseYaml(lines.join('\n')) as Manifest
  }

  test('asks for exactly the scopes the doctor checks', async () => {
    expect((await printed()).oauth_config.scopes.bot).toEqual([...requiredScopes])
    expect([...requiredScopes].sort()).toEqual([...allScopes].sort())
    // Of direct conversations nothing is listed or looked up: https://docs.slack.dev/reference/scopes/im.read
    expect(requiredScopes.filter((scope) => scope.startsWith('im:'))).toEqual(['im:history', 'im:write'])
  })

  test('names the customer’s address everywhere', async () => {
    const manifest = await printed('--url', 'https://remember.rivers.example/')
    const address = 'https://remember.rivers.example/slack/events'
    expect(manifest.settings.event_subscriptions.request_url).toBe(address)
    expect(manifest.settings.interactivity.request_url).toBe(address)
    for (const command of manifest.features.slash_commands) expect(command.url).toBe(address)
    expect(manifest.settings.socket_mode_enabled).toBe(false)
  })

  test('without an address is one for Socket Mode', async () => {
    const manifest = await printed()
    expect(manifest.settings.socket_mode_enabled).toBe(true)
    expect(manifest.settings.event_subscriptions).not.toHaveProperty('request_url')
    expect(JSON.stringify(manifest)).not.toContain('remembrancer.example')
    expect(manifest.settings.event_subscriptions.bot_events).toContain('message.groups')
  })

  test('keeps to Slack’s limits', async () => {
    const { features } = await printed()
    for (const { command, description } of features.slash_commands) {
      expect(command.length).toBeLessThanOrEqual(32)
      expect(description.length).toBeLessThanOrEqual(2000)
    }
    for (const { name } of features.shortcuts) expect(name.length).toBeLessThanOrEqual(24)
  })

  test.each([
    ['--url'],
    ['--url', 'http://plain.example'],
    ['--url', 'nonsense'],
    // Would otherwise print the manifest for Socket Mode, and nobody would notice.
    ['--uri', 'https://remember.rivers.example'],
    ['https://remember.rivers.example'],
    ['--url=https://remember.rivers.example', 'more'],
  ])('%s %s is refused', async (...args) => {
    await expect(printed(...args.filter((arg) => arg !== undefined))).rejects.toMatchObject({
      code: 'USAGE',
    })
  })
})

describe('settings', () => {
  const bot = { SLACK_BOT_TOKEN: 'xoxb-1' }
  test.each([
    ['nothing', {}, false],
    ['an empty token', { SLACK_BOT_TOKEN: ' ' }, false],
    ['a token', bot, true],
    ['a secret alone', { SLACK_SIGNING_SECRET: 's' }, true],
  ])('%s', (_name, env, configured) => {
    expect(slackModule.isConfigured(env)).toBe(configured)
  })

  test.each([
    ['no bot token', { SLACK_SIGNING_SECRET: 's' }, 'SLACK_CONFIG_INCOMPLETE'],
    ['no way for events', bot, 'SLACK_CONFIG_INCOMPLETE'],
    ['a user token', { SLACK_BOT_TOKEN: 'xoxp-1', SLACK_SIGNING_SECRET: 's' }, 'CONFIG_INVALID'],
    ['a bot token as app token', { ...bot, SLACK_APP_TOKEN: 'xoxb-2' }, 'CONFIG_INVALID'],
    [
      'a plain address',
      { ...bot, SLACK_SIGNING_SECRET: 's', SLACK_API_URL: 'http://slack.example/api' },
      'CONFIG_INVALID',
    ],
    ['no address', { ...bot, SLACK_SIGNING_SECRET: 's', SLACK_API_URL: 'slack' }, 'CONFIG_INVALID'],
  ])('%s is refused, and no secret is in the message', async (_name, env, code) => {
    await expect(slackModule.create(env)).rejects.toMatchObject({
      code,
      message: expect.not.stringMatching(/xox[bp]-\d/),
    })
  })

  test('with both ways given, Socket Mode is used', async () => {
    const platform = await slackModule.create({
      ...bot,
      SLACK_SIGNING_SECRET: 's',
      SLACK_APP_TOKEN: 'xapp-1',
    })
    expect(platform.webhook).toBeUndefined()
  })
})
