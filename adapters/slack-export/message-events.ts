import type { ChatEvent } from '../../src/platform/index.js'
import { type ExportedMessage, instantOf } from './payloads.js'
import { mentioned, messageText, plainText } from './text.js'
import type { Channel, Workspace } from './workspace.js'

/** Notices of Slack's own that tell nothing we keep. */
const idle = new Set([
  'channel_topic',
  'channel_purpose',
  'channel_posting_permissions',
  'channel_canvas_updated',
  'channel_convert_to_private',
  'channel_convert_to_public',
  'group_topic',
  'group_purpose',
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
  'ekm_access_denied',
  'app_conversation_join',
  'app_conversation_leave',
])

/** The events of one exported message: itself with its last edit, or what a notice tells. */
export function eventsOf(message: ExportedMessage, channel: Channel, workspace: Workspace): ChatEvent[] {
  const base = {
    platform: 'slack-export',
    tenant: workspace.tenant,
    conversation: channel.id,
    source: 'import',
    at: instantOf(message.ts),
    sequence: message.ts,
  } as const
  const { subtype, user } = message
  if (subtype && idle.has(subtype)) return []
  switch (subtype) {
    case 'channel_join':
    case 'group_join':
    case 'mpim_join': {
      if (!user) return []
      const inviter = message.inviter ? { actor: workspace.ref(message.inviter) } : {}
      return [{ ...base, kind: 'member-joined', person: workspace.ref(user), ...inviter }]
    }
    case 'channel_leave':
    case 'group_leave':
      // Slack writes the same notice whether somebody left or was removed.
      return user ? [{ ...base, kind: 'member-left', person: workspace.ref(user), how: 'departed' }] : []
    case 'channel_name':
    case 'group_name': {
      const { visibility } = channel
      const name = (message.name ?? channel.name).slice(0, 400)
      return [{ ...base, kind: 'group-renamed', name, visibility, shared: channel.shared }]
    }
    case 'channel_archive':
    case 'group_archive':
      return [{ ...base, kind: 'group-archived' }]
    case 'channel_unarchive':
    case 'group_unarchive':
      return [{ ...base, kind: 'group-restored' }]
    case 'tombstone':
      return [{ ...base, kind: 'message-deleted', message: message.ts }]
    case 'message_deleted':
      return message.deleted_ts ? [{ ...base, kind: 'message-deleted', message: message.deleted_ts }] : []
    case 'message_changed': {
      const { message: changed } = message
      if (!changed) return []
      const text = plainText(changed.text ?? '', workspace)
      return [{ ...base, kind: 'message-edited', message: changed.ts, revision: message.ts, text }]
    }
    default:
      return posted(message, base, workspace)
  }
}

function posted(
  message: ExportedMessage,
  base: {
    readonly platform: 'slack-export'
    readonly tenant: string
    readonly conversation: string
    readonly source: 'import'
    readonly at: string
    readonly sequence: string
  },
  workspace: Workspace,
): ChatEvent[] {
  const author = workspace.author(message)
  const text = messageText(message, workspace)
  const mentions = mentioned(message.text ?? '')
  const files = (message.files ?? []).flatMap((file) => (file ? [fileOf(file)] : []))
  const thread = message.thread_ts && message.thread_ts !== message.ts ? { thread: message.thread_ts } : {}
  const event: ChatEvent = {
    ...base,
    kind: 'message-posted',
    message: message.ts,
    author,
    text,
    ...thread,
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(files.length > 0 ? { files } : {}),
  }
  const revision = message.edited?.ts
  if (!revision) return [event]
  const edit: ChatEvent = {
    ...base,
    at: instantOf(revision),
    sequence: revision,
    kind: 'message-edited',
    message: message.ts,
    revision,
    text,
    author,
    postedAt: base.at,
    ...thread,
  }
  return [event, edit]
}

function fileOf(file: NonNullable<NonNullable<ExportedMessage['files']>[number]>): {
  name: string
  mimeType?: string
  url?: string
} {
  const url = file.permalink ?? file.url_private
  return {
    name: plainText(file.name ?? file.title ?? 'file', {
      person: () => undefined,
      channel: () => undefined,
    }).slice(0, 1000),
    ...(file.mimetype ? { mimeType: file.mimetype.slice(0, 200) } : {}),
    ...(url ? { url } : {}),
  }
}
