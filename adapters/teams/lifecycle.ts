import type { ChatEvent } from '../../src/platform/index.js'
import { type Account, type Activity, instantOf, isOurBot, placeOf } from './activity.js'
import { type ParseContext, personRefOf } from './parse.js'

type Channel = { readonly id: string; readonly name: string }

/** Kinds of update that change no group we keep: tabs, apps, history shown. */
const ignored = new Set(['historyDisclosed', 'channelShared', 'channelUnshared', 'tabAdded', 'tabRemoved'])

/**
 * Members, channels, teams and the bot's own coming and going.
 * Who did it is left out on purpose: Teams' `from` is not documented to be the actor; Graph's initiator is.
 * @returns events (none when nothing changes), or undefined when the update is of a kind we do not know
 */
export function parseLifecycle(activity: Activity, context: ParseContext): ChatEvent[] | undefined {
  const scene = sceneOf(activity, context)
  if (activity.type === 'installationUpdate') return installation(activity, scene)
  if (scene.place.kind === 'personal') return []
  if ((activity.membersAdded?.length ?? 0) > 0 || (activity.membersRemoved?.length ?? 0) > 0)
    return members(activity, scene)
  if (activity.topicName !== undefined && scene.place.kind === 'chat')
    return [{ ...scene.in(scene.place.conversation), kind: 'group-renamed', name: activity.topicName }]
  const kind = activity.channelData?.eventType
  if (kind === undefined || ignored.has(kind)) return []
  return channel(kind, activity, scene) ?? team(kind, scene)
}

interface Scene {
  readonly context: ParseContext
  readonly place: ReturnType<typeof placeOf>
  readonly teamName: string | undefined
  /** Fields all events of this activity share. */
  in(conversation: string): {
    platform: 'teams'
    tenant: string
    at: string
    source: 'event'
    conversation: string
  }
  /** Channels an update of the whole team touches. */
  channels(): readonly Channel[]
  details(channel: Channel): { name: string; team?: string; visibility?: 'private'; shared?: boolean }
}

function sceneOf(activity: Activity, context: ParseContext): Scene {
  const place = placeOf(activity)
  const at = instantOf(activity, context.now)
  const teamName = activity.channelData?.team?.name ?? (place.team ? context.teamName(place.team) : undefined)
  const named = activity.channelData?.channel
  const type = channelType(activity, context)
  return {
    context,
    place,
    teamName,
    in: (conversation) => ({ platform: 'teams', tenant: context.tenant, at, source: 'event', conversation }),
    channels() {
      if (place.kind !== 'channel' || place.team === undefined)
        return [{ id: place.conversation, name: activity.conversation.name ?? 'Group chat' }]
      // Private and shared channels have members of their own: an update naming one is about that one alone.
      if (named?.id && type !== 'standard') return [{ id: named.id, name: named.name ?? 'Channel' }]
      const known = context.channelsOf(place.team)
      // The General channel's id is the team's.
      return known.some((c) => c.id === place.team) ? known : [{ id: place.team, name: 'General' }, ...known]
    },
    details: (channel) => ({
      name: channel.name.slice(0, 400),
      ...(teamName ? { team: teamName.slice(0, 400) } : {}),
      ...(place.kind === 'chat' || (type !== 'standard' && channel.id === named?.id)
        ? { visibility: 'private' as const }
        : {}),
      ...(type === 'shared' && channel.id === named?.id ? { shared: true } : {}),
    }),
  }
}

/**
 * The type of the channel an activity is about: as it says, else as known from before, else standard. An activity that
 * does not name it must not make a private channel a standard one, whose members are the whole team's.
 */
export function channelType(activity: Activity, context: Pick<ParseContext, 'channelType'>): string {
  const named = activity.channelData?.channel
  const type = named?.type ?? named?.channelType
  return type?.toLowerCase() ?? context.channelType(placeOf(activity).conversation) ?? 'standard'
}

