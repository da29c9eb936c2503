import type { ChatEvent, EventSource, PersonRef } from '../../src/platform/index.js'
import { isForeignTeam } from './identity.js'
import type { ParseContext } from './parse.js'
import { instantOf, type SlackMessage } from './payloads.js'
import { blocksText, mentionedPeople, plainText } from './text.js'

/**
 * Messages Slack writes itself about membership, names and settings. Each has an event of its own (joining, leaving,
 * renaming, archiving): taking both would count it twice.
 */
const announcements = new Set([
  'channel_join',
  'channel_leave',
  'channel_topic',
  'channel_purpose',
  'channel_name',
  'channel_archive',
  'channel_unarchive',
  'channel_posting_permissions',
  'channel_canvas_updated',
  'group_join',
  'group_leave',
  'group_topic',
  'group_purpose',
  'group_name',
  'group_archive',
  'group_unarchive',
  'mpim_join',
  'bot_add',
  'bot_remove',
  'bot_enable',
  'bot_disable',
  'pinned_item',
  'unpinned_item',
  'reminder_add',
  'reminder_delete',
  'huddle_thread',
  'sh_room_created',
  'sh_room_shared',
  'assistant_app_thread',
  'message_replied',
  'file_comment',
  'ekm_access_denied',
  'tombstone',
  'app_conversation_join',
  'app_conversation_leave',
  'channel_convert_to_private',
  'channel_convert_to_public',
])

/** True for a message that Slack itself wrote, or that carries nothing people said. */
export function isAnnouncement(message: { subtype?: string | undefined }): boolean {
  return message.subtype !== undefined && announcements.has(message.subtype)
}

interface Where {
  readonly conversation: string
  readonly source: EventSource
  readonly direct: boolean
  readonly extShared: boolean
}

/** A message posted, from an event or from history. */
export function posted(message: SlackMessage, where: Where, ctx: ParseContext): ChatEvent {
  const mentions = mentionedPeople(message.text ?? '')
  const files = (message.files ?? []).map((file) => ({
    name: (file.name ?? file.title ?? 'file').slice(0, 1000),
    ...(file.mimetype ? { mimeType: file.mimetype.slice(0, 200) } : {}),
    ...((file.permalink ?? file.url_private) ? { url: file.permalink ?? file.url_private ?? '' } : {}),
  }))
  return {
    platform: 'slack',
    tenant: ctx.tenant,
    conversation: where.conversation,
    source: where.source,
    kind: 'message-posted',
    message: message.ts,
    at: instantOf(message.ts),
    sequence: message.ts,
    author: authorOf(message, where, ctx),
    text: messageText(message, ctx),
    ...threadOf(message),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(files.length > 0 ? { files } : {}),
    ...flags(message, where, ctx),
  }
}

/**
 * The edit a message carries. Slack marks an edit by a person with `edited`; its `ts` is the revision, so that the
 * same edit seen live and in history is one.
 */
export function edited(message: SlackMessage, revision: string, where: Where, ctx: ParseContext): ChatEvent {
  return {
    platform: 'slack',
    tenant: ctx.tenant,
    conversation: where.conversation,
    source: where.source,
    kind: 'message-edited',
    message: message.ts,
    at: instantOf(revision),
    sequence: revision,
    revision,
    text: messageText(message, ctx),
    author: authorOf(message, where, ctx),
    postedAt: instantOf(message.ts),
    ...threadOf(message),
    ...flags(message, where, ctx),
  }
}

function flags(message: SlackMessage, where: Where, ctx: ParseContext): { own?: true; direct?: true } {
  return {
    ...(isOwn(message, ctx) ? { own: true as const } : {}),
    ...(where.direct ? { direct: true as const } : {}),
  }
}

function threadOf(message: SlackMessage): { thread?: string } {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts
    ? { thread: message.thread_ts }
    : {}
}

/** Our own post: by bot user, bot id, or app id (a bot has one bot id in each workspace but one app id). */
export function isOwn(message: SlackMessage, ctx: ParseContext): boolean {
  const { botUserId, botId, appId } = ctx.self
  if (botUserId !== undefined && message.user === botUserId) return true
  if (botId !== undefined && message.bot_id === botId) return true
  const from = message.app_id ?? message.bot_profile?.app_id
  return appId !== undefined && typeof message.bot_id === 'string' && from === appId
}

function authorOf(message: SlackMessage, where: Where, ctx: ParseContext): PersonRef {
  const id = message.user ?? message.bot_id ?? 'unknown'
  const known = ctx.person(id)
  if (known !== undefined) return known
  if (typeof message.bot_id === 'string') {
    const name = message.username ?? message.bot_profile?.name
    return { id, ...(name ? { name: name.slice(0, 400) } : {}), bot: true }
  }
  const foreign =
    where.extShared && isForeignTeam(message.user_team ?? message.team, ctx.tenant, ctx.enterprise)
  return { id, ...(foreign ? { external: true } : {}) }
}

/** What the message says: its text, or what its blocks or attachments say when the text is empty. */
export function messageText(message: SlackMessage, ctx: ParseContext): string {
  const names = { person: (id: string) => ctx.person(id)?.name, channel: ctx.channelName }
  const text = plainText(message.text ?? '', names)
  if (text.trim() !== '') return text
  const blocks = blocksText(message.blocks, names)
  if (blocks.trim() !== '') return blocks
  return (message.attachments ?? [])
    .map((attachment) => attachmentText(attachment))
    .filter((part) => part !== '')
    .map((part) => plainText(part, names))
    .join('\n')
}

function attachmentText(attachment: Record<string, unknown>): string {
  const parts = ['pretext', 'title', 'text'].map((key) => attachment[key])
  const said = parts.filter((part): part is string => typeof part === 'string' && part !== '').join('\n')
  if (said !== '') return said
  return typeof attachment.fallback === 'string' ? attachment.fallback : ''
}
