import fc from 'fast-check'
import { type ChatEvent, eventKey, type PersonRef } from '../../src/platform/index.js'

/** Accounts that take part in random histories; the last is another program's. */
export const cast: readonly PersonRef[] = [
  { id: 'U1', name: 'Nadia Rahman' },
  { id: 'U2', name: 'Minister Okafor' },
  { id: 'U3', name: 'Callum Fraser' },
  { id: 'U4', name: 'Priya Sandhu' },
  { id: 'U5', name: 'Gauge feed', bot: true },
]

/** What people say in random histories: decisions, options, reversals, logistics, other channels, and nothing. */
export const vocabulary: readonly string[] = [
  'Minister, we need a steer on the flood grant by noon: option 1 is a flat £500, option 2 is a means test',
  'Option 2 please, and cap it at £2m',
  'Do we extend the shelter contract? Quote is £40k for three months',
  'Yes go ahead, approved, three months only',
  'No, hold on. Do not sign the shelter contract, scrap that',
  'Callum, can you evacuate Mere Street now? Everyone out by noon',
  'Option one is to rebuild the barrier, option two is to repair it because it is cheaper',
  'I prefer the first option, the risk of the second is too high',
  'can we do the catch up at 3pm instead?',
  'agreed, 3pm works',
  'Thanks, will do',
  'WhatsApp me on my own phone, easier off here',
  'The board decided last week to close the depot',
  '',
]

interface Act {
  readonly what: (typeof acts)[number]
  readonly who: number
  readonly other: number
  readonly words: number
  /** Minutes since the act before; 0 = the same instant. */
  readonly gap: number
  readonly flag: boolean
  readonly group: number
}

const acts = [
  'say',
  'reply',
  'edit',
  'delete',
  'restore',
  'join',
  'leave',
  'role',
  'roster',
  'rename',
  'archive',
  'bot',
  'stranger',
] as const

const act: fc.Arbitrary<Act> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('say' as const) },
    { weight: 14, arbitrary: fc.constantFrom(...acts) },
  ),
  who: fc.nat({ max: cast.length - 1 }),
  other: fc.nat({ max: 30 }),
  words: fc.nat({ max: vocabulary.length - 1 }),
  gap: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom(90, 1440, 3 * 1440, 5 * 1440) },
  ),
  flag: fc.boolean(),
  group: fc.nat({ max: 1 }),
})

/** A random history of one or two groups, each event once and in the order in which it happened. */
export const histories: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    acts: fc.array(act, { minLength: 2, maxLength: 24, size: 'max' }),
    groups: fc.integer({ min: 1, max: 2 }),
    numbered: fc.boolean(),
  })
  .map(({ acts: list, groups, numbered }) => tell(list, groups, numbered))

