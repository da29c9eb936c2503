import { z } from 'zod'
import type { ChatEvent, EventSource, PersonRef } from '../../src/platform/index.js'
import { htmlToText } from './html.js'

const identity = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  tenantId: z.string().nullish(),
})
const identitySet = z.object({ user: identity.nullish(), application: identity.nullish() }).nullish()

/** The part of a Graph chatMessage we read. */
export const graphMessageSchema = z.object({
  id: z.string().min(1),
  replyToId: z.string().nullish(),
  messageType: z.string(),
  createdDateTime: z.string(),
  lastModifiedDateTime: z.string().nullish(),
  lastEditedDateTime: z.string().nullish(),
  deletedDateTime: z.string().nullish(),
  from: identitySet,
  body: z.object({ contentType: z.string(), content: z.string().nullish() }).nullish(),
  attachments: z
    .array(
      z.object({
        contentType: z.string().nullish(),
        contentUrl: z.string().nullish(),
        name: z.string().nullish(),
        content: z.string().nullish(),
      }),
    )
    .nullish(),
  mentions: z.array(z.object({ mentioned: identitySet })).nullish(),
  eventDetail: z
    .looseObject({
      '@odata.type': z.string(),
      initiator: identitySet,
      members: z.array(identity).nullish(),
    })
    .nullish(),
  replies: z.array(z.unknown()).nullish(),
  'replies@odata.nextLink': z.string().optional(),
})
export type GraphMessage = z.infer<typeof graphMessageSchema>

/** Where a Graph message stands, and whose bot is ours. */
export interface GraphPlace {
  readonly tenant: string
  readonly appId: string
  readonly conversation: string
  readonly source: EventSource
}

/** When a message last changed: posted, edited, deleted. */
export function lastChange(message: GraphMessage): number {
  const times = [message.createdDateTime, message.lastModifiedDateTime ?? '', message.deletedDateTime ?? '']
  return Math.max(...times.map((time) => Date.parse(time)).filter((time) => !Number.isNaN(time)))
}

/** Events of one Graph message: the post, its last edit, its deletion, or a change of members with its initiator. */
export function parseGraphMessage(message: GraphMessage, place: GraphPlace): ChatEvent[] {
  const base = {
    platform: 'teams',
    tenant: place.tenant,
    conversation: place.conversation,
    source: place.source,
  } as const
  if (message.messageType === 'systemEventMessage') return memberEvents(message, place)
  if (message.messageType !== 'message') return []
  const at = (time: string) => new Date(time).toISOString()
  const about = { ...base, message: message.id }
  if (message.deletedDateTime) return [{ ...about, kind: 'message-deleted', at: at(message.deletedDateTime) }]
  const author = personOf(message.from, place.tenant)
  if (!author) return []
  const own = message.from?.application?.id === place.appId ? ({ own: true } as const) : {}
  const thread = message.replyToId ? { thread: message.replyToId } : {}
  const text = textOf(message)
  const mentions = (message.mentions ?? []).flatMap((one) => one.mentioned?.user?.id ?? [])
  const files = (message.attachments ?? [])
    .filter((file) => file.contentType === 'reference' || file.contentType?.startsWith('image/'))
    .map((file) => ({
      name: (file.name ?? 'file').slice(0, 1000),
      ...(file.contentUrl ? { url: file.contentUrl } : {}),
    }))
  const quote = message.attachments?.find((file) => file.contentType === 'messageReference')
  const replyTo = /"messageId":\s*"(\d+)"/.exec(quote?.content ?? '')?.[1]
  const post: ChatEvent = {
    ...about,
    ...own,
    ...thread,
    kind: 'message-posted',
    at: at(message.createdDateTime),
    sequence: message.id.slice(0, 100),
    author,
    text,
    ...(replyTo ? { replyTo } : {}),
    ...(mentions.length > 0 ? { mentions: [...new Set(mentions)] } : {}),
    ...(files.length > 0 ? { files } : {}),
  }
  if (!message.lastEditedDateTime) return [post]
  const edited = at(message.lastEditedDateTime)
  return [
    post,
    {
      ...about,
      ...own,
      ...thread,
      kind: 'message-edited',
      at: edited,
      revision: edited,
      text,
      author,
      postedAt: at(message.createdDateTime),
    },
  ]
}

function textOf(message: GraphMessage): string {
  const content = message.body?.content ?? ''
  return message.body?.contentType === 'html' ? htmlToText(content) : content.trim()
}

function personOf(set: z.infer<typeof identitySet>, tenant: string): PersonRef | undefined {
  if (set?.user)
    return {
      id: set.user.id,
      ...(set.user.displayName ? { name: set.user.displayName.slice(0, 400) } : {}),
      ...(set.user.tenantId && set.user.tenantId !== tenant ? { external: true } : {}),
    }
  if (set?.application)
    return {
      id: `28:${set.application.id}`,
      ...(set.application.displayName ? { name: set.application.displayName.slice(0, 400) } : {}),
      bot: true,
    }
  return undefined
}

/**
 * The instant with an odd millisecond. The bot's own events of members bear even ones: they may tell of the same
 * change at the same instant, and the telling that names the actor must not be taken for a repetition of the one that
 * does not.
 */
function oddInstant(time: string): string {
  const at = Date.parse(time)
  return new Date(at - (at % 2) + 1).toISOString()
}

/**
 * Graph's system messages name the initiator of a change of members, which the bot's own events do not.
 * https://learn.microsoft.com/graph/system-messages
 */
function memberEvents(message: GraphMessage, place: GraphPlace): ChatEvent[] {
  const detail = message.eventDetail
  const kind = /^#microsoft\.graph\.members(Added|Deleted|Joined|Left)EventMessageDetail$/.exec(
    detail?.['@odata.type'] ?? '',
  )?.[1]
  if (!detail || kind === undefined) return []
  const initiator = personOf(detail.initiator, place.tenant)
  const where = {
    platform: 'teams',
    tenant: place.tenant,
    conversation: place.conversation,
    source: place.source,
    at: oddInstant(message.createdDateTime),
  } as const
  return (detail.members ?? []).map((member): ChatEvent => {
    const person = personOf({ user: member }, place.tenant) ?? { id: member.id }
    const actor = kind === 'Joined' || kind === 'Left' ? person : initiator
    const by = actor ? { actor } : {}
    if (kind === 'Added' || kind === 'Joined') return { ...where, kind: 'member-joined', person, ...by }
    const how = actor === undefined ? 'departed' : actor.id === person.id ? 'left' : 'removed'
    return { ...where, kind: 'member-left', person, how, ...by }
  })
}
