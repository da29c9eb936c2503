import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
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
