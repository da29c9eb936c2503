import { groupCount, groupIndex } from './cues.js'
import { block, featureCount, slot } from './feature-names.js'
import type { MessageView } from './view.js'

/** How many messages before a candidate are looked at, and how many after it may still change its score. */
export const lookBack = 12
export const lookAhead = 4

const group = {
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
const has = (view: MessageView, index: number): boolean => (view.cues[index] ?? 0) > 0
const opens = (view: MessageView, index: number): boolean => view.opening[index] === 1
const proposal = groupIndex('proposeStrong')
const ask = groupIndex('askSteer')
const options = groupIndex('optionsWeigh')
const objection = groupIndex('objection')
const deferral = groupIndex('defer')

/** What a discussion remembers beyond its last messages, decayed so that it never grows. */
export interface Running {
  readonly lasting: Float32Array
  readonly count: number
  readonly opener: string
  readonly since: readonly [number, number, number, number]
}
export const emptyRunning: Running = {
  lasting: new Float32Array(groupCount),
  count: 0,
  opener: '',
  since: [99, 99, 99, 99],
}

const selfBlock = block('self')
const lastingBlock = block('lasting')
const replyBlock = block('reply')
const afterBlock = block('after')
const lastingDecay = 0.96
const recentDecay = 0.8

/** The running memory after one more message. */
export function remember(running: Running, view: MessageView): Running {
  const lasting = new Float32Array(groupCount)
  for (let g = 0; g < groupCount; g++) lasting[g] = (running.lasting[g] as number) * lastingDecay
  for (const g of view.present) lasting[g] = (lasting[g] as number) + 1
  const [p, a, o, j] = running.since
  return {
    lasting,
    count: running.count + 1,
    opener: running.count === 0 ? view.speaker : running.opener,
    since: [
      has(view, proposal) ? 0 : p + 1,
      has(view, ask) ? 0 : a + 1,
      has(view, options) ? 0 : o + 1,
      has(view, objection) ? 0 : j + 1,
    ],
  }
}

/** Whom a message answers: the one it replies to or names, else who named its speaker, else the last other speaker. -1: nobody. */
export function answeredIndex(earlier: readonly MessageView[], view: MessageView): number {
  const n = earlier.length
  if (view.replyTo !== undefined) {
    for (let i = n - 1; i >= 0; i--) if (earlier[i]?.id === view.replyTo) return i
  }
  for (let i = n - 1; i >= 0 && view.addressees.length > 0; i--) {
    const other = earlier[i]
    if (other && view.addressees.includes(other.speaker)) return i
  }
  for (let i = n - 1; i >= 0 && i >= n - 6; i--) {
    const other = earlier[i]
    if (other && other.speaker !== view.speaker && other.addressees.includes(view.speaker)) return i
  }
  for (let i = n - 1; i >= 0; i--) {
    const other = earlier[i]
    if (other && other.speaker !== view.speaker) return i
  }
  return -1
}

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

/** Puts a course of action: proposes, settles, directs or asks for a decision. */
export function puts(view: MessageView): boolean {
  return has(view, proposal) || has(view, group.settle) || has(view, group.directive)
}

/** Asks for a fact, not for a choice. */
const asksFact = (view: MessageView): boolean =>
  (view.endsAsking || has(view, group.factAsk)) && !has(view, ask) && !has(view, proposal)
/** Asks somebody to do an everyday thing. */
const asksTask = (view: MessageView): boolean =>
  (has(view, group.request) || has(view, group.directive)) &&
  (has(view, group.routine) || has(view, group.tech) || has(view, group.status)) &&
  !has(view, ask)
/** Arranges a meeting, a call, a place. */
const arranges = (view: MessageView): boolean => has(view, group.availability) || has(view, group.logistics)
/** Says what its speaker does next, not what the group does. */
const isOwnStep = (view: MessageView): boolean =>
  (has(view, group.commit) || has(view, group.plan) || has(view, group.routine)) &&
  has(view, group.i) &&
  !has(view, group.we) &&
  !has(view, group.settleStrong)
/** Tells how things stand or what was done, and puts nothing. */
const isStatus = (view: MessageView): boolean =>
  (has(view, group.reading) || has(view, group.status) || has(view, group.done)) &&
  !has(view, proposal) &&
  !has(view, ask) &&
  !has(view, group.settleStrong)
/** Review, status and the speaker's own next step, by the list in the cues, with no word of a choice beside it. */
const isVetoed = (view: MessageView): boolean =>
  has(view, group.veto) &&
  !has(view, group.settleStrong) &&
  !has(view, group.enacted) &&
  !has(view, group.money) &&
  !(has(view, group.settle) && has(view, group.we))

/** Words of a choice made for more than oneself. */
const settles = (view: MessageView): boolean =>
  !view.endsAsking &&
  (has(view, group.settleStrong) ||
    (has(view, group.settle) && (has(view, group.we) || has(view, group.choice))))

const minutesLog = (ms: number): number => Math.log1p(Math.min(Math.max(ms / 60000, 0), 3000)) / 3

function overlap(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0
  let shared = 0
  for (const word of a) if (b.includes(word)) shared++
  return Math.min(shared, 5) / 3
}

/** Features of a candidate that later messages cannot change. `earlier` are the messages before it in its discussion, oldest first. */
export function settledFeatures(
  earlier: readonly MessageView[],
  view: MessageView,
  before: Running,
): Float32Array {
  // One slot more than there are features: the discussion marks there what it need not score again.
  const out = new Float32Array(featureCount + 1)
  const n = earlier.length
  out.set(before.lasting, lastingBlock)
  for (const g of view.present) out[g] = Math.min(2, view.cues[g] as number)
  const answered = answeredIndex(earlier, view)
  const target = earlier[answered]
  let weight = 1
  let recentLength = 0
  const speakers = new Set<string>([view.speaker])
  let mine = 0
  let named = 0
  for (let i = n - 1; i >= 0; i--) {
    const other = earlier[i]
    if (!other) continue
    const base = block('recent')
    const near = weight * bearing(other, view, target)
    for (const g of other.present) out[base + g] = (out[base + g] as number) + near
    weight *= recentDecay
    recentLength += other.length
    speakers.add(other.speaker)
    if (other.speaker === view.speaker) mine++
    else if (i >= n - 6 && other.addressees.includes(view.speaker)) named = 1
  }
  let self = n - 1
  let turn = 0
  while (self >= 0 && turn < 4 && earlier[self]?.speaker === view.speaker) {
    const other = earlier[self]
    if (other) for (const g of other.present) out[selfBlock + g] = 1
    turn++
    self--
  }
  addMatter(out, earlier, view, target)
  if (target) addAnswered(out, earlier, answered, target, view)
  const last = earlier[n - 1]
  out[slot.length] = Math.log1p(view.length) / 2
  out[slot.short] = view.length <= 3 ? 1 : 0
  out[slot['ends-asking']] = view.endsAsking ? 1 : 0
  out[slot.exclaims] = Math.min(2, view.exclamations)
  out[slot.quotes] = view.quoted ? 1 : 0
  out[slot.title] = view.authority
  out[slot.office] = view.office ? 1 : 0
  out[slot['addresses-someone']] = view.addressees.length > 0 ? 1 : 0
  out[slot['was-named']] = named
  out[slot['minutes-since-last']] = last ? minutesLog(view.at - last.at) : 0
  out[slot.place] = Math.log1p(before.count) / 2
  out[slot.speakers] = speakers.size / 3
  out[slot['same-speaker-before']] = last && last.speaker === view.speaker ? 1 : 0
  out[slot['turn-length']] = turn / 2
  out[slot['opened-discussion']] = before.opener === view.speaker || before.count === 0 ? 1 : 0
  out[slot['speaker-share']] = n > 0 ? mine / n : 0
  out[slot['since-proposal']] = Math.exp(-before.since[0] / 4)
  out[slot['since-ask']] = Math.exp(-before.since[1] / 4)
  out[slot['since-options']] = Math.exp(-before.since[2] / 4)
  out[slot['since-objection']] = Math.exp(-before.since[3] / 4)
  out[slot['recent-length']] = n > 0 ? Math.log1p(recentLength / n) / 2 : 0
  let shared = 0
  for (let i = Math.max(0, n - 6); i < n; i++)
    shared = Math.max(shared, overlap(view.words, earlier[i]?.words ?? []))
  out[slot['words-shared-with-recent']] = shared
  return out
}

/** What substance was put before, by whom, how far back, and what the message does with it. */
function addMatter(
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
    out[slot['agrees-to-little']] = top < 0.6 ? 1 : 0
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
  const moves =
    enacting ||
    accepting ||
    settlingFirst ||
    strongly ||
    directing ||
    approving ||
    proposing ||
    takesOffer ||
    (choice && prefers)
  out[slot['settling-move']] = isVetoed(view) ? 0 : moves ? 1 : committing ? 0.5 : 0
  out[slot['agrees-inside-only']] = !accepting && (has(view, group.agree) || has(view, group.approve)) ? 1 : 0
  out[slot['long-without-move']] = moves ? 0 : Math.min(2, view.length / 15)
}

/** How much an earlier message bears on a candidate, when several conversations run at once: most when it is between the same people. */
function bearing(other: MessageView, view: MessageView, target: MessageView | undefined): number {
  const inPair = other.speaker === view.speaker || other.speaker === target?.speaker
  const named = other.addressees
  if (named.length === 0) return inPair ? 1 : 0.6
  const toPair = named.includes(view.speaker) || (target !== undefined && named.includes(target.speaker))
  if (toPair) return inPair ? 1 : 0.7
  return 0.15
}

function addAnswered(
  out: Float32Array,
  earlier: readonly MessageView[],
  answered: number,
  target: MessageView,
  view: MessageView,
): void {
  const base = block('asked')
  let taken = 0
  let length = 0
  for (let i = answered; i >= 0 && i > answered - 6 && taken < 4; i--) {
    const other = earlier[i]
    if (!other || other.speaker !== target.speaker) continue
    taken++
    length += other.length
    const value = taken === 1 ? 1 : 0.6
    for (const g of other.present) if (value > (out[base + g] as number)) out[base + g] = value
  }
  const asksByName = target.addressees.includes(view.speaker)
  out[slot['was-asked-by-name']] = asksByName && ((target.cues[ask] ?? 0) > 0 || target.endsAsking) ? 1 : 0
  out[slot['distance-to-asked']] = Math.min(earlier.length - answered, 8) / 4
  out[slot['minutes-to-asked']] = minutesLog(view.at - target.at)
  out[slot['asked-length']] = Math.log1p(length) / 2
  out[slot['asked-ends-asking']] = target.endsAsking ? 1 : 0
  out[slot['asked-title']] = target.authority
  out[slot['asked-question-title']] = target.endsAsking ? view.authority : 0
  out[slot['words-shared-with-asked']] = overlap(view.words, target.words)
  out[slot['addresses-asked']] = view.addressees.includes(target.speaker) ? 1 : 0
  out[slot['reply-to-speaker']] = asksByName ? 1 : 0
  out[slot['asked-matter']] = target.matter
  if (has(view, group.directive) || settles(view))
    out[slot['steers-asker']] = (target.cues[ask] ?? 0) > 0 || (asksByName && target.endsAsking) ? 1 : 0
  addPair(out, earlier, target, view)
  if (!accepts(view)) {
    if (has(view, group.commit) && asksTask(target)) out[slot['accepts-task']] = 1
    return
  }
  out[slot['accepts-fact']] = asksFact(target) || (target.matter < 0.4 && has(target, group.fact)) ? 1 : 0
  out[slot['accepts-task']] = asksTask(target) ? 1 : 0
  out[slot['accepts-meeting']] = arranges(target) ? 1 : 0
  out[slot['accepts-thanks']] = has(target, group.thanks) || has(target, group.done) ? 1 : 0
  out[slot.accepts] = 1
  out[slot['accepts-proposal']] = Math.max(out[base + proposal] ?? 0, out[base + group.settle] ?? 0)
  out[slot['accepts-ask']] = out[base + ask] ?? 0
  out[slot['accepts-request']] = target.endsAsking && has(target, group.directive) ? 1 : 0
  out[slot['accepts-at-length']] = Math.log1p(length) / 2
  out[slot['accepts-logistics']] = Math.max(out[base + group.logistics] ?? 0, out[base + group.social] ?? 0)
  out[slot['accepts-tech']] = out[base + group.tech] ?? 0
  out[slot['accepts-and-commits']] = has(view, group.commit) ? 1 : 0
}

/** What the two have been doing lately: turns between them, and how many of their messages proposed, objected, asked. */
function addPair(
  out: Float32Array,
  earlier: readonly MessageView[],
  target: MessageView,
  view: MessageView,
): void {
  let turns = 0
  let last = ''
  let proposals = 0
  let objections = 0
  let questions = 0
  let words = 0
  for (const other of earlier) {
    if (other.speaker !== view.speaker && other.speaker !== target.speaker) continue
    if (other.speaker !== last) turns++
    last = other.speaker
    if (has(other, proposal)) proposals++
    if (has(other, objection)) objections++
    if (other.endsAsking) questions++
    words += other.words.length
  }
  out[slot['pair-turns']] = turns / 4
  out[slot['pair-proposals']] = proposals / 3
  out[slot['pair-objections']] = objections / 3
  out[slot['pair-questions']] = questions / 3
  out[slot['pair-substance']] = Math.min(words, 60) / 30
}

/** Adds what the next messages (at most four) did with the candidate. Rewrites only its own slots, so it may be called again. */
export function followFeatures(out: Float32Array, view: MessageView, later: readonly MessageView[]): void {
  const reply = replyBlock
  const after = afterBlock
  out.fill(0, reply, after + groupCount)
  const repliers = new Set<string>()
  let first: MessageView | undefined
  let accepted = 0
  let committed = 0
  let seen = 0
  let thankful = 0
  for (const other of later) {
    if (seen === lookAhead) break
    seen++
    if (other.speaker === view.speaker) {
      for (const g of other.present) out[after + g] = 1
      continue
    }
    const toThem = other.replyTo === view.id || other.addressees.includes(view.speaker)
    const weight = toThem ? 1 : other.addressees.length > 0 || other.replyTo !== undefined ? 0.3 : 0.8
    for (const g of other.present) out[reply + g] = Math.min(2, (out[reply + g] as number) + weight)
    if (weight > 0.5) {
      repliers.add(other.speaker)
      first ??= other
      if (has(other, group.thanks) && !accepts(other) && other.length < 6) thankful = 1
      if (accepts(other)) accepted = Math.max(accepted, weight)
      if (has(other, group.commit)) committed = Math.max(committed, weight)
    }
  }
  out[slot['replies-seen']] = seen / lookAhead
  out[slot['replies-by-others']] = repliers.size > 0 ? 1 : 0
  out[slot.repliers] = repliers.size / 2
  out[slot['reply-ends-asking']] = first?.endsAsking ? 1 : 0
  out[slot['reply-accepts']] = accepted
  out[slot['reply-commits']] = committed
  out[slot['put-and-accepted']] = puts(view) ? accepted : 0
  out[slot['matter-taken-up']] = view.endsAsking ? 0 : view.matter * Math.max(accepted, committed)
  out[slot['settling-taken-up']] = (out[slot['own-settles']] as number) * Math.max(accepted, committed)
  out[slot['reply-thanks-only']] = thankful > 0 && accepted === 0 && committed === 0 ? 1 : 0
  out[slot['minutes-to-reply']] = first ? minutesLog(first.at - view.at) : 0
}
