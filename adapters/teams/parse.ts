import type { ChatEvent, Envelope, PersonRef } from '../../src/platform/index.js'
import {
  type Account,
  type Activity,
  activitySchema,
  instantOf,
  isOurBot,
  placeOf,
  threadOf,
} from './activity.js'
import { envelopeOf, unreadable } from './envelopes.js'
import { decodeEntities, htmlToText } from './html.js'
import { parseLifecycle } from './lifecycle.js'

/** What we know of our own presence in a conversation. */
export type BotState = 'present' | 'just-added' | 'absent' | 'unknown'

/** What parsing needs to know of the world; kept by the conversation store. */
export interface ParseContext {
  readonly tenant: string
  readonly appId: string
  readonly now: Date
  /** Entra object id behind a Teams-internal `29:` id, where we have met it. */
  personOf(mri: string): string | undefined
  /** Standard channels of a team that we know of, its General channel included. */
  channelsOf(team: string): readonly { readonly id: string; readonly name: string }[]
  teamName(team: string): string | undefined
  /** The type of a channel we have met: not every activity names it. */
  channelType(conversation: string): string | undefined
  /** Whether we are there, as far as we know; `just-added` for a minute after we heard of it. */
  botState(conversation: string): BotState
}

/** Activities that are nobody's words and change no group. */
const silent = new Set([
  'typing',
  'messageReaction',
  'endOfConversation',
  'trace',
  'event',
  'invoke',
  'handoff',
])

/** The activity of a verified payload, or undefined when it has not even an activity's shape. */
export function readActivity(payload: unknown): Activity | undefined {
  const parsed = activitySchema.safeParse(payload)
  return parsed.success ? parsed.data : undefined
}

/**
 * What an activity means for the inbox: an envelope, or undefined when there is nothing to remember (typing,
 * reactions, and interactions, which are answered at once instead).
 */
export function parseActivity(
  activity: Activity | undefined,
  raw: string,
  context: ParseContext,
): Envelope | undefined {
  if (!activity) return unreadable(raw, 'not an activity')
  if (silent.has(activity.type)) return undefined
  switch (activity.type) {
    case 'message':
      return isCardSubmit(activity) ? undefined : envelope(raw, posted(activity, context))
    case 'messageUpdate':
      return changed(activity, raw, context)
    case 'messageDelete':
      return envelope(raw, deleted(activity, context))
    case 'conversationUpdate':
    case 'installationUpdate': {
      const events = parseLifecycle(activity, context)
      if (events === undefined) return unreadable(raw, `conversation update ${eventType(activity)}`)
      return events.length === 0 ? undefined : envelopeOf(raw, events)
    }
    default:
      return unreadable(raw, `activity type ${activity.type.slice(0, 40)}`)
  }
}

function envelope(raw: string, event: ChatEvent | undefined): Envelope {
  return event ? envelopeOf(raw, [event]) : unreadable(raw, 'message without id or author')
}

function eventType(activity: Activity): string {
  return activity.channelData?.eventType?.slice(0, 40) ?? 'without kind'
}

/** A pressed Action.Submit outside a dialog: a message that carries data and no words. */
export function isCardSubmit(activity: Activity): boolean {
  return (
    activity.type === 'message' &&
    !activity.text &&
    typeof activity.value === 'object' &&
    activity.value !== null
  )
}

/** A person as events name them: Entra id, or the Teams-internal `29:` id where Teams tells us no other. */
export function personRefOf(account: Account, context: Pick<ParseContext, 'personOf' | 'tenant'>): PersonRef {
  const id = account.aadObjectId ?? account.objectId ?? context.personOf(account.id) ?? account.id
  const guest =
    account.userRole === 'guest' ||
    account.userPrincipalName?.includes('#EXT#') === true ||
    (account.tenantId !== undefined && account.tenantId !== context.tenant)
  return {
    id,
    ...(account.name ? { name: account.name } : {}),
    ...(account.email ? { email: account.email } : {}),
    ...(guest ? { external: true } : {}),
    ...(account.id.startsWith('28:') ? { bot: true } : {}),
  }
}

/** Fields all events about one message share. */
function about(activity: Activity, context: ParseContext) {
  const place = placeOf(activity)
  const root = threadOf(activity.conversation.id)
  return {
    platform: 'teams',
    tenant: context.tenant,
    at: instantOf(activity, context.now),
    source: 'event',
    conversation: place.conversation,
    message: activity.id ?? '',
    ...(root !== undefined && root !== activity.id ? { thread: root } : {}),
    ...(place.kind === 'personal' ? { direct: true } : {}),
  } as const
}

