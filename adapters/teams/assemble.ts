import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRemembrancerError } from '../../src/errors.js'
import type { PlatformHost } from '../../src/platform/index.js'
import { type Activity, isOurBot, placeOf, threadOf } from './activity.js'
import { type Connector, createConnector } from './connector.js'
import { type ConversationStore, openConversationStore } from './conversations.js'
import { createDirectory, type Directory } from './directory.js'
import { createGraph, type Graph } from './graph.js'
import type { HttpContext } from './http.js'
import { createTurn, type InteractionTools } from './interactions.js'
import { createKeyStore, type KeyStore } from './keys.js'
import { leavesMembersOpen } from './lifecycle.js'
import { createOpenForms } from './open-forms.js'
import { personRefOf } from './parse.js'
import { createPoster, type Poster } from './posts.js'
import { createReconciler, type Reconciler } from './reconcile.js'
import { renderCard } from './render.js'
import { createReplacements } from './replacements.js'
import { readRoster } from './roster.js'
import type { TeamsSettings } from './settings.js'
import { createTokenSource, type TokenSource } from './token.js'
import { createWebhook } from './webhook.js'

/** How a platform is made; tests replace the way out, the waiting and the schedule. */
export interface PlatformOptions {
  readonly settings: TeamsSettings
  /** True when every address the program listens on is reached from this machine only. */
  readonly listensOnLoopbackOnly: boolean
  readonly fetch?: typeof globalThis.fetch
  readonly sleep?: (ms: number) => Promise<void>
  readonly timeoutMs?: number
  /** False = reconcile only when told to. */
  readonly schedule?: boolean
  /** How long after a change of members Graph is asked about it. */
  readonly lookAfterMs?: number
}

/** The running parts of the adapter. */
export interface Parts {
  readonly settings: TeamsSettings
  readonly host: PlatformHost
  readonly now: () => Date
  readonly keys: KeyStore
  readonly tokens: TokenSource
  readonly connector: Connector
  readonly graph: Graph | undefined
  readonly store: ConversationStore
  readonly directory: Directory
  readonly poster: Poster
  readonly reconciler: Reconciler
  readonly withoutRoster: Set<string>
  webhook(request: IncomingMessage, response: ServerResponse): void
  begin(): void
  idle(): Promise<void>
  end(): Promise<void>
}

/** How long after a change of members Graph is asked who did it, and who is there now. */
const lookAfterMs = 30_000
const messagesRemembered = 2000
/**
 * Teams shows "something went wrong" when a press is not answered within seconds. What a slow service still has to do
 * after this goes on behind the answer.
 */
const answerAfterMs = 2000

/** The parts that need the settings alone. */
export function clients(options: PlatformOptions, now: () => Date) {
  const { settings } = options
  const http: HttpContext = {
    fetch: options.fetch ?? globalThis.fetch,
    now,
    timeoutMs: options.timeoutMs ?? 15_000,
  }
  const tokens = createTokenSource({ ...settings, http })
  const keys = createKeyStore(settings.openIdMetadataUrl, http)
  return { settings, http, tokens, keys }
}

