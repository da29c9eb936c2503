import { slot } from './feature-names.js'
import {
  accepts,
  arranges,
  ask,
  deferral,
  group,
  has,
  isOwnStep,
  isStatus,
  isVetoed,
  opens,
  options,
  orders,
  proposal,
  puts,
  settles,
} from './moves.js'
import type { MessageView } from './view.js'

/** What substance was put before, by whom, how far back, and what the message does with it. */
export function addMatter(
  out: Float32Array,
  earlier: readonly MessageView[],
  view: MessageView,
  target: MessageView | undefined,
): void {
  const n = earlier.length
  let best: MessageView | undefined
  let top = 0
  let far = 0
  let pair = 0
  for (let i = n - 1; i >= 0; i--) {
    const other = earlier[i] as MessageView
    if (other.matter === 0) continue
    const weight = bearing(other, view, target) * (1 - 0.05 * (n - 1 - i))
    if (other.speaker === view.speaker || other.speaker === target?.speaker) pair += other.matter * weight
    const value = other.matter * weight * (other.speaker === view.speaker ? 0.7 : 1)
    if (value > top) {
      top = value
      best = other
      far = n - i
    }
  }
  const settling = settles(view) ? 1 : 0
  const step = isOwnStep(view) ? 1 : 0
  const status = isStatus(view) ? 1 : 0
  out[slot['own-matter']] = view.matter
  out[slot['best-matter']] = top
  out[slot['best-matter-distance']] = best ? far / 4 : 3
  out[slot['best-matter-to-speaker']] = best?.addressees.includes(view.speaker) ? 1 : 0
  out[slot['best-matter-by-speaker']] = best?.speaker === view.speaker ? 1 : 0
  out[slot['pair-matter']] = Math.min(4, pair) / 2
  out[slot['own-step']] = step
  out[slot['own-step-after-matter']] = step * top
  out[slot['own-status']] = status
  out[slot['own-fact']] =
    (has(view, group.fact) || has(view, group.opinion)) && !puts(view) && !has(view, group.approve) ? 1 : 0
  out[slot['own-settles']] = settling
  out[slot['settles-matter']] = settling * Math.max(top, view.matter)
  if (accepts(view)) out[slot['accepts-matter']] = top
  const silent =
    view.endsAsking || status || (step && top < 0.5) || (arranges(view) && view.matter === 0 && top < 0.5)
  out[slot['silent-move']] = silent ? 1 : 0
  const accepting = accepts(view)
  const settlingFirst = opens(view, group.settle)
  const strongly = opens(view, group.settleStrong)
  const directing = opens(view, group.directive)
  const committing = opens(view, group.commit)
  const approving = opens(view, group.approve)
  const proposing = opens(view, proposal)
  out[slot['opens-accepting']] = accepting ? 1 : 0
  out[slot['opens-agreeing']] = opens(view, group.agree) ? 1 : 0
  out[slot['opens-settling']] = settlingFirst ? 1 : 0
  out[slot['opens-settling-strongly']] = strongly ? 1 : 0
  out[slot['opens-directing']] = directing ? 1 : 0
  out[slot['opens-committing']] = committing ? 1 : 0
  out[slot['opens-approving']] = approving ? 1 : 0
  out[slot['opens-proposing']] = proposing ? 1 : 0
  const agreeing = opens(view, group.agree) || opens(view, group.praise)
  // "I'll sleep on it" "sounds good" settles as little as a meeting arranged.
  const arranging =
    arranges(view) ||
    (target ? arranges(target) || has(target, deferral) : false) ||
    (best ? arranges(best) : false)
  if (agreeing && !view.endsAsking) {
    out[slot['agrees-matter']] = arranging ? 0 : top
    out[slot['agrees-to-matter']] = top >= 0.8 && !arranging ? 1 : 0
    // "Agreed, Dunmore it is" says itself what it agrees to.
    out[slot['agrees-to-little']] = top < 0.6 && !settlingFirst && !strongly ? 1 : 0
    out[slot['agrees-to-arranging']] = arranging ? 1 : 0
  } else if (accepting && top >= 1.1 && !arranging) out[slot['acknowledges-matter']] = 1
  if (committing && top >= 1.1 && !arranging) out[slot['commits-to-matter']] = 1
  // "Shall I take the export?" "That'd be great": who does what is settled.
  const offered = target !== undefined && (has(target, group.offer) || has(target, group.ownership))
  const takesOffer =
    offered &&
    !view.endsAsking &&
    (opens(view, group.acceptOffer) || accepting || opens(view, group.praise) || opens(view, group.thanks))
  if (takesOffer) out[slot['accepts-offer']] = 0.3 + top
  // "The archive or only this year?" "Only this year, I think".
  const choice =
    target?.endsAsking === true &&
    (has(target, group.eitherOr) || has(target, ask) || has(target, proposal)) &&
    !view.endsAsking &&
    !has(view, group.indifferent)
  const prefers = has(view, group.preference) || has(view, group.choice) || has(view, proposal)
  if (choice) out[slot['answers-choice']] = prefers ? 1 : 0.5
  if (has(view, group.preference) && !view.endsAsking) out[slot['prefers-among-matter']] = top
  const enacting = has(view, group.enacted)
  out[slot['enacts-spending']] = enacting && has(view, group.money) ? 1 : 0
  out[slot['enacts-after-ask']] = enacting && (target?.endsAsking || top > 0.6) ? 1 : 0
  // "Minister, two options: … Which?" "£500 now". A steer may be asked for without a question mark.
  const posed = target !== undefined && (has(target, ask) || (target.endsAsking && has(target, options)))
  const answersSteer = posed && view.authority > 0 && !view.endsAsking && !has(view, group.indifferent)
  const moves =
    enacting ||
    accepting ||
    settlingFirst ||
    strongly ||
    directing ||
    approving ||
    proposing ||
    takesOffer ||
    (choice && prefers) ||
    answersSteer
  out[slot['plain-order']] = orders(view) ? 1 : 0
  // A minister who approves, orders or picks rules on the matter, in however few words.
  const aboutMeeting =
    target !== undefined &&
    arranges(target) &&
    !has(target, options) &&
    (!posed || arranges(view) || view.length <= 3 || target.matter < 0.6)
  const putOff = target !== undefined && !posed && has(target, deferral)
  const amongFriends = has(view, group.social) || (target !== undefined && has(target, group.social))
  // "Thank you for a remarkable week. Get some rest." orders nothing.
  const thanking = !posed && has(view, group.thanks)
  const everyday = has(view, group.availability) || aboutMeeting || putOff || amongFriends || thanking
  const ruling = settlingFirst || strongly || directing || approving || enacting || choice || answersSteer
  out[slot['title-rules']] =
    ruling && !view.endsAsking && step === 0 && (directing || status === 0) && !everyday && !isVetoed(view)
      ? view.authority
      : 0
  out[slot['settling-move']] = isVetoed(view) ? 0 : moves ? 1 : committing ? 0.5 : 0
  out[slot['agrees-inside-only']] = !accepting && (has(view, group.agree) || has(view, group.approve)) ? 1 : 0
  out[slot['long-without-move']] = moves ? 0 : Math.min(2, view.length / 15)
}

/** How much an earlier message bears on a candidate, when several conversations run at once: most when it is between the same people. */
export function bearing(other: MessageView, view: MessageView, target: MessageView | undefined): number {
  const inPair = other.speaker === view.speaker || other.speaker === target?.speaker
  const named = other.addressees
  if (named.length === 0) return inPair ? 1 : 0.6
  const toPair = named.includes(view.speaker) || (target !== undefined && named.includes(target.speaker))
  if (toPair) return inPair ? 1 : 0.7
  return 0.15
}
