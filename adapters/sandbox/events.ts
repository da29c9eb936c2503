import { createHash } from 'node:crypto'
import type { ChatEvent, Envelope, PersonRef } from '../../src/platform/index.js'
import type { CastPerson } from './cast.js'
import type { LogRecord } from './records.js'
import type { MessageItem, Room, State } from './state.js'

/** The one tenant of the sandbox. */
export const tenant = 'local'

/** A person as events name them; somebody unknown keeps their id alone. */
export function personRefOf(state: State, id: string): PersonRef {
  const known = state.people.get(id)
  return known ? refOf(known) : { id }
}

/** An official of the cast as events name them. */
export function refOf({ id, name, email, title }: CastPerson): PersonRef {
  return { id, name, email, title, active: true }
}

/** Sortable form of a line number: the order of the log breaks ties of time. */
export const sequenceOf = (line: number) => String(line).padStart(12, '0')

/**
 * What the bot is told of a line, or undefined where it is told nothing: it hears what happens in groups it is in,
 * and what is written to it.
 * @param state as it stands after the line
 */
export function eventOf(state: State, record: LogRecord, line: number): ChatEvent | undefined {
  if (!('room' in record) || record.type === 'read') return undefined
  const room = state.rooms.get(record.room)
  if (!room) return undefined
  const base = baseOf(room, record.at, line, 'event')
  if (record.type === 'bot')
    return record.present
      ? { ...base, kind: 'bot-added', ...detailsOf(room), ...actorOf(state, record.by) }
      : { ...base, kind: 'bot-removed', ...actorOf(state, record.by) }
  if (!room.botPresent) return undefined
  switch (record.type) {
    case 'room':
      return { ...base, kind: 'bot-added', ...detailsOf(room), ...actorOf(state, record.by) }
    case 'message': {
      const item = room.byId.get(record.id)
      return item?.kind === 'message' ? postedEvent(state, room, item, 'event') : undefined
    }
    case 'edit': {
      const item = room.byId.get(record.message)
      return item?.kind === 'message' ? { ...editedEvent(state, room, item, 'event'), ...base } : undefined
    }
    case 'delete':
      return { ...base, kind: 'message-deleted', message: record.message, by: personRefOf(state, record.by) }
    case 'join':
      return {
        ...base,
        kind: 'member-joined',
        person: personRefOf(state, record.person),
        ...actorOf(state, record.by),
      }
    case 'leave':
      return {
        ...base,
        kind: 'member-left',
        person: personRefOf(state, record.person),
        how: record.how,
        ...actorOf(state, record.by),
      }
    default:
      return undefined
  }
}

/** The envelope of a line: its record as it was written, and the event read from it. */
export function envelopeOf(state: State, record: LogRecord, line: number): Envelope | undefined {
  const event = eventOf(state, record, line)
  return event && { raw: JSON.stringify(record), events: [event] }
}

/** The envelope of a line nobody can read: kept as it is, so that nothing vanishes. */
export function unreadableEnvelope(raw: string, why: string): Envelope {
  const fallbackKey = createHash('sha256').update(raw).digest('hex')
  return { raw, events: [], unreadable: why, fallbackKey }
}

/** A message fetched again: as it was first posted, and as it was last edited. Deleted ones are gone. */
export function pastEnvelope(state: State, room: Room, item: MessageItem): Envelope {
  const events: ChatEvent[] = [postedEvent(state, room, item, 'backfill')]
  if (item.edited) events.push(editedEvent(state, room, item, 'backfill'))
  return { raw: JSON.stringify(item), events }
}

/** Everyone in a room now, with their roles. */
export function rosterEnvelope(state: State, room: Room, now: Date): Envelope {
  const members = [...room.members].map(([id, role]) => ({ ...personRefOf(state, id), role }))
  const event: ChatEvent = {
    platform: 'sandbox',
    tenant,
    conversation: room.id,
    at: now.toISOString(),
    source: 'roster-check',
    kind: 'roster-observed',
    members,
  }
  return { raw: JSON.stringify({ room: room.id, members }), events: [event] }
}

function baseOf(room: Room, at: string, line: number, source: 'event' | 'backfill') {
  return {
    platform: 'sandbox' as const,
    tenant,
    conversation: room.id,
    at,
    source,
    sequence: sequenceOf(line),
  }
}

function detailsOf(room: Room) {
  return { name: room.name, visibility: room.visibility }
}

function actorOf(state: State, by: string | undefined) {
  return by === undefined ? {} : { actor: personRefOf(state, by) }
}

function postedEvent(state: State, room: Room, item: MessageItem, source: 'event' | 'backfill'): ChatEvent {
  const mentions = [...state.people.values()].filter(({ name }) => item.firstText.includes(`@${name}`))
  return {
    ...baseOf(room, item.at, item.line, source),
    kind: 'message-posted',
    message: item.id,
    author: personRefOf(state, item.author),
    text: item.firstText,
    ...(item.thread !== undefined && { thread: item.thread }),
    ...(mentions.length > 0 && { mentions: mentions.map(({ id }) => id) }),
    ...(room.direct !== undefined && { direct: true }),
  }
}

function editedEvent(state: State, room: Room, item: MessageItem, source: 'event' | 'backfill'): ChatEvent {
  const edited = item.edited ?? { at: item.at, line: item.line }
  return {
    ...baseOf(room, edited.at, edited.line, source),
    kind: 'message-edited',
    message: item.id,
    revision: sequenceOf(edited.line),
    text: item.text,
    author: personRefOf(state, item.author),
    postedAt: item.at,
    ...(item.thread !== undefined && { thread: item.thread }),
    ...(room.direct !== undefined && { direct: true }),
  }
}
