import { expect, test } from 'vitest'
import type { PostTarget } from '../../src/platform/index.js'
import type { Harness, SeenCard } from './harness.js'
import { hostileCard, hostileWords, hugeCard, outgoing, sampleCard } from './samples.js'

/** Posts, updates and finding one's own posts again. */
export function describePosts(harness: () => Harness): void {
  const inGroup = (): PostTarget => ({ kind: 'group', conversation: harness().group })
  const toMember = (): PostTarget => ({ kind: 'person', person: harness().people.member.id })

  test('a card posted in a group stands there with its words and buttons', async () => {
    const { platform, tenant, see } = harness()
    const receipt = await platform.post(tenant, outgoing(inGroup()))
    expect(receipt.message).not.toBe('')
    const seen = only(await see.posts(inGroup()))
    expect(seen.heading).toContain('This looks like a decision')
    for (const words of [
      'Evacuate Mere Street',
      'Tamsin Vale',
      'Then we evacuate',
      'Flood response',
      'You see this',
    ])
      expect(seen.text).toContain(words)
    expect(seen.buttons).toEqual(['Record it', 'Not a decision'])
  })

  test('a card for one person goes to their conversation with the bot, not to the group', async () => {
    const { platform, tenant, see, people } = harness()
    await platform.post(tenant, outgoing(toMember()))
    only(await see.posts(toMember()))
    expect(await see.posts({ kind: 'person', person: people.other.id })).toEqual([])
    expect(await see.posts(inGroup())).toEqual([])
  })

  test('a card in a thread stands in the thread', async () => {
    const { platform, tenant, see, act, group, people } = harness()
    const thread = await act.say(group, people.member.id, 'Root')
    await platform.post(tenant, outgoing({ kind: 'group', conversation: group, thread }))
    only(await see.posts({ kind: 'group', conversation: group, thread }))
  })

  test('a message for one person in a group is seen by that person, or refused', async () => {
    const { platform, tenant, see, group, people } = harness()
    const target: PostTarget = { kind: 'ephemeral', conversation: group, person: people.member.id }
    if (!platform.capabilities.ephemeralMessages) {
      await expect(platform.post(tenant, outgoing(target))).rejects.toMatchObject({
        code: 'PLATFORM_REFUSED',
      })
      return
    }
    await platform.post(tenant, outgoing(target))
    only(await see.posts(target))
    expect(await see.posts({ kind: 'ephemeral', conversation: group, person: people.other.id })).toEqual([])
  })

  test('an update replaces the card in place', async () => {
    const { platform, tenant, see } = harness()
    const receipt = await platform.post(tenant, outgoing(toMember()))
    const after = { heading: 'Recorded as DEC-2026-00001', summary: 'Recorded' }
    if (!platform.capabilities.updatesPosts) {
      await expect(platform.update(tenant, receipt, after)).rejects.toMatchObject({
        code: 'PLATFORM_REFUSED',
      })
      return
    }
    await platform.update(tenant, receipt, after)
    const seen = only(await see.posts(toMember()))
    expect(seen.heading).toContain('Recorded as DEC-2026-00001')
    expect(seen.buttons).toEqual([])
  })

  test('our own posts never come back as somebody else’s words', async () => {
    const { platform, tenant, host, act, group, people } = harness()
    await platform.post(tenant, outgoing(inGroup()))
    await act.say(group, people.member.id, 'A human word')
    await host.eventOf('message-posted', (e) => e.text === 'A human word')
    const foreign = host.eventsOf('message-posted').filter((e) => e.own !== true)
    expect(foreign.map((e) => e.text)).toEqual(['A human word'])
  })

  test('it finds its own post again by outbox id', async () => {
    const { platform, tenant, host } = harness()
    if (!platform.capabilities.recognisesOwnPosts) return
    const since = new Date(host.now().getTime() - 60_000)
    for (const target of [inGroup(), toMember()]) {
      const outboxId = `outbox-${target.kind}`
      const receipt = await platform.post(tenant, outgoing(target, sampleCard(), outboxId))
      await platform.post(tenant, outgoing(target, sampleCard('Another'), `${outboxId}-other`))
      expect(await platform.findPost(tenant, target, outboxId, since)).toEqual(receipt)
      expect(await platform.findPost(tenant, target, 'outbox-unknown', since)).toBeUndefined()
    }
  })

  test('hostile words in a card are shown as words', async () => {
    const { platform, tenant, see } = harness()
    await platform.post(tenant, outgoing(inGroup(), hostileCard()))
    const seen = only(await see.posts(inGroup()))
    expect(seen.heading).toContain('Hostile <b>words</b>')
    const text = withoutInvisible(seen.text)
    for (const words of hostileWords) expect(text).toContain(withoutInvisible(words))
  })

  test('a card that is too long still goes out, and says how much more there is', async () => {
    const { platform, tenant, see } = harness()
    await platform.post(tenant, outgoing(inGroup(), hugeCard()))
    const seen = only(await see.posts(inGroup()))
    expect(seen.text).toContain('Matter number 1')
    expect(seen.buttons).toContain('Open')
    const shown = new Set(seen.text.match(/Matter number \d+/g)).size
    if (shown < 60) expect(seen.text).toContain(`${60 - shown} more`)
  })

  test('a total beyond the items given is said', async () => {
    const { platform, tenant, see } = harness()
    const lists = [{ title: 'Overdue', items: [{ text: 'One matter' }], total: 15 }]
    await platform.post(tenant, outgoing(inGroup(), { heading: 'Digest', lists, summary: 'Digest' }))
    expect(only(await see.posts(inGroup())).text).toContain('14 more')
  })

  test('posting where there is nothing says so with a code', async () => {
    const { platform, tenant } = harness()
    const nowhere: PostTarget = { kind: 'group', conversation: 'no-such-conversation' }
    await expect(platform.post(tenant, outgoing(nowhere))).rejects.toMatchObject({
      name: 'RemembrancerError',
      code: expect.stringMatching(/^PLATFORM_(NOT_FOUND|REFUSED)$/),
    })
  })
}

/** The one card that should be there. */
export function only(cards: readonly SeenCard[]): SeenCard {
  expect(cards).toHaveLength(1)
  const [card] = cards
  if (!card) throw new Error('No card')
  return card
}

/** Without the marks that turn the writing direction: a renderer may drop or isolate them, never obey them. */
function withoutInvisible(text: string): string {
  return text.replaceAll(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069]/g, '')
}
