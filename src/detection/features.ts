import { groupCount } from './cues.js'
import { block, featureCount, slot } from './feature-names.js'
import { addMatter, bearing } from './matter.js'
import { minutesLog, overlap } from './measures.js'
import {
  accepts,
  arranges,
  ask,
  asksFact,
  asksTask,
  group,
  has,
  objection,
  options,
  proposal,
  settles,
} from './moves.js'
import type { MessageView } from './view.js'

/** How many messages before a candidate are looked at. */
export const lookBack = 12

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
const askedBlock = block('asked')
const lastingBlock = block('lasting')
const recentBlock = block('recent')
/** Moves by which somebody asks for a word: a question, a steer, one thing or the other. */
const askingMoves = [group.question, ask, group.eitherOr]
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

/** What earlier messages make of a candidate. */
export interface Settled {
  readonly features: Float32Array
  /** Who had asked what it answers. */
  readonly asker: string | undefined
}

/** Features of a candidate that later messages cannot change. `earlier` are the messages before it in its discussion, oldest first. */
export function settledFeatures(
  earlier: readonly MessageView[],
  view: MessageView,
  before: Running,
): Settled {
  const out = new Float32Array(featureCount)
  const n = earlier.length
  out.set(before.lasting, lastingBlock)
  for (const g of view.present) out[g] = Math.min(2, view.cues[g] as number)
  const answered = answeredIndex(earlier, view)
  const target = earlier[answered]
  let weight = 1
  let recentLength = 0
  const speakers = [view.speaker]
  let mine = 0
  let named = 0
  for (let i = n - 1; i >= 0; i--) {
    const other = earlier[i]
    if (!other) continue
    const near = weight * bearing(other, view, target)
    for (const g of other.present) out[recentBlock + g] = (out[recentBlock + g] as number) + near
    weight *= recentDecay
    recentLength += other.length
    if (!speakers.includes(other.speaker)) speakers.push(other.speaker)
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
  out[slot.speakers] = speakers.length / 3
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
  const wasAsked = askingMoves.some((move) => (out[askedBlock + move] as number) > 0)
  return { features: out, asker: target && wasAsked ? target.speaker : undefined }
}

function addAnswered(
  out: Float32Array,
  earlier: readonly MessageView[],
  answered: number,
  target: MessageView,
  view: MessageView,
): void {
  let taken = 0
  let length = 0
  for (let i = answered; i >= 0 && i > answered - 6 && taken < 4; i--) {
    const other = earlier[i]
    if (!other || other.speaker !== target.speaker) continue
    taken++
    length += other.length
    const value = taken === 1 ? 1 : 0.6
    for (const g of other.present) if (value > (out[askedBlock + g] as number)) out[askedBlock + g] = value
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
  out[slot['accepts-proposal']] = Math.max(
    out[askedBlock + proposal] ?? 0,
    out[askedBlock + group.settle] ?? 0,
  )
  out[slot['accepts-ask']] = out[askedBlock + ask] ?? 0
  out[slot['accepts-request']] = target.endsAsking && has(target, group.directive) ? 1 : 0
  out[slot['accepts-at-length']] = Math.log1p(length) / 2
  out[slot['accepts-logistics']] = Math.max(
    out[askedBlock + group.logistics] ?? 0,
    out[askedBlock + group.social] ?? 0,
  )
  out[slot['accepts-tech']] = out[askedBlock + group.tech] ?? 0
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
