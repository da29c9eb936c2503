import { detect, detectDiscussion } from '../detector.js'
import { buildModel, type HeadName, type Model, type Weights } from '../model.js'
import type { Signal } from '../types.js'
import type { Calibrations } from './calibrate.js'
import { crowd, oneAfterAnother } from './crowd.js'
import { type TrainingSet, withoutFold } from './heads.js'
import { keywordRules } from './keyword-rules.js'
import { seededRandom } from './learn.js'
import { match, type Summary, summarise, type Tally } from './scoring.js'
import type { Episode, LabelledDiscussion } from './sources.js'
import { train } from './train.js'

/** One discussion with what was found in it. */
export interface Judged {
  readonly discussion: LabelledDiscussion
  readonly signals: readonly Signal[]
  readonly result: ReturnType<typeof match>
}

/** Runs a model over one discussion and matches its nudges to the labels. */
export function judge(discussion: LabelledDiscussion, model: Model): Judged {
  return judged(discussion, detectDiscussion(discussion.messages, {}, model))
}

const pauseMs = 5 * 60_000

/** Runs a model over discussions that follow one another in one busy group, and matches its nudges to each one's labels. */
export function judgeInOneGroup(discussions: readonly LabelledDiscussion[], model: Model): Judged[] {
  if (discussions.length === 0) return []
  const { talk, origins } = crowd(
    discussions,
    oneAfterAnother(discussions, () => pauseMs),
  )
  const found = detect(talk.messages, {}, model)
  return discussions.map((discussion, d) => {
    const within = (id: string): string => {
      const origin = origins[Number(id)]
      return String(origin?.discussion === d ? origin.position : 0)
    }
    const signals = found
      .filter((s) => origins[Number(s.at)]?.discussion === d)
      .map((s) => ({ ...s, from: within(s.from), to: within(s.to), at: within(s.at) }))
    return judged(discussion, signals)
  })
}

function judged(discussion: LabelledDiscussion, signals: readonly Signal[]): Judged {
  const found = signals
    .filter((s) => s.kind === 'decision' && s.wouldNudge)
    .map((s) => ({ at: Number(s.at), confidence: s.confidence }))
  return {
    discussion,
    signals,
    result: match(found, discussion.episodes, discussion.messages.length, discussion.unlabelled),
  }
}

/** The keyword rule's tally for a discussion. */
export function keywordTally(discussion: LabelledDiscussion): Tally {
  const found = keywordRules(discussion.messages.map((m) => m.text)).map((at) => ({ at, confidence: 1 }))
  return match(found, discussion.episodes, discussion.messages.length, discussion.unlabelled)
}

function calibrationOf({ heads }: Weights): Record<HeadName, Calibrations> {
  return {
    decision: heads.decision,
    formal: heads.formal,
    reported: heads.reported,
    options: heads.options,
    'off-channel': heads['off-channel'],
  }
}

/** The exact chats, each judged by a model that has not seen it. */
export interface CrossValidated {
  readonly apart: readonly Judged[]
  /** The government chats again, those of a fold one after another in one group. */
  readonly inOneGroup: readonly Judged[]
}

/** Judges the exact chats, each discussion by a model that has not seen it. */
export function crossValidate(set: TrainingSet, shipped: Weights, folds: number): CrossValidated {
  const calibration = calibrationOf(shipped)
  const rounds = Array.from({ length: folds }, (_, fold) => {
    // With all meetings, so that a chat taken for one counts as it would in use.
    const kept = { ...withoutFold(set, fold, folds), formal: set.formal }
    const model = buildModel(train(kept, { folds: 0, version: 'fold', trainedOn: [], calibration }))
    const held = set.exact.filter((_, i) => i % folds === fold).map((p) => p.discussion)
    return {
      apart: held.map((d) => judge(d, model)),
      inOneGroup: judgeInOneGroup(
        held.filter((d) => d.source === 'government'),
        model,
      ),
    }
  })
  return { apart: rounds.flatMap((r) => r.apart), inOneGroup: rounds.flatMap((r) => r.inOneGroup) }
}

/** Judges minuted meetings, each group by a model that has seen none of that group. */
export function leaveOneGroupOut(set: TrainingSet, shipped: Weights): Judged[] {
  const calibration = calibrationOf(shipped)
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  return groups.flatMap((group) => {
    const kept = { ...set, formal: set.formal.filter((f) => f.prepared.discussion.group !== group) }
    const model = buildModel(train(kept, { folds: 0, version: 'fold', trainedOn: [], calibration }))
    return set.formal
      .filter((f) => f.prepared.discussion.group === group)
      .map((f) => judge(f.prepared.discussion, model))
  })
}

