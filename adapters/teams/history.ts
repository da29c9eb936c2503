import { RemembrancerError } from '../../src/errors.js'
import type { Conversation } from './conversations.js'
import type { Directory } from './directory.js'
import type { Graph } from './graph.js'
import { type GraphMessage, graphMessageSchema, lastChange } from './graph-messages.js'

/** Pages without anything recent after which older ones are not asked for. */
const quietPages = 2
const pageSize = 50

/**
 * Messages of a conversation that were posted, edited or deleted since an instant, in no order. A channel's replies
 * come with their roots, so that new replies to old posts are found.
 * @throws RemembrancerError PLATFORM_REFUSED when Graph is off, or neither consent nor RSC allows it
 */
export async function* recentMessages(
  graph: Graph | undefined,
  directory: Directory,
  conversation: Conversation,
  since: Date,
): AsyncIterable<GraphMessage> {
  if (!graph)
    throw new RemembrancerError('PLATFORM_REFUSED', 'Microsoft Graph is off, and the bot API has no history.')
  const from = since.getTime()
  const path = await listPath(directory, conversation, since)
  let quiet = 0
  let seen = 0
  let fresh = false
  // Graph lists the chains with the latest activity first.
  for await (const item of graph.list(path)) {
    const root = read(item)
    if (root) {
      for await (const message of chain(graph, root)) {
        if (lastChange(message) < from) continue
        fresh = true
        yield message
      }
    }
    seen += 1
    if (seen % pageSize !== 0) continue
    quiet = fresh ? 0 : quiet + 1
    fresh = false
    if (quiet >= quietPages) return
  }
}

async function* chain(graph: Graph, root: GraphMessage): AsyncIterable<GraphMessage> {
  yield root
  for (const reply of root.replies ?? []) {
    const message = read(reply)
    if (message) yield message
  }
  const next = root['replies@odata.nextLink']
  if (next === undefined) return
  for await (const reply of graph.follow(next)) {
    const message = read(reply)
    if (message) yield message
  }
}

function read(item: unknown): GraphMessage | undefined {
  const parsed = graphMessageSchema.safeParse(item)
  return parsed.success ? parsed.data : undefined
}

async function listPath(directory: Directory, conversation: Conversation, since: Date): Promise<string> {
  const id = encodeURIComponent(conversation.id)
  if (conversation.kind !== 'channel') {
    // https://learn.microsoft.com/graph/api/chat-list-messages: a filter must be on the property ordered by.
    const filter = encodeURIComponent(`lastModifiedDateTime gt ${since.toISOString()}`)
    const order = encodeURIComponent('lastModifiedDateTime desc')
    return `/chats/${id}/messages?$top=${pageSize}&$orderby=${order}&$filter=${filter}`
  }
  const group = await directory.groupId(conversation)
  if (group === undefined)
    throw new RemembrancerError('PLATFORM_REFUSED', 'Teams does not say which team the channel belongs to.')
  // https://learn.microsoft.com/graph/api/channel-list-messages: $top up to 50, up to 1000 replies expanded.
  return `/teams/${group}/channels/${id}/messages?$top=${pageSize}&$expand=replies`
}
