import { afterEach, describe, expect, test } from 'vitest'
import { createLimiter } from '../../adapters/slack/limiter.js'
import { outgoing } from '../contract/samples.js'
import { handClock, scaledClock } from '../support/slack/clock.js'
import { allScopes } from '../support/slack/index.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

const group = { kind: 'group', conversation: 'C1FLOOD' } as const
let running: RunningSlack | undefined
async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, ...options })
  return running
}
afterEach(async () => {
  await running?.stop()
  running = undefined
})

describe('calling Slack', () => {
  test.each([
    ['invalid_auth', 'SLACK_TOKEN_REFUSED'],
    ['token_revoked', 'SLACK_TOKEN_REFUSED'],
    ['account_inactive', 'SLACK_TOKEN_REFUSED'],
    ['channel_not_found', 'PLATFORM_NOT_FOUND'],
    ['not_in_channel', 'PLATFORM_NOT_FOUND'],
    ['is_archived', 'PLATFORM_REFUSED'],
    ['restricted_action', 'PLATFORM_REFUSED'],
  ])('%s is %s, and is not tried again', async (error, code) => {
    const { slack, platform } = await start()
    slack.api.failures.push({ method: 'chat.postMessage', error, times: 9 })
    await expect(platform.post('T0TEAM', outgoing(group))).rejects.toMatchObject({
      name: 'RemembrancerError',
      code,
    })
    expect(slack.api.failures[0]?.times).toBe(8)
  })

  test('a missing scope is named', async () => {
    const { platform } = await start({ scopes: allScopes.filter((scope) => scope !== 'chat:write') })
    await expect(platform.post('T0TEAM', outgoing(group))).rejects.toMatchObject({
      code: 'SLACK_SCOPE_MISSING',
      message: expect.stringContaining('"chat:write"'),
    })
  })

  test('a rate limit is waited for when it is short', async () => {
    const { slack, platform } = await start({ clock: scaledClock(5) })
    slack.api.failures.push({ method: 'chat.postMessage', status: 429, retryAfter: 3, times: 1 })
    await platform.post('T0TEAM', outgoing(group))
    expect(slack.world.channels.get('C1FLOOD')?.messages).toHaveLength(1)
  })

  test('a long one is given back with the time to wait, and kept', async () => {
    const { slack, platform } = await start()
    slack.api.failures.push({ method: 'chat.postMessage', status: 429, retryAfter: 120, times: 1 })
    const first = { code: 'PLATFORM_UNAVAILABLE', retryAfterMs: 120_000 }
    await expect(platform.post('T0TEAM', outgoing(group))).rejects.toMatchObject(first)
    const second = platform.post('T0TEAM', outgoing({ kind: 'group', conversation: 'C3PRIVATE' }))
    await expect(second).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(slack.api.calls.filter((call) => call.method === 'chat.postMessage')).toEqual([])
  })

  test('a passing fault is tried again where that is harmless', async () => {
    const { slack, platform } = await start({ clock: scaledClock(20) })
    slack.api.failures.push({ method: 'conversations.members', status: 503, times: 2 })
    expect((await platform.roster('T0TEAM', 'C1FLOOD'))?.events).toHaveLength(1)
  })

  test('a post is never sent twice: after a broken connection it is found by its outbox id', async () => {
    const { slack, platform } = await start()
    const since = new Date(Date.now() - 60_000)
    slack.api.failures.push({ method: 'chat.postMessage', breakAfter: true, times: 1 })
    await expect(platform.post('T0TEAM', outgoing(group, undefined, 'row-7'))).rejects.toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
    })
    const messages = slack.world.channels.get('C1FLOOD')?.messages ?? []
    expect(messages).toHaveLength(1)
    expect(await platform.findPost('T0TEAM', group, 'row-7', since)).toEqual({
      conversation: 'C1FLOOD',
      message: messages[0]?.ts,
    })
  })

  test('posts carry metadata, a fallback text, and no unfolding links', async () => {
    const { slack, platform } = await start()
    await platform.post('T0TEAM', outgoing(group, undefined, 'row-8'))
    const [message] = slack.world.channels.get('C1FLOOD')?.messages ?? []
    expect(message).toMatchObject({
      metadata: { event_type: 'remembrancer_post', event_payload: { outbox_id: 'row-8' } },
      text: 'This looks like a decision: evacuate Mere Street at noon',
      unfurl: false,
    })
  })

  test('a post in a thread is found in the thread', async () => {
    const { slack, platform } = await start()
    const since = new Date(Date.now() - 60_000)
    const thread = slack.people.say('C1FLOOD', 'U1TAMSIN', 'Root')
    const target = { ...group, thread }
    const receipt = await platform.post('T0TEAM', outgoing(target, undefined, 'row-9'))
    expect(await platform.findPost('T0TEAM', target, 'row-9', since)).toEqual(receipt)
    expect(await platform.findPost('T0TEAM', group, 'row-9', since)).toBeUndefined()
  })

  test('an ephemeral message cannot be updated, and says so', async () => {
    const { platform } = await start()
    const target = { kind: 'ephemeral', conversation: 'C1FLOOD', person: 'U1TAMSIN' } as const
    const receipt = await platform.post('T0TEAM', outgoing(target))
    await expect(platform.update('T0TEAM', receipt, { heading: 'x', summary: 'x' })).rejects.toMatchObject({
      code: 'PLATFORM_NOT_FOUND',
    })
  })

  test('permalinks, adding somebody twice, and what is not there', async () => {
    const { slack, platform } = await start()
    const ts = slack.people.say('C1FLOOD', 'U1TAMSIN', 'Here')
    expect(await platform.permalink('T0TEAM', 'C1FLOOD', ts)).toContain(
      `/archives/C1FLOOD/p${ts.replace('.', '')}`,
    )
    expect(await platform.permalink('T0TEAM', 'C1FLOOD', '1.000001')).toBeUndefined()
    await platform.addMember('T0TEAM', 'C1FLOOD', 'U2IDRIS')
    await expect(platform.joinGroup('T0TEAM', 'C3PRIVATE')).rejects.toMatchObject({
      code: 'PLATFORM_REFUSED',
    })
    expect(await platform.person('T0TEAM', 'UNOBODY')).toBeUndefined()
  })

  test('Slack away altogether is PLATFORM_UNAVAILABLE, and is not tried for ever', async () => {
    const { slack, platform } = await start()
    slack.down = true
    await expect(platform.post('T0TEAM', outgoing(group))).rejects.toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
    })
    slack.down = false
  })
})

