import { isRemembrancerError, RemembrancerError } from '../errors.js'
import { append } from '../ledger/index.js'
import type { Card, ChatPlatform, Logger, PlatformName, PostReceipt, PostTarget } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { crashPoint } from './crash-point.js'
import { describeFailure, failureCode, isOutage } from './failure.js'
import type { Throttle } from './throttle.js'

/** A post that was given up, without its card. */
export interface UndeliveredPost {
  readonly id: string
  readonly platform: PlatformName
  readonly tenant: string
  readonly target: PostTarget
  readonly purpose: string
  /** The error's code. */
  readonly error: string
}

/** A row of the outbox that is due. */
export interface DueRow {
  readonly id: string
  readonly platform: PlatformName
  readonly tenant: string
  readonly channel: string
  readonly target: PostTarget
  readonly card: Card
  readonly purpose: string
  readonly replaces: string | null
  readonly status: 'pending' | 'sending'
  readonly attempts: number
  readonly createdAt: Date
  readonly triedAt: Date | null
}

export interface DelivererOptions {
  readonly now: () => Date
  readonly random: () => number
  readonly log: Logger
  readonly policy: { readonly giveUpAfterMs: number; readonly maxBackoffMs: number }
  readonly onGaveUp: (tx: Tx, post: UndeliveredPost) => Promise<void>
  readonly sendTimeoutMs?: number
  readonly channels: Throttle
  readonly platforms: Throttle
  /** The program is ending: what cannot be written now is found again at the next start. */
  readonly stopping: () => boolean
}

/** Tries before the policy's limit of time counts. */
const fewestTries = 5
/** Our clock and the platform's may differ, and ours may have been set by an hour between a try and a crash. */
const clockMarginMs = 65 * 60_000

/**
 * Creates the function that takes one due post as far as it will go. It never rejects: what fails is put off or
 * given up, and a database that is away is waited for, since what the platform has accepted must be written down.
 */
