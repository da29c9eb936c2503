import { z } from 'zod'
import { isRemembrancerError } from '../../src/errors.js'
import type { Envelope, PersonRef, PlatformHost } from '../../src/platform/index.js'
import type { Connector } from './connector.js'
import type { Conversation, ConversationStore } from './conversations.js'
import { type Directory, knownPerson } from './directory.js'
import type { Graph } from './graph.js'
import { personRefOf } from './parse.js'
import type { TeamsSettings } from './settings.js'

/** What rosters and names are read with. */
export interface RosterTools {
  readonly settings: TeamsSettings
  readonly store: ConversationStore
  readonly directory: Directory
  readonly connector: Connector
  readonly graph: Graph | undefined
  readonly now: () => Date
  readonly host: Pick<PlatformHost, 'log'>
  /** Channels of which no complete roster was to be had when last asked for. */
  readonly withoutRoster: Set<string>
}

type Member = PersonRef & { role?: 'member' | 'owner' | 'guest' }

const graphMemberSchema = z.object({
  userId: z.string().nullish(),
  displayName: z.string().nullish(),
  email: z.string().nullish(),
  tenantId: z.string().nullish(),
  roles: z.array(z.string()).nullish(),
})

/**
 * Everyone in a conversation. Standard channels and chats: the Bot Connector. Private and shared channels: Graph
 * alone, for the Bot Connector answers with the whole team.
 * @returns undefined where a complete roster is not to be had: an incomplete one would count people as departed
 */
export async function readRoster(id: string, tools: RosterTools): Promise<Envelope | undefined> {
  const { settings, directory } = tools
  const conversation = directory.conversation(id)
  if (conversation.kind === 'personal') return undefined
  const at = tools.now().toISOString()
  const members = await membersOf(conversation, tools)
  if (!members) {
    noteWithoutRoster(id, tools)
    return undefined
  }
  tools.withoutRoster.delete(id)
  const unique = [...new Map(members.map((member) => [member.id, member])).values()]
  return {
    raw: JSON.stringify({ roster: id, members: unique }),
    events: [
      {
        platform: 'teams',
        tenant: settings.tenantId,
        conversation: id,
        source: 'roster-check',
        at,
        kind: 'roster-observed',
        members: unique,
      },
    ],
  }
}

/** Said once, and by the doctor for as long as it lasts. */
function noteWithoutRoster(id: string, { withoutRoster, host }: RosterTools): void {
  if (withoutRoster.has(id)) return
  withoutRoster.add(id)
  host.log.warn(
    { code: 'PLATFORM_REFUSED', conversation: id },
    'No complete roster is to be had of this channel: who is in it is known from events alone',
  )
}

async function membersOf(conversation: Conversation, tools: RosterTools): Promise<Member[] | undefined> {
  const type = conversation.channelType ?? 'standard'
  if (conversation.kind === 'channel' && type !== 'standard') return channelMembers(conversation, type, tools)
  const accounts = await tools.connector.members(conversation.serviceUrl, conversation.id)
  const context = tools.directory.context(tools.now())
  return accounts.map((account) => {
    const person = personRefOf(account, context)
    const entra = account.aadObjectId ?? account.objectId
    if (entra !== undefined && account.id.startsWith('29:'))
      tools.store.rememberPerson({
        id: entra,
        mri: account.id,
        ...(account.name ? { name: account.name } : {}),
        ...(account.email ? { email: account.email } : {}),
      })
    const guest = account.userRole === 'guest' || account.userPrincipalName?.includes('#EXT#')
    return guest ? { ...person, role: 'guest' } : person
  })
}

async function channelMembers(
  conversation: Conversation,
  type: string,
  tools: RosterTools,
): Promise<Member[] | undefined> {
  const { graph } = tools
  const group = await tools.directory.groupId(conversation)
  if (!graph || group === undefined) return undefined
  const base = `/teams/${group}/channels/${encodeURIComponent(conversation.id)}`
  // allMembers is the whole truth; `members` is complete for private channels only: a shared channel's members through
  // other teams are missing from it. Microsoft's pages grant both by the consent for a team, yet administrators report
  // 403 for private channels, and the two need not refuse alike.
  const everyone = await listMembers(graph, `${base}/allMembers`, tools)
  if (everyone || type !== 'private') return everyone
  return listMembers(graph, `${base}/members`, tools)
}

async function listMembers(graph: Graph, path: string, tools: RosterTools): Promise<Member[] | undefined> {
  const members: Member[] = []
  try {
    for await (const item of graph.list(path)) {
      const one = graphMemberSchema.safeParse(item)
      // Somebody we cannot name makes the list incomplete.
      if (!one.success || !one.data.userId) return undefined
      const { userId, displayName, email, tenantId, roles } = one.data
      const role = roles?.includes('owner') ? 'owner' : roles?.includes('guest') ? 'guest' : 'member'
      const external = role === 'guest' || (tenantId ? tenantId !== tools.settings.tenantId : false)
      members.push({
        id: userId,
        role,
        ...(displayName ? { name: displayName.slice(0, 400) } : {}),
        ...(email ? { email } : {}),
        ...(external ? { external: true } : {}),
      })
    }
    return members
  } catch (error) {
    if (isRemembrancerError(error, 'PLATFORM_REFUSED') || isRemembrancerError(error, 'PLATFORM_NOT_FOUND'))
      return undefined
    throw error
  }
}

const userSchema = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  jobTitle: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
})

/**
 * An account's details: from Graph where User.Read.All is granted, else from a roster it is on, else as last met.
 */
export async function readPerson(id: string, tools: RosterTools): Promise<PersonRef | undefined> {
  const { graph, connector, store, directory } = tools
  if (graph && !id.startsWith('29:')) {
    try {
      const select = 'id,displayName,mail,userPrincipalName,jobTitle,accountEnabled,userType'
      const found = userSchema.safeParse(
        await graph.get(`/users/${encodeURIComponent(id)}?$select=${select}`),
      )
      if (found.success) {
        const user = found.data
        return {
          id: user.id,
          ...(user.displayName ? { name: user.displayName.slice(0, 400) } : {}),
          ...((user.mail ?? user.userPrincipalName)
            ? { email: user.mail ?? user.userPrincipalName ?? '' }
            : {}),
          ...(user.jobTitle ? { title: user.jobTitle } : {}),
          ...(user.userType === 'Guest' ? { external: true } : {}),
          ...(user.accountEnabled === null || user.accountEnabled === undefined
            ? {}
            : { active: user.accountEnabled }),
        }
      }
    } catch (error) {
      if (!isRemembrancerError(error, 'PLATFORM_REFUSED')) throw error
    }
  }
  const known = knownPerson(store, id)
  if (known?.name !== undefined) return known
  const here = store.conversations().filter((one) => one.present && one.kind !== 'personal')
  for (const conversation of here.slice(0, 3)) {
    const account = await connector.member(conversation.serviceUrl, conversation.id, id)
    if (account) return personRefOf(account, directory.context(tools.now()))
  }
  return known
}
