import { type HeadName, interpolate } from '../model.js'
import { supportOf } from '../support.js'
import { type Boosted, marginOf, passes, type TrainingSet, trainHead, withoutFold } from './heads.js'
import type { Prepared } from './prepare.js'

const rounded = (v: number): number => Math.round(v * 1e5) / 1e5

export interface Calibration {
  readonly knots: readonly number[]
  readonly threshold: number
}
/** Calibrations of a head: the plain one, and the one for offices' talk where the head keeps them apart. */
export interface Calibrations extends Calibration {
  readonly inOffices?: Calibration | undefined
}
export interface Point {
  readonly margin: number
  readonly y: 0 | 1
  readonly weight: number
  readonly office: boolean
}

/** Confidence by margin, as knots to interpolate between: isotonic regression (pool adjacent violators), thinned to steps that differ. */
export function isotonic(points: readonly Point[]): number[] {
  const blocks: { margin: number; right: number; weight: number }[] = []
  for (const { margin, y, weight } of [...points].sort((a, b) => a.margin - b.margin)) {
    blocks.push({ margin: margin * weight, right: y * weight, weight })
    for (;;) {
      const last = blocks[blocks.length - 1]
      const before = blocks[blocks.length - 2]
      if (!last || !before || before.right / before.weight < last.right / last.weight) break
      blocks.splice(-2, 2, {
        margin: before.margin + last.margin,
        right: before.right + last.right,
        weight: before.weight + last.weight,
      })
    }
  }
  // Half a doubt either way, so that nothing is ever certain.
  return blocks.flatMap((b) => [rounded(b.margin / b.weight), rounded((b.right + 0.5) / (b.weight + 1))])
}

const nothing = new Float32Array(0)
const peakDistance = 5
const lowestPeak = -7
/** Written chats hold about two and a half times as many decisions a message as ordinary chat: a wrong firing there stands for so many. */
const denser = 2.5

/** Where a head would fire if it fired at everything: each local peak with whether a labelled episode lies there. Neutral ones are left out. */
function peaks(
  prepared: Prepared,
  head: HeadName,
  model: Boosted,
  isOffice: (x: Float32Array) => boolean,
): Point[] {
  const alone = prepared.full.map((x, i) => ({
    speaker: prepared.views[i]?.speaker ?? '',
    margin: passes(head, x) ? marginOf(model, x) : Number.NEGATIVE_INFINITY,
  }))
  const borneOut = head === 'decision' || head === 'formal'
  const margins = alone.map(({ margin }, i) => margin + (borneOut ? supportOf(alone, i) : 0))
  const order = [...margins.keys()]
    .filter((i) => (margins[i] ?? 0) > lowestPeak)
    .sort((a, b) => (margins[b] ?? 0) - (margins[a] ?? 0))
  const chosen: number[] = []
  for (const i of order) if (!chosen.some((c) => Math.abs(c - i) <= peakDistance)) chosen.push(i)
  const kind = head === 'formal' ? 'decision' : head
  return chosen.flatMap((i): Point[] => {
    if (prepared.discussion.unlabelled.has(i)) return []
    const near = prepared.discussion.episodes.filter((e) => i >= e.from - 1 && i <= e.to + 3)
    const right = near.some((e) => e.type === kind && !e.low)
    const neutral = near.some(
      (e) => e.low || (kind === 'decision' && (e.type === 'open' || e.type === 'options')),
    )
    return right || !neutral
      ? [
          {
            margin: margins[i] ?? 0,
            y: right ? 1 : 0,
            weight: right || head !== 'decision' ? 1 : denser,
            office: isOffice(prepared.full[i] ?? nothing),
          },
        ]
      : []
  })
}

/** At least so many of a head's firings should be right where it was tried: silence is dearer than a missed one. */
const leastPrecision: Record<HeadName, number> = {
  decision: 0.715,
  formal: 0.74,
  reported: 0.7,
  options: 0.58,
  'off-channel': 0.7,
}

/** The lowest margin from which at least so many are right, of those that do best by F1. */
function bestMargin(points: readonly Point[], gold: number, least: number): number {
  const sorted = [...points].sort((a, b) => b.margin - a.margin)
  let hits = 0
  let wrong = 0
  let best = 0
  let margin = sorted[0]?.margin ?? 0
  for (const point of sorted) {
    if (point.y) hits += point.weight
    else wrong += point.weight
    const precision = hits / (hits + wrong)
    const recall = Math.min(1, hits / Math.max(1, gold))
    const f1 = (2 * precision * recall) / (precision + recall || 1)
    if (f1 > best && precision >= least) {
      best = f1
      margin = point.margin
    }
  }
  return margin
}

/** Fits a head's calibration and threshold on what it would have fired at in discussions it was not trained on. */
export function calibrate(
  set: TrainingSet,
  head: HeadName,
  folds: number,
  trees: number | undefined,
  isOffice: (x: Float32Array) => boolean = () => false,
): Calibrations {
  const points: Point[] = []
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  const rounds = head === 'formal' ? groups.length : folds
  let gold = 0
  let inOffices = 0
  for (let fold = 0; fold < rounds; fold++) {
    const model = trainHead(withoutFold(set, fold, rounds), head, trees)
    const held =
      head === 'formal'
        ? set.formal.filter((f) => f.prepared.discussion.group === groups[fold]).map((f) => f.prepared)
        : set.exact.filter((_, i) => i % folds === fold)
    const kind = head === 'formal' ? 'decision' : head
    for (const prepared of held) {
      const labelled = prepared.discussion.episodes.filter((e) => e.type === kind && !e.low)
      gold += labelled.length
      inOffices += labelled.filter((e) => isOffice(prepared.full[e.at] ?? nothing)).length
      points.push(...peaks(prepared, head, model, isOffice))
    }
  }
  if (!points.some((p) => p.y === 1)) return { knots: [-5, 0.01, 5, 0.99], threshold: 0.5 }
  const plain = points.filter((p) => !p.office)
  const offices = points.filter((p) => p.office)
  if (head !== 'decision' || !plain.some((p) => p.y) || !offices.some((p) => p.y))
    return fitted(points, gold, leastPrecision[head])
  return {
    ...fitted(plain, gold - inOffices, leastPrecision.decision),
    inOffices: fitted(offices, inOffices, leastPrecision.decision),
  }
}

function fitted(points: readonly Point[], gold: number, least: number): Calibration {
  const knots = isotonic(points)
  const threshold = interpolate(knots, bestMargin(points, gold, least))
  return { knots, threshold: Math.floor(threshold * 1000) / 1000 }
}
