import { featureCount, featureNames } from '../features.js'
import { buildModel, type HeadName, type KindName, type Weights } from '../model.js'
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

export interface WeakSet {
  readonly prepared: Prepared
  readonly weight: number
  /** Share of ordinary messages used. */
  readonly others: number
}
export interface TrainingSet {
  /** Chats with exact settling messages: government chats and our own corpus. */
  readonly exact: readonly Prepared[]
  /** Informal talk labelled from where to where. */
  readonly weak: readonly WeakSet[]
  /** Minuted meetings labelled from where to where: they train the formal head and what tells it apart, nothing else. */
  readonly formal: readonly WeakSet[]
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
const thresholds: Record<HeadName, number> = {
  decision: 0.4,
  formal: 0.4,
  reported: 0.4,
  options: 0.35,
  'off-channel': 0.4,
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
  const weakly = (sets: readonly WeakSet[]): Sample[] =>
    sets.flatMap(({ prepared, weight, others }) =>
      samplesOf(prepared, { head: 'decision', weight, others, weak: true, early: 0 }, random),
    )
  if (head === 'formal') return weakly(set.formal)
  const kind: KindName = head
  const exact = set.exact.flatMap((p) =>
    samplesOf(p, { head: kind, weight: 1, others: 1, weak: false, early: 0.3 }, random),
  )
  return head === 'decision' ? [...exact, ...weakly(set.weak)] : exact
}

export interface Boosted {
  readonly base: number
  readonly trees: readonly Tree[]
}

/** Trains one head; `trees` overrides how many. */
export function trainHead(set: TrainingSet, head: HeadName, trees?: number): Boosted {
  const settings = { ...boosting[head], trees: trees ?? boosting[head].trees }
  return boost(collectSamples(set, head), featureCount, settings, usableFor(head))
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
  readonly slope: number
  readonly offset: number
}
interface Point {
  readonly margin: number
  readonly y: 0 | 1
  readonly weight: number
}

/** Slope and offset that turn margins into probabilities (Platt 1999), by Newton steps. */
export function platt(points: readonly Point[]): Calibration {
  let slope = 1
  let offset = 0
  for (let round = 0; round < 50; round++) {
    let ga = 1e-3 * (slope - 1)
    let gb = 0
    let haa = 1e-3
    let hab = 0
    let hbb = 1e-6
    for (const { margin, y, weight } of points) {
      const p = 1 / (1 + Math.exp(-(slope * margin + offset)))
      const d = weight * (p - y)
      const h = weight * p * (1 - p)
      ga += d * margin
      gb += d
      haa += h * margin * margin
      hab += h * margin
      hbb += h
    }
    const det = haa * hbb - hab * hab
    if (Math.abs(det) < 1e-12) break
    slope -= (hbb * ga - hab * gb) / det
    offset -= (haa * gb - hab * ga) / det
  }
  return { slope: rounded(slope), offset: rounded(offset) }
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

function calibrate(set: TrainingSet, head: HeadName, folds: number, trees: number | undefined): Calibration {
  const points: Point[] = []
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  const rounds = head === 'formal' ? groups.length : folds
  for (let fold = 0; fold < rounds; fold++) {
    const kept = withoutFold(set, fold, head === 'formal' ? rounds : folds)
    const model = trainHead(kept, head, trees)
    const held =
      head === 'formal'
        ? { ...set, formal: set.formal.filter((f) => f.prepared.discussion.group === groups[fold]) }
        : { exact: set.exact.filter((_, i) => i % folds === fold), weak: [], formal: [] }
    for (const s of collectSamples(held, head))
      points.push({ margin: marginOf(model, s.x), y: s.y, weight: s.weight })
  }
  return points.length > 0 ? platt(points) : { slope: 1, offset: 0 }
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
      slope: calibration.slope,
      offset: calibration.offset,
      threshold: thresholds[name],
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
