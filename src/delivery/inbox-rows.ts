import { createHash } from 'node:crypto'
import type { Prisma } from '../generated/prisma/client.js'
import { type ChatEvent, type Envelope, eventKey, orderKey, type PlatformName } from '../platform/index.js'

/** One row of the inbox, ready to be inserted. */
export interface InboxRow {
  readonly key: string
  readonly platform: string
  readonly tenant: string
  readonly lane: string
  readonly kind: string
  readonly orderKey: string
  readonly occurredAt: string
  readonly source: string
  readonly raw: string | null
  readonly event: string | null
  readonly status: 'pending' | 'unreadable'
  readonly error: string | null
}

/** Where a payload came from, for those from which not even that could be read. */
export interface PayloadOrigin {
  readonly platform: PlatformName
  readonly tenant?: string
}

/** Rows of one verified payload: one for each event, the first of which carries the raw payload. */
export function rowsOf(envelope: Envelope, receivedAt: Date, origin?: PayloadOrigin): InboxRow[] {
  if (envelope.events.length === 0)
    return envelope.unreadable === undefined
      ? []
      : [unreadableRow(envelope, envelope.unreadable, receivedAt, origin)]
  return envelope.events.map((event, position) => eventRow(event, position === 0 ? envelope.raw : null))
}

/** The lane of an event: events of one lane are applied in order, lanes in parallel. */
export function laneOf(event: ChatEvent): string {
  const conversation = 'conversation' in event ? event.conversation : ''
  return bounded([event.platform, event.tenant, conversation].map(escapePart).join('|'))
}

/** Text that PostgreSQL can store: without NUL characters and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD')
}

/** A plain value of which the same is true, all the way down. */
export function storableValue<T extends object>(value: T): Prisma.InputJsonObject {
  return JSON.parse(storableJson(value)) as Prisma.InputJsonObject
}

function eventRow(event: ChatEvent, raw: string | null): InboxRow {
  const direct = 'direct' in event && event.direct === true
  return {
    key: bounded(storable(eventKey(event))),
    platform: event.platform,
    tenant: storable(event.tenant),
    lane: storable(laneOf(event)),
    kind: event.kind,
    orderKey: storable(orderKey(event)),
    occurredAt: new Date(event.at).toISOString(),
    source: event.source,
    // A direct conversation with the bot is read and forgotten: its raw payload is never written.
    raw: raw === null || direct ? null : storable(raw),
    event: storableJson(event),
    status: 'pending',
    error: null,
  }
}

/** A payload that was not understood, kept as it came. */
export function unreadableRow(
  envelope: Envelope,
  reason: string,
  receivedAt: Date,
  origin?: PayloadOrigin,
): InboxRow {
  const platform = origin?.platform ?? envelope.events[0]?.platform ?? 'unknown'
  const tenant = origin?.tenant ?? envelope.events[0]?.tenant ?? ''
  const identity = envelope.fallbackKey ?? sha256(envelope.raw)
  return {
    key: bounded(storable(['unreadable', platform, identity].map(escapePart).join('|'))),
    platform,
    tenant: storable(tenant),
    lane: `unreadable|${platform}`,
    kind: 'unreadable',
    orderKey: receivedAt.toISOString(),
    occurredAt: receivedAt.toISOString(),
    source: 'event',
    raw: storable(envelope.raw),
    event: null,
    status: 'unreadable',
    error: storable(`EVENT_UNREADABLE: ${reason}`).slice(0, 500),
  }
}

function storableJson(value: object): string {
  const text = JSON.stringify(value)
  if (!/\\u(0000|d[89a-f])/i.test(text)) return text
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? storable(inner) : inner,
  )
}

/** Keeps a key within what an index can hold: what is too long ends in its hash. */
function bounded(key: string): string {
  return Buffer.byteLength(key) <= 1_000 ? key : `${key.slice(0, 200)}#${sha256(key)}`
}

function escapePart(part: string): string {
  return part.replaceAll('|', '%7C')
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
