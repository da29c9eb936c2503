import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { featureNames, isLater } from './feature-names.js'
import { type DecisionType, decisionTypes } from './types.js'

const registerSchema = z.object({
  features: z.array(z.string()),
  weights: z.array(z.number()),
  bias: z.number(),
  atLeast: z.number(),
})
const calibrationSchema = z.object({ knots: z.array(z.number()), threshold: z.number() })
const headSchema = z.object({
  /** A head is only asked when this feature is at least `atLeast`: what cannot fire costs nothing. */
  gate: z.object({ feature: z.string(), atLeast: z.number() }).optional(),
  base: z.number(),
  /** Margin, confidence, margin, confidence …: how often firings of that margin were right on held-out folds. */
  knots: z.array(z.number()),
  threshold: z.number(),
  /** The same for talk of an office's business, where decisions are more frequent. */
  inOffices: calibrationSchema.optional(),
  /** Feature number, weight, feature number, weight …: a plain linear score, added to the trees'. */
  linear: z.array(z.number()).optional(),
  /** Per tree, node by node in preorder: feature number, threshold, then left and right; -1 and a value for a leaf. */
  trees: z.array(z.array(z.number())),
})
const weightsSchema = z.object({
  version: z.string(),
  language: z.string(),
  trainedOn: z.array(z.string()),
  seed: z.number(),
  features: z.array(z.string()),
  heads: z.object({
    decision: headSchema,
    formal: headSchema,
    reported: headSchema,
    options: headSchema,
    'off-channel': headSchema,
  }),
  /** How much a discussion reads like a minuted meeting; from `atLeast` on, decisions are judged by the formal head. */
  formality: registerSchema,
  /** How much the talk is of an office's business (money, people, policy, titles) rather than of building software. */
  office: registerSchema,
  decisionTypes: z.object({
    features: z.array(z.string()),
    classes: z.array(z.enum(decisionTypes as [DecisionType, ...DecisionType[]])),
    bias: z.array(z.number()),
    weights: z.array(z.array(z.number())),
  }),
})
export type Weights = z.infer<typeof weightsSchema>
export type Register = z.infer<typeof registerSchema>
export type HeadName = keyof Weights['heads']
export type KindName = Exclude<HeadName, 'formal'>

/** A trained head ready to score: flat typed arrays, feature numbers resolved against this build's features. */
export interface Head {
  readonly threshold: number
  /** Whether it looks at such a message at all. */
  passes(x: Float32Array): boolean
  /** Log-odds before calibration: the settled part and the later one. */
  margin(x: Float32Array): number
  /** What no later message changes: worth keeping. */
  settledMargin(x: Float32Array): number
  /** What the messages after it make of it. */
  laterMargin(x: Float32Array): number
  confidenceAt(margin: number): number
  /** How often a firing like this was right; 0 when the gate is shut. */
  confidence(x: Float32Array): number
}
export interface Model {
  readonly version: string
  readonly heads: Readonly<Record<HeadName, Head>>
  /** The head that judges decisions in this register: formal for minuted meetings, else the ordinary one, by the calibration for offices where they speak. */
  decisionHead(x: Float32Array): Head
  formality(x: Float32Array): number
  decisionType(x: Float32Array): DecisionType
}

/** Confidence of a margin: between knots by a straight line, and beyond them a little more or less, so that order is kept. */
export function interpolate(knots: readonly number[], margin: number): number {
  const tilt = 0.01 / (1 + Math.exp(-margin))
  const last = knots.length - 2
  if (margin <= (knots[0] ?? 0)) return (knots[1] ?? 0) * 0.98 + tilt
  if (margin >= (knots[last] ?? 0)) return (knots[last + 1] ?? 0) * 0.98 + tilt
  let k = 2
  while ((knots[k] as number) < margin) k += 2
  const left = knots[k - 2] as number
  const share = (margin - left) / ((knots[k] as number) - left || 1)
  const low = knots[k - 1] as number
  return (low + share * ((knots[k + 1] as number) - low)) * 0.98 + tilt
}

type HeadWeights = z.infer<typeof headSchema>

/** A part of a head's sum: the trees and linear terms that look at what later messages change, or all the others with the base. */
function buildScorer(
  weights: HeadWeights,
  resolve: (n: number) => number,
  wantsLater: boolean,
): (x: Float32Array) => number {
  const flat: number[] = []
  const roots: number[] = []
  for (const tree of weights.trees) {
    const start = flat.length
    let looksLater = false
    let i = 0
    const read = (): number => {
      const here = flat.length / 4
      const feature = tree[i++] ?? -1
      const value = tree[i++] ?? 0
      const column = feature < 0 ? -1 : resolve(feature)
      if (isLater[column]) looksLater = true
      flat.push(column, value, 0, 0)
      if (feature >= 0) {
        flat[here * 4 + 2] = read()
        flat[here * 4 + 3] = read()
      }
      return here
    }
    read()
    if (looksLater === wantsLater) roots.push(start / 4)
    else flat.length = start
  }
  const nodes = Float64Array.from(flat)
  const starts = Int32Array.from(roots)
  const linear = weights.linear ?? []
  const terms = Array.from({ length: linear.length / 2 }, (_, k) => ({
    column: resolve(linear[2 * k] ?? 0),
    pull: linear[2 * k + 1] ?? 0,
  })).filter(({ column }) => isLater[column] === wantsLater)
  const columns = Int32Array.from(terms, ({ column }) => column)
  const pulls = Float64Array.from(terms, ({ pull }) => pull)
  const base = wantsLater ? 0 : weights.base
  return (x) => {
    let sum = base
    for (let k = 0; k < columns.length; k++) sum += (pulls[k] as number) * (x[columns[k] as number] as number)
    for (let t = 0; t < starts.length; t++) {
      let at = (starts[t] as number) * 4
      let feature = nodes[at] as number
      while (feature >= 0) {
        at = (nodes[at + ((x[feature] as number) <= (nodes[at + 1] as number) ? 2 : 3)] as number) * 4
        feature = nodes[at] as number
      }
      sum += nodes[at + 1] as number
    }
    return sum
  }
}