export function createDeliverer(
  database: Database,
  options: DelivererOptions,
): (row: DueRow, platform: ChatPlatform) => Promise<void> {
  const sendTimeoutMs = options.sendTimeoutMs ?? 30_000

  return async (row, platform) => {
    let receipt: PostReceipt | undefined
    try {
      if (row.replaces !== null && (await isSuperseded(row, row.replaces))) return
      const claimed = await database.prisma.outboxPost.updateMany({
        where: { id: row.id, status: row.status, attempts: row.attempts },
        data: { status: 'sending', attempts: row.attempts + 1, triedAt: options.now() },
      })
      if (claimed.count === 0) return
      crashPoint('outbox-claimed')
    } catch (error) {
      // Nothing was sent: the row is as it was, or will be looked for on the platform.
      options.log.error({ failure: describeFailure(error) }, 'A post waits for the database')
      options.channels.hold(row.channel, 1_000)
      return
    }
    try {
      receipt = await send(row, platform)
    } catch (error) {
      await insist(() => failed(row, error))
      return
    }
    crashPoint('outbox-posted')
    const kept = receipt
    await insist(() => sent(row, kept))
    crashPoint('outbox-marked')
  }

  async function send(row: DueRow, platform: ChatPlatform): Promise<PostReceipt> {
    const replaced = row.replaces === null ? undefined : await receiptOf(row.replaces)
    if (replaced && platform.capabilities.updatesPosts) {
      await inTime(platform.update(row.tenant, replaced, row.card))
      return replaced
    }
    const known = await lookFor(row, platform)
    if (known) return known
    return await inTime(platform.post(row.tenant, { outboxId: row.id, target: row.target, card: row.card }))
  }

  /** After any try whose outcome is not known, the platform is asked before anything is posted again. */
  async function lookFor(row: DueRow, platform: ChatPlatform): Promise<PostReceipt | undefined> {
    if (row.attempts === 0 || !platform.capabilities.recognisesOwnPosts) return undefined
    const first = row.attempts === 1 ? (row.triedAt ?? row.createdAt) : row.createdAt
    const earliest = Math.min(first.getTime(), options.now().getTime()) - clockMarginMs
    return await inTime(platform.findPost(row.tenant, row.target, row.id, new Date(earliest)))
  }

  async function inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new RemembrancerError('PLATFORM_UNAVAILABLE', 'The platform did not answer in time.')),
        sendTimeoutMs,
      )
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async function receiptOf(id: string): Promise<PostReceipt | undefined> {
    const row = await database.prisma.outboxPost.findUnique({ where: { id }, select: { receipt: true } })
    return (row?.receipt ?? undefined) as PostReceipt | undefined
  }

  /** Nothing to replace any more, or a newer card is there: this one is dropped. */
  async function isSuperseded(row: DueRow, replaces: string): Promise<boolean> {
    const original = await database.prisma.outboxPost.findUnique({ where: { id: replaces } })
    const newer = await database.prisma.outboxPost.findFirst({
      where: { replaces, id: { gt: row.id }, status: { in: ['pending', 'sending', 'sent'] } },
      select: { id: true },
    })
    if (original?.status === 'sent' && !newer) return false
    await database.prisma.outboxPost.updateMany({
      where: { id: row.id, status: row.status },
      data: { status: 'superseded' },
    })
    return true
  }

  async function sent(row: DueRow, receipt: PostReceipt): Promise<void> {
    await database.prisma.outboxPost.updateMany({
      where: { id: row.id, status: 'sending' },
      data: { status: 'sent', sentAt: options.now(), receipt: { ...receipt }, error: null },
    })
  }

  async function failed(row: DueRow, error: unknown): Promise<void> {
    const now = options.now()
    const hopeless =
      isRemembrancerError(error, 'PLATFORM_NOT_FOUND') || isRemembrancerError(error, 'PLATFORM_REFUSED')
    const age = now.getTime() - row.createdAt.getTime()
    if (hopeless || (age > options.policy.giveUpAfterMs && row.attempts + 1 >= fewestTries))
      return await giveUp(row, error, now)
    const asked = isRemembrancerError(error) ? error.retryAfterMs : undefined
    if (asked !== undefined) options.platforms.hold(`${row.platform}|${row.tenant}`, asked)
    const growing = Math.min(options.policy.maxBackoffMs, 1_000 * 2 ** Math.min(row.attempts, 20))
    const delay = Math.max(asked ?? 0, growing * (0.5 + options.random() / 2))
    await database.prisma.outboxPost.updateMany({
      where: { id: row.id, status: 'sending' },
      data: {
        status: 'pending',
        notBefore: new Date(now.getTime() + delay),
        error: describeFailure(error),
      },
    })
    const fields = { post: row.id, attempts: row.attempts + 1, failure: describeFailure(error) }
    options.log.warn(fields, 'A post was put off')
  }

  async function giveUp(row: DueRow, error: unknown, now: Date): Promise<void> {
    const code = failureCode(error)
    try {
      await markFailed(row, error, now, options.onGaveUp)
    } catch (cause) {
      if (isOutage(cause)) throw cause
      options.log.error({ failure: describeFailure(cause) }, 'Nobody could be told of a post given up')
      await markFailed(row, error, now, async () => undefined)
    }
    options.log.error({ code: 'DELIVERY_GAVE_UP', post: row.id, failure: code }, 'A post was given up')
  }

  async function markFailed(
    row: DueRow,
    error: unknown,
    now: Date,
    onGaveUp: DelivererOptions['onGaveUp'],
  ): Promise<void> {
    await database.transaction(async (tx) => {
      const { count } = await tx.outboxPost.updateMany({
        where: { id: row.id, status: 'sending' },
        data: { status: 'failed', error: describeFailure(error) },
      })
      if (count === 0) return
      await append(tx, {
        kind: 'delivery-gave-up',
        post: row.id,
        platform: row.platform,
        purpose: row.purpose,
        error: failureCode(error),
        at: now.toISOString(),
      })
      const { id, platform, tenant, target, purpose } = row
      await onGaveUp(tx, { id, platform, tenant, target, purpose, error: failureCode(error) })
    })
  }

  /** Writes down an outcome however long the database is away; a restart would have to ask the platform. */
  async function insist(write: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write()
      } catch (error) {
        options.log.error(
          { failure: describeFailure(error) },
          'The outcome of a post could not be written yet',
        )
        if (attempt >= (options.stopping() ? 3 : 100)) return
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 50 * 2 ** attempt)))
      }
    }
  }
}
