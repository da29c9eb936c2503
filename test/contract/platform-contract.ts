import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ChatEvent, chatEvent, eventKey } from '../../src/platform/index.js'
import type { Harness } from './harness.js'
import { describeInteractions } from './interaction-contract.js'
import { describePosts } from './post-contract.js'

export type { ContractPerson, Harness, SeenCard, SeenForm } from './harness.js'

/**
 * What every chat platform must do, whatever its wire. Each test gets a harness of its own.
 * @param name shown in the report
 * @param createHarness starts the adapter against its wire, with the group and people of {@link Harness}
 */
export function describePlatformContract(name: string, createHarness: () => Promise<Harness>): void {
  describe(`platform contract: ${name}`, () => {
    let current: Harness | undefined
    beforeEach(async () => {
      current = await createHarness()
      current.host.forget()
    })
    afterEach(async () => {
      await current?.stop()
      current = undefined
    })
    const harness = () => {
      if (!current) throw new Error('No harness')
      return current
    }
    describeEvents(harness)
    describeDelivery(harness)
    describeDirectory(harness)
    describePosts(harness)
    describeInteractions(harness)
  })
}

function describeEvents(harness: () => Harness): void {
  test('a message arrives with author, words and conversation', async () => {
    const { act, host, group, people, tenant, platform } = harness()
    const message = await act.say(group, people.member.id, 'The gauge at Mere Bridge is at 4.1 m & rising')
    const event = await host.eventOf('message-posted', (e) => e.message === message)
    expect(event).toMatchObject({
      platform: platform.name,
      tenant,
      conversation: group,
      source: 'event',
      text: 'The gauge at Mere Bridge is at 4.1 m & rising',
    })
    expect(event.author.id).toBe(people.member.id)
    expect(event.own ?? false).toBe(false)
    expect(event.direct ?? false).toBe(false)
    expectValid(harness())
  })

  test('hostile words in a message arrive as they were typed', async () => {
    const { act, host, group, people } = harness()
    const words = 'see <script>alert(1)</script> & <!channel> [x](https://evil.example)'
    const message = await act.say(group, people.member.id, words)
    expect((await host.eventOf('message-posted', (e) => e.message === message)).text).toBe(words)
  })

  test('a reply in a thread names the thread', async () => {
    const { act, host, group, people } = harness()
    const root = await act.say(group, people.member.id, 'Do we close the barrier?')
    const reply = await act.say(group, people.other.id, 'Yes.', { thread: root })
    const event = await host.eventOf('message-posted', (e) => e.message === reply)
    expect(event.thread).toBe(root)
    expect(event.author.id).toBe(people.other.id)
  })

  test('an edit and a deletion arrive about the same message', async () => {
    const { act, host, group, people } = harness()
    const message = await act.say(group, people.member.id, 'Close at four')
    await act.edit(group, message, people.member.id, 'Close at five')
    const edit = await host.eventOf('message-edited')
    expect(edit).toMatchObject({ message, text: 'Close at five', conversation: group })
    await act.edit(group, message, people.member.id, 'Close at six')
    await host.until('a second edit', () => new Set(host.eventsOf('message-edited').map(eventKey)).size === 2)
    await act.remove(group, message, people.member.id)
    expect(await host.eventOf('message-deleted')).toMatchObject({ message, conversation: group })
    expectValid(harness())
  })

  test('words to the bot in private are marked direct', async () => {
    const { act, host, people } = harness()
    await act.sayToBot(people.member.id, 'hello, what do you keep?')
    const event = await host.eventOf('message-posted')
    expect(event.direct).toBe(true)
    expect(event.author.id).toBe(people.member.id)
  })

  test('joining names who added, where the platform says so, and never guesses', async () => {
    const { act, host, group, people, platform } = harness()
    await act.join(group, people.outsider.id, people.member.id)
    const event = await host.eventOf('member-joined')
    expect(event.person.id).toBe(people.outsider.id)
    if (platform.capabilities.reportsJoinActor) expect(event.actor?.id).toBe(people.member.id)
    else expect(event.actor).toBeUndefined()
  })

  test('leaving is reported as leaving, or as departed where the platform does not tell', async () => {
    const { act, host, group, people, platform } = harness()
    await act.leave(group, people.other.id)
    const event = await host.eventOf('member-left')
    expect(event.person.id).toBe(people.other.id)
    expect(event.how).toBe(platform.capabilities.reportsRemovalActor ? 'left' : 'departed')
  })

  test('removal names who removed, where the platform says so', async () => {
    const { act, host, group, people, platform } = harness()
    // A wire that cannot tell removal from leaving must say so.
    if (!act.removeMember) return expect(platform.capabilities.reportsRemovalActor).toBe(false)
    await act.removeMember(group, people.other.id, people.member.id)
    const event = await host.eventOf('member-left')
    expect(event.person.id).toBe(people.other.id)
    if (platform.capabilities.reportsRemovalActor) {
      expect(event.how).toBe('removed')
      expect(event.actor?.id).toBe(people.member.id)
    } else expect(event.actor).toBeUndefined()
  })
}

