import type { DetectMessage } from '../types.js'
import type { LabelledDiscussion } from './sources.js'

/** Discussions one after another in one group, as they come in life. */
export interface Chain {
  readonly messages: readonly DetectMessage[]
  /** Which of the discussions a message of the chain comes from, and its position there. */
  placeOf(id: string): { readonly discussion: number; readonly position: number }
}

/**
 * Joins discussions, each beginning so long after the last message of the one before.
 * @param pauseMs milliseconds between two discussions
 */
export function chain(discussions: readonly LabelledDiscussion[], pauseMs: number): Chain {
  const places = new Map<string, { discussion: number; position: number }>()
  let clock = 0
  const messages = discussions.flatMap((discussion, d) => {
    const begun = discussion.messages[0]?.at ?? 0
    const offset = clock + pauseMs - begun
    const own = (id: string): string => `${d}/${id}`
    return discussion.messages.map((message, position): DetectMessage => {
      const { id, at, replyTo, threadId } = message
      clock = at + offset
      places.set(own(id), { discussion: d, position })
      return {
        ...message,
        id: own(id),
        at: clock,
        ...(replyTo === undefined ? {} : { replyTo: own(replyTo) }),
        ...(threadId === undefined ? {} : { threadId: own(threadId) }),
      }
    })
  })
  return {
    messages,
    placeOf(id) {
      const place = places.get(id)
      if (!place) throw new Error(`no message ${id} in this chain`)
      return place
    },
  }
}