/** Turns acts into events. Each event's identity occurs once, as in the inbox. */
function tell(list: readonly Act[], groups: number, numbered: boolean): ChatEvent[] {
  const events: ChatEvent[] = []
  const posted: { id: string; at: string; conversation: string; author: PersonRef; thread?: string }[] = []
  let at = Date.UTC(2026, 10, 16, 9)
  for (const [line, each] of list.entries()) {
    at += each.gap * 60_000
    const person = cast[each.who] as PersonRef
    const conversation = `C${each.group % groups}`
    const base = {
      platform: 'slack' as const,
      tenant: 'T1',
      conversation,
      at: new Date(at).toISOString(),
      source: 'event' as const,
      ...(numbered ? { sequence: String(line).padStart(6, '0') } : {}),
    }
    const earlier = posted.filter((message) => message.conversation === conversation)
    const target = earlier[each.other % Math.max(earlier.length, 1)]
    const actor = each.flag ? { actor: cast[each.other % cast.length] as PersonRef } : {}
    const text = vocabulary[each.words] ?? ''
    switch (each.what) {
      case 'say':
      case 'reply': {
        const id = `m${line}`
        const inThread = each.what === 'reply' && target ? { thread: target.thread ?? target.id } : {}
        const quoting = each.what === 'reply' && target && each.flag ? { replyTo: target.id } : {}
        const place = each.flag ? quoting : inThread
        events.push({ ...base, kind: 'message-posted', message: id, author: person, text, ...place })
        posted.push({ id, at: base.at, conversation, author: person, ...inThread })
        break
      }
      case 'edit':
        if (target)
          events.push({
            ...base,
            kind: 'message-edited',
            message: target.id,
            revision: `${base.at}|${String(line).padStart(6, '0')}`,
            text,
            // Some platforms say who wrote it and when with every edit, some say neither.
            ...(each.flag ? { author: target.author, postedAt: target.at } : {}),
          })
        break
      case 'delete':
        if (target) events.push({ ...base, kind: 'message-deleted', message: target.id })
        break
      case 'restore':
        if (target) events.push({ ...base, kind: 'message-restored', message: target.id })
        break
      case 'stranger': {
        // Edits and deletions of messages from before our time.
        const message = `old${each.other % 3}`
        if (each.flag)
          events.push({
            ...base,
            kind: 'message-edited',
            message,
            revision: base.at,
            text,
            author: cast[each.other % 3] as PersonRef,
          })
        else events.push({ ...base, kind: 'message-deleted', message })
        break
      }
      case 'join':
        events.push({ ...base, kind: 'member-joined', person, ...actor })
        break
      case 'leave': {
        const how = (['left', 'removed', 'departed'] as const)[each.other % 3] ?? 'left'
        events.push({
          ...base,
          kind: 'member-left',
          person,
          how,
          ...(how === 'left' ? {} : actor),
          ...(each.flag ? { reason: 'moved to another post' } : {}),
        })
        break
      }
      case 'role':
        events.push({
          ...base,
          kind: 'member-role-changed',
          person,
          role: each.flag ? 'owner' : 'guest',
          ...actor,
        })
        break
      case 'roster':
        events.push({
          ...base,
          source: 'roster-check',
          kind: 'roster-observed',
          members: cast.filter((_, index) => ((each.other + 1) >> index) & 1),
        })
        break
      case 'rename':
        events.push({ ...base, kind: 'group-renamed', name: `Group called ${each.words}` })
        break
      case 'archive':
        events.push({ ...base, kind: each.flag ? 'group-archived' : 'group-restored' })
        break
      case 'bot':
        events.push(
          each.flag
            ? { ...base, kind: 'bot-removed' }
            : { ...base, kind: 'bot-added', name: `Group called ${each.words}` },
        )
        break
    }
  }
  return [...new Map(events.toReversed().map((event) => [identity(event), event])).values()].toReversed()
}

/** As the inbox tells events apart; a fact of membership is one for each person, kind and instant. */
function identity(event: ChatEvent): string {
  if (event.kind === 'member-role-changed') return `${event.conversation}|role|${event.person.id}|${event.at}`
  return eventKey(event)
}

/** Small reproducible randomness: the same seed shuffles the same way, so that a shrunken history still fails. */
export function randomness(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The items in another order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const [a, b] = [result[index] as T, result[other] as T]
    result[index] = b
    result[other] = a
  }
  return result
}

/** Cuts events into batches of one conversation each, at most `most` long, keeping the order. */
export function batches(events: readonly ChatEvent[], random: () => number, most: number): ChatEvent[][] {
  const result: ChatEvent[][] = []
  let rest = [...events]
  while (rest.length > 0) {
    const lane = conversationOf(rest[0] as ChatEvent)
    const size = 1 + Math.floor(random() * most)
    const batch = rest.filter((event) => conversationOf(event) === lane).slice(0, size)
    const taken = new Set(batch)
    rest = rest.filter((event) => !taken.delete(event))
    result.push(batch)
  }
  return result
}

function conversationOf(event: ChatEvent): string {
  return 'conversation' in event ? event.conversation : ''
}
