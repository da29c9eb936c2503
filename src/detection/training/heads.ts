import { featureCount, featureNames } from '../feature-names.js'
import { type Language, languageNamed } from '../language.js'
import type { HeadName, KindName } from '../model.js'
import { crowded } from './crowd.js'
import {
  type BoostOptions,
  boost,
  logistic,
  type Sample,
  scoreTree,
  seededRandom,
  type Tree,
} from './learn.js'
import { type Prepared, prepare, samplesOf } from './prepare.js'
import { schools } from './schools.js'

export interface WeakShare {
  readonly prepared: Prepared
  readonly weight: number
  /** Share of ordinary messages used. */
  readonly others: number
}
export interface TrainingSet {
  /** Whose priors apply; English when absent. */
  readonly language?: Language
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
  decision: {
    trees: 60,
    depth: 2,
    rate: 0.15,
    l2: 3,
    minWeight: 2,
    featureShare: 0.08,
    rowShare: 0.7,
    seed,
  },
  formal: { trees: 40, depth: 5, rate: 0.14, l2: 3, minWeight: 3, featureShare: 0.12, rowShare: 0.7, seed },
  reported: small,
  options: small,
  'off-channel': small,
}
/** The heads for decisions (in chat and in meetings) and for options are the mean of trees grown from several seeds or schools, and of a plain linear score, which generalises better to other people's talk. */
const ensembleSeeds = [seed, seed + 1, seed + 2]
const linearShareOf: Partial<Record<HeadName, number>> = { decision: 0.8, options: 0.6, formal: 0.1 }
export const gates: Partial<Record<HeadName, { feature: string; atLeast: number }>> = {
  decision: { feature: 'settling-move', atLeast: 0.5 },
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

export interface Linear {
  readonly features: readonly number[]
  readonly weights: readonly number[]
}
export interface Boosted {
  readonly base: number
  readonly trees: readonly Tree[]
  readonly linear?: Linear
}

/** Whether a head looks at a message at all. */
export function passes(head: HeadName, x: Float32Array): boolean {
  const gate = gates[head]
  return !gate || (x[featureNames.indexOf(gate.feature)] ?? 0) >= gate.atLeast
}

/** Trains one head; `trees` overrides how many. */
export function trainHead(set: TrainingSet, head: HeadName, trees?: number): Boosted {
  const settings = { ...boosting[head], trees: trees ?? boosting[head].trees }
  if (head === 'decision') return trainBySchools(set, settings)
  const usable = usableFor(head)
  const samples = collectSamples(set, head).filter((s) => head === 'formal' || passes(head, s.x))
  // A head nobody has examples for never fires.
  if (!samples.some((s) => s.y === 1)) return silent
  if (head === 'reported' || head === 'off-channel') return boost(samples, featureCount, settings, usable)
  const linearShare = linearShareOf[head] ?? 0
  const part = (1 - linearShare) / ensembleSeeds.length
  return mean([
    { share: linearShare, part: fitLinearPart(samples, usable) },
    ...ensembleSeeds.map((s) => ({
      share: part,
      part: boost(samples, featureCount, { ...settings, seed: s }, usable),
    })),
  ])
}

const silent: Boosted = { base: -20, trees: [] }

/** The decision head: each school's linear score and trees, weighed; then the priors. */
function trainBySchools(set: TrainingSet, settings: BoostOptions): Boosted {
  const usable = usableFor('decision')
  const linearShare = linearShareOf.decision ?? 0
  const taught = schools.flatMap((school, i) => {
    const mine = { ...set, exact: set.exact.filter((p) => school.teaches(p.discussion.group)) }
    const alone = mine.exact.map((p) => p.discussion)
    const inCrowds = crowded(alone, seededRandom(seed + i)).map((d) => prepare(d, true, set.language))
    const samples = [
      ...collectSamples(mine, 'decision'),
      ...collectSamples({ exact: inCrowds, weak: [], formal: [] }, 'decision'),
    ].filter((s) => passes('decision', s.x))
    return samples.some((s) => s.y === 1) ? [{ school, samples, seed: seed + i }] : []
  })
  if (taught.length === 0) return silent
  const total = taught.reduce((sum, { school }) => sum + school.weight, 0)
  const mixed = mean(
    taught.flatMap(({ school, samples, seed: from }) => {
      const share = school.weight / total
      return [
        { share: share * linearShare, part: fitLinearPart(samples, usable) },
        {
          share: share * (1 - linearShare),
          part: boost(samples, featureCount, { ...settings, seed: from }, usable),
        },
      ]
    }),
  )
  return { ...mixed, linear: withPriors(mixed.linear, (set.language ?? languageNamed()).priors) }
}

const fitLinearPart = (samples: readonly Sample[], usable: (f: number) => boolean): Boosted => {
  const { bias, features, weights } = fitLinear(samples, usable)
  return { base: bias, trees: [], linear: { features, weights } }
}

/** The weighted sum of several scorers as one. */
function mean(parts: readonly { readonly share: number; readonly part: Boosted }[]): Boosted {
  const pulls = new Map<number, number>()
  for (const { share, part } of parts)
    part.linear?.features.forEach((f, k) => {
      pulls.set(f, (pulls.get(f) ?? 0) + share * (part.linear?.weights[k] ?? 0))
    })
  const places = [...pulls.keys()].sort((a, b) => a - b)
  return {
    base: parts.reduce((sum, { share, part }) => sum + share * part.base, 0),
    trees: parts.flatMap(({ share, part }) =>
      part.trees.map((tree) => ({ ...tree, value: tree.value.map((v) => v * share) })),
    ),
    linear: { features: places, weights: places.map((f) => pulls.get(f) ?? 0) },
  }
}

function withPriors(linear: Linear | undefined, priors: Language['priors']): Linear {
  const all = new Map(linear?.features.map((f, k) => [f, linear.weights[k] ?? 0]))
  for (const [name, value] of Object.entries(priors)) {
    const feature = featureNames.indexOf(name)
    all.set(feature, (all.get(feature) ?? 0) + value)
  }
  return { features: [...all.keys()], weights: [...all.values()] }
}

const leastSpread = 0.02
const leastPull = 0.02

/** A ridge-regularised logistic regression over standardised features, given back for the plain ones; what hardly pulls is dropped. */
function fitLinear(samples: readonly Sample[], usable: (f: number) => boolean): Linear & { bias: number } {
  const n = samples.length
  const columns: { feature: number; mean: number; spread: number }[] = []
  for (let feature = 0; feature < featureCount; feature++) {
    if (!usable(feature)) continue
    let sum = 0
    for (const s of samples) sum += s.x[feature] ?? 0
    const mean = sum / n
    let squares = 0
    for (const s of samples) squares += ((s.x[feature] ?? 0) - mean) ** 2
    const spread = Math.sqrt(squares / n)
    if (spread >= leastSpread) columns.push({ feature, mean, spread })
  }
  const rows = samples.map((s) => ({
    ...s,
    x: Float32Array.from(columns, (c) => ((s.x[c.feature] ?? 0) - c.mean) / c.spread),
  }))
  const fit = logistic(rows, columns.length, { epochs: 40, rate: 0.02, l2: 0.15, seed })
  let bias = fit.bias
  const features: number[] = []
  const weights: number[] = []
  columns.forEach((c, k) => {
    const w = fit.weights[k] ?? 0
    if (Math.abs(w) < leastPull) return
    features.push(c.feature)
    weights.push(w / c.spread)
    bias -= (w * c.mean) / c.spread
  })
  return { bias, features, weights }
}

/** A head's log-odds for a feature vector. */
export function marginOf(model: Boosted, x: Float32Array): number {
  let sum = model.base
  for (const tree of model.trees) sum += scoreTree(tree, x)
  model.linear?.features.forEach((f, k) => {
    sum += (x[f] ?? 0) * (model.linear?.weights[k] ?? 0)
  })
  return sum
}

/** The training set without one fold; formal records are folded by group, so that a group is never on both sides. */
export function withoutFold(set: TrainingSet, fold: number, folds: number): TrainingSet {
  const groups = [...new Set(set.formal.map((f) => f.prepared.discussion.group))].sort()
  const formalFold = groups[fold % Math.max(1, groups.length)]
  return {
    ...set,
    exact: set.exact.filter((_, i) => i % folds !== fold),
    formal: set.formal.filter((f) => f.prepared.discussion.group !== formalFold),
  }
}
