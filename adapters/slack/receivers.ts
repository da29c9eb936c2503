import type { App, Logger as BoltLogger } from '@slack/bolt'
import type { Logger } from '../../src/platform/index.js'
import type { Acknowledge } from './answer.js'
import type { Ingest } from './ingest.js'

type Bolt = typeof import('./bolt.js')

export interface AppParts {
  readonly bolt: Bolt
  readonly logger: BoltLogger
  readonly token: string
  readonly log: () => Logger | undefined
  readonly ingest: Ingest
  /** Answers a command, shortcut, press or submission; always acknowledges. */
  readonly interact: (body: unknown, ack: Acknowledge) => Promise<void>
}

/** A receiver that starts nothing by itself: ours are attached with `init`. */
const noReceiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined }

/**
 * Bolt's app with its order of things turned round. Left alone it acknowledges an event first and runs listeners
 * then, so that what fails to be kept is lost; and it drops events when `authorize` fails. Here an event is committed
 * before anything else looks at it, and only then acknowledged; what cannot be committed is not acknowledged, and
 * Slack sends it again.
 */
export function createApp(parts: AppParts): App {
  const app = new parts.bolt.App({
    receiver: noReceiver,
    logger: parts.logger,
    // Our own posts belong in the transcript.
    ignoreSelf: false,
    convoStore: false,
    tokenVerificationEnabled: false,
    // Nothing to look up, so nothing to fail: a broken auth.test would turn every later event away.
    authorize: async () => ({ botToken: parts.token }),
  })
  const dispatch = app.processEvent.bind(app)
  app.processEvent = async (event) => {
    const kind = kindOf(event.body)
    if (kind === 'event') {
      const rawText: unknown = event.customProperties?.rawText
      await parts.ingest(event.body, typeof rawText === 'string' ? rawText : JSON.stringify(event.body))
      return acknowledge(() => event.ack(), parts)
    }
    if (kind === 'interaction') return dispatch(event)
    parts.log()?.warn({ platform: 'slack' }, 'a Slack request of an unknown kind was ignored')
    return acknowledge(() => event.ack(), parts)
  }
  app.use(async (args) => {
    const ack = (args as { ack?: (body?: unknown) => Promise<void> }).ack
    await parts.interact(args.body, async (body) => ack?.(body))
  })
  app.error(async (error) => {
    throw error
  })
  return app
}

function kindOf(body: Record<string, unknown>): 'event' | 'interaction' | 'unknown' {
  if (body.type === 'event_callback' || body.type === 'app_rate_limited' || body.event !== undefined)
    return 'event'
  if (typeof body.command === 'string') return 'interaction'
  const interactive = ['block_actions', 'view_submission', 'view_closed', 'message_action', 'shortcut']
  return interactive.includes(String(body.type)) ? 'interaction' : 'unknown'
}

/** The event is kept: if Slack no longer hears us it sends it again, and the inbox knows it already. */
async function acknowledge(ack: () => Promise<void>, parts: AppParts): Promise<void> {
  try {
    await ack()
  } catch {
    parts.log()?.info({ platform: 'slack' }, 'Slack did not wait for an acknowledgement')
  }
}

/**
 * Bolt's log through ours: warnings and errors, and of them only what stands before the details, which may quote a
 * payload.
 */
export function boltLogger(bolt: Bolt, log: () => Logger | undefined): BoltLogger {
  const line = (level: 'warn' | 'error') => (first: unknown) => {
    const detail = typeof first === 'string' ? (first.split(/[:({]/)[0] ?? '').slice(0, 100) : 'unknown'
    log()?.[level]({ platform: 'slack', source: 'bolt', detail }, 'Bolt reports')
  }
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: line('warn'),
    error: line('error'),
    setLevel: () => undefined,
    getLevel: () => bolt.LogLevel.WARN,
    setName: () => undefined,
  }
}
