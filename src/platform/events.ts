import { z } from 'zod'

/** Where people chat (`slack`, `teams`, `sandbox`) and imports that feed the same pipeline with the past. */
export const platformNames = ['slack', 'teams', 'sandbox', 'whatsapp', 'slack-export'] as const
export type PlatformName = (typeof platformNames)[number]

/** How an event came to us: pushed, fetched to close a gap, found by a roster check, or read from an export. */
export const eventSources = ['event', 'backfill', 'roster-check', 'import'] as const
export type EventSource = (typeof eventSources)[number]

const instant = z.iso.datetime({ offset: true })
const externalId = z.string().min(1).max(500)

/** A person as a platform names them. `id` is the platform's account id, unique within the tenant. */
export const personRef = z.object({
  id: externalId,
  name: z.string().max(400).optional(),
  email: z.string().max(400).optional(),
  title: z.string().max(400).optional(),
  /** Guest, or member of another organisation (Slack Connect, Teams guest, federated). */
  external: z.boolean().optional(),
  bot: z.boolean().optional(),
  active: z.boolean().optional(),
})
export type PersonRef = z.infer<typeof personRef>

const base = {
  platform: z.enum(platformNames),
  /** Slack workspace (team) id, Teams tenant id, `local` for sandbox and imports. */
  tenant: externalId,
  /** When it happened by the platform's clock. */
  at: instant,
  source: z.enum(eventSources),
  /** Sortable within a conversation where the platform gives an order (Slack `ts`); breaks ties of `at`. */
  sequence: z.string().max(100).optional(),
}
const inConversation = { ...base, conversation: externalId }
const about = { ...inConversation, message: externalId }

const file = z.object({
  name: z.string().max(1000),
  mimeType: z.string().max(200).optional(),
  url: z.string().optional(),
})

const messagePosted = z.object({
  ...about,
  kind: z.literal('message-posted'),
  author: personRef,
  /** Plain text as people read it: platform markup resolved, mentions written as names. */
  text: z.string(),
  /** Id of the thread's root message, when this is in a thread. */
  thread: externalId.optional(),
  /** Id of a quoted or replied-to message outside threads. */
  replyTo: externalId.optional(),
  mentions: z.array(externalId).optional(),
  files: z.array(file).optional(),
  /** Our own post: kept out of detection. */
  own: z.boolean().optional(),
  /** True for the bot's direct conversation with one person: text is never kept. */
  direct: z.boolean().optional(),
})
const messageEdited = z.object({
  ...about,
  kind: z.literal('message-edited'),
  /** Sortable revision: the edit's own instant or sequence. The same revision twice is the same edit. */
  revision: externalId,
  text: z.string(),
  author: personRef.optional(),
  /** When the message was first posted, if the edit says so (lets an edit arrive before its post). */
  postedAt: instant.optional(),
  thread: externalId.optional(),
  own: z.boolean().optional(),
  direct: z.boolean().optional(),
})
const messageDeleted = z.object({ ...about, kind: z.literal('message-deleted'), by: personRef.optional() })
const messageRestored = z.object({
  ...about,
  kind: z.literal('message-restored'),
  text: z.string().optional(),
})

const memberJoined = z.object({
  ...inConversation,
  kind: z.literal('member-joined'),
  person: personRef,
  /** Who added them; absent = not reported by the platform. The same person as `person` = joined by themselves. */
  actor: personRef.optional(),
  reason: z.string().max(1000).optional(),
})
const memberLeft = z.object({
  ...inConversation,
  kind: z.literal('member-left'),
  person: personRef,
  /** `departed` where the platform does not say whether by choice. */
  how: z.enum(['left', 'removed', 'departed']),
  actor: personRef.optional(),
  reason: z.string().max(1000).optional(),
})
const memberRoleChanged = z.object({
  ...inConversation,
  kind: z.literal('member-role-changed'),
  person: personRef,
  role: z.enum(['member', 'owner', 'guest']),
  actor: personRef.optional(),
})
const rosterObserved = z.object({
  ...inConversation,
  kind: z.literal('roster-observed'),
  /** Everyone in the conversation at `at`. Must be complete: an absent person counts as departed. */
  members: z.array(personRef.extend({ role: z.enum(['member', 'owner', 'guest']).optional() })),
})

const groupDetails = {
  name: z.string().max(400),
  visibility: z.enum(['public', 'private']).optional(),
  /** The team or space it belongs to. */
  team: z.string().max(400).optional(),
  /** Shared with another organisation. */
  shared: z.boolean().optional(),
}
const groupCreated = z.object({
  ...inConversation,
  kind: z.literal('group-created'),
  ...groupDetails,
  actor: personRef.optional(),
})
const groupRenamed = z.object({ ...inConversation, kind: z.literal('group-renamed'), ...groupDetails })
const groupArchived = z.object({
  ...inConversation,
  kind: z.literal('group-archived'),
  deleted: z.boolean().optional(),
})
const groupRestored = z.object({ ...inConversation, kind: z.literal('group-restored') })
const botAdded = z.object({
  ...inConversation,
  kind: z.literal('bot-added'),
  ...groupDetails,
  actor: personRef.optional(),
})
const botRemoved = z.object({
  ...inConversation,
  kind: z.literal('bot-removed'),
  actor: personRef.optional(),
  /** When it was nobody's removal: what happened instead and what to do, in a sentence or two. */
  reason: z.string().max(1000).optional(),
})
const personChanged = z.object({ ...base, kind: z.literal('person-changed'), person: personRef })

/** What happened in a chat, as every adapter reports it: a discriminated union on `kind`. */
export const chatEvent = z.discriminatedUnion('kind', [
  messagePosted,
  messageEdited,
  messageDeleted,
  messageRestored,
  memberJoined,
  memberLeft,
  memberRoleChanged,
  rosterObserved,
  groupCreated,
  groupRenamed,
  groupArchived,
  groupRestored,
  botAdded,
  botRemoved,
  personChanged,
])
export type ChatEvent = z.infer<typeof chatEvent>
export type ChatEventKind = ChatEvent['kind']
export type ChatEventOf<K extends ChatEventKind> = Extract<ChatEvent, { kind: K }>

/**
 * The identity under which the inbox remembers an event: platform, tenant, conversation, message or person,
 * revision and kind. A sender's event id alone is not enough: a backfilled copy has none, and a Teams edit
 * reuses its message's id.
 */
export function eventKey(event: ChatEvent): string {
  const where = 'conversation' in event ? event.conversation : ''
  const parts = [event.platform, event.tenant, where, event.kind, ...subject(event)]
  return parts.map((part) => part.replaceAll('|', '%7C')).join('|')
}

function subject(event: ChatEvent): string[] {
  switch (event.kind) {
    case 'message-posted':
      return [event.message]
    case 'message-edited':
      return [event.message, event.revision]
    case 'message-deleted':
    case 'message-restored':
      return [event.message, event.at]
    case 'member-joined':
    case 'member-left':
      return [event.person.id, event.at]
    case 'member-role-changed':
      return [event.person.id, event.role, event.at]
    case 'person-changed':
      return [event.person.id, event.at]
    default:
      return [event.at]
  }
}

/** Sortable order of an event within its conversation: platform instant (UTC), then platform sequence. */
export function orderKey(event: ChatEvent): string {
  return `${new Date(event.at).toISOString()}|${event.sequence ?? ''}`
}
