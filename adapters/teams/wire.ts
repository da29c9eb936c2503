import { z } from 'zod'

/** Name by which our own buttons are told from anybody else's (`verb` of actions, and of data in dialogs). */
export const ourVerb = 'remembrancer'

/** What our buttons carry, and bring back when pressed. It passes through people's clients: never trusted. */
export const wireSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('button'), action: z.string().min(1).max(100), value: z.string().max(200) }),
  z.object({ kind: z.literal('open'), token: z.string().min(1).max(100) }),
  z.object({ kind: z.literal('form'), form: z.string().min(1).max(100), state: z.string().max(500) }),
  z.object({
    kind: z.literal('form-change'),
    form: z.string().min(1).max(100),
    state: z.string().max(500),
    changed: z.string().max(100),
  }),
])
export type Wire = z.infer<typeof wireSchema>

/** Data of one of our buttons. */
export function wireData(wire: Wire): { verb: typeof ourVerb; wire: Wire } {
  return { verb: ourVerb, wire }
}

const dataSchema = z.looseObject({ wire: wireSchema })

/** Reads the data of a pressed button and the inputs sent with it. */
export function readWire(data: unknown): { wire: Wire; inputs: Record<string, unknown> } | undefined {
  const parsed = dataSchema.safeParse(data)
  if (!parsed.success) return undefined
  const { wire, ...inputs } = parsed.data
  return { wire, inputs }
}

/** One element of an Adaptive Card; checked by the card tests against the library's own parser. */
export type Element = Readonly<Record<string, unknown>>

/** An Adaptive Card as it is sent. */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard'
  readonly $schema: string
  readonly version: '1.5'
  readonly fallbackText: string
  readonly body: readonly Element[]
  readonly [key: string]: unknown
}

/** Wraps elements as the card Teams shows. */
export function adaptiveCard(body: readonly Element[], summary: string): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: summary,
    speak: summary,
    msteams: { width: 'Full' },
    body,
  }
}

/** The attachment that carries a card in a message or dialog. */
export function cardAttachment(card: AdaptiveCard): {
  readonly contentType: 'application/vnd.microsoft.card.adaptive'
  readonly content: AdaptiveCard
} {
  return { contentType: 'application/vnd.microsoft.card.adaptive', content: card }
}
