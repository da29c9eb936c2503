import type { Envelope, Logger } from '../platform/index.js'
import type { Database, SqlClient } from '../storage/index.js'
import { crashPoint } from './crash-point.js'
import { describeFailure, isOutage } from './failure.js'
import { type InboxRow, type PayloadOrigin, rowsOf, unreadableRow } from './inbox-rows.js'
import { withoutSurprises } from './leadership.js'

/** Takes in verified payloads. */
export interface Inbox {
  /**
   * Resolves once every event of these envelopes is committed, or was before; acknowledge the platform only then.
   * Concurrent calls share one commit.
   * @param origin names the platform of payloads that could not be read
   * @throws when they could not be committed: do not acknowledge
   */
  accept(envelopes: readonly Envelope[], origin?: PayloadOrigin): Promise<void>
  /** Calls of `accept` that wait for a commit at this moment. */
  waiting(): number
  /** What waits or needs looking at. */
  counts(): Promise<InboxCounts>
}

export interface InboxCounts {
  readonly pending: number
  readonly setAside: number
  readonly unreadable: number
}

export interface InboxOptions {
  readonly now: () => Date
  readonly log: Logger
  /** Called after each commit: wake the lane runner. */
  readonly onCommitted?: () => void
  /** Most rows of one INSERT. */
  readonly batchMax?: number
}

interface Waiting {
  readonly envelopes: readonly Envelope[]
  readonly origin: PayloadOrigin | undefined
  readonly rows: readonly InboxRow[]
  resolve(): void
  reject(error: unknown): void
}

/** Creates the inbox: group commit over one multi-row INSERT that ignores what is already known. */
export function createInbox(database: Database, options: InboxOptions): Inbox {
  const batchMax = options.batchMax ?? 1_000
  let queue: Waiting[] = []
  let flushing = false

  async function flush(): Promise<void> {
    // A turn of the event loop lets calls that arrive together travel together.
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const batch = takeBatch()
      try {
        await commit(batch.flatMap((waiting) => waiting.rows))
        crashPoint('inbox-committed')
        for (const waiting of batch) waiting.resolve()
      } catch (error) {
        await oneByOne(batch, error)
      }
      options.onCommitted?.()
    }
    flushing = false
  }

  function takeBatch(): Waiting[] {
    let size = 0
    let count = 0
    for (const waiting of queue) {
      if (count > 0 && size + waiting.rows.length > batchMax) break
      size += waiting.rows.length
      count += 1
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    return batch
  }

  async function commit(rows: readonly InboxRow[]): Promise<void> {
    const receivedAt = options.now().toISOString()
    for (let from = 0; from < rows.length; from += batchMax) {
      const some = rows.slice(from, from + batchMax)
      crashPoint('inbox-before-commit')
      await retryingDeadlocks(() =>
        database.session((client) => insert(withoutSurprises(client), some, receivedAt)),
      )
    }
  }

  /** What one payload did wrong must not cost the others: each is tried alone, and kept raw if it cannot be stored. */
  async function oneByOne(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (isOutage(error)) {
      options.log.error({ code: 'DATABASE_UNREACHABLE' }, 'Events could not be committed')
      for (const waiting of batch) waiting.reject(error)
      return
    }
    for (const waiting of batch) {
      try {
        await commit(waiting.rows).catch((cause: unknown) => asUnreadable(waiting, cause))
        waiting.resolve()
      } catch (cause) {
        options.log.error({ failure: describeFailure(cause) }, 'An event could not be committed')
        waiting.reject(cause)
      }
    }
  }

  async function asUnreadable(waiting: Waiting, cause: unknown): Promise<void> {
    if (isOutage(cause)) throw cause
    const reason = `could not be stored (${describeFailure(cause)})`
    options.log.error({ code: 'EVENT_UNREADABLE' }, 'A payload could only be kept raw')
    const at = options.now()
    await commit(waiting.envelopes.map((envelope) => unreadableRow(envelope, reason, at, waiting.origin)))
  }

  return {
    accept(envelopes, origin) {
      const at = options.now()
      const rows = envelopes.flatMap((envelope) => rowsOf(envelope, at, origin))
      if (rows.length === 0) return Promise.resolve()
      return new Promise<void>((resolve, reject) => {
        queue.push({ envelopes, origin, rows, resolve, reject })
        if (flushing) return
        flushing = true
        void flush()
      })
    },
    waiting: () => queue.length,
    async counts() {
      const rows = await database.prisma.inboxEvent.groupBy({
        by: ['status'],
        where: { status: { in: ['pending', 'set-aside', 'unreadable'] } },
        _count: true,
      })
      const of = (status: string): number => rows.find((row) => row.status === status)?._count ?? 0
      return { pending: of('pending'), setAside: of('set-aside'), unreadable: of('unreadable') }
    },
  }
}

/** One statement for all rows. As one JSON value they cost half of what arrays of columns do. */
async function insert(client: SqlClient, rows: readonly InboxRow[], receivedAt: string): Promise<void> {
  await client.query(
    `INSERT INTO inbox_event (key, platform, tenant, lane, kind, order_key, occurred_at, received_at, source, raw,
                              event, status, error)
     SELECT key, platform, tenant, lane, kind, "orderKey", "occurredAt", $1, source, raw, event::jsonb, status, error
     FROM json_to_recordset($2::json)
       AS row(key text, platform text, tenant text, lane text, kind text, "orderKey" text, "occurredAt" timestamptz,
              source text, raw text, event text, status text, error text)
     ON CONFLICT (key) DO NOTHING`,
    [receivedAt, JSON.stringify(rows)],
  )
}

/** Two processes that are given the same redelivered events in another order can block each other for a moment. */
async function retryingDeadlocks(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 5 || (error as { code?: string }).code !== '40P01') throw error
    }
  }
}
