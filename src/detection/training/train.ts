import { featureNames } from '../feature-names.js'
import { languageNamed } from '../language.js'
import { buildModel, type HeadName, type Weights } from '../model.js'
import { decisionTypes } from '../types.js'
import { type Calibrations, calibrate } from './calibrate.js'
import { gates, type Linear, seed, type TrainingSet, trainHead } from './heads.js'
import { logistic, type Tree } from './learn.js'
import { officeTest, trainFormality, trainOffice } from './registers.js'
import { technical } from './schools.js'

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
    out.push(numberOf(feature), tree.threshold[at] ?? 0)
    visit(at * 2 + 1)
    visit(at * 2 + 2)
  }
  visit(0)
  return out
}

/** The linear part of a head as pairs of feature number and weight. */
function linearPart(
  linear: Linear | undefined,
  numberOf: (feature: number) => number,
): { linear?: number[] } {
  if (!linear) return {}
  return { linear: linear.features.flatMap((f, k) => [numberOf(f), rounded(linear.weights[k] ?? 0)]) }
}

const typeFeatures = featureNames.filter((name) =>
  /^(own|recent|lasting)\.(money|procure|people|comms|policy|project|thirdparty|operation)$/.test(name),
)

/** Which kind of decision it is: one linear score per kind over named topics. */
function trainTypes(set: TrainingSet): Weights['decisionTypes'] {
  const columns = typeFeatures.map((name) => featureNames.indexOf(name))
  // Teams that build and run software decide nearly always in two kinds, which would teach only those.
  const others = set.exact.filter((p) => !technical.test(p.discussion.group))
  const rows = others.flatMap((p) =>
    p.discussion.episodes.flatMap((e) => {
      const full = e.type === 'decision' && e.decisionType ? p.full[e.at] : undefined
      return full && e.decisionType
        ? [{ x: Float32Array.from(columns, (c) => full[c] ?? 0), type: e.decisionType }]
        : []
    }),
  )
  const counts = new Map<string, number>()
  for (const { type } of rows) counts.set(type, (counts.get(type) ?? 0) + 1)
  // Operations and policy make up half of what is written; without a counterweight everything would be one of them.
  const weightOf = (type: string): number =>
    Math.sqrt(rows.length / decisionTypes.length / (counts.get(type) ?? 1))
  const fits = decisionTypes.map((type) =>
    rows.some((r) => r.type === type)
      ? logistic(
          rows.map((r) => ({ x: r.x, y: r.type === type ? 1 : 0, weight: weightOf(r.type) })),
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
  /** Use this calibration rather than fitting one: for measuring on folds. */
  readonly calibration?: Readonly<Record<HeadName, Calibrations>>
}

/** Trains every head and calibrates each on held-out folds. The same input gives the same weights to the bit. */
export function train(set: TrainingSet, options: TrainOptions): Weights {
  const names = ['decision', 'formal', 'reported', 'options', 'off-channel'] as const
  const fits = names.map((name) => trainHead(set, name, options.trees))
  const office = trainOffice(set)
  const isOffice = officeTest(office)
  const used = [
    ...new Set(
      fits.flatMap((f) => [
        ...f.trees.flatMap((t) => t.feature.filter((n) => n >= 0)),
        ...(f.linear?.features ?? []),
      ]),
    ),
  ].sort((a, b) => a - b)
  const place = new Map(used.map((feature, i) => [feature, i]))
  const [decision, formal, reported, weighing, offChannel] = names.map((name, i) => {
    const gate = gates[name]
    const calibration =
      options.calibration?.[name] ?? calibrate(set, name, options.folds, options.trees, isOffice)
    return {
      ...(gate ? { gate } : {}),
      base: rounded(fits[i]?.base ?? 0),
      knots: [...calibration.knots],
      threshold: calibration.threshold,
      ...(calibration.inOffices
        ? { inOffices: { ...calibration.inOffices, knots: [...calibration.inOffices.knots] } }
        : {}),
      ...linearPart(fits[i]?.linear, (f) => place.get(f) ?? 0),
      trees: fits[i]?.trees.map((tree) => flatten(tree, (f) => place.get(f) ?? 0)) ?? [],
    }
  })
  if (!decision || !formal || !reported || !weighing || !offChannel) throw new Error('a head is missing')
  const weights: Weights = {
    version: options.version,
    language: (set.language ?? languageNamed()).code,
    trainedOn: [...options.trainedOn],
    seed,
    features: used.map((f) => featureNames[f] ?? ''),
    heads: { decision, formal, reported, options: weighing, 'off-channel': offChannel },
    formality: trainFormality(set),
    office,
    decisionTypes: trainTypes(set),
  }
  buildModel(weights)
  return weights
}

/** Weights as text: one tree a line, so that a change can be reviewed. */
export function printWeights(weights: Weights): string {
  return `${JSON.stringify(weights).replaceAll('],[', '],\n[').replaceAll('"heads":', '\n"heads":').replaceAll('"trees":[[', '"trees":[\n[')}\n`
}
