import { featureCount, featureNames } from '../features.js'
import { buildModel, type HeadName, type Weights } from '../model.js'
import { decisionTypes } from '../types.js'
import { type BoostOptions, boost, logistic, type Sample, seededRandom, type Tree } from './learn.js'
import { type Prepared, samplesOf } from './prepare.js'

export interface TrainingSet {
  /** Chats with exact settling messages: government chats and our own corpus. */
  readonly exact: readonly Prepared[]
  /** Other people's records, labelled from where to where; each with its weight and the share of ordinary messages kept. */
  readonly weak: readonly { readonly prepared: Prepared; readonly weight: number; readonly others: number }[]
}

const seed = 20261122
const boosting: Record<HeadName, BoostOptions> = {
  decision: {
    trees: 120,
    depth: 4,
    rate: 0.1,
    l2: 3,
    minWeight: 1.5,
    featureShare: 0.3,
    rowShare: 0.7,
    seed,
  },
  reported: {
    trees: 40,
    depth: 3,
    rate: 0.12,
    l2: 3,
    minWeight: 1.5,
    featureShare: 0.3,
    rowShare: 0.7,
    seed,
  },
  options: { trees: 40, depth: 3, rate: 0.12, l2: 3, minWeight: 1.5, featureShare: 0.3, rowShare: 0.7, seed },
  'off-channel': {
    trees: 40,
    depth: 3,
    rate: 0.12,
    l2: 3,
    minWeight: 1.5,
    featureShare: 0.3,
    rowShare: 0.7,
    seed,
  },
}
const gates: Partial<Record<HeadName, { feature: string; atLeast: number }>> = {
  reported: { feature: 'own.reported', atLeast: 1 },
  options: { feature: 'lasting.optionsWeigh', atLeast: 0.8 },
  'off-channel': { feature: 'own.offTarget', atLeast: 1 },
}
const thresholds: Record<HeadName, number> = {
  decision: 0.35,
  reported: 0.4,
  options: 0.35,
  'off-channel': 0.4,
}

/** Samples of one head from a training set, in a fixed order. */
export function collectSamples(set: TrainingSet, head: HeadName): Sample[] {
  const random = seededRandom(seed)
  const exact = set.exact.flatMap((p) =>
    samplesOf(p, { head, weight: 1, others: 1, weak: false, early: 0.3 }, random),
  )
  if (head !== 'decision') return exact
  return [
    ...exact,
    ...set.weak.flatMap(({ prepared, weight, others }) =>
      samplesOf(prepared, { head, weight, others, weak: true, early: 0 }, random),
    ),
  ]
}

interface Boosted {
  readonly base: number
  readonly trees: readonly Tree[]
}

const rounded = (v: number): number => Math.round(v * 1e5) / 1e5

/** A tree in preorder, feature numbers through `numberOf`; leaves that a split never reached are folded away. */
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

/** Slope and offset that turn margins into probabilities (Platt), by Newton steps. */
export function platt(points: readonly { margin: number; y: 0 | 1; weight: number }[]): {
  slope: number
  offset: number
} {
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
        ? [{ x: Float32Array.from(columns, (c) => Math.min(full[c] ?? 0, 3)), type: e.decisionType }]
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

export interface TrainOptions {
  readonly folds: number
  readonly version: string
  readonly trainedOn: readonly string[]
  /** Fewer trees, for tests. */
  readonly trees?: number
}

/** Trains every head and calibrates each on held-out folds of the exact chats. The same input gives the same weights to the bit. */
export function train(set: TrainingSet, options: TrainOptions): Weights {
  const heads = {} as Record<HeadName, Weights['heads'][HeadName]>
  const fits = new Map<HeadName, Boosted>()
  for (const head of ['decision', 'reported', 'options', 'off-channel'] as const) {
    const settings = { ...boosting[head], trees: options.trees ?? boosting[head].trees }
    const points: { margin: number; y: 0 | 1; weight: number }[] = []
    for (let fold = 0; fold < options.folds; fold++) {
      const kept = { ...set, exact: set.exact.filter((_, i) => i % options.folds !== fold) }
      const held = set.exact.filter((_, i) => i % options.folds === fold)
      const model = boost(collectSamples(kept, head), featureCount, settings)
      for (const s of collectSamples({ exact: held, weak: [] }, head)) {
        points.push({ margin: marginOf(model, s.x), y: s.y, weight: s.weight })
      }
    }
    fits.set(head, boost(collectSamples(set, head), featureCount, settings))
    const gate = gates[head]
    heads[head] = {
      ...(gate ? { gate } : {}),
      base: 0,
      ...(points.length > 0 ? platt(points) : { slope: 1, offset: 0 }),
      threshold: thresholds[head],
      trees: [],
    }
  }
  const used = [
    ...new Set([...fits.values()].flatMap((f) => f.trees.flatMap((t) => t.feature.filter((n) => n >= 0)))),
  ].sort((a, b) => a - b)
  const place = new Map(used.map((feature, i) => [feature, i]))
  for (const [head, fit] of fits) {
    heads[head] = {
      ...heads[head],
      base: rounded(fit.base),
      trees: fit.trees.map((tree) => flatten(tree, (f) => place.get(f) ?? 0)),
    }
  }
  const weights: Weights = {
    version: options.version,
    language: 'en',
    trainedOn: [...options.trainedOn],
    seed,
    features: used.map((f) => featureNames[f] ?? ''),
    heads,
    decisionTypes: trainTypes(set),
  }
  buildModel(weights)
  return weights
}

function marginOf(model: Boosted, x: Float32Array): number {
  let sum = model.base
  for (const tree of model.trees) {
    let at = 0
    for (;;) {
      const feature = tree.feature[at] ?? -1
      if (feature < 0) break
      at = (x[feature] ?? 0) <= (tree.threshold[at] ?? 0) ? at * 2 + 1 : at * 2 + 2
    }
    sum += tree.value[at] ?? 0
  }
  return sum
}

/** Weights as text: one tree a line, so that a change can be reviewed. */
export function printWeights(weights: Weights): string {
  return `${JSON.stringify(weights).replaceAll('],[', '],\n[').replaceAll('"heads":', '\n"heads":').replaceAll('"trees":[[', '"trees":[\n[')}\n`
}
