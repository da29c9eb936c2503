import { afterEach, describe, expect, test } from 'vitest'
import { type ChatEvent, eventKey } from '../../src/platform/index.js'
import { handClock } from '../support/slack/clock.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

const day = 24 * 60 * 60_000
const channel = 'C1FLOOD'
let running: RunningSlack
const clock = handClock(Date.parse('2026-06-01T09:00:00Z'))
async function start(): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, clock })
  return running
}
afterEach(async () => {
  await running.stop()
  expect(running.slack.violations).toEqual([])
})

async function history(after: Date, before: Date): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const envelope of running.platform.history('T0TEAM', channel, after, before)) {
    expect(() => JSON.parse(envelope.raw)).not.toThrow()
    events.push(...envelope.events)
  }
  return events
}
const now = () => new Date(clock.now())
const texts = (events: ChatEvent[]) => events.map((event) => ('text' in event ? event.text : event.kind))

describe('reading the past', () => {
  test('gives what an outage missed: messages, replies to threads old and new, and edits of older messages', async () => {
    const { slack } = await start()
    const { people } = slack
    slack.events.hold()
    const old = people.say(channel, 'U1TAMSIN', 'Old root')
    const typo = people.say(channel, 'U1TAMSIN', 'Close at nine')
    people.say(channel, 'U2IDRIS', 'Reply in time', { thread: old })
    clock.advance(20 * day)
    const after = now()
    clock.advance(1000)
    people.say(channel, 'U2IDRIS', 'New reply to an old root', { thread: old })
    people.edit(channel, typo, 'U1TAMSIN', 'Close at noon')
    const root = people.say(channel, 'U1TAMSIN', 'New root')
    people.say(channel, 'U2IDRIS', 'Its reply', { thread: root })
    people.join(channel, 'U3OUTSIDE', 'U1TAMSIN')
    const gone = people.say(channel, 'U1TAMSIN', 'Deleted meanwhile')
    people.remove(channel, gone)
    clock.advance(1000)
    const events = await history(after, now())
    expect(texts(events).sort()).toEqual([
      'Close at noon',
      'Its reply',
      'New reply to an old root',
      'New root',
    ])
    expect(events.find((event) => event.kind === 'message-edited')).toMatchObject({
      message: typo,
      source: 'backfill',
    })
    expect(events.find((event) => 'text' in event && event.text === 'Its reply')).toMatchObject({
      thread: root,
    })
    await slack.events.release()
    const live = new Set(running.host.events().map(eventKey))
    for (const event of events) expect(live).toContain(eventKey(event))
  })

  test('a message edited since is both posted and edited, so that either order gives the same', async () => {
    const { slack } = await start()
    const after = new Date(clock.now() - 1000)
    const ts = slack.people.say(channel, 'U1TAMSIN', 'First words')
    clock.advance(5000)
    slack.people.edit(channel, ts, 'U1TAMSIN', 'Second words')
    await slack.events.idle()
    clock.advance(1000)
    const events = await history(after, now())
    expect(events.map((event) => event.kind)).toEqual(['message-posted', 'message-edited'])
    const edits = running.host.eventsOf('message-edited')
    expect(eventKey(edits[0] as ChatEvent)).toBe(eventKey(events[1] as ChatEvent))
  })

  test('pages through weeks, oldest first, and keeps to the tiers', async () => {
    const { slack } = await start()
    slack.events.hold()
    const after = new Date(clock.now() - 1)
    for (let n = 0; n < 900; n += 1) {
      slack.people.say(channel, n % 2 ? 'U1TAMSIN' : 'U2IDRIS', `Message ${n}`)
      clock.advance(day / 40)
    }
    const events = await history(after, now())
    expect(texts(events)).toEqual(Array.from({ length: 900 }, (_, n) => `Message ${n}`))
  })

  test('a reply sent to the channel as well comes once', async () => {
    const { slack } = await start()
    const after = new Date(clock.now() - 1000)
    const root = slack.people.say(channel, 'U1TAMSIN', 'Root')
    slack.people.say(channel, 'U1TAMSIN', 'Broadcast', {
      thread: root,
      extra: { subtype: 'thread_broadcast' },
    })
    await slack.events.idle()
    clock.advance(1000)
    expect(texts(await history(after, now()))).toEqual(['Root', 'Broadcast'])
  })

  test('where the bot is not, there is nothing to read', async () => {
    await start()
    const read = async () => {
      for await (const _ of running.platform.history('T0TEAM', 'C2OPEN', new Date(0), now())) break
    }
    await expect(read()).rejects.toMatchObject({ code: 'PLATFORM_NOT_FOUND' })
  })
})

describe('the roster', () => {
  test('of a large channel is complete, with names, guests and bots, in few calls', async () => {
    const { slack, platform } = await start()
    const where = slack.world.channels.get(channel)
    for (let n = 0; n < 1234; n += 1) {
      const id = `U9P${String(n).padStart(4, '0')}`
      slack.people.addUser({ id, real_name: `Person ${n}`, ...(n === 7 ? { is_restricted: true } : {}) })
      where?.members.add(id)
    }
    slack.people.addUser({
      id: 'U8STRANGER',
      real_name: 'Petra Next Door',
      team_id: 'T9OTHER',
      is_stranger: true,
    })
    where?.members.add('U8STRANGER')
    const before = slack.api.calls.length
    const [event] = (await platform.roster('T0TEAM', channel))?.events ?? []
    if (event?.kind !== 'roster-observed') throw new Error('no roster')
    expect(event.members).toHaveLength(1237)
    expect(event.members.filter((member) => member.name === undefined)).toEqual([])
    expect(event.members.find((member) => member.id === 'U9P0007')).toMatchObject({
      external: true,
      role: 'guest',
    })
    expect(event.members.find((member) => member.id === 'U8STRANGER')).toMatchObject({
      external: true,
      role: 'guest',
    })
    expect(event.members.find((member) => member.id === 'U0BOT')).toBeUndefined()
    expect(slack.api.calls.length - before).toBeLessThan(20)
  })

  test('is given whole or not at all', async () => {
    const { slack, platform } = await start()
    slack.api.failures.push({ method: 'conversations.members', status: 503, times: 9 })
    await expect(platform.roster('T0TEAM', channel)).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
  })

  test('says when the bot itself is no longer there, which Slack does not always tell', async () => {
    const { slack, platform } = await start()
    slack.world.channels.get(channel)?.members.delete('U0BOT')
    const events = (await platform.roster('T0TEAM', channel))?.events ?? []
    expect(events.map((event) => event.kind)).toEqual(['roster-observed', 'bot-removed'])
  })

  test('does without names when those cannot be had', async () => {
    const { slack, platform } = await start()
    slack.api.failures.push({ method: 'users.info', status: 503, times: 99 })
    const [event] = (await platform.roster('T0TEAM', channel))?.events ?? []
    if (event?.kind !== 'roster-observed') throw new Error('no roster')
    expect(event.members.map((member) => member.id)).toEqual(['U1TAMSIN', 'U2IDRIS'])
  })
})
