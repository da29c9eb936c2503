import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'
import { featureNames, isLater } from './feature-names.js'
import { type Language, languageNamed, weightsFile } from './language.js'
import { buildScorer, linear } from './scorer.js'
import { type DecisionType, decisionTypes } from './types.js'

const registerSchema = z.object({
  features: z.array(z.string()),
  weights: z.array(z.number()),
  bias: z.number(),
  atLeast: z.number(),
  /** It weighs the square roots of the features: a tenth vote says less than the first. */
  rooted: z.boolean().optional(),
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
  readonly language: Language
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

/** Makes a model of weights. Throws when they name a feature this build does not compute or a language it has no cues for. */
export function buildModel(weights: Weights, language = languageNamed(weights.language)): Model {
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
    language,
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
export const registerScore = ({ features, weights, bias, rooted }: Register): ((x: Float32Array) => number) =>
  linear(features, weights, bias, rooted ? Math.sqrt : (value) => value)

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

const shipped = new Map<string, Model>()

/**
 * The model that ships for a language beside this file, read once.
 * @throws RemembrancerError DETECTION_LANGUAGE_UNKNOWN when the language has no cues or no weights
 */
export function shippedModel(code = 'en'): Model {
  const known = shipped.get(code)
  if (known) return known
  const language = languageNamed(code)
  if (!existsSync(weightsFile(code)))
    throw new RemembrancerError(
      'DETECTION_LANGUAGE_UNKNOWN',
      `There are cues for the language "${language.code}" but no weights yet.`,
    )
  const model = buildModel(parseWeights(readFileSync(weightsFile(code), 'utf8')), language)
  shipped.set(code, model)
  return model
}

/**
 * Sees to it that a language can be read, before anything depends on it.
 * @throws RemembrancerError DETECTION_LANGUAGE_UNKNOWN
 */
export function requireLanguage(code?: string): void {
  shippedModel(code)
}
