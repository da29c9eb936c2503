/** One chat message as the detector sees it. `at` is epoch milliseconds; `threadId` is the id of the thread's root. */
export interface DetectMessage {
  readonly id: string
  readonly speaker: string
  readonly at: number
  readonly text: string
  readonly threadId?: string
  readonly replyTo?: string
  readonly mentions?: readonly string[]
  readonly deleted?: boolean
}

export type DecisionType =
  | 'start-or-end-project'
  | 'approval-to-spend'
  | 'policy-choice'
  | 'commitment-to-third-party'
  | 'appointment'
  | 'operational-direction'
  | 'communications'
  | 'procurement'
  | 'other'

/** After a department's published list of the decisions that must be kept. */
export const decisionTypes: readonly DecisionType[] = [
  'start-or-end-project',
  'approval-to-spend',
  'policy-choice',
  'commitment-to-third-party',
  'appointment',
  'operational-direction',
  'communications',
  'procurement',
  'other',
]

export type SignalKind = 'decision' | 'reported' | 'options' | 'off-channel'

/** What the detector saw in a discussion. Every position is a message id. */
export interface Signal {
  readonly kind: SignalKind
  /** Stable identity: the id of the first settling message; a decision later reversed or confirmed keeps it. */
  readonly key: string
  readonly from: string
  readonly to: string
  readonly at: string
  readonly evidence: readonly string[]
  readonly decisionType?: DecisionType
  readonly decidedBy?: string
  readonly askedBy?: string
  readonly confidence: number
  readonly wouldNudge: boolean
  readonly because: string
  readonly summary: string
  readonly missingTopics?: never
}

export interface DetectOptions {
  /** Confidence from which a decision is worth a nudge; the shipped model's own threshold when absent. */
  readonly nudgeThreshold?: number
  /** How much say a speaker has, 0 to 1, from a directory; read from names and titles when absent. */
  readonly authority?: (speaker: string) => number
  /** Code of the language the group writes, one that has cues and weights; English (`en`) when absent. */
  readonly language?: string
}
