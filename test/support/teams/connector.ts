import { cardProblems } from './card-rules.js'
import { botScope, type Login } from './login.js'
import { type Answer, type Call, dig, fault, type Service, startService } from './service.js'
import type { Room, User, World } from './world.js'

/** Stand-in of the Bot Connector (smba.trafficmanager.net). */
export interface ConnectorService extends Service {
  readonly serviceUrl: string
}

type Violate = (rule: string) => void

/** Starts it over a world. */
export async function startConnector(world: World, login: Login): Promise<ConnectorService> {
  const service = await startService((call, violate) => {
    // https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication: every
    // request carries the bot's token, asked for with this scope.
    if (login.scopeOf(call.headers.authorization) !== botScope) return fault(401, 'Unauthorized')
    if (call.text !== '' && !call.headers['content-type']?.startsWith('application/json'))
      violate('connector: a body must be application/json')
    const path = call.url.pathname.replace(/^\/teams/, '')
    const parts = path.split('/').slice(1).map(decodeURIComponent)
    return route(world, call, parts, violate) ?? unknown(call, violate)
  })
  return Object.assign(service, { serviceUrl: `${service.origin}/teams/` })
}

function unknown(call: Call, violate: Violate): Answer {
  violate(`connector: ${call.method} ${call.url.pathname} is not an operation we use`)
  return fault(405, 'MethodNotAllowed')
}

// Operations: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
// Teams': https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
function route(world: World, call: Call, parts: string[], violate: Violate): Answer | undefined {
  const [version, area, id = '', what, message = ''] = parts
  if (version !== 'v3') return undefined
  if (area === 'teams' && call.method === 'GET') return teamInfo(world, id, what)
  if (area !== 'conversations') return undefined
  if (id === '' && call.method === 'POST') return create(world, call, violate)
  const base = id.split(';')[0] ?? ''
  const room = world.rooms.get(base)
  if (!room) return fault(404, 'ConversationNotFound')
  if (!room.botPresent) return fault(403, 'BotNotInConversationRoster')
  if (what === 'pagedmembers' && call.method === 'GET') return pagedMembers(world, room, call, violate)
  if (what === 'members' && call.method === 'GET') {
    const user = world.membersOf(room).find((one) => one.id === message || one.mri === message)
    return user ? { status: 200, body: account(world, user) } : fault(404, 'MemberNotFoundInConversation')
  }
  if (what !== 'activities') return undefined
  if (call.method === 'POST') return send(world, room, id, call, message, violate)
  if (call.method === 'PUT') return update(world, room, call, message, violate)
  return undefined
}

function account(world: World, user: User) {
  return {
    id: user.mri,
    name: user.name,
    aadObjectId: user.id,
    objectId: user.id,
    email: user.email,
    userPrincipalName: user.email,
    tenantId: world.tenant,
    userRole: 'user',
  }
}

function teamInfo(world: World, id: string, what: string | undefined): Answer | undefined {
  const team = world.teams.get(id)
  if (!team) return fault(404, 'TeamNotFound')
  if (what === undefined)
    return { status: 200, body: { id: team.id, name: team.name, aadGroupId: team.groupId } }
  if (what !== 'conversations') return undefined
  // General has no name here. Private channels appear only to bots added to them.
  const channels = [...world.rooms.values()].filter(
    (room) => room.team === id && (room.type === 'standard' || room.botPresent),
  )
  return {
    status: 200,
    body: {
      conversations: channels.map((room) => ({
        id: room.id,
        name: room.id === id ? null : room.name,
        type: room.type,
      })),
    },
  }
}

/**
 * Page size 50 to 500; in a channel it is the team's roster.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetching-the-roster-or-user-profile
 */
function pagedMembers(world: World, room: Room, call: Call, violate: Violate): Answer {
  const size = Number(call.url.searchParams.get('pageSize'))
  if (!(size >= 50 && size <= 500)) violate('pagedmembers: pageSize must be 50 to 500')
  const ids = room.kind === 'channel' ? world.teams.get(room.team ?? '')?.members : room.members
  const all = [...(ids ?? [])].flatMap((id) => world.users.get(id) ?? [])
  const start = Number(call.url.searchParams.get('continuationToken') ?? 0)
  // The service may give fewer than asked for: small pages here show that all of them are read.
  const page = all.slice(start, start + 2)
  const next = start + page.length
  return {
    status: 200,
    body: {
      members: page.map((user) => account(world, user)),
      ...(next < all.length ? { continuationToken: String(next) } : {}),
    },
  }
}

