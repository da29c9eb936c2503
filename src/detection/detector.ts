import { addMessage, type Discussion, openDiscussion, replaceMessage } from './discussion.js'
import { type Model, shippedModel } from './model.js'
import { emptyBook, type NameBook, withSpeaker } from './names.js'
import type { DetectMessage, DetectOptions, Signal } from './types.js'
import { type MessageView, readMessage } from './view.js'

/** Live discussions of a group: beyond this the longest silent one is finished with. */
const mostDiscussions = 24
const quietMinutes = 90
const finishedMinutes = 3 * 24 * 60
const minute = 60_000

/** Everything the detector remembers of a group. Immutable; its size has a bound whatever the history. */
export interface GroupState {
  readonly options: DetectOptions
  readonly model: Model
  readonly book: NameBook
  readonly discussions: readonly Discussion[]
  readonly opened: number
  /** One discussion was given: do not split it by silence. */
  readonly whole: boolean
}

export interface Step {
  readonly state: GroupState
  readonly changed: readonly Signal[]
  readonly withdrawn: readonly string[]
}

/** A group nobody has spoken in yet. */
export function initialState(
  options: DetectOptions = {},
  whole = false,
  model: Model = shippedModel(options.language),
): GroupState {
  return { options, model, book: emptyBook, discussions: [], opened: 0, whole }
}

/**
 * Takes in one message, in the order they were sent: new, edited (an id seen lately) or deleted.
 * Returns the next state, the signals that are new or different, and the keys of those that no longer hold.
 */
export function step(state: GroupState, message: DetectMessage): Step {
  const threshold = state.options.nudgeThreshold
  const { language } = state.model
  const holder = state.discussions.findIndex((d) => d.recent.some((c) => c.view.id === message.id))
  if (holder < 0 && message.deleted) return { state, changed: [], withdrawn: [] }
  const book = withSpeaker(state.book, message.speaker, language)
  const view = message.deleted ? undefined : readMessage(message, book, language, state.options.authority)
  const known = state.discussions[holder]
  if (known) {
    const result = replaceMessage(known, message.id, view, state.model, threshold)
    return {
      ...result,
      state: { ...state, book, discussions: state.discussions.with(holder, result.discussion) },
    }
  }
  if (!view) return { state, changed: [], withdrawn: [] }
  const index = discussionFor(state, view)
  const current = state.discussions[index] ?? openFor(state, view, threshold)
  const { discussion, changed, withdrawn } = addMessage(current, view, state.model, threshold)
  const others = state.discussions.filter(
    (d, i) => i !== index && view.at - d.lastAt < finishedMinutes * minute,
  )
  return {
    state: {
      ...state,
      book,
      discussions: [...others.slice(-(mostDiscussions - 1)), discussion],
      opened: state.discussions[index] ? state.opened : state.opened + 1,
    },
    changed,
    withdrawn,
  }
}

/** A new discussion for a message; a thread starts with the message it hangs on, where that is still known. */
function openFor(state: GroupState, view: MessageView, threshold: number | undefined): Discussion {
  const opened = openDiscussion(state.opened, view.threadId)
  if (view.threadId === undefined) return opened
  for (const d of state.discussions) {
    const root = d.recent.find((c) => c.view.id === view.threadId)
    if (root) return { ...addMessage(opened, root.view, state.model, threshold).discussion, firings: [] }
  }
  return opened
}

/** Which live discussion a message belongs to: its thread, what it replies to, whom it names, what it is about, what is going on. -1: a new one. */
function discussionFor(state: GroupState, view: MessageView): number {
  const { discussions } = state
  if (view.threadId !== undefined) {
    const thread = discussions.findIndex((d) => d.thread === view.threadId)
    if (thread >= 0 || state.whole) return thread >= 0 ? thread : discussions.length - 1
    return -1
  }
  if (state.whole) return discussions.length - 1
  if (view.replyTo !== undefined) {
    const answered = discussions.findIndex((d) => d.recent.some((c) => c.view.id === view.replyTo))
    if (answered >= 0) return answered
  }
  // The usual case: one conversation, still going on.
  const [only] = discussions
  if (only && discussions.length === 1 && only.thread === undefined && isGoingOn(only, view)) return 0
  let best = -1
  let top = 0
  for (let i = 0; i < discussions.length; i++) {
    const d = discussions[i]
    if (!d || d.thread !== undefined) continue
    const score = belongs(d, view)
    if (score >= top) {
      top = score
      best = i
    }
  }
  return best
}

const isGoingOn = (discussion: Discussion, view: MessageView): boolean =>
  view.at - discussion.lastAt <= quietMinutes * minute

/** Above 0: the message may well continue this discussion. Silence counts against it; names and shared words for it. */
function belongs(discussion: Discussion, view: MessageView): number {
  const quiet = (view.at - discussion.lastAt) / minute
  let score = quietMinutes - Math.max(0, quiet)
  const words = new Set(view.words)
  let shared = 0
  for (const { view: other } of discussion.recent.slice(-8)) {
    if (view.addressees.includes(other.speaker)) score += 40
    if (other.addressees.includes(view.speaker)) score += 15
    if (other.words.some((word) => words.has(word))) shared++
  }
  return score + Math.min(shared, 4) * 15
}

/** The signals of the discussions still live, oldest first. */
export function signals(state: GroupState): readonly Signal[] {
  return state.discussions.flatMap((d) => d.firings.map((f) => f.signal))
}

/** The signals of a run of messages: the fold of `step`, every signal in its last form, in the order first seen. */
export function detect(
  messages: readonly DetectMessage[],
  options?: DetectOptions,
  model?: Model,
): readonly Signal[] {
  return fold(messages, initialState(options, false, model))
}

/** The same for messages given as one discussion: silence does not split it. */
export function detectDiscussion(
  messages: readonly DetectMessage[],
  options?: DetectOptions,
  model?: Model,
): readonly Signal[] {
  return fold(messages, initialState(options, true, model))
}

function fold(messages: readonly DetectMessage[], from: GroupState): readonly Signal[] {
  const found = new Map<string, Signal>()
  let state = from
  for (const message of messages) {
    const result = step(state, message)
    for (const key of result.withdrawn) found.delete(key)
    for (const signal of result.changed) found.set(signal.key, signal)
    state = result.state
  }
  return [...found.values()]
}
