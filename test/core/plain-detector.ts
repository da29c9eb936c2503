import type { DetectMessage, GroupState, Signal, Step } from '../../src/detection/index.js'

/**
 * A detector that sees what messages plainly say, for tests of everything that follows from a signal: the real one is
 * trained, and its judgement changes with its training.
 */
interface Seen {
  readonly messages: readonly DetectMessage[]
  readonly open?: string
}

/** Nobody has spoken yet. */
export function initialState(): GroupState {
  return { messages: [] } satisfies Seen as unknown as GroupState
}

/** "Decided: …" settles, "Options: …" weighs, "WhatsApp me" leaves; "Scrap that" takes the last decision back. */
export function step(before: GroupState, message: DetectMessage): Step {
  const seen = before as unknown as Seen
  const after = (more: Partial<Seen>): GroupState =>
    ({ ...seen, messages: [...seen.messages, message].slice(-20), ...more }) as unknown as GroupState
  const nothing = { changed: [], withdrawn: [] }
  if (message.deleted) return { state: before, ...nothing }
  const previous = seen.messages.findLast((other) => other.speaker !== message.speaker)
  const signal = (kind: Signal['kind'], more: Partial<Signal>): Signal => ({
    kind,
    key: message.id,
    from: previous?.id ?? message.id,
    to: message.id,
    at: message.id,
    evidence: previous ? [previous.id, message.id] : [message.id],
    confidence: 0.9,
    wouldNudge: true,
    because: `${message.speaker} wrote words that tell of it.`,
    summary: message.text.replace(/^\w+: /, '').slice(0, 200),
    ...more,
  })
  if (/^Scrap that/.test(message.text) && seen.open !== undefined)
    return { state: after({}), changed: [], withdrawn: [seen.open] }
  if (/^Decided: /.test(message.text)) {
    const decision = signal('decision', {
      decisionType: 'operational-direction',
      decidedBy: message.speaker,
      ...(previous ? { askedBy: previous.speaker } : {}),
    })
    return { state: after({ open: decision.key }), changed: [decision], withdrawn: [] }
  }
  if (/^Options: /.test(message.text))
    return {
      state: after({}),
      changed: [signal('options', { askedBy: message.speaker })],
      withdrawn: [],
    }
  if (/WhatsApp me/.test(message.text))
    return { state: after({}), changed: [signal('off-channel', {})], withdrawn: [] }
  return { state: after({}), ...nothing }
}
