import { afterEach, describe, expect, test } from 'vitest'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

let running: RunningSlack | undefined
const rejections: unknown[] = []
const note = (reason: unknown) => rejections.push(reason)
process.on('unhandledRejection', note)
afterEach(async () => {
  await running?.stop()
  running = undefined
  expect(rejections).toEqual([])
})
async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ mode: 'socket', prepare: furnish, ...options })
  const { host, slack } = running
  if (options.start !== false) await host.until('both connections', () => slack.sockets.size === 2)
  return running
}

describe('Socket Mode', () => {
  test('holds two connections and opens no HTTP door', async () => {
    const { slack, platform } = await start()
    expect(slack.sockets.size).toBe(2)
    expect(platform.webhook).toBeUndefined()
  })

  test('commits before it acknowledges, and does not acknowledge what it could not commit', async () => {
    const { slack, host } = await start()
    host.failAccepts(1)
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Kept the second time')
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(false)
    await slack.events.again()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(true)
    expect(host.eventsOf('message-posted').map((event) => event.text)).toEqual(['Kept the second time'])
    expect(JSON.parse(host.envelopes[0]?.raw ?? '')).toMatchObject({
      type: 'event_callback',
      team_id: 'T0TEAM',
    })
  })

  test('app_rate_limited over the socket becomes a gap, is acknowledged, and ends nothing', async () => {
    const { slack, host } = await start()
    slack.emitRaw({
      type: 'app_rate_limited',
      team_id: 'T0TEAM',
      minute_rate_limited: 1_700_000_040,
      api_app_id: 'A0APP',
    })
    await slack.events.idle()
    expect(slack.events.sent.at(-1)?.acknowledged).toBe(true)
    expect(host.gaps).toMatchObject([{ reason: 'rate-limited' }])
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Still here')
    await slack.events.idle()
    expect(host.eventsOf('message-posted')).toHaveLength(1)
  })

  test('a message that is no envelope at all ends nothing', async () => {
    const { slack, host } = await start()
    slack.emitRaw({})
    await slack.events.idle()
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Still here')
    await slack.events.idle()
    expect(host.eventsOf('message-posted')).toHaveLength(1)
  })

  test('not one of 60 events is lost while Slack refreshes the connections in turn', async () => {
    const { slack, host } = await start()
    for (let n = 0; n < 60; n += 1) {
      if (n === 10 || n === 35) slack.sockets.refresh()
      slack.people.say('C1FLOOD', 'U1TAMSIN', `Event ${n}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await slack.events.idle()
    expect(slack.events.sent.filter((event) => !event.acknowledged)).toEqual([])
    expect(new Set(host.eventsOf('message-posted').map((event) => event.text)).size).toBe(60)
    await host.until('both connections again', () => slack.sockets.size === 2)
    expect(host.gaps).toEqual([])
  })

  test('when both connections break it comes back by itself and says how long it was blind', async () => {
    const { slack, host } = await start()
    slack.down = true
    slack.sockets.cut()
    await host.until(
      'attempts to come back',
      () => host.lines.filter((line) => line.level === 'warn').length >= 2,
    )
    slack.down = false
    await host.until('both connections again', () => slack.sockets.size === 2, 10_000)
    expect(host.gaps).toMatchObject([{ reason: 'reconnected', tenant: 'T0TEAM' }])
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Back again')
    await slack.events.idle()
    expect(host.eventsOf('message-posted').map((event) => event.text)).toEqual(['Back again'])
  }, 20_000)

  test('a failure of the API while reconnecting is no unhandled rejection', async () => {
    const { slack, host } = await start()
    slack.api.failures.push({ method: 'apps.connections.open', status: 500, times: 2 })
    slack.sockets.refresh()
    await host.until(
      'both connections again',
      () => slack.sockets.connections === 3 && slack.sockets.size === 2,
      10_000,
    )
  }, 15_000)

  test('a refused app token stops the start with its code', async () => {
    const begun = await start({ start: false })
    begun.slack.api.failures.push({ method: 'apps.connections.open', error: 'invalid_auth', times: 9 })
    await expect(begun.platform.start(begun.host)).rejects.toMatchObject({ code: 'SLACK_APP_TOKEN_REFUSED' })
  })

  test('an app token refused later is told once as an error and a gap, and stands on the status page until mended', async () => {
    const { slack, host, platform } = await start()
    expect(platform.troubles?.()).toEqual([])
    const refusal = { method: 'apps.connections.open', error: 'invalid_auth', times: 1000 }
    slack.api.failures.push(refusal)
    slack.sockets.cut()
    await host.until('the gap', () => host.gaps.length > 0)
    await host.until('more attempts', () => refusal.times < 997)
    expect(host.gaps).toMatchObject([{ reason: 'disabled', tenant: 'T0TEAM' }])
    const errors = host.lines.filter((line) => line.level === 'error' && line.fields.source !== 'bolt')
    expect(errors.map((line) => line.fields.code)).toEqual(['SLACK_APP_TOKEN_REFUSED'])
    const detail = expect.stringContaining('invalid_auth. No event comes.')
    const fix = expect.stringContaining('connections:write')
    expect(platform.troubles?.()).toMatchObject([{ check: 'arrivals', detail, fix }])
    refusal.times = 0
    await host.until('both connections again', () => slack.sockets.size === 2, 15_000)
    await host.until('the whole gap', () => host.gaps.length === 2)
    expect(host.gaps[1]).toMatchObject({ reason: 'reconnected', from: host.gaps[0]?.from })
    expect(platform.troubles?.()).toEqual([])
  }, 30_000)

  test('stopped while it was blind, it says since when', async () => {
    const { slack, host, platform } = await start()
    slack.down = true
    slack.sockets.cut()
    await host.until('attempts to come back', () => host.lines.some((line) => line.level === 'warn'))
    await platform.stop()
    expect(host.gaps).toMatchObject([{ reason: 'reconnected', tenant: 'T0TEAM' }])
    slack.down = false
  })

  test('an outage at start holds up nothing: it connects when Slack is back, and says how long it was blind', async () => {
    const begun = await start({ start: false })
    const { slack, host, platform } = begun
    slack.api.failures.push({ method: 'apps.connections.open', status: 503, times: 3 })
    await platform.start(host)
    const [before] = (await platform.doctor()).filter((finding) => finding.check === 'arrivals')
    expect(before).toMatchObject({ ok: false, detail: 'No Socket Mode connection stands.' })
    await host.until('both connections', () => slack.sockets.size === 2, 10_000)
    await host.until('the gap', () => host.gaps.length > 0)
    expect(host.gaps).toMatchObject([{ reason: 'reconnected', tenant: 'T0TEAM' }])
    slack.people.say('C1FLOOD', 'U1TAMSIN', 'Back again')
    await slack.events.idle()
    expect(host.eventsOf('message-posted').map((event) => event.text)).toEqual(['Back again'])
  }, 20_000)

  test('commands, shortcuts and forms work over the socket too', async () => {
    const { slack, host, platform } = await start()
    await slack.screens.command('U1TAMSIN', 'C1FLOOD', '/membership-log', '')
    await platform.settled()
    expect(host.interactions).toMatchObject([{ kind: 'command', command: 'membership-log' }])
    expect(slack.world.whispers).toMatchObject([
      { user: 'U1TAMSIN', message: { response_type: 'ephemeral' } },
    ])
    expect(slack.violations).toEqual([])
  })
})