describe('keeping below the limits', () => {
  test('a burst to one channel goes out one a second, and Slack refuses none', async () => {
    const { slack, platform } = await start({ clock: scaledClock(10) })
    const posts = Array.from({ length: 6 }, (_, n) =>
      platform.post('T0TEAM', outgoing(group, undefined, `b-${n}`)),
    )
    await Promise.all(posts)
    const at = slack.api.calls.filter((call) => call.method === 'chat.postMessage').map((call) => call.at)
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(4000)
    expect(slack.violations).toEqual([])
  })

  test('no method passes its tier in any minute', async () => {
    const clock = handClock(1_000_000)
    const limiter = createLimiter(clock)
    const at: number[] = []
    for (let n = 0; n < 130; n += 1) {
      await limiter.turn('conversations.history', undefined, 600_000)
      at.push(clock.now())
    }
    for (const start of at)
      expect(at.filter((each) => each >= start && each < start + 60_000).length).toBeLessThanOrEqual(50)
  })

  test('who cannot wait is told how long it would take, and takes nobody’s turn', async () => {
    const clock = handClock(1_000_000)
    const limiter = createLimiter(clock)
    for (let n = 0; n < 20; n += 1) await limiter.turn('users.list', undefined, 0)
    await expect(limiter.turn('users.list', undefined, 1000)).rejects.toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
      retryAfterMs: expect.any(Number),
    })
    clock.advance(60_002)
    await limiter.turn('users.list', undefined, 0)
  })
})
