import type { Login } from './login.js'
import { type Answer, type Call, fault, type Service, startService } from './service.js'
import type { Room, StoredMessage, TeamRoom, World } from './world.js'

/** What the tenant has granted: resource-specific consent of teams and chats, and tenant-wide permissions. */
export interface Grants {
  /** ChannelMessage.Read.Group and ChatMessage.Read.Chat. */
  messages: boolean
  /** ChannelMember.Read.Group (RSC): `members` of a channel. */
  channelMembers: boolean
  /**
   * Whether that is enough for a private channel too. Microsoft's page of `members` makes no exception; an
   * administrator reports 403 "Caller does not have the required roles for accessing 'Private' channel data":
   * https://techcommunity.microsoft.com/discussions/teamsdeveloper/issue-with-teams-rsc-permission-teammember-read-group/4467007
   */
  privateMembers: boolean
  /** ChannelMember.Read.All (tenant-wide): `allMembers`. Microsoft's page grants it by ChannelMember.Read.Group too. */
  allMembers: boolean
  /** User.Read.All (tenant-wide). */
  users: boolean
}

/** Stand-in of the part of Microsoft Graph the adapter reads. */
export interface GraphService extends Service {
  readonly graphUrl: string
  readonly grants: Grants
}

/** Items on a page: few, so that paging is always needed. */
const pageSize = 3

/** Starts it over a world. */
export async function startGraph(world: World, login: () => Login): Promise<GraphService> {
  const grants: Grants = {
    messages: true,
    channelMembers: true,
    privateMembers: false,
    allMembers: false,
    users: false,
  }
  const service = await startService((call, violate) => {
    if (login().scopeOf(call.headers.authorization) !== `${service.origin}/.default`)
      return fault(401, 'InvalidAuthenticationToken')
    if (call.method !== 'GET') violate('graph: only reading is asked for')
    const parts = call.url.pathname.split('/').slice(1).map(decodeURIComponent)
    if (parts.shift() !== 'v1.0') violate('graph: v1.0 only; beta is not for production')
    const answer = route(world, grants, call, parts, violate)
    if (!answer) violate(`graph: ${call.url.pathname} is not something we use`)
    return answer ?? fault(404, 'NotFound')
  })
  return Object.assign(service, { graphUrl: `${service.origin}/v1.0`, grants })
}

function route(
  world: World,
  grants: Grants,
  call: Call,
  parts: string[],
  violate: (rule: string) => void,
): Answer | undefined {
  const [area, id = '', what, inner = '', leaf] = parts
  if (area === 'users' && what === undefined) return user(world, grants, id)
  if (area === 'chats' && what === 'messages') {
    const room = world.rooms.get(id)
    if (room?.kind !== 'chat') return fault(404, 'NotFound')
    if (!grants.messages) return fault(403, 'InsufficientPrivileges')
    return chatMessages(world, room, call, violate)
  }
  if (area !== 'teams' || what !== 'channels') return undefined
  const team = [...world.teams.values()].find((one) => one.groupId === id)
  const room = world.rooms.get(inner)
  if (!team || room?.team !== team.id) return fault(404, 'NotFound')
  if (leaf === 'messages') {
    if (!grants.messages) return fault(403, 'InsufficientPrivileges')
    return channelMessages(world, room, call, parts.slice(5), violate)
  }
  if (leaf === 'members') {
    const consented = grants.channelMembers && (room.type !== 'private' || grants.privateMembers)
    if (!consented && !grants.allMembers) return fault(403, 'Forbidden')
    return page(call, members(world, room, team))
  }
  if (leaf === 'allMembers') {
    if (!grants.allMembers) return fault(403, 'InsufficientPrivileges')
    return page(call, members(world, room, team))
  }
  return undefined
}

// https://learn.microsoft.com/graph/api/user-get
function user(world: World, grants: Grants, id: string): Answer {
  if (!grants.users) return fault(403, 'Authorization_RequestDenied')
  const found = world.users.get(id)
  if (!found) return fault(404, 'Request_ResourceNotFound')
  return {
    status: 200,
    body: {
      id: found.id,
      displayName: found.name,
      mail: found.email,
      jobTitle: 'Officer',
      accountEnabled: true,
      userType: 'Member',
    },
  }
}

// https://learn.microsoft.com/graph/api/channel-list-members and channel-list-allmembers
function members(world: World, room: Room, team: TeamRoom) {
  return world.membersOf(room).map((one) => ({
    '@odata.type': '#microsoft.graph.aadUserConversationMember',
    userId: one.id,
    displayName: one.name,
    email: one.email,
    tenantId: world.tenant,
    roles: team.owners.has(one.id) ? ['owner'] : [],
  }))
}