/** Puts the adapter together once the core has said where it may keep files. */
export async function assemble(options: PlatformOptions, host: PlatformHost): Promise<Parts> {
  const { settings } = options
  const { createSdk } = await import('./sdk.js')
  const sdk = createSdk({ appId: settings.appId, tenantId: settings.tenantId })
  const now = () => host.now()
  const { http, tokens, keys } = clients(options, now)
  const store = openConversationStore(host.dataDir)
  const connector = createConnector({ settings, tokens, http })
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)))
  const graph = settings.graph ? createGraph({ settings, tokens, http, sleep }) : undefined
  const directory = createDirectory(settings, store, connector)
  const log = () => host.log
  const posts = createPoster({ store, directory, connector, graph, log })
  const replacements = createReplacements({ put: posts.update, sleep, log })
  const poster: Poster = { ...posts, update: replacements.now }
  const withoutRoster = new Set<string>()
  const rosters = { settings, host, store, directory, connector, graph, now, withoutRoster }
  const reconciler = createReconciler({
    settings,
    host,
    store,
    directory,
    graph,
    roster: (id) => readRoster(id, rosters),
  })
  const work = createWork(host)
  const timers = new Set<NodeJS.Timeout>()
  const handled = new Set<string>()
  const rostersAwaited = new Set<string>()

  const tools: InteractionTools = {
    host,
    context: () => directory.context(now()),
    forms: createOpenForms(now),
    nameOf: (person) => store.person(person)?.name ?? 'Somebody chosen by you',
    async answerPrivately(activity, card, summary) {
      const person = activity.from ? personRefOf(activity.from, directory.context(now())).id : ''
      if (placeOf(activity).kind === 'personal') {
        await connector.send(activity.serviceUrl ?? '', activity.conversation.id, { card, summary })
        return
      }
      try {
        await poster.toPerson(person, { card, summary })
      } catch (error) {
        if (!isRemembrancerError(error)) throw error
        host.log.warn({ code: error.code }, 'A private answer could not be given in a personal chat')
        await sendHere(activity)
      }
    },
    replaceForAll: (post, card) => replacements.eventually(post, card),
    async beforeAnswer(task) {
      const running = task()
      let answered = false
      work.run('answer', () =>
        running.catch((error: unknown) => {
          // A failure in time is the answer's own.
          if (answered) throw error
        }),
      )
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, answerAfterMs)
      })
      try {
        await Promise.race([running, patience])
      } finally {
        answered = true
        clearTimeout(timer)
      }
    },
  }

  /** Says in the group, without saying what was asked, how to get a private answer. */
  async function sendHere(activity: Activity): Promise<void> {
    const place = placeOf(activity)
    const root = threadOf(activity.conversation.id) ?? activity.id
    const where =
      place.kind === 'channel' && root !== undefined
        ? `${place.conversation};messageid=${root}`
        : place.conversation
    const summary = 'I cannot write to you privately yet'
    const card = renderCard({
      heading: summary,
      text: ['Add the app for yourself (search for it under Apps in Teams), then ask me again.'],
      summary,
    })
    await connector.send(activity.serviceUrl ?? '', where, { card, summary })
  }

  const webhook = createWebhook({
    settings,
    host,
    keys,
    directory,
    async invoke(activity, raw) {
      return (await sdk.run(activity, createTurn(activity, raw, tools))) ?? { status: 501 }
    },
    message(activity, raw) {
      // Teams may deliver twice; the message is kept once by its key, and answered once here.
      const key = `${activity.conversation.id}|${activity.id ?? ''}`
      if (!activity.from || handled.has(key)) return
      handled.add(key)
      const oldest = handled.values().next()
      if (handled.size > messagesRemembered && !oldest.done) handled.delete(oldest.value)
      work.run('command', async () => {
        await sdk.run(activity, createTurn(activity, raw, tools))
      })
    },
    seen(activity) {
      directory.learn(activity, now())
      const place = placeOf(activity)
      const joined = activity.membersAdded ?? []
      if (place.team !== undefined && joined.some((one) => isOurBot(one.id, activity, settings.appId))) {
        const { team } = place
        work.run('discover', async () => {
          const envelope = await directory.discover(team, now())
          if (envelope) await host.accept([envelope])
        })
      }
      if (joined.length > 0 || (activity.membersRemoved?.length ?? 0) > 0) lookSoon(place.conversation)
      const shared = store.conversation(place.conversation)?.channelType === 'shared'
      if (shared && leavesMembersOpen(activity)) checkRosterSoon(place.conversation)
    },
  })

  function soon(what: string, task: () => Promise<void>): void {
    if (options.schedule === false) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      work.run(what, task)
    }, options.lookAfterMs ?? lookAfterMs)
    timer.unref()
    timers.add(timer)
  }

  function lookSoon(conversation: string): void {
    soon('reconcile', () => reconciler.look(conversation))
  }

  /** Many changes at once are one check; what comes after it has begun is another. */
  function checkRosterSoon(conversation: string): void {
    if (rostersAwaited.has(conversation)) return
    rostersAwaited.add(conversation)
    soon('roster', () => {
      rostersAwaited.delete(conversation)
      return reconciler.checkRoster(conversation)
    })
  }

  return {
    settings,
    host,
    now,
    keys,
    tokens,
    connector,
    graph,
    store,
    directory,
    poster,
    reconciler,
    withoutRoster,
    webhook,
    begin() {
      if (options.schedule === false || !settings.auth) return
      const timer = setInterval(
        () => work.once('reconcile-all', () => reconciler.runOnce()),
        settings.graphPollMinutes * 60_000,
      )
      timer.unref()
      timers.add(timer)
    },
    idle: () => work.idle(),
    async end() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      replacements.stop()
      await work.idle()
    },
  }
}

interface Work {
  run(what: string, task: () => Promise<void>): void
  /** As `run`, but not while the same is still under way. */
  once(what: string, task: () => Promise<void>): void
  idle(): Promise<void>
}

/** Work that outlives the request that asked for it; its failures are logged by code, never with words of a chat. */
function createWork(host: PlatformHost): Work {
  const running = new Map<Promise<void>, string>()
  function run(what: string, task: () => Promise<void>): void {
    const promise = task()
      .catch((error: unknown) => {
        const code = isRemembrancerError(error) ? error.code : 'unexpected'
        const name = error instanceof Error ? error.name : typeof error
        host.log.error({ what, code, error: name }, 'Work after a Teams activity failed')
      })
      .finally(() => running.delete(promise))
    running.set(promise, what)
  }
  return {
    run,
    once(what, task) {
      if (![...running.values()].includes(what)) run(what, task)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.keys())
    },
  }
}
