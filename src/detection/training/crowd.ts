import type { DetectMessage } from '../types.js'
import type { Episode, LabelledDiscussion } from './sources.js'

/** Several discussions as one group's talk. */
export interface Crowd {
  /** Messages in the order of time, their ids their positions; episodes where they now lie. */
  readonly talk: LabelledDiscussion
  /** For each message: which discussion it comes from, and its position there. */
  readonly origins: readonly { readonly discussion: number; readonly position: number }[]
}

const minute = 60_000

/**
 * Lets discussions run in one group, each from its own start.
 * @param starts when each begins, in milliseconds; as many as there are discussions, of which there is at least one
 */
export function crowd(discussions: readonly LabelledDiscussion[], starts: readonly number[]): Crowd {
  const [first] = discussions
  if (!first) throw new Error('a crowd of none')
  const said = discussions.flatMap(({ messages }, discussion) =>
    messages.map((message, position) => ({
      discussion,
      position,
      message,
      at: message.at - (messages[0]?.at ?? 0) + (starts[discussion] ?? 0),
    })),
  )
  said.sort((a, b) => a.at - b.at || a.discussion - b.discussion || a.position - b.position)
  const places = discussions.map(({ messages }) => new Int32Array(messages.length))
  said.forEach(({ discussion, position }, place) => {
    const row = places[discussion]
    if (row) row[position] = place
  })
  const placeOf = (discussion: number, position: number): number => places[discussion]?.[position] ?? 0
  const messages = said.map(({ discussion, message, at }, place): DetectMessage => {
    const { replyTo, threadId } = message
    return {
      ...message,
      id: String(place),
      at,
      ...(replyTo === undefined ? {} : { replyTo: String(placeOf(discussion, Number(replyTo))) }),
      ...(threadId === undefined ? {} : { threadId: String(placeOf(discussion, Number(threadId))) }),
    }
  })
  const episodes = discussions.flatMap((one, d) =>
    one.episodes.map(
      (e): Episode => ({ ...e, from: placeOf(d, e.from), to: placeOf(d, e.to), at: placeOf(d, e.at) }),
    ),
  )
  const unlabelled = new Set(discussions.flatMap((one, d) => [...one.unlabelled].map((i) => placeOf(d, i))))
  const id = discussions.map((one) => one.id).join('+')
  return { talk: { ...first, id, main: undefined, messages, episodes, unlabelled }, origins: said }
}

/** When discussions begin that follow one another, so long after the last message of the one before. */
export function oneAfterAnother(
  discussions: readonly LabelledDiscussion[],
  pauseMs: () => number,
): readonly number[] {
  let clock = 0
  return discussions.map(({ messages }) => {
    const start = clock
    const length = (messages[messages.length - 1]?.at ?? 0) - (messages[0]?.at ?? 0)
    clock = start + length + pauseMs()
    return start
  })
}

const inOneAnother = (discussions: readonly LabelledDiscussion[], random: () => number): readonly number[] =>
  discussions.map(() => Math.floor(random() * 6) * minute)

/**
 * The same discussions as life has them: two or three at a time, half of them through one another, half one soon after
 * another. Alone they teach that whatever was said before belongs to the matter.
 */
export function crowded(
  discussions: readonly LabelledDiscussion[],
  random: () => number,
): LabelledDiscussion[] {
  const shuffled = discussions
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
  const crowds: LabelledDiscussion[] = []
  for (let i = 0; i + 1 < shuffled.length; ) {
    const links = shuffled.slice(i, i + (random() < 0.5 ? 2 : 3))
    i += links.length
    const starts =
      random() < 0.5
        ? inOneAnother(links, random)
        : oneAfterAnother(links, () => (2 + Math.floor(random() * 15)) * minute)
    crowds.push(crowd(links, starts).talk)
  }
  return crowds
}