/** $top up to 50; only $top and $expand=replies. https://learn.microsoft.com/graph/api/channel-list-messages */
function channelMessages(
  world: World,
  room: Room,
  call: Call,
  rest: string[],
  violate: (rule: string) => void,
): Answer {
  checkTop(call, violate)
  const all = world.messages.filter((message) => message.conversation === room.id)
  const replies = (root: string) => all.filter((message) => message.thread === root)
  if (rest[1] === 'replies')
    return page(
      call,
      replies(rest[0] ?? '').map((one) => chatMessage(world, one)),
    )
  for (const key of call.url.searchParams.keys())
    if (!['$top', '$expand', '$skiptoken'].includes(key)) violate(`graph: ${key} is not supported here`)
  const latest = (root: StoredMessage) => Math.max(...[root, ...replies(root.id)].map(changed))
  const roots = all.filter((message) => message.thread === undefined)
  roots.sort((a, b) => latest(b) - latest(a))
  const expand = call.url.searchParams.get('$expand') === 'replies'
  return page(
    call,
    roots.map((root) => {
      const own = replies(root.id)
      // The service expands up to 1,000 replies and links to the rest; here one, so that the link is followed.
      const link = new URL(`${call.url.origin}/v1.0/teams/${groupOf(world, room)}/channels/`)
      const path = `${encodeURIComponent(room.id)}/messages/${root.id}/replies?$skiptoken=1`
      return {
        ...chatMessage(world, root),
        ...(expand ? { replies: own.slice(0, 1).map((one) => chatMessage(world, one)) } : {}),
        ...(expand && own.length > 1 ? { 'replies@odata.nextLink': `${link.href}${path}` } : {}),
      }
    }),
  )
}

function groupOf(world: World, room: Room): string {
  return world.teams.get(room.team ?? '')?.groupId ?? ''
}

/** A filter must be on the property ordered by. https://learn.microsoft.com/graph/api/chat-list-messages */
function chatMessages(world: World, room: Room, call: Call, violate: (rule: string) => void): Answer {
  checkTop(call, violate)
  const filter = call.url.searchParams.get('$filter')
  const order = call.url.searchParams.get('$orderby')
  if (order !== null && order !== 'lastModifiedDateTime desc' && order !== 'createdDateTime desc')
    violate('graph: only descending order is supported')
  const match = /^lastModifiedDateTime gt (\S+)$/.exec(filter ?? '')
  if (filter !== null && (!match || !order?.startsWith('lastModifiedDateTime')))
    violate('graph: a filter needs the same property in $orderby')
  const since = Date.parse(match?.[1] ?? '1970-01-01T00:00:00Z')
  const all = world.messages.filter((one) => one.conversation === room.id && changed(one) > since)
  all.sort((a, b) => changed(b) - changed(a))
  return page(
    call,
    all.map((one) => chatMessage(world, one)),
  )
}

function checkTop(call: Call, violate: (rule: string) => void): void {
  const top = Number(call.url.searchParams.get('$top') ?? 20)
  if (!(top >= 1 && top <= 50)) violate('graph: $top is 1 to 50')
}

function changed(message: StoredMessage): number {
  return Date.parse(message.deleted ?? message.edited ?? message.created)
}

/** https://learn.microsoft.com/graph/api/resources/chatmessage */
function chatMessage(world: World, message: StoredMessage): Record<string, unknown> {
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const from = message.event
    ? null
    : message.author
      ? { application: null, user: { id: message.author.id, displayName: message.author.name } }
      : { user: null, application: { id: world.appId, displayName: 'Remembrancer' } }
  return {
    id: message.id,
    replyToId: message.thread ?? null,
    messageType: message.event ? 'systemEventMessage' : 'message',
    createdDateTime: message.created,
    lastModifiedDateTime: message.deleted ?? message.edited ?? message.created,
    lastEditedDateTime: message.edited ?? null,
    deletedDateTime: message.deleted ?? null,
    from,
    body: {
      contentType: 'html',
      content: message.event
        ? '<systemEventMessage/>'
        : message.deleted
          ? ''
          : message.card
            ? '<attachment id="1"></attachment>'
            : `<p>${escaped(message.text)}</p>`,
    },
    attachments: message.card
      ? [
          {
            id: '1',
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: JSON.stringify(message.card, undefined, 2),
          },
        ]
      : [],
    mentions: [],
    eventDetail: message.event ?? null,
  }
}

function page(call: Call, all: readonly unknown[]): Answer {
  const start = Number(call.url.searchParams.get('$skiptoken') ?? 0)
  const value = all.slice(start, start + pageSize)
  const next = new URL(call.url)
  next.searchParams.set('$skiptoken', String(start + pageSize))
  return {
    status: 200,
    body: { value, ...(start + pageSize < all.length ? { '@odata.nextLink': next.href } : {}) },
  }
}