function describeDelivery(harness: () => Harness): void {
  test('an event that the inbox did not take is not acknowledged, and comes again', async () => {
    const { act, host, delivery, group, people } = harness()
    host.failAccepts(1)
    await act.say(group, people.member.id, 'Is this kept?')
    expect(delivery.acknowledged()).toBe(false)
    expect(host.eventsOf('message-posted')).toEqual([])
    await delivery.again()
    expect((await host.eventOf('message-posted')).text).toBe('Is this kept?')
    expect(delivery.acknowledged()).toBe(true)
  })

  test('a second delivery of the same event has the same key', async () => {
    const { act, host, delivery, group, people } = harness()
    await act.say(group, people.member.id, 'Once')
    await delivery.again()
    await host.until('both deliveries', () => host.eventsOf('message-posted').length === 2)
    expect(new Set(host.events().map(eventKey)).size).toBe(1)
  })

  test('raw payloads are JSON and hold what was parsed', async () => {
    const { act, host, group, people } = harness()
    await act.say(group, people.member.id, 'Kept as it came')
    await host.eventOf('message-posted')
    const raw = host.envelopes.at(-1)?.raw ?? ''
    expect(() => JSON.parse(raw)).not.toThrow()
    expect(raw).toContain('Kept as it came')
  })

  test('a payload it cannot read is handed over as unreadable and harms nothing', async () => {
    const { act, host, group, people } = harness()
    await act.sendUnreadable()
    const envelope = await host.until('an unreadable envelope', () =>
      host.envelopes.find((e) => e.unreadable !== undefined),
    )
    expect(envelope.events).toEqual([])
    expect(envelope.fallbackKey).toBeTruthy()
    expect(envelope.raw.length).toBeGreaterThan(0)
    const message = await act.say(group, people.member.id, 'Still here')
    await host.eventOf('message-posted', (e) => e.message === message)
  })
}

function describeDirectory(harness: () => Harness): void {
  test('the roster is complete and ready for the inbox', async () => {
    const { act, platform, tenant, group, people } = harness()
    await act.join(group, people.outsider.id, people.member.id)
    await act.leave(group, people.other.id)
    const envelope = await platform.roster(tenant, group)
    const event = envelope?.events[0]
    if (event?.kind !== 'roster-observed') throw new Error(`Expected a roster, got ${event?.kind}`)
    expect(event).toMatchObject({ conversation: group, tenant, source: 'roster-check' })
    const ids = event.members.map((member) => member.id)
    expect(ids).toContain(people.member.id)
    expect(ids).toContain(people.outsider.id)
    expect(ids).not.toContain(people.other.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('history gives the same messages with the same keys, oldest first', async () => {
    const { act, host, platform, group, people } = harness()
    if (!platform.capabilities.history) return
    const since = new Date(host.now().getTime() - 60_000)
    const root = await act.say(group, people.member.id, 'First')
    await act.say(group, people.other.id, 'Second')
    await act.say(group, people.other.id, 'In the thread', { thread: root })
    await host.until('three messages', () => host.eventsOf('message-posted').length >= 3)
    const live = host.eventsOf('message-posted')
    const past = await collect(harness(), since, new Date(host.now().getTime() + 60_000))
    const posted = past.filter((e) => e.kind === 'message-posted')
    for (const event of live) {
      const again = posted.find((e) => eventKey(e) === eventKey(event))
      expect(again, `history lacks "${event.text}"`).toBeDefined()
      expect(again).toMatchObject({ text: event.text, source: 'backfill' })
      expect(again?.thread).toBe(event.thread)
    }
    const tops = posted.filter((e) => e.thread === undefined).map((e) => new Date(e.at).getTime())
    expect(tops).toEqual([...tops].sort((a, b) => a - b))
  })

  test('it lists conversations and knows people by name', async () => {
    const { platform, tenant, group, people } = harness()
    const found = []
    for await (const conversation of platform.conversations(tenant)) found.push(conversation)
    expect(found.find((c) => c.id === group)).toMatchObject({ botPresent: true })
    expect((await platform.person(tenant, people.member.id))?.name).toBe(people.member.name)
    expect(await platform.person(tenant, 'nobody-of-that-id')).toBeUndefined()
    expect(platform.tenants()).toContain(tenant)
  })

  test('what it declares it cannot do, it refuses', async () => {
    const { platform, tenant, group, publicGroup, people, host } = harness()
    const can = platform.capabilities
    const refused = { code: 'PLATFORM_REFUSED' }
    if (!can.addsMembers)
      await expect(platform.addMember(tenant, group, people.outsider.id)).rejects.toMatchObject(refused)
    if (!can.joinsPublicGroups)
      await expect(platform.joinGroup(tenant, publicGroup ?? group)).rejects.toMatchObject(refused)
    if (!can.history) await expect(collect(harness(), new Date(0), host.now())).rejects.toMatchObject(refused)
    if (!can.recognisesOwnPosts)
      await expect(
        platform.findPost(tenant, { kind: 'group', conversation: group }, 'o', new Date(0)),
      ).rejects.toMatchObject(refused)
  })

  test('it adds a person to a group and joins public groups, where it can', async () => {
    const { platform, tenant, group, publicGroup, people, host } = harness()
    const can = platform.capabilities
    if (!can.addsMembers && !can.joinsPublicGroups) return
    if (can.addsMembers) {
      await platform.addMember(tenant, group, people.outsider.id)
      await host.eventOf('member-joined', (e) => e.person.id === people.outsider.id)
    }
    if (can.joinsPublicGroups && publicGroup) {
      await platform.joinGroup(tenant, publicGroup)
      await host.eventOf('bot-added', (e) => e.conversation === publicGroup)
    }
  })

  test('the doctor reports each check with a detail', async () => {
    const { platform } = harness()
    for (const finding of await platform.doctor()) expect(finding.detail).not.toBe('')
  })
}

async function collect(
  { platform, tenant, group }: Harness,
  after: Date,
  before: Date,
): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const envelope of platform.history(tenant, group, after, before)) events.push(...envelope.events)
  return events
}

function expectValid({ host }: Harness): void {
  for (const event of host.events()) expect(chatEvent.safeParse(event).error).toBeUndefined()
}
