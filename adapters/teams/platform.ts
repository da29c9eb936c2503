import { isRemembrancerError, RemembrancerError } from '../../src/errors.js'
import type {
  Capabilities,
  ChatPlatform,
  ConversationInfo,
  Envelope,
  PlatformHost,
} from '../../src/platform/index.js'
import { assemble, clients, type Parts, type PlatformOptions } from './assemble.js'
import { examine } from './doctor.js'
import { envelopeOf } from './envelopes.js'
import { lastChange, parseGraphMessage } from './graph-messages.js'
import { recentMessages } from './history.js'
import { messageLink } from './links.js'
import { readPerson, readRoster } from './roster.js'

/** The Teams platform, with what its tests and the operator's commands ask beyond the port. */
export interface TeamsPlatform extends ChatPlatform {
  /** Looks through Graph at once instead of waiting for the next round. */
  reconcile(): Promise<void>
  /** Resolves when everything started by earlier requests is done. */
  idle(): Promise<void>
}

/**
 * Creates the platform.
 * @throws RemembrancerError TEAMS_AUTH_OFF_REFUSED when TEAMS_AUTH=off and not every listening address is loopback
 */
export function createTeamsPlatform(options: PlatformOptions): TeamsPlatform {
  const { settings } = options
  if (!settings.auth && !options.listensOnLoopbackOnly)
    throw new RemembrancerError(
      'TEAMS_AUTH_OFF_REFUSED',
      'TEAMS_AUTH=off was asked for, but the program listens beyond this machine.',
    )
  let running: Parts | undefined

  function parts(): Parts {
    if (!running) throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Teams has not been started yet.')
    return running
  }

  /** To the core, refused credentials are something that may work later: once the operator has mended them. */
  async function outward<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
    try {
      return await work(parts())
    } catch (error) {
      if (!isRemembrancerError(error, 'TEAMS_TOKEN_REFUSED')) throw error
      parts().host.log.error({ code: error.code }, error.line())
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', error.message, { cause: error })
    }
  }

  const refuse = (what: string) => Promise.reject(new RemembrancerError('PLATFORM_REFUSED', what))

  async function start(host: PlatformHost): Promise<void> {
    if (!settings.auth)
      host.log.warn(
        { code: 'TEAMS_AUTH_OFF' },
        'TEAMS_AUTH IS OFF: anyone on this machine can speak as anyone. For a local emulator only.',
      )
    running = await assemble(options, host)
    running.begin()
  }

  async function* history(conversation: string, after: Date, before: Date): AsyncIterable<Envelope> {
    const { graph, directory } = parts()
    const place = {
      tenant: settings.tenantId,
      appId: settings.appId,
      conversation,
      source: 'backfill',
    } as const
    const found: { at: number; envelope: Envelope }[] = []
    const recent = recentMessages(graph, directory, directory.conversation(conversation), after)
    for await (const message of recent) {
      const created = Date.parse(message.createdDateTime)
      if (lastChange(message) < after.getTime() || created > before.getTime()) continue
      const events = parseGraphMessage(message, place)
      if (events.length > 0)
        found.push({ at: created, envelope: envelopeOf(JSON.stringify(message), events) })
    }
    found.sort((a, b) => a.at - b.at)
    for (const { envelope } of found) yield envelope
  }

  async function* conversations(): AsyncIterable<ConversationInfo> {
    const { store } = parts()
    for (const one of store.conversations()) {
      if (one.kind === 'personal') continue
      const team = one.team === undefined ? undefined : store.team(one.team)?.name
      yield {
        id: one.id,
        name: one.name ?? (one.kind === 'channel' ? 'General' : 'Group chat'),
        // Teams does not say who may find a channel; treating all as private leaks none.
        visibility: 'private',
        botPresent: one.present,
        ...(team ? { team } : {}),
      }
    }
  }

  return {
    name: 'teams',
    capabilities: capabilitiesOf(settings.graph),
    // Microsoft: 60 messages in 30 s and 1,800 an hour in one conversation, 50 requests a second over all.
    // https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
    rateLimits: { perConversationMs: 1000, overallMs: 25 },
    tenants: () => [settings.tenantId],
    start,
    async stop() {
      await running?.end()
      running = undefined
    },
    webhook: {
      path: '/api/messages',
      handle(request, response) {
        if (running) return running.webhook(request, response)
        response.statusCode = 503
        response.end()
      },
    },
    post: (_tenant, post) => outward(({ poster }) => poster.post(post)),
    update: (_tenant, receipt, card) => outward(({ poster }) => poster.update(receipt, card)),
    findPost: (_tenant, target, outboxId, since) =>
      outward(({ poster }) => poster.find(target, outboxId, since)),
    roster: (_tenant, conversation) => outward((all) => readRoster(conversation, all)),
    history: (_tenant, conversation, after, before) => history(conversation, after, before),
    conversations: () => conversations(),
    joinGroup: () => refuse('A bot joins a team or chat only when somebody there installs its app.'),
    addMember: () =>
      refuse('Adding people would need write permissions over teams, which are not asked for.'),
    permalink: (_tenant, conversation, message) =>
      outward(async ({ store, directory }) =>
        messageLink(settings, store, directory, directory.conversation(conversation), message),
      ),
    person: (_tenant, id) => outward((all) => readPerson(id, all)),
    doctor: () => examine(running ?? clients(options, () => new Date())),
    reconcile: () => parts().reconciler.runOnce(),
    idle: () => parts().idle(),
  }
}

function capabilitiesOf(graph: boolean): Capabilities {
  return {
    // The bot's own events name nobody; Graph's initiator arrives later, as an event of its own.
    reportsRemovalActor: false,
    reportsJoinActor: false,
    ephemeralMessages: false,
    updatesPosts: true,
    recognisesOwnPosts: true,
    addsMembers: false,
    joinsPublicGroups: false,
    history: graph,
    commandsInThreads: true,
    maxFormChoices: 40,
  }
}