function buildHead(weights: HeadWeights, resolve: (n: number) => number, gateAt: number): Head {
  const settled = buildScorer(weights, resolve, false)
  const later = buildScorer(weights, resolve, true)
  const gate = weights.gate
  const margin = (x: Float32Array): number => settled(x) + later(x)
  return {
    threshold: weights.threshold,
    passes: (x) => !gate || (x[gateAt] as number) >= gate.atLeast,
    margin,
    settledMargin: settled,
    laterMargin: later,
    confidenceAt: (value) => interpolate(weights.knots, value),
    confidence: (x) => {
      if (gate && (x[gateAt] ?? 0) < gate.atLeast) return 0
      return interpolate(weights.knots, margin(x))
    },
  }
}

/** The same scorer whose margins mean something else. */
function recalibrated(head: Head, calibration: z.infer<typeof calibrationSchema> | undefined): Head {
  if (!calibration) return head
  const confidenceAt = (margin: number): number => interpolate(calibration.knots, margin)
  return {
    ...head,
    threshold: calibration.threshold,
    confidenceAt,
    confidence: (x) => (head.passes(x) ? confidenceAt(head.margin(x)) : 0),
  }
}

/** Makes a model of weights. Throws when they name a feature this build does not compute. */
export function buildModel(weights: Weights): Model {
  const numbers = weights.features.map((name) => {
    const number = featureNames.indexOf(name)
    if (number < 0)
      throw new Error(`weights name the feature "${name}", which this build does not compute: train again`)
    return number
  })
  const head = (name: HeadName): Head => {
    const gate = weights.heads[name].gate
    return buildHead(
      weights.heads[name],
      (n) => numbers[n] ?? 0,
      gate ? featureNames.indexOf(gate.feature) : 0,
    )
  }
  const heads: Record<HeadName, Head> = {
    decision: head('decision'),
    formal: head('formal'),
    reported: head('reported'),
    options: head('options'),
    'off-channel': head('off-channel'),
  }
  for (const name of [...weights.formality.features, ...weights.office.features])
    if (isLater[featureNames.indexOf(name)])
      throw new Error(`a register is told from what came before, but the weights name "${name}": train again`)
  const formality = registerScore(weights.formality)
  const office = registerScore(weights.office)
  const inOffices = recalibrated(heads.decision, weights.heads.decision.inOffices)
  return {
    version: weights.version,
    heads,
    formality,
    decisionHead(x) {
      if (formality(x) >= weights.formality.atLeast) return heads.formal
      return heads.decision.passes(x) && office(x) >= weights.office.atLeast ? inOffices : heads.decision
    },
    decisionType: typeChooser(weights.decisionTypes),
  }
}

/** How much a message's talk is of a register, from 0 to 1. */
export const registerScore = ({ features, weights, bias }: Register): ((x: Float32Array) => number) =>
  linear(features, weights, bias)

function linear(
  features: readonly string[],
  weights: readonly number[],
  bias: number,
): (x: Float32Array) => number {
  const places = Int32Array.from(features, (name) => featureNames.indexOf(name))
  return (x) => {
    let z = bias
    for (let k = 0; k < places.length; k++) z += (weights[k] as number) * (x[places[k] as number] as number)
    return 1 / (1 + Math.exp(-z))
  }
}

function typeChooser(typed: Weights['decisionTypes']): (x: Float32Array) => DecisionType {
  const scores = typed.classes.map((_, c) =>
    linear(typed.features, typed.weights[c] ?? [], typed.bias[c] ?? 0),
  )
  return (x) => {
    let best: DecisionType = 'other'
    let top = -1
    typed.classes.forEach((name, c) => {
      const score = scores[c]?.(x) ?? 0
      if (score > top) {
        top = score
        best = name
      }
    })
    return best
  }
}

/** Parses a weights file. Throws a zod error when it is not one. */
export function parseWeights(text: string): Weights {
  return weightsSchema.parse(JSON.parse(text))
}

let shipped: Model | undefined
/** The model that ships beside this file, read once. */
export function shippedModel(): Model {
  shipped ??= buildModel(parseWeights(readFileSync(new URL('./weights-en.json', import.meta.url), 'utf8')))
  return shipped
}
