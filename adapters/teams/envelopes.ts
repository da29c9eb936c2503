import { createHash } from 'node:crypto'
import { type ChatEvent, chatEvent, type Envelope } from '../../src/platform/index.js'

/** An envelope for a payload we do not understand; its key is a hash, for it may have no id. */
export function unreadable(raw: string, why: string): Envelope {
  return {
    raw,
    events: [],
    unreadable: why,
    fallbackKey: `teams-${createHash('sha256').update(raw).digest('hex')}`,
  }
}

/** An envelope of events, or an unreadable one when any of them is not what the port allows (an id too long, say). */
export function envelopeOf(raw: string, events: readonly ChatEvent[]): Envelope {
  const wrong = events.map((event) => chatEvent.safeParse(event).error).find((error) => error !== undefined)
  if (!wrong) return { raw, events }
  return unreadable(raw, `an event whose ${wrong.issues[0]?.path.join('.') || 'shape'} is out of bounds`)
}
