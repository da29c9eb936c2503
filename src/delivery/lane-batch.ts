import { append } from '../ledger/index.js'
import type { ChatEvent, PlatformName } from '../platform/index.js'
import { chatEvent } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { crashPoint } from './crash-point.js'
import { describeFailure, failureCode } from './failure.js'

/** An event as the inbox holds it. */
export interface StoredEvent {
  readonly id: bigint
  readonly event: ChatEvent
  readonly receivedAt: Date
}

/** Applies events in one transaction; see `createLaneRunner`. */
export type Apply = (tx: Tx, events: readonly StoredEvent[]) => Promise<void>

/** Why a transaction ended without applying anything. */
export type Nothing = 'locked' | 'empty' | 'waiting'

/** What failed, and what it was given. */
export class BatchFailure extends Error {
  constructor(
    readonly ids: readonly bigint[],
    override readonly cause: unknown,
  ) {
    super('A batch could not be applied')
  }
}

/**
 * Applies the next events of a lane in one transaction: state, and the mark that they are applied, together.
 * @returns how many were applied, or why none
 * @throws BatchFailure when `apply` threw; nothing is then changed
 */
export async function applyNext(
  database: Database,
  lane: string,
  options: { apply: Apply; now: () => Date; maxBackoffMs: number; limit: number; only?: bigint },
): Promise<number | Nothing> {
  let ids: bigint[] = []
  try {
    const result = await database.transaction(async (tx) => {
      if (!(await lockLane(tx, lane))) return 'locked'
      const rows = await nextRows(tx, lane, options)
      if (rows === 'empty' || rows === 'waiting') return rows
      ids = rows.map((row) => row.id)
      await options.apply(
        tx,
        rows.map((row) => ({ id: row.id, event: chatEvent.parse(row.event), receivedAt: row.receivedAt })),
      )
      crashPoint('lane-applied')
      await markApplied(tx, rows, options.now())
      crashPoint('lane-before-commit')
      return rows.length
    })
    if (typeof result === 'number') crashPoint('lane-committed')
    return result
  } catch (cause) {
    throw new BatchFailure(ids, cause)
  }
}

/**
 * Writes down that one event failed: it waits and is tried again, or is set aside after the last try, with the
 * ledger saying so. Nothing of the event itself is written.
 */
export async function recordFailure(
  database: Database,
  id: bigint,
  lane: string,
  options: { cause: unknown; now: () => Date; maxAttempts: number; backoffMs: (attempt: number) => number },
): Promise<'waiting' | 'set-aside' | 'gone'> {
  return await database.transaction(async (tx) => {
    if (!(await lockLane(tx, lane))) return 'waiting'
    const row = await tx.inboxEvent.findFirst({
      where: { id, status: 'pending' },
      select: { attempts: true, platform: true, kind: true },
    })
    if (!row) return 'gone'
    const attempts = row.attempts + 1
    const now = options.now()
    const last = attempts >= options.maxAttempts
    await tx.inboxEvent.update({
      where: { id },
      data: {
        attempts,
        error: describeFailure(options.cause),
        ...(last
          ? { status: 'set-aside', notBefore: null }
          : { notBefore: new Date(now.getTime() + options.backoffMs(attempts)) }),
      },
    })
    if (!last) return 'waiting'
    await append(tx, {
      kind: 'event-set-aside',
      inbox: String(id),
      platform: row.platform as PlatformName,
      eventKind: row.kind,
      error: failureCode(options.cause),
      attempts,
      at: now.toISOString(),
    })
    return 'set-aside'
  })
}

interface NextRow {
  readonly id: bigint
  readonly event: unknown
  readonly receivedAt: Date
  readonly orderKey: string
  readonly notBefore: Date | null
  readonly attempts: number
}

async function nextRows(
  tx: Tx,
  lane: string,
  options: { now: () => Date; maxBackoffMs: number; limit: number; only?: bigint },
): Promise<NextRow[] | 'empty' | 'waiting'> {
  const found: NextRow[] = await tx.inboxEvent.findMany({
    where: { status: 'pending', lane, ...(options.only === undefined ? {} : { id: options.only }) },
    orderBy: [{ orderKey: 'asc' }, { id: 'asc' }],
    take: options.limit,
    select: { id: true, event: true, receivedAt: true, orderKey: true, notBefore: true, attempts: true },
  })
  const first = found[0]
  if (!first) return 'empty'
  const now = options.now().getTime()
  const due = ({ notBefore }: NextRow): boolean =>
    notBefore === null || notBefore.getTime() <= now || notBefore.getTime() > now + options.maxBackoffMs
  if (!due(first)) return 'waiting'
  // An event that has failed before is tried alone, so that it cannot fail its neighbours again.
  if (first.attempts > 0) return [first]
  const tried = found.findIndex((row) => row.attempts > 0)
  const rows = tried === -1 ? found : found.slice(0, tried)
  // The server's collation is the operator's choice; order within a batch is ours.
  return rows.sort((a, b) => compare(a.orderKey, b.orderKey) || (a.id < b.id ? -1 : 1))
}

async function markApplied(tx: Tx, rows: readonly NextRow[], appliedAt: Date): Promise<void> {
  const ids = rows.map((row) => row.id)
  await tx.inboxEvent.updateMany({
    where: { id: { in: ids } },
    data: { status: 'applied', appliedAt, error: null, notBefore: null },
  })
  const direct = rows.filter((row) => (row.event as { direct?: boolean } | null)?.direct === true)
  if (direct.length > 0)
    await forgetPayloads(
      tx,
      direct.map((row) => row.id),
    )
}

/**
 * Empties what was said in these events while their keys are remembered: for text that must not be kept (groups not
 * registered, direct conversations). Call it in the transaction that applies them.
 */
export async function forgetPayloads(tx: Tx, ids: readonly bigint[]): Promise<void> {
  if (ids.length > 0)
    await tx.$executeRaw`UPDATE inbox_event SET raw = NULL, event = NULL WHERE id = ANY(${[...ids]}::bigint[])`
}

/** One process at a time works on a lane; the lock goes with the transaction, and with the process. */
async function lockLane(tx: Tx, lane: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${lane}, 7236707)) AS locked`
  return rows[0]?.locked === true
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
