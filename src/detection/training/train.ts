import { featureCount, featureNames } from '../features.js'
import { buildModel, type HeadName, interpolate, type KindName, type Weights } from '../model.js'
import { decisionTypes } from '../types.js'
import {
  type BoostOptions,
  boost,
  logistic,
  type Sample,
  scoreTree,
  seededRandom,
  type Tree,
} from './learn.js'
import { type Prepared, samplesOf } from './prepare.js'

export interface WeakShare {
  readonly prepared: Prepared
  readonly weight: number
  /** Share of ordinary messages used. */
  readonly others: number
}
export interface TrainingSet {
  /** Chats with exact settling messages: government chats and our own corpus. */
  readonly exact: readonly Prepared[]
  /** Informal talk labelled from where to where. */
  readonly weak: readonly WeakShare[]
  /** Minuted meetings labelled from where to where: they train the formal head and what tells it apart, nothing else. */
  readonly formal: readonly WeakShare[]
}

export const seed = 20261122
const small = {
  trees: 40,
  depth: 3,
  rate: 0.12,
  l2: 3,
  minWeight: 1.5,
  featureShare: 0.3,
  rowShare: 0.7,
  seed,
}
const boosting: Record<HeadName, BoostOptions> = {
  decision: { trees: 120, depth: 4, rate: 0.1, l2: 3, minWeight: 2, featureShare: 0.2, rowShare: 0.7, seed },
  formal: { trees: 100, depth: 4, rate: 0.1, l2: 3, minWeight: 3, featureShare: 0.15, rowShare: 0.7, seed },
  reported: small,
  options: small,
  'off-channel': small,
}
const gates: Partial<Record<HeadName, { feature: string; atLeast: number }>> = {
  reported: { feature: 'own.reported', atLeast: 1 },
  options: { feature: 'lasting.optionsWeigh', atLeast: 0.8 },
  'off-channel': { feature: 'own.offTarget', atLeast: 1 },
}

/** What tells platforms apart rather than decisions: written chats have other clocks and lengths than real ones. */
const platformBound = new Set([
  'place',
  'recent-length',
  'minutes-to-asked',
  'minutes-since-last',
  'minutes-to-reply',
])
export const usableFor = (head: HeadName): ((feature: number) => boolean) =>
  head === 'formal' ? () => true : (feature) => !platformBound.has(featureNames[feature] ?? '')

/** Samples of one head from a training set, in a fixed order. */
export function collectSamples(set: TrainingSet, head: HeadName): Sample[] {
  const random = seededRandom(seed)
  const weakly = (sets: readonly WeakShare[]): Sample[] =>
    sets.flatMap(({ prepared, weight, others }) =>
      samplesOf(prepared, { head: 'decision', weight, others, weak: true, early: 0 }, random),
    )
  if (head === 'formal') return weakly(set.formal)
  const kind: KindName = head
  const exact = set.exact.flatMap((p) => {
    // Wrong nudges come from logistics and fun with decision words in it: they count more.
    const lightly = p.discussion.main === 'logistics' || p.discussion.main === 'social'
    const weight = head === 'decision' && lightly ? 2.5 : 1
    return samplesOf(p, { head: kind, weight, others: 1, weak: false, early: 0.3 }, random)
  })
  return head === 'decision' ? [...exact, ...weakly(set.weak)] : exact
}

export interface Boosted {
  readonly base: number
  readonly trees: readonly Tree[]
}

/** Trains one head; `trees` overrides how many. */
export function trainHead(set: TrainingSet, head: HeadName, trees?: number): Boosted {
  const settings = { ...boosting[head], trees: trees ?? boosting[head].trees }
  const samples = collectSamples(set, head)
  // A head nobody has examples for never fires.
  if (!samples.some((s) => s.y === 1)) return { base: -20, trees: [] }
  return boost(samples, featureCount, settings, usableFor(head))
}

/** A head's log-odds for a feature vector. */
export function marginOf(model: Boosted, x: Float32Array): number {
  let sum = model.base
  for (const tree of model.trees) sum += scoreTree(tree, x)
  return sum
}

const rounded = (v: number): number => Math.round(v * 1e5) / 1e5

/** A tree in preorder, feature numbers through `numberOf`. */
function flatten(tree: Tree, numberOf: (feature: number) => number): number[] {
  const out: number[] = []
  const visit = (at: number): void => {
    const feature = tree.feature[at] ?? -1
    if (feature < 0) {
      out.push(-1, rounded(tree.value[at] ?? 0))
      return
    }
    out.push(numberOf(feature), Math.round((tree.threshold[at] ?? 0) * 1e6) / 1e6)
    visit(at * 2 + 1)
    visit(at * 2 + 2)
  }
  visit(0)
  return out
}

