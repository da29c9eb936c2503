import { z } from 'zod'
import { isRemembrancerError, RemembrancerError } from '../../src/errors.js'
import type { Capabilities, ChatPlatform, PlatformHost } from '../../src/platform/index.js'
import { type Acknowledge, answerInteraction } from './answer.js'
import { createChannels } from './channels.js'
import { createApi, done } from './client.js'
import { type Clock, systemClock } from './clock.js'
import { checkArrival, type DoctorParts, examine } from './doctor.js'
import { readHistory } from './history.js'
import { createHttpDoor } from './http.js'
import { identify } from './identify.js'
import type { Identity } from './identity.js'
import { createIngest } from './ingest.js'
import { type Asked, readInteraction } from './interactions.js'
import { limits } from './limits.js'
import type { ParseContext } from './parse.js'
import { createPeople } from './people.js'
import { findPost, replacePost, sendPost } from './posts.js'
import { createPulse } from './pulse.js'
import { boltLogger, createApp } from './receivers.js'
import { readRoster } from './roster.js'
import type { SlackSettings } from './settings.js'
import { slackCode } from './slack-errors.js'
import { createSockets } from './sockets.js'
import { createSurfaces } from './surfaces.js'

export interface SlackPlatformOptions {
  readonly settings: SlackSettings
  readonly bolt: typeof import('./bolt.js')
  /** Time for rate limits, caches and reconnecting; tests inject their own. */
  readonly clock?: Clock
}

const capabilities: Capabilities = {
  reportsRemovalActor: false,
  reportsJoinActor: true,
  ephemeralMessages: true,
  updatesPosts: true,
  recognisesOwnPosts: true,
  addsMembers: true,
  joinsPublicGroups: true,
  history: true,
  commandsInThreads: false,
  maxFormChoices: limits.optionsInCheckboxes,
}

/** The port, and a way to wait for answers still on their way to people. */
export interface SlackPlatform extends ChatPlatform {
  settled(): Promise<void>
}

const link = z.looseObject({ permalink: z.string() })