/** What every activity sent must be. */
function checkActivity(world: World, activity: unknown, violate: Violate): Answer | undefined {
  if (dig(activity, 'type') !== 'message') violate('activity: type must be message')
  if (dig(activity, 'from', 'id') !== `28:${world.appId}`) violate('activity: from must be the bot')
  // "approximately 28 KB": https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
  if (Buffer.byteLength(JSON.stringify(activity)) > 28 * 1024) {
    violate('activity: more than 28 KB')
    return fault(413, 'MessageSizeTooBig')
  }
  const card = dig(activity, 'attachments', 0, 'content')
  if (dig(activity, 'attachments', 0, 'contentType') !== 'application/vnd.microsoft.card.adaptive')
    violate('activity: one Adaptive Card expected')
  for (const problem of cardProblems(card)) violate(`card: ${problem}`)
  return undefined
}

function cardOf(activity: unknown): Record<string, unknown> {
  return (dig(activity, 'attachments', 0, 'content') ?? {}) as Record<string, unknown>
}

function send(world: World, room: Room, id: string, call: Call, reply: string, violate: Violate): Answer {
  const refused = checkActivity(world, call.json, violate)
  if (refused) return refused
  // Reply-to-activity names an activity; a proactive message may name any unique id.
  if (!/^[0-9a-f-]{36}$/.test(reply) && !world.messages.some((message) => message.id === reply))
    violate('send: replyToId must be a known activity or a UUID')
  const root = /;messageid=(\d+)/.exec(id)?.[1]
  if (room.kind === 'channel' && root === undefined)
    violate('send: a new post in a channel is made with POST v3/conversations')
  if (room.kind !== 'channel' && root !== undefined) violate('send: only channels have threads')
  if (root !== undefined && !world.messages.some((message) => message.id === root))
    return fault(404, 'ActivityNotFoundInConversation')
  const message = world.say({ conversation: room.id, thread: root, card: cardOf(call.json) })
  return { status: 201, body: { id: message.id } }
}

// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/update-and-delete-bot-messages
function update(world: World, room: Room, call: Call, id: string, violate: Violate): Answer {
  const refused = checkActivity(world, call.json, violate)
  if (refused) return refused
  const message = world.messages.find((one) => one.id === id && one.conversation === room.id)
  if (!message) return fault(404, 'ActivityNotFoundInConversation')
  if (message.author) return fault(403, 'MessageNotOwnedByBot')
  message.card = cardOf(call.json)
  return { status: 200, body: { id } }
}

// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
function create(world: World, call: Call, violate: Violate): Answer {
  const body = call.json
  if (dig(body, 'tenantId') !== world.tenant) violate('create: tenantId must be the tenant')
  if (dig(body, 'bot', 'id') !== `28:${world.appId}`) violate('create: bot must be the bot')
  if (body.isGroup === true) {
    const channel = String(dig(body, 'channelData', 'channel', 'id') ?? '')
    if (channel.includes(';')) violate('create: the channel id must not name a thread')
    const room = world.rooms.get(channel)
    if (!room) return fault(404, 'ConversationNotFound')
    if (!room.botPresent) return fault(403, 'BotNotInConversationRoster')
    const refused = checkActivity(world, body.activity, violate)
    if (refused) return refused
    const message = world.say({ conversation: room.id, card: cardOf(body.activity) })
    return { status: 201, body: { id: `${room.id};messageid=${message.id}`, activityId: message.id } }
  }
  const members = Array.isArray(body.members) ? body.members : []
  if (members.length !== 1) violate('create: a personal chat has one member beside the bot')
  const user = world.findUser(String(dig(members, 0, 'id') ?? ''))
  if (!user) return fault(404, 'UserNotFound')
  if (!world.installedFor.has(user.id)) return fault(403, 'BotNotInConversationRoster')
  return { status: 201, body: { id: world.personalChat(user).id } }
}
