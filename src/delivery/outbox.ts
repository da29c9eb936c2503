import { createLoop } from '../ledger/loop.js'
import { type ChatPlatform, type Logger, type PlatformName, platformNames } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { describeFailure } from './failure.js'
import { createLeadership } from './leadership.js'
import { createDeliverer, type DueRow, type UndeliveredPost } from './outbox-deliver.js'
import { createThrottle } from './throttle.js'

/** Delivers what state changes have written. */
export interface Outbox {
  start(): void
  /** Posts have been written: look now. */
  wake(): void
  /** Resolves when everything due is delivered, given up or put off. */
  idle(): Promise<void>
  /** Resolves when posts under way have ended; no other begins. */
  stop(): Promise<void>
}

export interface OutboxOptions {
  /** The adapter, or undefined when that platform is not configured here: its posts wait. */
  readonly platform: (name: PlatformName) => ChatPlatform | undefined
  readonly now: () => Date
  /** 0 ≤ x < 1, for jitter. */
  readonly random: () => number
  readonly log: Logger
  readonly policy: {
    /** How long after it was written a post is still tried (at least a few times). */
    readonly giveUpAfterMs: number
    readonly maxBackoffMs: number
  }
  /** Says so to an administrator, in the transaction that marks the post as failed. */
  readonly onGaveUp: (tx: Tx, post: UndeliveredPost) => Promise<void>
  /** How long a platform may take to answer. */
  readonly sendTimeoutMs?: number
  /** How long after its last try a dead process's post may still be on its way: nobody takes it up before that. */
  readonly takeOverAfterMs?: number
  /** Posts on their way at once. */
  readonly parallel?: number
  readonly pollMs?: number
}

/**
 * Creates the outbox. Any number of processes may run one; one of them delivers at a time (rate limits and order are
 * then its alone), and another takes over when it dies.
 */
export function createOutbox(database: Database, options: OutboxOptions): Outbox {
  const parallel = options.parallel ?? 8
  const takeOverAfterMs = options.takeOverAfterMs ?? (database.embedded ? 0 : 10_000)
  const leadership = createLeadership(database, 'remembrancer-outbox')
  const channels = createThrottle()
  const platforms = createThrottle()
  const flying = new Map<string, Promise<void>>()
  const deliver = createDeliverer(database, {
    ...options,
    channels,
    platforms,
    stopping: () => loop.stopping,
  })
  const loop = createLoop({
    work: dispatch,
    failed: (error) => options.log.error({ failure: describeFailure(error) }, 'The outbox could not be read'),
    pollMs: options.pollMs ?? 1_000,
  })

  async function dispatch(): Promise<boolean | number> {
    if (!(await leadership.holds())) return false
    const free = parallel - flying.size
    const due = free > 0 ? await dueRows(free, true) : []
    for (const row of due) {
      const account = `${row.platform}|${row.tenant}`
      const platform = options.platform(row.platform)
      if (loop.stopping || !platform || platforms.wait(account) > 0) continue
      platforms.hold(account, platform.rateLimits.overallMs)
      const flight = deliver(row, platform).finally(() => {
        channels.hold(row.channel, platform.rateLimits.perConversationMs)
        flying.delete(row.channel)
        loop.wake()
      })
      flying.set(row.channel, flight)
    }
    const waits = [channels.next(), platforms.next()].filter((ms) => ms !== undefined)
    return waits.length > 0 && due.length < free
      ? Math.max(1, Math.min(...waits))
      : waits.length > 0
        ? 1
        : false
  }

  /** The oldest due post of each channel that may be used now. */
  async function dueRows(limit: number, usable: boolean): Promise<DueRow[]> {
    const now = options.now()
    const takeOver = new Date(now.getTime() - takeOverAfterMs)
    const busy = usable ? [...flying.keys(), ...channels.held()] : []
    const held = usable ? platforms.held() : []
    const here = platformNames.filter((name) => options.platform(name) !== undefined)
    return await database.prisma.$queryRaw<DueRow[]>`
      SELECT DISTINCT ON (p.channel) p.id, p.platform, p.tenant, p.channel, p.target, p.card, p.purpose, p.replaces,
             p.status, p.attempts, p.created_at AS "createdAt", p.tried_at AS "triedAt"
      FROM outbox_post p LEFT JOIN outbox_post o ON o.id = p.replaces
      WHERE p.status IN ('pending', 'sending')
        -- Written or tried in the future means that the clock was set back since: no wait is left but quiet hours.
        AND (p.not_before <= ${now} OR (p.attempts > 0 AND p.tried_at > ${now})
          OR (p.created_at > ${now} AND p.not_before <= p.created_at))
        AND (p.status = 'pending' OR p.tried_at <= ${takeOver} OR p.tried_at > ${now})
        AND (o.id IS NULL OR o.status NOT IN ('pending', 'sending'))
        AND p.platform = ANY(${here}::text[])
        AND p.channel <> ALL(${busy}::text[])
        AND (p.platform || '|' || p.tenant) <> ALL(${held}::text[])
      ORDER BY p.channel, p.created_at, p.id
      LIMIT ${limit}`
  }

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    async idle() {
      for (;;) {
        await loop.turn()
        await Promise.all(flying.values())
        if ((await dueRows(1, false)).length === 0 && flying.size === 0) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async stop() {
      await loop.stop()
      await Promise.all(flying.values())
      await leadership.release()
    },
  }
}
