import { groupIndex } from './cues.js'
import type { Candidate } from './discussion.js'
import { answeredIndex, lookAhead } from './features.js'
import type { DecisionType, Signal, SignalKind } from './types.js'
import type { MessageView } from './view.js'

const move = {
  proposal: groupIndex('proposal'),
  ask: groupIndex('ask'),
  askSteer: groupIndex('askSteer'),
  proposeStrong: groupIndex('proposeStrong'),
  agree: groupIndex('agree'),
  yes: groupIndex('yes'),
  approve: groupIndex('approve'),
  settle: groupIndex('settle'),
  ackShort: groupIndex('ackShort'),
  commit: groupIndex('commit'),
  objection: groupIndex('objection'),
  options: groupIndex('optionsWeigh'),
  offTarget: groupIndex('offTarget'),
} as const
const has = (view: MessageView, name: keyof typeof move): boolean => (view.cues[move[name]] ?? 0) > 0

export interface Draft {
  readonly kind: SignalKind
  readonly key: string
  readonly recent: readonly Candidate[]
  readonly index: number
  readonly confidence: number
  readonly threshold: number
  readonly type: DecisionType | undefined
}

const summaryLength = 200

/** Cuts a text to a length at a word, in one line. */
export function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= length) return line
  const cut = line.slice(0, length - 1)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > length / 2 ? space : cut.length).trimEnd()}…`
}

/** Draws up a signal from the messages around its settling message: span, evidence, who, why, and a draft of what. */
export function draftSignal(draft: Draft): Signal {
  const { recent, index } = draft
  const views = recent.map((c) => c.view)
  const settling = views[index] as MessageView
  const earlier = views.slice(0, index)
  const answered = answeredIndex(earlier, settling)
  const basis = basisIndex(earlier, settling, answered)
  const replies = views.slice(index + 1, index + 1 + lookAhead).filter((v) => v.speaker !== settling.speaker)
  const supporters = replies.filter((v) => agrees(v) && toThem(v, settling))
  const objectors = replies.filter((v) => has(v, 'objection') && !agrees(v) && toThem(v, settling))
  const asked = basis >= 0 ? earlier[basis] : undefined
  const from = asked ?? settling
  const to = supporters[supporters.length - 1] ?? settling
  const evidence = [...new Set([...(asked ? [asked.id] : []), settling.id, ...supporters.map((v) => v.id)])]
  const decision = draft.kind === 'decision'
  return {
    kind: draft.kind,
    key: draft.key,
    from: from.id,
    to: to.id,
    at: settling.id,
    evidence,
    ...(decision && draft.type ? { decisionType: draft.type } : {}),
    ...(decision ? { decidedBy: settling.speaker } : {}),
    ...(decision && asked && asked.speaker !== settling.speaker ? { askedBy: asked.speaker } : {}),
    confidence: Math.round(draft.confidence * 1000) / 1000,
    wouldNudge: draft.kind !== 'reported' && draft.confidence >= draft.threshold,
    because: because(draft.kind, settling, asked, supporters, objectors),
    summary: summary(settling, asked),
  }
}

const agrees = (view: MessageView): boolean =>
  has(view, 'agree') ||
  has(view, 'yes') ||
  has(view, 'approve') ||
  has(view, 'ackShort') ||
  has(view, 'commit')
const toThem = (view: MessageView, settling: MessageView): boolean =>
  view.replyTo === settling.id || view.addressees.length === 0 || view.addressees.includes(settling.speaker)

/** The message that put the matter: the one that most asks or proposes among the last eight, near ones and those to the settler first. */
function basisIndex(earlier: readonly MessageView[], settling: MessageView, answered: number): number {
  let best = answered
  let top = 1
  for (let i = earlier.length - 1; i >= 0 && i > earlier.length - 9; i--) {
    const other = earlier[i]
    if (!other || other.speaker === settling.speaker) continue
    let score = (i - earlier.length) * 0.25
    if (has(other, 'askSteer')) score += 1.5
    if (has(other, 'ask')) score += 1
    if (other.endsAsking) score += 1
    if (has(other, 'proposeStrong')) score += 1
    if (has(other, 'options')) score += 0.5
    if (other.addressees.includes(settling.speaker)) score += 1
    if (i === answered || settling.addressees.includes(other.speaker)) score += 1
    if (other.length < 4) score -= 1
    if (score > top) {
      top = score
      best = i
    }
  }
  return best
}

const says = (view: MessageView): string => `“${shorten(view.text, 70)}”`

function because(
  kind: SignalKind,
  settling: MessageView,
  asked: MessageView | undefined,
  supporters: readonly MessageView[],
  objectors: readonly MessageView[],
): string {
  const who = settling.speaker
  if (kind === 'reported') return `${who} passed on what was decided elsewhere: ${says(settling)}.`
  if (kind === 'options')
    return `Several ways forward were weighed without one being chosen; ${who} wrote ${says(settling)}.`
  if (kind === 'off-channel') return `${who} suggested moving official business elsewhere: ${says(settling)}.`
  const names = [...new Set(supporters.map((v) => v.speaker))]
  const after =
    names.length > 0
      ? `${names.slice(0, 3).join(', ')} went along`
      : objectors[0]
        ? `${objectors[0].speaker} questioned it`
        : 'nobody objected'
  if (!asked || asked.speaker === who) return `${who} settled it with ${says(settling)}; ${after}.`
  const did =
    has(asked, 'options') && (has(asked, 'ask') || asked.endsAsking)
      ? 'asked for a choice'
      : has(asked, 'ask') || asked.endsAsking
        ? 'asked'
        : has(asked, 'proposal')
          ? 'proposed'
          : 'wrote'
  const put = did === 'asked for a choice' ? did : `${did} ${says(asked)}`
  return `${asked.speaker} ${put}; ${who} answered ${says(settling)}; ${after}.`
}

/** A draft of what was decided: the settling words when they say it themselves, else what they answered. */
function summary(settling: MessageView, asked: MessageView | undefined): string {
  if (settling.length >= 7 || !asked) return shorten(settling.text, summaryLength)
  return shorten(`${asked.text} — ${settling.text}`, summaryLength)
}
