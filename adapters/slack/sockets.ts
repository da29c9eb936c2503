import type { Logger as BoltLogger, SocketModeReceiver } from '@slack/bolt'
import { z } from 'zod'
import type { Logger } from '../../src/platform/index.js'
import type { Clock } from './clock.js'

type Bolt = typeof import('./bolt.js')

export interface Sockets {
  readonly receivers: readonly SocketModeReceiver[]
  /**
   * Resolves when the first connection stands, or when Slack proves to be away: then it goes on trying by itself.
   * Throws when Slack refuses the app-level token.
   */
  start(): Promise<void>
  stop(): Promise<void>
  connected(): number
  /** Why Slack refuses the app-level token at this moment; undefined while it does not. */
  refused(): string | undefined
}

export interface SocketOptions {
  readonly appToken: string
  readonly apiUrl: string
  readonly clock: Clock
  readonly logger: BoltLogger
  readonly log: () => Logger | undefined
  /** Both connections were down from `from` to `to`: of themselves, or because Slack refuses us (`disabled`). */
  readonly onGap: (from: Date, to: Date, reason: 'reconnected' | 'disabled') => Promise<void>
}

/** Refusals that trying again will not mend. */
const hopeless = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'user_removed_from_team',
  'team_disabled',
  'not_allowed_token_type',
  'missing_scope',
])
const longestPauseMs = 10_000
/** How long a start waits for a connection that neither stands nor fails. */
const startPatienceMs = 15_000

/**
 * Two Socket Mode connections: Slack recycles each from time to time, and Bolt's client leaves some seconds between
 * closing and opening; meanwhile events go to the other. Reconnecting is ours, at once and without end, because the
 * client's own turns a network error during reconnecting into an unhandled rejection.
 */
export function createSockets(bolt: Bolt, options: SocketOptions): Sockets {
  const up = new Set<number>()
  let downSince: number | undefined
  let refused: string | undefined
  let toldRefused = false
  let stopped = false
  const receivers = [0, 1].map(() => receiverFor(bolt, options))

  function changed(index: number, isUp: boolean): void {
    if (isUp) up.add(index)
    else up.delete(index)
    const now = options.clock.now()
    if (up.size === 0 && !isUp && !stopped) downSince ??= now
    if (!isUp) return
    refused = undefined
    toldRefused = false
    void closeGap()
  }

  async function closeGap(): Promise<void> {
    if (downSince === undefined) return
    const from = new Date(downSince)
    downSince = undefined
    await options.onGap(from, new Date(options.clock.now()), 'reconnected')
  }

  /** What worked and is refused now will not mend itself: somebody has to hear of it, not the log alone. */
  function noteRefusal(reason: string): void {
    refused = reason
    if (toldRefused || up.size > 0 || downSince === undefined) return
    toldRefused = true
    const fields = { platform: 'slack', code: 'SLACK_APP_TOKEN_REFUSED', reason }
    options.log()?.error(fields, 'Slack refuses SLACK_APP_TOKEN: no event comes any more')
    void options.onGap(new Date(downSince), new Date(options.clock.now()), 'disabled')
  }

  async function keepUp(
    index: number,
    receiver: SocketModeReceiver,
    tried: (failure?: { readonly error: unknown }) => void = () => undefined,
  ): Promise<void> {
    for (let pause = 250; !stopped; ) {
      const closed = untilClosed(receiver)
      try {
        await receiver.client.start()
        if (stopped) return void receiver.client.disconnect()
        changed(index, true)
        tried()
        pause = 250
        await closed.promise
        changed(index, false)
      } catch (error) {
        closed.cancel()
        tried({ error })
        if (stopped) return
        const reason = reasonOf(error)
        if (hopeless.has(reason)) noteRefusal(reason)
        options.log()?.warn({ platform: 'slack', pause, reason }, 'could not connect to Slack; trying again')
        await options.clock.sleep(Math.max(pause, waitAsked(error)))
        pause = Math.min(pause * 2, longestPauseMs)
      }
    }
  }

  return {
    receivers,
    connected: () => up.size,
    refused: () => refused,
    async start() {
      stopped = false
      const [first, second] = receivers
      if (first === undefined || second === undefined) return
      await firstTry(first)
      void keepUp(1, second)
    },
    async stop() {
      stopped = true
      await Promise.race([
        Promise.allSettled(receivers.map((receiver) => receiver.client.disconnect())),
        options.clock.sleep(1000),
      ])
      up.clear()
      // Nothing else knows of the time we were blind: the program was alive.
      await closeGap()
    },
  }

  /**
   * A refused token is the operator's to mend, so it stops the start. An outage does not: the records must be there to
   * read meanwhile, and what is missed until a connection stands is a gap.
   */
  function firstTry(receiver: SocketModeReceiver): Promise<void> {
    const began = options.clock.now()
    return new Promise((resolve, reject) => {
      let decided = false
      function decide(failure?: { readonly error: unknown }): void {
        if (decided) return
        decided = true
        if (failure !== undefined && hopeless.has(reasonOf(failure.error))) {
          stopped = true
          reject(failure.error)
          return
        }
        if (up.size === 0) downSince ??= began
        resolve()
      }
      void keepUp(0, receiver, decide)
      void options.clock.sleep(startPatienceMs).then(() => decide())
    })
  }
}