export interface Calibration {
  readonly knots: readonly number[]
  readonly threshold: number
}
interface Point {
  readonly margin: number
  readonly y: 0 | 1
  readonly weight: number
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

/** The training set without one fold; formal records are folded by group, so that a group is never on both sides. */
export function withoutFold(set: TrainingSet, fold: number, folds: number): TrainingSet {
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  const formalFold = groups[fold % Math.max(1, groups.length)]
  return {
    exact: set.exact.filter((_, i) => i % folds !== fold),
    weak: set.weak,
    formal: set.formal.filter((f) => f.prepared.discussion.group !== formalFold),
  }
}

const peakDistance = 5
const lowestPeak = -7

/** Where a head would fire if it fired at everything: each local peak with whether a labelled episode lies there. Neutral ones are left out. */
function peaks(prepared: Prepared, head: HeadName, model: Boosted): Point[] {
  const margins = prepared.full.map((x) => (passes(head, x) ? marginOf(model, x) : Number.NEGATIVE_INFINITY))
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
    return right || !neutral ? [{ margin: margins[i] ?? 0, y: right ? 1 : 0, weight: 1 }] : []
  })
}

function passes(head: HeadName, x: Float32Array): boolean {
  const gate = gates[head]
  return !gate || (x[featureNames.indexOf(gate.feature)] ?? 0) >= gate.atLeast
}

/** At least so many of a head's firings should be right where it was tried: silence is dearer than a missed one. */
const leastPrecision: Record<HeadName, number> = {
  decision: 0.89,
  formal: 0.68,
  reported: 0.7,
  options: 0.6,
  'off-channel': 0.7,
}

/** The lowest margin from which at least so many are right, of those that do best by F1. */
function bestMargin(points: readonly Point[], gold: number, least: number): number {
  const sorted = [...points].sort((a, b) => b.margin - a.margin)
  let hits = 0
  let best = 0
  let margin = sorted[0]?.margin ?? 0
  sorted.forEach((point, i) => {
    hits += point.y
    const precision = hits / (i + 1)
    const recall = Math.min(1, hits / Math.max(1, gold))
    const f1 = (2 * precision * recall) / (precision + recall || 1)
    if (f1 > best && precision >= least) {
      best = f1
      margin = point.margin
    }
  })
  return margin
}

/** Fits a head's calibration and threshold on what it would have fired at in discussions it was not trained on. */
function calibrate(set: TrainingSet, head: HeadName, folds: number, trees: number | undefined): Calibration {
  const points: Point[] = []
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  const rounds = head === 'formal' ? groups.length : folds
  let gold = 0
  for (let fold = 0; fold < rounds; fold++) {
    const model = trainHead(withoutFold(set, fold, rounds), head, trees)
    const held =
      head === 'formal'
        ? set.formal.filter((f) => f.prepared.discussion.group === groups[fold]).map((f) => f.prepared)
        : set.exact.filter((_, i) => i % folds === fold)
    const kind = head === 'formal' ? 'decision' : head
    for (const prepared of held) {
      gold += prepared.discussion.episodes.filter((e) => e.type === kind && !e.low).length
      points.push(...peaks(prepared, head, model))
    }
  }
  if (!points.some((p) => p.y === 1)) return { knots: [-5, 0.01, 5, 0.99], threshold: 0.5 }
  const knots = isotonic(points)
  const threshold = interpolate(knots, bestMargin(points, gold, leastPrecision[head]))
  return { knots, threshold: Math.floor(threshold * 1000) / 1000 }
}

const typeFeatures = featureNames.filter((name) =>
  /^(own|asked|self|recent|lasting)\.(money|procure|people|comms|policy|project|thirdparty|operation|approve|tech|drafting|directive|settle)$/.test(
    name,
  ),
)

