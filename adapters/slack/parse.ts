import { type ChatEvent, chatEvent, type PersonRef } from '../../src/platform/index.js'
import { isForeignTeam, personOf } from './identity.js'
import { edited, isAnnouncement, posted } from './parse-message.js'
import {
  channelById,
  channelIdChanged,
  channelInside,
  type EventCallback,
  instantOf,
  membership,
  message,
  messageChanged,
  messageDeleted,
  messageEvent,
  userEvent,
} from './payloads.js'
import { mentionedChannels, mentionedPeople } from './text.js'

/** What parsing needs to know besides the payload: all of it plain values and look-ups, so that parsing stays pure. */
export interface ParseContext {
  readonly tenant: string
  readonly enterprise?: string
  readonly self: { readonly botUserId?: string; readonly botId?: string; readonly appId?: string }
  person(id: string): PersonRef | undefined
  channelName(id: string): string | undefined
  channelDetails(
    id: string,
  ): { name: string; visibility?: 'public' | 'private'; shared?: boolean } | undefined
}

/** What a payload means to us. `nothing`: understood, and none of our business. */
export type Parsed =
  | { readonly kind: 'events'; readonly events: readonly ChatEvent[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Events we know and deliberately do not record. */
const ignored = new Set([
  'app_mention',
  'app_installed',
  'channel_history_changed',
  'group_history_changed',
  'group_open',
  'group_close',
  'im_created',
  'im_open',
  'im_close',
  'im_history_changed',
  'team_rename',
  'team_domain_change',
  'grid_migration_started',
  'grid_migration_finished',
  'scope_granted',
  'scope_denied',
])

const nothing: Parsed = { kind: 'nothing' }

/** One verified event callback as chat events. Never throws: what does not fit is `unreadable`, without its text. */
export function parseEvent(body: EventCallback, ctx: ParseContext): Parsed {
  const type = body.event.type
  if (ignored.has(type)) return nothing
  const parser = parsers[type]
  if (parser === undefined) return { kind: 'unreadable', why: `unknown event type ${safeName(type)}` }
  try {
    const events = parser(body, ctx)
    // What the port does not know as an event would be refused by the inbox again and again, and then be gone.
    const sound = events.every((event) => chatEvent.safeParse(event).success)
    if (!sound) return { kind: 'unreadable', why: `event ${safeName(type)} does not fit the port` }
    return events.length === 0 ? nothing : { kind: 'events', events }
  } catch {
    return { kind: 'unreadable', why: `event ${safeName(type)} is not in the documented shape` }
  }
}

function safeName(type: string): string {
  return type.replace(/[^a-z0-9_.]/gi, '?').slice(0, 60)
}

/** Ids whose names the text of this event needs: fetched before parsing, so that evidence reads names, not ids. */
export function namesNeeded(body: EventCallback): { people: string[]; channels: string[] } {
  const event = body.event
  const inner = typeof event.message === 'object' && event.message !== null ? event.message : event
  const record = inner as Record<string, unknown>
  const text = typeof record.text === 'string' ? record.text : ''
  const people = new Set(mentionedPeople(text))
  for (const key of ['user', 'inviter', 'actor_id']) {
    const value = record[key] ?? event[key]
    if (typeof value === 'string') people.add(value)
  }
  const channels = new Set(mentionedChannels(text))
  if (event.type === 'channel_id_changed' && typeof event.new_channel_id === 'string')
    channels.add(event.new_channel_id)
  if (needsDetails(event.type, record, body) && typeof event.channel === 'string') channels.add(event.channel)
  return { people: [...people], channels: [...channels] }
}

function needsDetails(type: string, event: Record<string, unknown>, body: EventCallback): boolean {
  if (type === 'channel_shared' || type === 'channel_unshared') return true
  if (type === 'message') return convertSubtypes.has(String(event.subtype))
  return type === 'member_joined_channel' && event.user === body.authorizations?.[0]?.user_id
}

const convertSubtypes = new Set(['channel_convert_to_private', 'channel_convert_to_public'])

type Parser = (body: EventCallback, ctx: ParseContext) => ChatEvent[]

/** Where and when of an event that is not a message. */
function base(body: EventCallback, ctx: ParseContext) {
  const ts = body.event.event_ts
  const at = ts !== undefined ? instantOf(ts) : new Date((body.event_time ?? 0) * 1000).toISOString()
  return {
    platform: 'slack' as const,
    tenant: ctx.tenant,
    source: 'event' as const,
    at,
    ...(ts !== undefined ? { sequence: ts } : {}),
  }
}

function personRef(id: string, ctx: ParseContext): PersonRef {
  return ctx.person(id) ?? { id }
}

function actorOf(id: string | null | undefined, ctx: ParseContext): { actor?: PersonRef } {
  return typeof id === 'string' && id !== '' ? { actor: personRef(id, ctx) } : {}
}

/** Details of a group, with its id as the name while the name is not known. */
function detailsOf(channel: string, ctx: ParseContext) {
  return ctx.channelDetails(channel) ?? { name: channel }
}

const archived: Parser = (body, ctx) => {
  const event = channelById.parse(body.event)
  return [{ ...base(body, ctx), conversation: event.channel, kind: 'group-archived' }]
}
const deleted: Parser = (body, ctx) => {
  const event = channelById.parse(body.event)
  return [{ ...base(body, ctx), conversation: event.channel, kind: 'group-archived', deleted: true }]
}
const restored: Parser = (body, ctx) => {
  const event = channelById.parse(body.event)
  return [{ ...base(body, ctx), conversation: event.channel, kind: 'group-restored' }]
}
const renamed: Parser = (body, ctx) => {
  const { channel } = channelInside.parse(body.event)
  const visibility = channel.is_private ?? body.event.type === 'group_rename'
  return [
    {
      ...base(body, ctx),
      conversation: channel.id,
      kind: 'group-renamed',
      name: channel.name.slice(0, 400),
      ...(visibility ? { visibility: 'private' as const } : {}),
    },
  ]
}
const left: Parser = (body, ctx) => {
  const event = channelById.parse(body.event)
  return [
    { ...base(body, ctx), conversation: event.channel, kind: 'bot-removed', ...actorOf(event.actor_id, ctx) },
  ]
}
const shared =
  (isShared: boolean): Parser =>
  (body, ctx) => {
    const event = channelById.parse(body.event)
    const details = detailsOf(event.channel, ctx)
    return [
      {
        ...base(body, ctx),
        conversation: event.channel,
        kind: 'group-renamed',
        ...details,
        // A channel shared with several organisations stays shared when one of them leaves.
        shared: event.is_ext_shared ?? isShared,
      },
    ]
  }

/**
 * A private channel that is being shared with another organisation goes on under a new id. It begins as a group of its
 * own: whoever registered it did so for colleagues only, and must say again what it is for and who answers for it.
 * @see https://docs.slack.dev/reference/events/channel_id_changed
 */
const idChanged: Parser = (body, ctx) => {
  const { old_channel_id: before, new_channel_id: after } = channelIdChanged.parse(body.event)
  const known = ctx.channelDetails(after) ?? ctx.channelDetails(before)
  const details = { name: known?.name ?? after, visibility: 'private', shared: true } as const
  const reason =
    'It was shared with another organisation, and Slack goes on with it as a new channel: register that one with /register-group.'
  return [
    { ...base(body, ctx), conversation: before, kind: 'bot-removed', reason },
    { ...base(body, ctx), conversation: after, kind: 'bot-added', ...details },
  ]
}
const personChanged: Parser = (body, ctx) => {
  const { user } = userEvent.parse(body.event)
  return [{ ...base(body, ctx), kind: 'person-changed', person: personOf(user, ctx.tenant, ctx.enterprise) }]
}

const parsers: Readonly<Record<string, Parser>> = {
  message: parseMessage,
  member_joined_channel: joined,
  member_left_channel: departed,
  channel_created: created,
  channel_rename: renamed,
  group_rename: renamed,
  channel_archive: archived,
  group_archive: archived,
  channel_unarchive: restored,
  group_unarchive: restored,
  channel_deleted: deleted,
  group_deleted: deleted,
  channel_left: left,
  group_left: left,
  channel_shared: shared(true),
  channel_unshared: shared(false),
  channel_id_changed: idChanged,
  user_change: personChanged,
  team_join: personChanged,
}

function created(body: EventCallback, ctx: ParseContext): ChatEvent[] {
  const { channel } = channelInside.parse(body.event)
  return [
    {
      ...base(body, ctx),
      conversation: channel.id,
      kind: 'group-created',
      name: channel.name.slice(0, 400),
      visibility: channel.is_private === true ? 'private' : 'public',
      ...(channel.is_ext_shared === true ? { shared: true } : {}),
      ...actorOf(channel.creator, ctx),
    },
  ]
}

/** Without an inviter, Slack does not say who added them: the actor stays unreported, never guessed. */
function joined(body: EventCallback, ctx: ParseContext): ChatEvent[] {
  const event = membership.parse(body.event)
  const where = { ...base(body, ctx), conversation: event.channel }
  if (event.user === ctx.self.botUserId)
    return [{ ...where, kind: 'bot-added', ...detailsOf(event.channel, ctx), ...actorOf(event.inviter, ctx) }]
  const foreign = body.is_ext_shared_channel === true && isForeignTeam(event.team, ctx.tenant, ctx.enterprise)
  const person = ctx.person(event.user) ?? { id: event.user, ...(foreign ? { external: true } : {}) }
  return [{ ...where, kind: 'member-joined', person, ...actorOf(event.inviter, ctx) }]
}

/** Slack names no actor and does not tell leaving from removal: the person departed. */
function departed(body: EventCallback, ctx: ParseContext): ChatEvent[] {
  const event = membership.parse(body.event)
  const where = { ...base(body, ctx), conversation: event.channel }
  if (event.user === ctx.self.botUserId) return [{ ...where, kind: 'bot-removed' }]
  return [{ ...where, kind: 'member-left', person: personRef(event.user, ctx), how: 'departed' }]
}

function parseMessage(body: EventCallback, ctx: ParseContext): ChatEvent[] {
  const event = messageEvent.parse(body.event)
  const where = {
    conversation: event.channel,
    source: 'event' as const,
    direct: event.channel_type === 'im' || event.channel_type === 'app_home' || event.channel.startsWith('D'),
    extShared: body.is_ext_shared_channel === true,
  }
  if (event.subtype === 'message_deleted') {
    const gone = messageDeleted.parse(body.event)
    return [
      { ...base(body, ctx), conversation: event.channel, kind: 'message-deleted', message: gone.deleted_ts },
    ]
  }
  if (event.subtype === 'message_changed') return changed(body, ctx, where)
  if (convertSubtypes.has(String(event.subtype))) {
    const visibility = event.subtype === 'channel_convert_to_private' ? 'private' : 'public'
    const details = { ...detailsOf(event.channel, ctx), visibility } as const
    return [{ ...base(body, ctx), conversation: event.channel, kind: 'group-renamed', ...details }]
  }
  const said = message.parse(body.event)
  if (isAnnouncement(said)) return []
  return [posted(said, where, ctx)]
}

type Where = Parameters<typeof posted>[1]

/**
 * Slack sends `message_changed` for edits, but also when a link unfolds, a reply arrives, or a thread's root is
 * deleted (it stays as a tombstone). Only a new `edited` mark or other words are an edit.
 */
function changed(body: EventCallback, ctx: ParseContext, where: Where): ChatEvent[] {
  const event = messageChanged.parse(body.event)
  const now = event.message
  const before = event.previous_message
  if (now.subtype === 'tombstone')
    return [{ ...base(body, ctx), conversation: event.channel, kind: 'message-deleted', message: now.ts }]
  if (isAnnouncement(now)) return []
  const mark = now.edited?.ts
  if (mark !== undefined && mark !== before?.edited?.ts) return [edited(now, mark, where, ctx)]
  const sameWords = before === null || before === undefined || (before.text ?? '') === (now.text ?? '')
  if (sameWords) return []
  return [edited(now, event.event_ts ?? now.ts, where, ctx)]
}
