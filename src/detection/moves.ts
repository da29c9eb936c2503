import { groupIndex } from './cues.js'
import type { MessageView } from './view.js'

/** Places of the cue groups in a message's counts. */
export const group = {
  question: groupIndex('question'),
  agree: groupIndex('agree'),
  approve: groupIndex('approve'),
  yes: groupIndex('yes'),
  ackShort: groupIndex('ackShort'),
  settle: groupIndex('settle'),
  directive: groupIndex('directive'),
  commit: groupIndex('commit'),
  logistics: groupIndex('logistics'),
  tech: groupIndex('tech'),
  social: groupIndex('social'),
  thanks: groupIndex('thanks'),
  request: groupIndex('request'),
  routine: groupIndex('routine'),
  factAsk: groupIndex('factAsk'),
  fact: groupIndex('fact'),
  opinion: groupIndex('opinion'),
  reading: groupIndex('reading'),
  status: groupIndex('status'),
  done: groupIndex('done'),
  availability: groupIndex('availability'),
  plan: groupIndex('plan'),
  i: groupIndex('i'),
  we: groupIndex('we'),
  settleStrong: groupIndex('settleStrong'),
  choice: groupIndex('choice'),
  schedule: groupIndex('schedule'),
  praise: groupIndex('praise'),
  enacted: groupIndex('enacted'),
  money: groupIndex('money'),
  veto: groupIndex('veto'),
  ownership: groupIndex('ownership'),
  acceptOffer: groupIndex('acceptOffer'),
  offer: groupIndex('offer'),
  eitherOr: groupIndex('eitherOr'),
  preference: groupIndex('preference'),
  indifferent: groupIndex('indifferent'),
} as const
/** Whether a message makes a move anywhere in it. */
export const has = (view: MessageView, index: number): boolean => (view.cues[index] ?? 0) > 0
/** Whether one of its clauses opens with the move: then that is what it does, not only what it talks about. */
export const opens = (view: MessageView, index: number): boolean => view.opening[index] === 1
export const proposal = groupIndex('proposeStrong')
export const ask = groupIndex('askSteer')
export const options = groupIndex('optionsWeigh')
export const objection = groupIndex('objection')
export const deferral = groupIndex('defer')

/** Says yes to something: agrees, approves or acknowledges, and neither asks nor objects. */
export function accepts(view: MessageView): boolean {
  if (view.endsAsking || has(view, objection)) return false
  return (
    opens(view, group.agree) ||
    opens(view, group.approve) ||
    opens(view, group.yes) ||
    opens(view, group.acceptOffer) ||
    opens(view, group.ackShort)
  )
}

/** Does what was said, or says so: "on it", "opening now", "Told them." */
export const complies = (view: MessageView): boolean =>
  !view.endsAsking &&
  !has(view, objection) &&
  (view.underWay || opens(view, group.commit) || opens(view, group.done))

/** Puts a course of action: proposes, settles, directs or asks for a decision. */
export function puts(view: MessageView): boolean {
  return has(view, proposal) || has(view, group.settle) || has(view, group.directive)
}

/** Asks for a fact, not for a choice. */
export const asksFact = (view: MessageView): boolean =>
  (view.endsAsking || has(view, group.factAsk)) && !has(view, ask) && !has(view, proposal)
/** Tells others what to do, neither asking it of them as a favour nor about everyday things. */
export const orders = (view: MessageView): boolean =>
  !view.endsAsking &&
  opens(view, group.directive) &&
  !has(view, group.request) &&
  !has(view, group.routine) &&
  !has(view, group.tech) &&
  !has(view, group.logistics) &&
  !has(view, group.thanks)
/** Asks somebody to do an everyday thing. */
export const asksTask = (view: MessageView): boolean =>
  (has(view, group.request) || has(view, group.directive)) &&
  (has(view, group.routine) || has(view, group.tech) || has(view, group.status)) &&
  !has(view, ask)
/** Arranges a meeting, a call, a place. */
export const arranges = (view: MessageView): boolean =>
  has(view, group.availability) || has(view, group.logistics)
/** Says what its speaker does next, not what the group does. */
export const isOwnStep = (view: MessageView): boolean =>
  (has(view, group.commit) || has(view, group.plan) || has(view, group.routine)) &&
  has(view, group.i) &&
  !has(view, group.we) &&
  !has(view, group.settleStrong)
/** Tells how things stand or what was done, and puts nothing. */
export const isStatus = (view: MessageView): boolean =>
  (has(view, group.reading) || has(view, group.status) || has(view, group.done)) &&
  !has(view, proposal) &&
  !has(view, ask) &&
  !has(view, group.settleStrong)
/** Review, status and the speaker's own next step, by the list in the cues, with no word of a choice beside it. */
export const isVetoed = (view: MessageView): boolean =>
  has(view, group.veto) &&
  !has(view, group.settleStrong) &&
  !has(view, group.enacted) &&
  !has(view, group.money) &&
  !(has(view, group.settle) && has(view, group.we))

/** Words of a choice made for more than oneself. */
export const settles = (view: MessageView): boolean =>
  !view.endsAsking &&
  (has(view, group.settleStrong) ||
    (has(view, group.settle) && (has(view, group.we) || has(view, group.choice))))
