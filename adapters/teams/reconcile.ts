import { isRemembrancerError } from '../../src/errors.js'
import type { ChatEvent, Envelope, PlatformHost } from '../../src/platform/index.js'
import type { Conversation, ConversationStore } from './conversations.js'
import type { Directory } from './directory.js'
import { envelopeOf } from './envelopes.js'
import type { Graph } from './graph.js'
import { parseGraphMessage } from './graph-messages.js'
import { recentMessages } from './history.js'
import type { TeamsSettings } from './settings.js'

/** Finds through Graph what the bot's own events do not say: who added and removed whom. */
export interface Reconciler {
  /** Goes through every team and conversation once. */
  runOnce(): Promise<void>
  /** Looks at one conversation (its members just changed). */
  look(conversation: string): Promise<void>
  /** Reads one roster now instead of at the next round of checks. */
  checkRoster(conversation: string): Promise<void>
  /** Conversations Graph would not show us, with what it said. */
  denied(): ReadonlyMap<string, string>
}

/** System messages may appear a little after the fact; looked at again, they change nothing. */
const overlapMs = 2 * 60_000
/** A conversation without consent is not asked again at every round. */
const deniedMs = 6 * 3_600_000

/** Creates the reconciler. */
export function createReconciler(parts: {
  readonly settings: TeamsSettings
  readonly host: PlatformHost
  readonly store: ConversationStore
  readonly directory: Directory
  readonly graph: Graph | undefined
  readonly roster: (conversation: string) => Promise<Envelope | undefined>
}): Reconciler {
  const { settings, host, store, directory, graph } = parts
  const refused = new Map<string, { why: string; until: number }>()

  async function changesOf(conversation: Conversation, since: Date): Promise<Envelope[]> {
    const found: { raw: string; events: ChatEvent[]; at: string }[] = []
    for await (const message of recentMessages(graph, directory, conversation, since)) {
      if (message.messageType !== 'systemEventMessage') continue
      if (Date.parse(message.createdDateTime) < since.getTime()) continue
      const events = placesOf(conversation).flatMap((id) =>
        parseGraphMessage(message, {
          tenant: settings.tenantId,
          appId: settings.appId,
          conversation: id,
          source: 'backfill',
        }),
      )
      if (events.length > 0) found.push({ raw: JSON.stringify(message), events, at: message.createdDateTime })
    }
    found.sort((a, b) => a.at.localeCompare(b.at))
    return found.map(({ raw, events }) => envelopeOf(raw, events))
  }

  /** A team's system messages stand in its General channel, and its members are those of every standard channel. */
  function placesOf(conversation: Conversation): string[] {
    if (conversation.team === undefined || conversation.id !== conversation.team) return [conversation.id]
    const channels = directory.context(host.now()).channelsOf(conversation.team)
    return [...new Set([conversation.id, ...channels.map((one) => one.id)])]
  }

  async function look(id: string): Promise<void> {
    const conversation = store.conversation(id)
    if (!conversation?.present || conversation.kind === 'personal' || !graph) return
    const now = host.now()
    const denied = refused.get(id)
    if (denied && denied.until > now.getTime()) return
    const cursor = store.cursor(id) ?? now.toISOString()
    try {
      const envelopes = await changesOf(conversation, new Date(Date.parse(cursor) - overlapMs))
      if (envelopes.length > 0) await host.accept(envelopes)
      store.setCursor(id, now.toISOString())
      refused.delete(id)
    } catch (error) {
      if (
        !isRemembrancerError(error, 'PLATFORM_REFUSED') &&
        !isRemembrancerError(error, 'PLATFORM_NOT_FOUND')
      )
        throw error
      refused.set(id, { why: error.message, until: now.getTime() + deniedMs })
    }
  }

  async function discoverTeams(): Promise<void> {
    for (const team of store.teams()) {
      if (!store.channelsOf(team.id).some((one) => one.present)) continue
      await attempt('team', async () => {
        const envelope = await directory.discover(team.id, host.now())
        if (envelope) await host.accept([envelope])
      })
    }
  }

  /** One failure must not keep the others from being looked at; the next round tries again. */
  async function attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const code = isRemembrancerError(error) ? error.code : 'unexpected'
      host.log.warn({ what, code }, 'Teams could not be reconciled; it is tried again')
    }
  }

  return {
    look: (id) => attempt('conversation', () => look(id)),
    checkRoster: (id) =>
      attempt('roster', async () => {
        if (store.conversation(id)?.present !== true) return
        const envelope = await parts.roster(id)
        if (envelope) await host.accept([envelope])
      }),
    async runOnce() {
      await discoverTeams()
      for (const conversation of store.conversations())
        await attempt('conversation', () => look(conversation.id))
    },
    denied: () => new Map([...refused].map(([id, { why }]) => [id, why])),
  }
}
