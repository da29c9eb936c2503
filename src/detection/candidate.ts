import { followFeatures, lookAhead } from './follow.js'
import type { Head, KindName, Model } from './model.js'
import type { Heard } from './support.js'
import type { MessageView } from './view.js'

export interface Candidate {
  readonly view: MessageView
  readonly features: Float32Array
  readonly asker: string | undefined
  readonly place: number
  /** How it scores alone; its neighbours may bear it out. */
  readonly score: Score
}

/** Kept beside a candidate, since no later message changes which heads look at it, nor most of what they sum up. */
export interface Score extends Heard {
  margin: number
  judge?: Head
  settled?: number
  /** What the heads for other kinds think of it, of those that look at such a message at all. */
  others?: readonly OtherScore[]
  /** No reply can make anything of it: not looked at again. */
  done: boolean
}
export interface OtherScore {
  readonly kind: KindName
  readonly head: Head
  readonly settled: number
  confidence: number
}
/** Not judged yet. */
export const unscored = (view: MessageView): Score => ({
  speaker: view.speaker,
  margin: Number.NEGATIVE_INFINITY,
  done: false,
})

const otherKinds = ['reported', 'options', 'off-channel'] as const satisfies readonly KindName[]

/** The head that judges whether a candidate decides. */
export function judgeOf({ score, features }: Candidate, model: Model): Head {
  score.judge ??= model.decisionHead(features)
  return score.judge
}

/** Where no other head looks at a message. */
export const noOthers: readonly OtherScore[] = []

function othersOf(features: Float32Array, model: Model): readonly OtherScore[] {
  let found: OtherScore[] | undefined
  for (const kind of otherKinds) {
    const head = model.heads[kind]
    if (!head.passes(features)) continue
    found ??= []
    found.push({ kind, head, settled: head.settledMargin(features), confidence: 0 })
  }
  return found ?? noOthers
}

/** Scores the candidates from `first` on by themselves, as the messages after them now stand. */
export function scoreAlone(recent: readonly Candidate[], first: number, model: Model): void {
  const views = recent.map((c) => c.view)
  for (let i = first; i < recent.length; i++) {
    const candidate = recent[i]
    if (!candidate || candidate.score.done) continue
    const { features, score } = candidate
    const judge = judgeOf(candidate, model)
    const judges = judge.passes(features)
    score.others ??= othersOf(features, model)
    if (!judges && score.others.length === 0) continue
    followFeatures(features, candidate.view, candidate.asker, views.slice(i + 1, i + 1 + lookAhead))
    for (const other of score.others)
      other.confidence = other.head.confidenceAt(other.settled + other.head.laterMargin(features))
    if (!judges) continue
    score.settled ??= judge.settledMargin(features)
    score.margin = score.settled + judge.laterMargin(features)
  }
}
