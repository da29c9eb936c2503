import type { ChatEventOf } from '../platform/index.js'
import { orderKey } from '../platform/index.js'

/** Events that make or change a message. */
export type MessageEvent =
  | ChatEventOf<'message-posted'>
  | ChatEventOf<'message-edited'>
  | ChatEventOf<'message-deleted'>
  | ChatEventOf<'message-restored'>

/** A message as kept, before its author is resolved. */
export interface MessageState {
  readonly externalId: string
  readonly threadId: string | null
  readonly replyTo: string | null
  /** Account id of the author; null until a post or an edit has named it. */
  readonly author: string | null
  readonly postedAt: Date | null
  readonly orderKey: string
  readonly text: string
  /** Revision of `text`: '' for the post itself. */
  readonly textAt: string
  readonly editedAt: Date | null
  readonly deletedAt: Date | null
  readonly restoredAt: Date | null
  readonly automatic: boolean
  readonly mentions: readonly string[]
  readonly files: readonly { name: string; mimeType?: string | undefined; url?: string | undefined }[] | null
}

/** One wording of a message. */
export interface Revision {
  readonly externalId: string
  readonly revision: string
  readonly text: string
  readonly at: Date
}

const blank = (event: MessageEvent): MessageState => ({
  externalId: event.message,
  threadId: null,
  replyTo: null,
  author: null,
  postedAt: null,
  orderKey: orderKey(event),
  text: '',
  textAt: '',
  editedAt: null,
  deletedAt: null,
  restoredAt: null,
  automatic: false,
  mentions: [],
  files: null,
})

/**
 * Folds an event into a message. Commutative and idempotent: posts, edits, deletions and restorations of one message
 * in any order, or twice, give the same state.
 */
export function applyToMessage(held: MessageState | undefined, event: MessageEvent): MessageState {
  const state = held ?? blank(event)
  switch (event.kind) {
    case 'message-posted':
      return {
        ...state,
        threadId: event.thread ?? state.threadId,
        replyTo: event.replyTo ?? null,
        author: event.author.id,
        postedAt: new Date(event.at),
        orderKey: orderKey(event),
        text: state.textAt === '' ? event.text : state.text,
        automatic: state.automatic || (event.own ?? false) || (event.author.bot ?? false),
        mentions: event.mentions ?? [],
        files: event.files?.map((file) => ({ ...file })) ?? null,
      }
    case 'message-edited': {
      const newer = event.revision > state.textAt
      const posted = state.postedAt ?? (event.postedAt ? new Date(event.postedAt) : null)
      const at = new Date(event.at)
      return {
        ...state,
        threadId: state.threadId ?? event.thread ?? null,
        author: state.author ?? event.author?.id ?? null,
        postedAt: posted,
        orderKey:
          state.postedAt === null && posted !== null
            ? `${posted.toISOString()}|`
            : orderKeyBeforePost(state, event),
        text: newer ? event.text : state.text,
        textAt: newer ? event.revision : state.textAt,
        editedAt: later(state.editedAt, at),
        automatic: state.automatic || (event.own ?? false),
      }
    }
    case 'message-deleted':
      return {
        ...state,
        orderKey: orderKeyBeforePost(state, event),
        deletedAt: later(state.deletedAt, new Date(event.at)),
      }
    case 'message-restored':
      return {
        ...state,
        orderKey: orderKeyBeforePost(state, event),
        restoredAt: later(state.restoredAt, new Date(event.at)),
      }
  }
}

/** The wording an event brings, if it brings one. */
export function revisionOf(event: MessageEvent): Revision | undefined {
  if (event.kind === 'message-posted')
    return { externalId: event.message, revision: '', text: event.text, at: new Date(event.at) }
  if (event.kind === 'message-edited')
    return { externalId: event.message, revision: event.revision, text: event.text, at: new Date(event.at) }
  return undefined
}

/** Whether a message counts as deleted now. */
export function isDeleted(state: Pick<MessageState, 'deletedAt' | 'restoredAt'>): boolean {
  return state.deletedAt !== null && (state.restoredAt === null || state.restoredAt < state.deletedAt)
}

/** Until somebody says when a message was posted it stands at the first thing known of it. */
function orderKeyBeforePost(state: MessageState, event: MessageEvent): string {
  const key = orderKey(event)
  return state.postedAt === null && key < state.orderKey ? key : state.orderKey
}

function later(a: Date | null, b: Date): Date {
  return a !== null && a > b ? a : b
}