/** Slack behind the port. Nothing connects before `start`. */
export function createSlackPlatform(options: SlackPlatformOptions): SlackPlatform {
  const { settings, bolt } = options
  const clock = options.clock ?? systemClock
  let host: PlatformHost | undefined
  let identity: Identity | undefined
  let stopped = false
  let watch: NodeJS.Timeout | undefined

  const log = () => host?.log
  const now = () => host?.now() ?? new Date(clock.now())
  const logger = boltLogger(bolt, log)
  const api = createApi(bolt.webApi, { token: settings.botToken, apiUrl: settings.apiUrl, clock, logger })
  const people = createPeople(api, clock, () => identity)
  const channels = createChannels(api, clock)
  const surfaces = createSurfaces(api, channels, settings.apiUrl)
  const pulse = createPulse(clock)
  const posts = { api, channels, pulse }

  const app = createApp({
    bolt,
    logger,
    token: settings.botToken,
    log,
    ingest: (body, raw) => ingest()(body, raw),
    interact,
  })
  const door =
    settings.signingSecret === undefined || settings.appToken !== undefined
      ? undefined
      : createHttpDoor(bolt, { signingSecret: settings.signingSecret, now, log, logger })
  door?.receiver.init(app)
  const sockets =
    settings.appToken === undefined
      ? undefined
      : createSockets(bolt, {
          appToken: settings.appToken,
          apiUrl: settings.apiUrl,
          clock,
          logger,
          log,
          onGap,
        })
  for (const receiver of sockets?.receivers ?? []) receiver.init(app)

  let running: ReturnType<typeof createIngest> | undefined
  /** Until started, nothing can be committed: Slack is to try again. */
  function ingest(): ReturnType<typeof createIngest> {
    if (running === undefined) throw new RemembrancerError('NOT_RUNNING', 'The Slack adapter is not started.')
    return running
  }

  async function interact(body: unknown, ack: Acknowledge): Promise<void> {
    const asked = host === undefined ? undefined : readInteraction(body, interactionContext())
    if (host === undefined || asked === undefined) return ack()
    await answering(answerInteraction(asked, ack, { host, surfaces, clock }))
  }

  const answers = new Set<Promise<void>>()
  async function answering(answer: Promise<void>): Promise<void> {
    answers.add(answer)
    await answer.finally(() => answers.delete(answer))
  }
  async function settled(): Promise<void> {
    while (answers.size > 0) await Promise.allSettled(answers)
  }

  function interactionContext() {
    const { tenant, enterprise } = identity ?? {}
    const channelName = (id: string) => channels.known(id)?.name
    return {
      now: now(),
      person: people.known,
      channelName,
      ...(tenant === undefined ? {} : { tenant }),
      ...(enterprise === undefined ? {} : { enterprise }),
    }
  }

  function openHome(opened: { id: string; tenant: string; person: { id: string } }): void {
    if (host === undefined) return
    const interaction = { ...opened, platform: 'slack' as const, at: now(), kind: 'home' as const }
    // As if home's own card had been pressed: the answer is published there.
    const asked: Asked = {
      interaction,
      isCommand: false,
      expectsForm: false,
      view: { id: '', type: 'home', raw: {} },
    }
    const parts = { host, surfaces, clock }
    void answering(answerInteraction(asked, async () => undefined, parts))
  }

  async function onGap(from: Date, to: Date, reason: 'reconnected' | 'disabled'): Promise<void> {
    if (identity === undefined || host === undefined) return
    const gap = { platform: 'slack' as const, tenant: identity.tenant, from, to, reason }
    await host.reportGap(gap).catch(gapLost)
  }

  function gapLost(error: unknown): void {
    log()?.error({ platform: 'slack', code: codeOf(error) }, 'a gap could not be written')
  }

  function checkPulse(): void {
    const since = pulse.silentSince()
    if (since === undefined || identity === undefined || host === undefined) return
    host.log.error(
      { platform: 'slack' },
      'our own posts do not come back: Slack may have disabled the event subscription',
    )
    const gap = { platform: 'slack' as const, tenant: identity.tenant, from: new Date(since), to: now() }
    host.reportGap({ ...gap, reason: 'disabled' }).catch(gapLost)
  }

  /**
   * Asks until Slack answers: without knowing where it is, the bot could not say which channels it has lost when the
   * app is uninstalled.
   */
  async function learnWhereWeAre({ log }: PlatformHost): Promise<void> {
    let said: string | undefined
    for (let pause = 1000; !stopped; pause = Math.min(pause * 2, 60_000)) {
      try {
        return await channels.loadPresent()
      } catch (error) {
        // A scope that is missing stays missing until somebody acts: said once, and again when the reason is another.
        const reason = isRemembrancerError(error) ? error.line() : codeOf(error)
        if (reason !== said)
          log.warn(
            { platform: 'slack', code: codeOf(error) },
            'could not list the channels the bot is in; trying again until it can',
          )
        said = reason
      }
      await clock.sleep(pause)
    }
  }

  function doctorParts(): DoctorParts {
    return {
      settings,
      now,
      running: {
        skewSeconds: door?.skewSeconds(),
        lastReceived: pulse.lastReceived(),
        silence: pulse.silence(),
        socketsUp: host === undefined ? undefined : sockets?.connected(),
        socketsRefused: sockets?.refused(),
      },
    }
  }

  function parseContext(): ParseContext {
    if (identity === undefined)
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Slack has not said yet which workspace this is.')
    const { tenant, enterprise, ...self } = identity
    return {
      tenant,
      ...(enterprise === undefined ? {} : { enterprise }),
      self,
      person: people.known,
      channelName: (id) => channels.known(id)?.name,
      channelDetails: channels.known,
    }
  }

  return {
    name: 'slack',
    capabilities,
    rateLimits: { perConversationMs: 1000, overallMs: 300 },
    ...(door === undefined ? {} : { webhook: door.webhook }),
    settled,
    tenants: () => (identity === undefined ? [] : [identity.tenant]),

    async start(given) {
      host = given
      stopped = false
      running = createIngest({
        host: given,
        people,
        channels,
        identity: () => identity,
        home: openHome,
        received: (_tenant, message) => pulse.received(message),
      })
      await identify(
        api,
        given,
        clock,
        (found) => {
          identity = found
        },
        () => stopped,
      )
      await sockets?.start().catch(refusedSocket)
      void learnWhereWeAre(given)
      watch = setInterval(checkPulse, 60_000)
      watch.unref()
    },
    async stop() {
      stopped = true
      clearInterval(watch)
      await Promise.race([settled(), clock.sleep(5000)])
      await sockets?.stop()
    },

    post: (_tenant, post) => sendPost(posts, post),
    update: (_tenant, receipt, card) => replacePost(posts, receipt, card),
    findPost: (_tenant, target, outboxId, since) => findPost(posts, target, outboxId, since),
    roster: (tenant, conversation) =>
      readRoster({ api, people, channels, now, botUserId: () => identity?.botUserId }, tenant, conversation),
    history: (_tenant, conversation, after, before) =>
      readHistory({ api, people, context: parseContext }, conversation, after, before),
    conversations: () => channels.list(),
    async joinGroup(_tenant, conversation) {
      await api.call('conversations.join', { channel: conversation }, done)
    },
    async addMember(_tenant, conversation, person) {
      try {
        await api.call('conversations.invite', { channel: conversation, users: person }, done)
      } catch (error) {
        if (slackCode(error) !== 'already_in_channel') throw error
      }
    },
    async permalink(_tenant, conversation, message) {
      try {
        const args = { channel: conversation, message_ts: message }
        return (await api.call('chat.getPermalink', args, link)).permalink
      } catch (error) {
        if (isRemembrancerError(error, 'PLATFORM_NOT_FOUND')) return undefined
        throw error
      }
    },
    person: (_tenant, id) => people.find(id),
    doctor: () => examine(doctorParts()),
    troubles: () => [checkArrival(doctorParts())].filter((finding) => !finding.ok),
  }
}

function codeOf(error: unknown): string {
  return isRemembrancerError(error) ? error.code : 'unknown'
}

function refusedSocket(error: unknown): never {
  throw new RemembrancerError('SLACK_APP_TOKEN_REFUSED', 'Slack refuses SLACK_APP_TOKEN for Socket Mode.', {
    cause: error,
  })
}