export interface Interval {
  readonly low: number
  readonly high: number
}
/** 95 % bootstrap interval over discussions of a number computed from tallies. */
export function bootstrap(tallies: readonly Tally[], value: (s: Summary) => number): Interval {
  const random = seededRandom(20261121)
  const values = Array.from({ length: 500 }, () =>
    value(
      summarise(
        tallies.map(
          () =>
            tallies[Math.floor(random() * tallies.length)] ?? {
              hits: 0,
              gold: 0,
              wrong: 0,
              repeated: 0,
              messages: 0,
            },
        ),
      ),
    ),
  ).sort((a, b) => a - b)
  return { low: values[12] ?? 0, high: values[487] ?? 0 }
}

/** Message level: a message counts as found when it lies in the span of a nudge, as right when in the span of a labelled decision. */
export function messageLevel(judged: readonly Judged[]): { precision: number; recall: number; f1: number } {
  let both = 0
  let found = 0
  let gold = 0
  for (const { discussion, signals } of judged) {
    const inFound = new Set<number>()
    for (const s of signals) {
      if (s.kind === 'decision' && s.wouldNudge)
        for (let i = Number(s.from); i <= Number(s.to); i++) inFound.add(i)
    }
    const inGold = new Set<number>()
    for (const e of discussion.episodes)
      if (e.type === 'decision') for (let i = e.from; i <= e.to; i++) inGold.add(i)
    for (const i of inFound) if (inGold.has(i)) both++
    found += inFound.size
    gold += inGold.size
  }
  const precision = both / (found || 1)
  const recall = both / (gold || 1)
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall || 1) }
}

/** How often signals of a given confidence are right. Neutral ones (open, options, doubtful) are left out. */
export function calibrationTable(
  judged: readonly Judged[],
): { from: number; count: number; mean: number; right: number }[] {
  const bins = Array.from({ length: 10 }, (_, k) => ({ from: k / 10, count: 0, sum: 0, right: 0 }))
  const inside = (at: number, e: Episode): boolean => at >= e.from - 1 && at <= e.to + 3
  for (const { discussion, signals } of judged) {
    for (const s of signals) {
      if (s.kind !== 'decision') continue
      const at = Number(s.at)
      const near = discussion.episodes.filter((e) => inside(at, e))
      const right = near.some((e) => e.type === 'decision' && !e.low)
      if (!right && near.some((e) => e.type === 'open' || e.type === 'options' || e.type === 'decision'))
        continue
      const bin = bins[Math.min(9, Math.floor(s.confidence * 10))]
      if (!bin) continue
      bin.count++
      bin.sum += s.confidence
      if (right) bin.right++
    }
  }
  return bins
    .filter((b) => b.count > 0)
    .map((b) => ({ from: b.from, count: b.count, mean: b.sum / b.count, right: b.right / b.count }))
}

/** Recall per decision type, and how often a found one was given its type. */
export function byType(
  judged: readonly Judged[],
): Map<string, { gold: number; found: number; typed: number }> {
  const table = new Map<string, { gold: number; found: number; typed: number }>()
  const row = (type: string) => {
    const known = table.get(type) ?? { gold: 0, found: 0, typed: 0 }
    table.set(type, known)
    return known
  }
  for (const { discussion, signals, result } of judged) {
    for (const e of discussion.episodes)
      if (e.type === 'decision' && !e.low && e.decisionType) row(e.decisionType).gold++
    for (const [at, e] of result.hitAt) {
      if (!e.decisionType) continue
      row(e.decisionType).found++
      if (
        signals.some((s) => s.kind === 'decision' && Number(s.at) === at && s.decisionType === e.decisionType)
      )
        row(e.decisionType).typed++
    }
  }
  return table
}

/** Precision and recall of the other kinds of signal, by the same matching. */
export function kindLevel(judged: readonly Judged[], kind: 'reported' | 'options' | 'off-channel'): Summary {
  return summarise(
    judged.map(({ discussion, signals }) => {
      const gold = discussion.episodes
        .filter((e) => e.type === kind && !e.low)
        .map((e): Episode => ({ ...e, type: 'decision' }))
      const found = signals
        .filter((s) => s.kind === kind)
        .map((s) => ({ at: Number(s.at), confidence: s.confidence }))
      return match(found, gold, discussion.messages.length)
    }),
  )
}
