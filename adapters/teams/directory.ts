import type { ChatEvent, Envelope, PersonRef } from '../../src/platform/index.js'
import { type Account, type Activity, isOurBot, placeOf, threadOf } from './activity.js'
import type { Connector } from './connector.js'
import type { Conversation, ConversationStore } from './conversations.js'
import { channelType } from './lifecycle.js'
import type { ParseContext } from './parse.js'
import type { TeamsSettings } from './settings.js'

/** What we learn of conversations, teams and people as activities pass, and what we ask for to fill the rest in. */
export interface Directory {
  context(now: Date): ParseContext
  /** Remembers what an activity tells: references, ids, names. Called once its events are safe. */
  learn(activity: Activity, now: Date): void
  /** A conversation as kept, or as its id lets us guess it: references repair themselves. */
  conversation(id: string): Conversation
  /** The Bot Connector for conversations that have told us none. */
  serviceUrl(): string
  /** Entra group id of a channel's team. */
  groupId(conversation: Conversation): Promise<string | undefined>
  /** The root of the thread a recently seen message stands in. */
  rootOf(message: string): string | undefined
  /** Lists a team's channels, remembers them, and tells of those we are in and had not met. */
  discover(team: string, now: Date): Promise<Envelope | undefined>
}

/** Links to replies need their root; asked for soon after, so the latest are kept in memory. */
const rootsKept = 20_000
/** Teams tells of one installation twice, within this. */
const justAddedMs = 60_000

