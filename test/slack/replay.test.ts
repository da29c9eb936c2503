import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { readInteraction } from '../../adapters/slack/interactions.js'
import { chatEvent } from '../../src/platform/index.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

/** A payload in Slack's documented shape, and what it must become. */
interface Fixture {
  readonly payload: Record<string, unknown>
  readonly expect: readonly Record<string, unknown>[]
  readonly tenant?: string
  /** Fields that must not be there: what Slack does not report is not guessed. */
  readonly absent?: readonly string[]
  readonly unreadable?: boolean
}

const folder = new URL('./fixtures/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture

describe('replaying payloads of every event', () => {
  let running: RunningSlack
  beforeAll(async () => {
    running = await runSlack({ prepare: furnish })
    // Names are known by then, as in a workspace that has been running for a while.
    for (const id of ['U1TAMSIN', 'U2IDRIS']) await running.platform.person('T0TEAM', id)
  })
  afterAll(() => running.stop())

  test.each(names)('%s', async (name) => {
    const { host, slack } = running
    const fixture = read(name)
    host.forget()
    const body = JSON.stringify(fixture.payload)
    expect((await slack.sendRaw(body)).status).toBe(200)
    for (const event of host.events()) expect(chatEvent.safeParse(event).error).toBeUndefined()
    expect(host.events()).toMatchObject(
      fixture.expect.map((event) => ({
        platform: 'slack',
        tenant: fixture.tenant ?? 'T0TEAM',
        source: 'event',
        ...event,
      })),
    )
    for (const field of fixture.absent ?? []) expect(host.events()[0]).not.toHaveProperty(field)
    const unreadable = host.envelopes.filter((envelope) => envelope.unreadable !== undefined)
    expect(unreadable).toHaveLength(fixture.unreadable === true ? 1 : 0)
    if (host.envelopes.length > 0) expect(host.envelopes[0]?.raw).toBe(body)
    for (const envelope of unreadable) expect(envelope.fallbackKey).toMatch(/^slack\|/)
  })

  test('the Home tab opens though Slack gave the time of the event without its dot', async () => {
    const { host, slack, platform } = running
    host.forget()
    const { payload } = read('app_home_opened-microseconds.json')
    await slack.sendRaw(JSON.stringify({ ...payload, event_id: 'EvAGAIN' }))
    await platform.settled()
    expect(host.interactions).toMatchObject([{ kind: 'home', person: { id: 'U1TAMSIN' } }])
  })

  test('every event the manifest subscribes to has its payload', () => {
    const text = readFileSync(new URL('../../adapters/slack/manifest.yaml', import.meta.url), 'utf8')
    const manifest = parseYaml(text) as { settings: { event_subscriptions: { bot_events: string[] } } }
    const covered = names.map((name) => name.replace(/\.json$/, ''))
    // These two act on the installation as a whole, and have their tests in losing-nothing.
    const elsewhere = ['app_uninstalled', 'tokens_revoked', 'app_home_opened']
    for (const event of manifest.settings.event_subscriptions.bot_events) {
      const found = covered.some((name) => name === event || name.startsWith(`${event}-`))
      expect(found || elsewhere.includes(event), `no payload for ${event}`).toBe(true)
    }
  })
})

describe('presses as public samples show them', () => {
  const press = {
    type: 'block_actions',
    team: { id: 'T0TEAM', domain: 'rivers' },
    enterprise: null,
    user: { id: 'U1TAMSIN', username: 'tamsin.vale', name: 'tamsin.vale', team_id: 'T0TEAM' },
    api_app_id: 'A0APP',
    token: 'deprecated',
    trigger_id: '12.34.ab',
    actions: [
      {
        type: 'button',
        block_id: 'b1',
        action_id: 'open',
        value: 'v',
        text: { type: 'plain_text', text: 'Open' },
        action_ts: '1763800074.000100',
      },
    ],
  }
  const context = { now: new Date(), tenant: 'T0TEAM', person: () => undefined, channelName: () => undefined }

  test('a message without its own ts is known by its container', () => {
    const container = {
      type: 'message',
      message_ts: '1763800074.000000',
      channel_id: 'C1FLOOD',
      is_ephemeral: true,
    }
    const message = { type: 'message', user: 'U0BOT', text: 'Only for you' }
    const channel = { id: 'C1FLOOD', name: 'flood-response' }
    const asked = readInteraction({ ...press, container, message, channel }, context)
    expect(asked?.interaction).toMatchObject({ kind: 'button', conversation: 'C1FLOOD' })
  })

  test('a view without inputs may have a state without values', () => {
    const view = { id: 'V1HOME', type: 'home', team_id: 'T0TEAM', blocks: [], state: {}, hash: '1.a' }
    const asked = readInteraction({ ...press, container: { type: 'view', view_id: 'V1HOME' }, view }, context)
    expect(asked?.interaction).toMatchObject({ kind: 'button', person: { id: 'U1TAMSIN' } })
  })
})
