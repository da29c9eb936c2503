import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { eventKey } from '../../src/platform/index.js'
import { scaledClock } from '../support/slack/clock.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

let running: RunningSlack | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})
async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, ...options })
  return running
}

describe('losing nothing over HTTP', () => {
  test('Slack is acknowledged only after the commit, not before', async () => {
    const { slack, host } = await start()
    let release: (() => void) | undefined
    const original = host.accept
    host.accept = async (envelopes) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      await original.call(host, envelopes)
    }
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Slow database')
    await host.until('the commit to be under way', () => release !== undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(false)
    release?.()
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(true)
    host.accept = original
  })

  test('a failed commit gives 500, and Slack’s retries after one and five minutes bring the event in', async () => {
    const { slack, host } = await start({ retries: true, clock: scaledClock(200) })
    host.failAccepts(3)
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Fourth time lucky')
    await slack.events.idle()
    expect(slack.events.sent.at(-1)).toMatchObject({ acknowledged: true, attempts: 4 })
    expect(host.eventsOf('message-posted').map((event) => event.text)).toEqual(['Fourth time lucky'])
  })

  test('duplicates and disorder give each event once, under the same keys', async () => {
    const { slack, host } = await start()
    slack.events.duplicates = true
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Twice')
    await slack.events.idle()
    slack.events.duplicates = false
    slack.events.hold()
    const ts = slack.people.say('C1FLOOD', 'U1TAMSIN', 'Posted')
    slack.people.edit('C1FLOOD', ts, 'U1TAMSIN', 'Edited')
    slack.people.remove('C1FLOOD', ts)
    await slack.events.release((events) => events.reverse())
    expect(host.inbox().map((event) => event.kind)).toEqual([
      'message-posted',
      'message-deleted',
      'message-edited',
      'message-posted',
    ])
    expect(host.events()).toHaveLength(5)
    expect(new Set(host.events().map(eventKey)).size).toBe(4)
    expect(host.eventsOf('message-edited')[0]?.postedAt).toBe(host.eventsOf('message-posted').at(-1)?.at)
  })

  test('an outage of the API at start does not turn away the events after it', async () => {
    const { slack, host, platform } = await start({
      clock: scaledClock(50),
      prepare: (stand) => {
        furnish(stand)
        stand.api.failures.push({ method: 'auth.test', status: 503, times: 4 })
      },
    })
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'While we do not know who we are')
    await slack.events.idle()
    expect(host.eventsOf('message-posted')[0]).toMatchObject({ tenant: 'T0TEAM' })
    await host.until('the identity', () => platform.tenants().length === 1)
  })

  test('a restart during an outage knows the workspace from last time', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'remembrancer-slack-'))
    const first = await runSlack({ prepare: furnish, dataDir })
    await first.stop()
    const { platform } = await start({
      dataDir,
      clock: scaledClock(50),
      prepare: (stand) => {
        furnish(stand)
        stand.api.failures.push({ method: 'auth.test', status: 503, times: 50 })
      },
    })
    expect(platform.tenants()).toEqual(['T0TEAM'])
    await rm(dataDir, { recursive: true, force: true })
  })

  test('a refused token stops the start with its code', async () => {
    const fail = { method: 'auth.test', error: 'invalid_auth', times: 1 }
    const begun = await start({ start: false, prepare: (stand) => void stand.api.failures.push(fail) })
    await expect(begun.platform.start(begun.host)).rejects.toMatchObject({ code: 'SLACK_TOKEN_REFUSED' })
  })

  test('before the start nothing is acknowledged', async () => {
    const { slack, host } = await start({ start: false })
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Too early')
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(false)
    expect(host.attempts).toBe(0)
  })

  test('app_rate_limited, which has no inner event, is acknowledged and becomes a gap', async () => {
    const { slack, host } = await start()
    const minute = 1_700_000_040
    slack.emitRaw({
      token: 't',
      type: 'app_rate_limited',
      team_id: 'T0TEAM',
      minute_rate_limited: minute,
      api_app_id: 'A0APP',
    })
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(true)
    expect(host.gaps).toEqual([
      {
        platform: 'slack',
        tenant: 'T0TEAM',
        from: new Date(minute * 1000),
        to: new Date((minute + 60) * 1000),
        reason: 'rate-limited',
      },
    ])
  })

  test('each event costs no call of the API beyond names it has not met', async () => {
    const { slack, host } = await start()
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'First')
    await slack.events.idle()
    const before = slack.api.calls.length
    for (let n = 0; n < 20; n += 1) slack.people.say('C1FLOOD', 'U1TAMSIN', `Word ${n}`)
    await slack.events.idle()
    expect(slack.api.calls.length).toBe(before)
    expect(host.eventsOf('message-posted').at(-1)?.author).toMatchObject({
      name: 'Tamsin Vale',
      email: 'tamsin.vale@rivers.example',
      title: 'Duty officer',
      external: false,
      bot: false,
      active: true,
    })
  })

  test('events do not wait for names when the API is slow or away', async () => {
    const { slack, host } = await start()
    slack.down = true
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Asked <@U2IDRIS> about it', { markup: true })
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(true)
    expect(host.eventsOf('message-posted')[0]).toMatchObject({
      author: { id: 'U1TAMSIN' },
      text: 'Asked @U2IDRIS about it',
    })
    slack.down = false
  })

  test('our own posts are in the transcript, marked as ours', async () => {
    const { slack, host, platform } = await start()
    const target = { kind: 'group', conversation: 'C1FLOOD' } as const
    await platform.post('T0TEAM', {
      outboxId: 'o1',
      target,
      card: { heading: 'Hello', summary: 'Hello all' },
    })
    await slack.events.idle()
    expect(host.eventsOf('message-posted')[0]).toMatchObject({ own: true, text: 'Hello all' })
  })

  test('uninstalling is logged, written as a gap, and the bot is gone from its channels', async () => {
    const { slack, host } = await start()
    await host.until('the channels to be known', () =>
      slack.api.calls.some((call) => call.method === 'users.conversations'),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    slack.events.emit(slack.wrap({ type: 'app_uninstalled', event_ts: slack.world.nextTs() }))
    await slack.events.idle()
    expect(
      host
        .eventsOf('bot-removed')
        .map((event) => event.conversation)
        .sort(),
    ).toEqual(['C1FLOOD', 'C3PRIVATE'])
    expect(host.gaps).toMatchObject([{ reason: 'bot-absent', tenant: 'T0TEAM' }])
    expect(host.lines.some((line) => line.level === 'error')).toBe(true)
  })

  test('where the bot is, is asked again after an outage at start, so that uninstalling reaches every channel', async () => {
    const { slack, host } = await start({
      clock: scaledClock(50),
      prepare: (stand) => {
        furnish(stand)
        stand.api.failures.push({ method: 'users.conversations', status: 503, times: 5 })
      },
    })
    await host.until('the channels to be known', () =>
      slack.api.calls.some((call) => call.method === 'users.conversations'),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    slack.events.emit(slack.wrap({ type: 'app_uninstalled', event_ts: slack.world.nextTs() }))
    await slack.events.idle()
    const gone = host.eventsOf('bot-removed').map((event) => event.conversation)
    expect(gone.sort()).toEqual(['C1FLOOD', 'C3PRIVATE'])
  })

  test('revoking somebody’s own token is not ours to mourn; revoking the bot’s is', async () => {
    const { slack, host } = await start()
    slack.events.emit(
      slack.wrap({ type: 'tokens_revoked', tokens: { oauth: ['U1TAMSIN'] }, event_ts: slack.world.nextTs() }),
    )
    await slack.events.idle()
    expect(host.gaps).toEqual([])
    slack.events.emit(
      slack.wrap({ type: 'tokens_revoked', tokens: { bot: ['U0BOT'] }, event_ts: slack.world.nextTs() }),
    )
    await slack.events.idle()
    expect(host.gaps).toHaveLength(1)
  })
})