function receiverFor(bolt: Bolt, options: SocketOptions): SocketModeReceiver {
  const receiver = new bolt.SocketModeReceiver({
    appToken: options.appToken,
    logger: options.logger,
    autoReconnectEnabled: false,
    // Its own client options: shared ones would be changed by the socket client under the feet of the other.
    installerOptions: {
      clientOptions: {
        slackApiUrl: options.apiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
      },
    },
    // Not committed means not acknowledged: Slack sends it again.
    processEventErrorHandler: async () => false,
  })
  guardMessages(receiver, options)
  return receiver
}

const envelope = z.looseObject({
  type: z.literal('events_api'),
  envelope_id: z.string(),
  payload: z.looseObject({ type: z.string(), event: z.undefined().optional() }),
})

/**
 * socket-mode 3.1.0 reads `payload.event.type` of everything in an `events_api` envelope. `app_rate_limited` has no
 * inner event: it would end as an unhandled rejection, that is, the end of the process. Such envelopes are passed on
 * by us, and whatever else the client's handler rejects with is caught.
 */
function guardMessages(receiver: SocketModeReceiver, options: SocketOptions): void {
  const client = receiver.client
  const originals = client.listeners('ws_message') as ((data: unknown, binary: boolean) => unknown)[]
  client.removeAllListeners('ws_message')
  client.on('ws_message', (data: unknown, binary: boolean) => {
    const bare = bareEnvelope(data)
    if (bare !== undefined) {
      const ack = async () =>
        client.websocket?.send(JSON.stringify({ envelope_id: bare.envelope_id, payload: {} }), () => {})
      client.emit('slack_event', { ack, envelope_id: bare.envelope_id, type: bare.type, body: bare.payload })
      return
    }
    for (const original of originals)
      Promise.resolve(original(data, binary)).catch((error: unknown) =>
        options
          .log()
          ?.warn({ platform: 'slack', reason: reasonOf(error) }, 'a Slack socket message was not understood'),
      )
  })
}

function bareEnvelope(data: unknown): z.infer<typeof envelope> | undefined {
  if (typeof data !== 'string' || !data.includes('events_api')) return undefined
  try {
    return envelope.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

function untilClosed(receiver: SocketModeReceiver): { promise: Promise<void>; cancel(): void } {
  let finish: () => void = () => {}
  const promise = new Promise<void>((resolve) => {
    finish = resolve
  })
  receiver.client.once('disconnected', finish)
  return { promise, cancel: () => void receiver.client.removeListener('disconnected', finish) }
}

function reasonOf(error: unknown): string {
  const data = (error as { data?: { error?: unknown } } | undefined)?.data?.error
  if (typeof data === 'string') return data
  return error instanceof Error ? error.name : 'closed'
}

function waitAsked(error: unknown): number {
  const seconds = (error as { retryAfter?: unknown } | undefined)?.retryAfter
  return typeof seconds === 'number' ? seconds * 1000 : 0
}