/** Creates the directory over the store. */
export function createDirectory(
  settings: TeamsSettings,
  store: ConversationStore,
  connector: Connector,
): Directory {
  let lastService: string | undefined
  const roots = new Map<string, string>()
  const addedAt = new Map<string, number>()

  const serviceUrl = () =>
    lastService ?? store.conversations().find((one) => one.present)?.serviceUrl ?? settings.serviceUrl

  function conversation(id: string): Conversation {
    const known = store.conversation(id)
    if (known) return known
    const kind = /@thread\.(tacv2|skype)$/.test(id) ? 'channel' : 'chat'
    return { id, kind, serviceUrl: serviceUrl(), present: false }
  }

  const knownType = (id: string): string | undefined => store.conversation(id)?.channelType
  const typeOf = (activity: Activity): string => channelType(activity, { channelType: knownType })

  function learnPeople(activity: Activity): void {
    const accounts: (Account | null | undefined)[] = [
      activity.from,
      ...(activity.membersAdded ?? []),
      ...(activity.membersRemoved ?? []),
    ]
    for (const account of accounts) {
      const id = account?.aadObjectId ?? account?.objectId
      if (!account || id === undefined || !account.id.startsWith('29:')) continue
      store.rememberPerson({
        id,
        mri: account.id,
        ...(account.name ? { name: account.name } : {}),
        ...(account.email ? { email: account.email } : {}),
      })
    }
  }

  function learnTeam(activity: Activity, team: string): void {
    const data = activity.channelData?.team
    store.rememberTeam({
      id: team,
      ...(data?.aadGroupId ? { groupId: data.aadGroupId } : {}),
      ...(data?.name ? { name: data.name } : {}),
    })
  }

  function learnConversation(activity: Activity, leaving: boolean): void {
    const place = placeOf(activity)
    const service = activity.serviceUrl ?? serviceUrl()
    lastService = service
    const named = activity.channelData?.channel
    const name = place.kind === 'channel' ? named?.name : (activity.topicName ?? activity.conversation.name)
    const known = conversation(place.conversation)
    store.remember({
      ...known,
      id: place.conversation,
      kind: place.kind,
      serviceUrl: service,
      present: !leaving,
      ...(name ? { name } : {}),
      ...(place.team ? { team: place.team } : {}),
      ...(place.kind === 'channel' ? { channelType: typeOf(activity) } : {}),
      // A personal chat stays whose it is: what is for one person's eyes must never go to another.
      ...(place.kind === 'personal' && known.person === undefined && activity.from?.aadObjectId
        ? { person: activity.from.aadObjectId }
        : {}),
    })
    store.mark(place.conversation, { trouble: undefined })
    if (place.team === undefined || typeOf(activity) !== 'standard') return
    if (leaving)
      for (const channel of store.channelsOf(place.team)) store.mark(channel.id, { present: false })
  }

  function noteArrival(activity: Activity, leaving: boolean, now: Date): void {
    if (leaving) {
      addedAt.clear()
      return
    }
    const arriving =
      (activity.membersAdded ?? []).some((one) => isOurBot(one.id, activity, settings.appId)) ||
      (activity.type === 'installationUpdate' && activity.action === 'add')
    if (!arriving) return
    const place = placeOf(activity)
    const standard = place.team !== undefined && typeOf(activity) === 'standard'
    const ids = standard ? store.channelsOf(place.team).map((one) => one.id) : []
    for (const [id, at] of addedAt) if (now.getTime() - at > justAddedMs) addedAt.delete(id)
    for (const id of [place.conversation, ...ids]) addedAt.set(id, now.getTime())
  }

  return {
    conversation,
    serviceUrl,
    context: (now) => ({
      tenant: settings.tenantId,
      appId: settings.appId,
      now,
      personOf: (mri) => store.personOf(mri),
      channelsOf: (team) =>
        store
          .channelsOf(team)
          .filter((one) => (one.channelType ?? 'standard') === 'standard')
          .map((one) => ({ id: one.id, name: one.name ?? 'General' })),
      teamName: (team) => store.team(team)?.name,
      channelType: knownType,
      botState(id) {
        if (now.getTime() - (addedAt.get(id) ?? Number.NEGATIVE_INFINITY) < justAddedMs) return 'just-added'
        const known = store.conversation(id)
        return known === undefined ? 'unknown' : known.present ? 'present' : 'absent'
      },
    }),
    rootOf: (message) => roots.get(message) ?? store.threadOfPost(message),
    learn(activity, now) {
      const root = threadOf(activity.conversation.id)
      if (activity.type === 'message' && activity.id !== undefined && root !== undefined) {
        roots.set(activity.id, root)
        const oldest = roots.keys().next()
        if (roots.size > rootsKept && !oldest.done) roots.delete(oldest.value)
      }
      learnPeople(activity)
      const { team } = placeOf(activity)
      if (team !== undefined) learnTeam(activity, team)
      const leaving =
        (activity.membersRemoved ?? []).some((one) => isOurBot(one.id, activity, settings.appId)) ||
        (activity.type === 'installationUpdate' && activity.action === 'remove')
      noteArrival(activity, leaving, now)
      learnConversation(activity, leaving)
      // From here on Graph can be asked what happened, even if the first look comes late.
      const { conversation: id } = placeOf(activity)
      if (store.cursor(id) === undefined) store.setCursor(id, now.toISOString())
    },
    async groupId(one) {
      if (one.team === undefined) return undefined
      const known = store.team(one.team)?.groupId
      if (known !== undefined) return known
      const found = await connector.team(one.serviceUrl, one.team)
      store.rememberTeam({
        id: one.team,
        ...(found.groupId ? { groupId: found.groupId } : {}),
        ...(found.name ? { name: found.name } : {}),
      })
      return found.groupId
    },
    async discover(team, now) {
      const general = conversation(team)
      const service = general.serviceUrl
      const found = await connector.channels(service, team)
      await this.groupId({ ...general, team })
      const teamName = store.team(team)?.name
      const fresh = found.filter((one) => store.conversation(one.id)?.present !== true)
      for (const one of found)
        store.remember({
          ...conversation(one.id),
          id: one.id,
          kind: 'channel',
          serviceUrl: service,
          team,
          name: one.name,
          channelType: one.type,
          present: one.type === 'standard' || store.conversation(one.id)?.present === true,
        })
      for (const one of found)
        if (store.cursor(one.id) === undefined) store.setCursor(one.id, now.toISOString())
      // Private and shared channels count only once the app is added to each of them.
      const events = fresh
        .filter((one) => one.type === 'standard' && one.id !== team)
        .map(
          (one): ChatEvent => ({
            platform: 'teams',
            tenant: settings.tenantId,
            conversation: one.id,
            source: 'roster-check',
            at: now.toISOString(),
            kind: 'bot-added',
            name: one.name.slice(0, 400),
            ...(teamName ? { team: teamName.slice(0, 400) } : {}),
          }),
        )
      return events.length === 0 ? undefined : { raw: JSON.stringify({ team, channels: found }), events }
    },
  }
}

/** A person of the store as events name them. */
export function knownPerson(store: ConversationStore, id: string): PersonRef | undefined {
  const known = store.person(id)
  if (!known) return undefined
  return {
    id: known.id,
    ...(known.name ? { name: known.name } : {}),
    ...(known.email ? { email: known.email } : {}),
  }
}