/** Which kind of decision it is: one linear score per kind over named topics. */
function trainTypes(set: TrainingSet): Weights['decisionTypes'] {
  const columns = typeFeatures.map((name) => featureNames.indexOf(name))
  const rows = set.exact.flatMap((p) =>
    p.discussion.episodes.flatMap((e) => {
      const full = e.type === 'decision' && e.decisionType ? p.full[e.at] : undefined
      return full && e.decisionType
        ? [{ x: Float32Array.from(columns, (c) => full[c] ?? 0), type: e.decisionType }]
        : []
    }),
  )
  const fits = decisionTypes.map((type) =>
    rows.some((r) => r.type === type)
      ? logistic(
          rows.map((r) => ({ x: r.x, y: r.type === type ? 1 : 0, weight: 1 })),
          columns.length,
          { epochs: 120, rate: 0.02, l2: 6e-3, seed },
        )
      : { bias: -20, weights: new Float64Array(columns.length) },
  )
  return {
    features: typeFeatures,
    classes: [...decisionTypes],
    bias: fits.map((f) => rounded(f.bias)),
    weights: fits.map((f) => Array.from(f.weights, rounded)),
  }
}

const registerMoves =
  'minutes policy drafting optionsWeigh proposeStrong agree emote thanks i you logistics social commit routine fact substance yes question we'
const registerFeatures = [
  'place',
  'speakers',
  'recent-length',
  ...registerMoves.split(' ').map((move) => `lasting.${move}`),
]

/** What tells a minuted meeting from chat: one linear score over the moves of the discussion so far. */
function trainFormality(set: TrainingSet): Weights['formality'] {
  const columns = registerFeatures.map((name) => featureNames.indexOf(name))
  const random = seededRandom(seed)
  const samples: Sample[] = []
  const add = (prepared: Prepared, y: 0 | 1, share: number): void => {
    prepared.full.forEach((x, i) => {
      if (i >= 3 && random() < share)
        samples.push({ x: Float32Array.from(columns, (c) => x[c] ?? 0), y, weight: 1 })
    })
  }
  for (const p of set.exact) add(p, 0, 0.6)
  for (const w of set.weak) add(w.prepared, 0, 0.1)
  for (const f of set.formal) add(f.prepared, 1, 0.05)
  const fit = samples.some((s) => s.y)
    ? logistic(samples, columns.length, { epochs: 30, rate: 0.02, l2: 1e-4, seed })
    : { bias: -20, weights: new Float64Array(columns.length) }
  return {
    features: registerFeatures,
    weights: Array.from(fit.weights, rounded),
    bias: rounded(fit.bias),
    atLeast: 0.8,
  }
}

export interface TrainOptions {
  readonly folds: number
  readonly version: string
  readonly trainedOn: readonly string[]
  /** Fewer trees, for tests. */
  readonly trees?: number
  /** Use this calibration rather than fitting one: for measuring on folds. */
  readonly calibration?: Readonly<Record<HeadName, Calibration>>
}

/** Trains every head and calibrates each on held-out folds. The same input gives the same weights to the bit. */
export function train(set: TrainingSet, options: TrainOptions): Weights {
  const names = ['decision', 'formal', 'reported', 'options', 'off-channel'] as const
  const fits = names.map((name) => trainHead(set, name, options.trees))
  const used = [
    ...new Set(fits.flatMap((f) => f.trees.flatMap((t) => t.feature.filter((n) => n >= 0)))),
  ].sort((a, b) => a - b)
  const place = new Map(used.map((feature, i) => [feature, i]))
  const [decision, formal, reported, weighing, offChannel] = names.map((name, i) => {
    const gate = gates[name]
    const calibration = options.calibration?.[name] ?? calibrate(set, name, options.folds, options.trees)
    return {
      ...(gate ? { gate } : {}),
      base: rounded(fits[i]?.base ?? 0),
      knots: [...calibration.knots],
      threshold: calibration.threshold,
      trees: fits[i]?.trees.map((tree) => flatten(tree, (f) => place.get(f) ?? 0)) ?? [],
    }
  })
  if (!decision || !formal || !reported || !weighing || !offChannel) throw new Error('a head is missing')
  const weights: Weights = {
    version: options.version,
    language: 'en',
    trainedOn: [...options.trainedOn],
    seed,
    features: used.map((f) => featureNames[f] ?? ''),
    heads: { decision, formal, reported, options: weighing, 'off-channel': offChannel },
    formality: trainFormality(set),
    decisionTypes: trainTypes(set),
  }
  buildModel(weights)
  return weights
}

/** Weights as text: one tree a line, so that a change can be reviewed. */
export function printWeights(weights: Weights): string {
  return `${JSON.stringify(weights).replaceAll('],[', '],\n[').replaceAll('"heads":', '\n"heads":').replaceAll('"trees":[[', '"trees":[\n[')}\n`
}
