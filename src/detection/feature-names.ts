import { groupCount, groupNames } from './cues.js'

/** Where a move is looked for: in the message itself, whom it answers, its own turn, recent talk, the discussion so far, replies, what its speaker says next. */
const blocks = ['own', 'asked', 'self', 'recent', 'lasting', 'reply', 'after'] as const
const scalars = [
  'length',
  'short',
  'ends-asking',
  'exclaims',
  'quotes',
  'title',
  'office',
  'addresses-someone',
  'was-named',
  'was-asked-by-name',
  'distance-to-asked',
  'minutes-to-asked',
  'minutes-since-last',
  'place',
  'speakers',
  'same-speaker-before',
  'asked-length',
  'asked-ends-asking',
  'asked-title',
  'opened-discussion',
  'speaker-share',
  'words-shared-with-asked',
  'words-shared-with-recent',
  'replies-seen',
  'replies-by-others',
  'repliers',
  'reply-ends-asking',
  'minutes-to-reply',
  'since-proposal',
  'since-ask',
  'since-options',
  'since-objection',
  'addresses-asked',
  'reply-to-speaker',
  'recent-length',
  'turn-length',
  'asked-question-title',
  'accepts',
  'accepts-proposal',
  'accepts-ask',
  'accepts-request',
  'accepts-at-length',
  'accepts-logistics',
  'accepts-tech',
  'accepts-and-commits',
  'reply-accepts',
  'reply-commits',
  'put-and-accepted',
  'pair-turns',
  'pair-proposals',
  'pair-objections',
  'pair-questions',
  'pair-substance',
  'own-substance',
] as const

/** A person's name for every dense feature: "<where>.<move>", then the plain ones. */
export const featureNames: readonly string[] = [
  ...blocks.flatMap((block) => groupNames.map((group) => `${block}.${group}`)),
  ...scalars,
]
export const featureCount = featureNames.length
const place = (name: (typeof scalars)[number]): number => blocks.length * groupCount + scalars.indexOf(name)
/** Where each plain feature stands in the vector. */
export const slot = Object.fromEntries(scalars.map((name) => [name, place(name)])) as Record<
  (typeof scalars)[number],
  number
>
/** Where the features of a block start. */
export const block = (name: (typeof blocks)[number]): number => blocks.indexOf(name) * groupCount
