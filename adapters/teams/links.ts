import type { Conversation, ConversationStore } from './conversations.js'
import type { Directory } from './directory.js'
import type { TeamsSettings } from './settings.js'

/**
 * A deep link to a message.
 * https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams
 */
export function messageLink(
  settings: TeamsSettings,
  store: ConversationStore,
  directory: Directory,
  conversation: Conversation,
  message: string,
): string | undefined {
  if (conversation.kind === 'personal') return undefined
  const base = `${settings.webUrl}/l/message/${encodeURIComponent(conversation.id)}/${encodeURIComponent(message)}`
  if (conversation.kind === 'chat') {
    const context = encodeURIComponent(JSON.stringify({ contextType: 'chat' }))
    return `${base}?context=${context}`
  }
  const group = conversation.team === undefined ? undefined : store.team(conversation.team)?.groupId
  const query = new URLSearchParams({
    tenantId: settings.tenantId,
    ...(group === undefined ? {} : { groupId: group }),
    parentMessageId: directory.rootOf(message) ?? message,
  })
  return `${base}?${query.toString()}`
}
