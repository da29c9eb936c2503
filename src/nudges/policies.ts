import type { Policy } from '../config/index.js'
import type { SignalRow } from '../decisions/index.js'

/** A nudge policy described as data: what it is for, whom it concerns, and the words it uses. */
export interface NudgePolicy {
  readonly kind: 'decision' | 'options' | 'off-channel'
  readonly name: string
  readonly description: string
  /** Person ids the nudge goes to, most concerned first. The card is private to each. */
  recipients(signal: SignalRow, atAuthor: string | null, opener: string | null): string[]
  readonly heading: string
  readonly text: readonly string[]
  /** The pause for objections and corrections applies. */
  readonly waits: boolean
}

const distinct = (ids: readonly (string | null)[]): string[] => [
  ...new Set(ids.filter((id): id is string => id !== null)),
]

/** Every nudge there is. Wording is plain, kind, and accuses nobody. */
export const nudgePolicies: readonly NudgePolicy[] = [
  {
    kind: 'decision',
    name: 'Record this decision',
    description:
      'When talk settles something of substance, whoever settled it and whoever asked are reminded to record it.',
    recipients: (signal, atAuthor) => distinct([signal.decidedById ?? atAuthor, signal.askedById]),
    heading: 'This looks like a decision',
    text: [
      'If it is one, recording it takes a few seconds, and whoever has to explain it later will thank you.',
    ],
    waits: true,
  },
  {
    kind: 'options',
    name: 'Move this to a meeting or email',
    description:
      'When options are weighed for long, whoever opened the matter is advised to move the discussion to a better medium.',
    // Who weighs changes as they talk; whoever opened the matter stays the same.
    recipients: (_signal, atAuthor, opener) => distinct([opener ?? atAuthor]),
    heading: 'This may belong in a meeting or an email',
    text: [
      'Several options are being weighed here with reasons. A short meeting or an email keeps the reasons together and brings in those who are missing.',
    ],
    waits: true,
  },
  {
    kind: 'off-channel',
    name: 'Keep this on official channels',
    description:
      'When business is about to move to a personal phone, another app or private email, its author alone is reminded.',
    recipients: (_signal, atAuthor) => distinct([atAuthor]),
    heading: 'Official business stays official wherever it is done',
    text: [
      'If this continues somewhere else, what matters from it has to be brought back into the record. Staying here is easier. Only you can see this note.',
    ],
    waits: false,
  },
]

/** The policy for a kind of signal; `reported` and unknown kinds have none. */
export function nudgePolicyFor(kind: string): NudgePolicy | undefined {
  return nudgePolicies.find((policy) => policy.kind === kind)
}

/** Whether a signal is sure enough to speak of, by the model's threshold for decisions and the policy's for others. */
export function isSureEnough(
  signal: Pick<SignalRow, 'kind' | 'confidence' | 'wouldNudge'>,
  policy: Policy,
): boolean {
  if (signal.kind === 'options' || signal.kind === 'off-channel')
    return signal.confidence >= policy.nudges.leastConfidence[signal.kind]
  return signal.wouldNudge
}