/**
 * Whether an update leaves it open who is in a shared channel now: somebody said to be removed may still be a member
 * directly or through another team, and sharing with a team, or no longer, is told once and not for each person.
 * https://learn.microsoft.com/microsoftteams/platform/build-apps-for-shared-private-channels ("Validate user access for
 * membership updates", "Handle bulk membership changes")
 */
export function leavesMembersOpen(activity: Activity): boolean {
  const kind = activity.channelData?.eventType
  if (kind === 'channelShared' || kind === 'channelUnshared') return true
  return (activity.membersRemoved?.length ?? 0) > 0
}

function members(activity: Activity, scene: Scene): ChatEvent[] {
  const isBot = (account: Account) => isOurBot(account.id, activity, scene.context.appId)
  const events: ChatEvent[] = []
  for (const group of scene.channels()) {
    const told = scene.in(group.id)
    // Even milliseconds: Graph's telling of the same change bears odd ones (see graph-messages.ts).
    const at = Date.parse(told.at)
    const where = { ...told, at: new Date(at - (at % 2)).toISOString() }
    for (const account of activity.membersAdded ?? []) {
      if (isBot(account)) events.push(...botAdded(group, scene))
      else events.push({ ...where, kind: 'member-joined', person: personRefOf(account, scene.context) })
    }
    for (const account of activity.membersRemoved ?? []) {
      if (isBot(account)) events.push(...botRemoved(group, scene))
      else
        events.push({
          ...where,
          kind: 'member-left',
          person: personRefOf(account, scene.context),
          how: 'departed',
        })
    }
  }
  return events
}

/** Installing sends an update of members and one of the installation, in either order: the second says nothing new. */
function botAdded(group: Channel, scene: Scene): ChatEvent[] {
  if (scene.context.botState(group.id) === 'just-added') return []
  return [{ ...scene.in(group.id), kind: 'bot-added', ...scene.details(group) }]
}

function botRemoved(group: Channel, scene: Scene): ChatEvent[] {
  if (scene.context.botState(group.id) === 'absent') return []
  return [{ ...scene.in(group.id), kind: 'bot-removed' }]
}

function installation(activity: Activity, scene: Scene): ChatEvent[] {
  if (scene.place.kind === 'personal') return []
  if (activity.action === 'add') return scene.channels().flatMap((group) => botAdded(group, scene))
  if (activity.action === 'remove') return scene.channels().flatMap((group) => botRemoved(group, scene))
  return []
}

function channel(kind: string, activity: Activity, scene: Scene): ChatEvent[] | undefined {
  const named = activity.channelData?.channel
  if (!/^channel/.test(kind)) return undefined
  if (!named?.id) return []
  const group = { id: named.id, name: named.name ?? 'General' }
  const where = scene.in(group.id)
  switch (kind) {
    case 'channelCreated':
      return [{ ...where, kind: 'group-created', ...scene.details(group) }]
    case 'channelRenamed':
      return [{ ...where, kind: 'group-renamed', ...scene.details(group) }]
    case 'channelDeleted':
      return [{ ...where, kind: 'group-archived', deleted: true }]
    case 'channelRestored':
      return [{ ...where, kind: 'group-restored' }]
    default:
      return undefined
  }
}

function team(kind: string, scene: Scene): ChatEvent[] | undefined {
  const all = (make: (group: Channel) => ChatEvent) => scene.channels().map(make)
  switch (kind) {
    case 'teamRenamed':
      return all((group) => ({ ...scene.in(group.id), kind: 'group-renamed', ...scene.details(group) }))
    case 'teamArchived':
      return all((group) => ({ ...scene.in(group.id), kind: 'group-archived' }))
    case 'teamDeleted':
    case 'teamHardDeleted':
      return all((group) => ({ ...scene.in(group.id), kind: 'group-archived', deleted: true }))
    case 'teamUnarchived':
    case 'teamRestored':
      return all((group) => ({ ...scene.in(group.id), kind: 'group-restored' }))
    default:
      return undefined
  }
}