function own(activity: Activity, context: ParseContext): { own: true } | Record<string, never> {
  return isOurBot(activity.from?.id, activity, context.appId) ? { own: true } : {}
}

function posted(activity: Activity, context: ParseContext): ChatEvent | undefined {
  if (!activity.id || !activity.from) return undefined
  const mentions = mentionsOf(activity, context)
  const files = filesOf(activity)
  const replyTo = quotedMessage(activity)
  return {
    ...about(activity, context),
    ...own(activity, context),
    kind: 'message-posted',
    sequence: activity.id.slice(0, 100),
    author: personRefOf(activity.from, context),
    text: wordsOf(activity),
    ...(replyTo ? { replyTo } : {}),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(files.length > 0 ? { files } : {}),
  }
}

function changed(activity: Activity, raw: string, context: ParseContext): Envelope {
  if (!activity.id) return unreadable(raw, 'message update without id')
  const { thread, direct, ...place } = about(activity, context)
  const kind = activity.channelData?.eventType
  if (kind === 'undeleteMessage')
    return envelope(raw, { ...place, kind: 'message-restored', text: wordsOf(activity) })
  if (kind !== 'editMessage' && kind !== undefined)
    return unreadable(raw, `message update ${kind.slice(0, 40)}`)
  const postedAt = /^\d{13}$/.test(activity.id) ? new Date(Number(activity.id)).toISOString() : undefined
  return envelope(raw, {
    ...place,
    ...(thread === undefined ? {} : { thread }),
    ...(direct ? { direct } : {}),
    ...own(activity, context),
    kind: 'message-edited',
    revision: place.at,
    text: wordsOf(activity),
    ...(activity.from ? { author: personRefOf(activity.from, context) } : {}),
    ...(postedAt ? { postedAt } : {}),
  })
}

function deleted(activity: Activity, context: ParseContext): ChatEvent | undefined {
  if (!activity.id) return undefined
  const { thread: _thread, direct: _direct, ...place } = about(activity, context)
  // Teams does not say who deleted: `from` is the author, and an owner may delete too.
  return { ...place, kind: 'message-deleted' }
}

/** Plain words of a message: the HTML copy where Teams sends one (it alone keeps quotes and lists), else `text`. */
export function wordsOf(activity: Activity): string {
  const html = activity.attachments?.find((attachment) => attachment.contentType === 'text/html')
  if (typeof html?.content === 'string') return htmlToText(html.content)
  let text = activity.text ?? ''
  if (activity.textFormat === 'xml') return htmlToText(text)
  for (const entity of activity.entities ?? []) {
    if (entity.type !== 'mention' || !entity.text) continue
    const name = decodeEntities(entity.text.replace(/<[^<>]*>/g, ''))
    text = text.replaceAll(entity.text, () => name)
  }
  return text.replaceAll('&nbsp;', ' ').replaceAll('\u00a0', ' ').trim()
}

function mentionsOf(activity: Activity, context: ParseContext): string[] {
  const people = (activity.entities ?? []).flatMap((entity) =>
    entity.type === 'mention' && entity.mentioned ? [entity.mentioned] : [],
  )
  const others = people.filter((one) => !isOurBot(one.id, activity, context.appId))
  return [...new Set(others.map((one) => personRefOf(one, context).id))]
}

function filesOf(activity: Activity) {
  return (activity.attachments ?? [])
    .filter((file) => file.contentType?.startsWith('image/') || isFile(file.contentType))
    .map((file) => ({
      name: (file.name ?? 'image').slice(0, 1000),
      ...(file.contentType?.startsWith('image/') ? { mimeType: file.contentType.slice(0, 200) } : {}),
      ...(file.contentUrl ? { url: file.contentUrl } : {}),
    }))
}

function isFile(contentType: string | undefined): boolean {
  return contentType === 'application/vnd.microsoft.teams.file.download.info' || contentType === 'reference'
}

function quotedMessage(activity: Activity): string | undefined {
  const quote = activity.attachments?.find((attachment) => attachment.contentType === 'messageReference')
  const content = typeof quote?.content === 'string' ? safeJson(quote.content) : quote?.content
  if (typeof content !== 'object' || content === null || !('messageId' in content)) return undefined
  return typeof content.messageId === 'string' && content.messageId ? content.messageId : undefined
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
