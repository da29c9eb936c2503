import { createLoop } from '../ledger/loop.js'
import type { Logger } from '../platform/index.js'
import type { Database } from '../storage/index.js'
import { describeFailure, isOutage } from './failure.js'
import { type Apply, applyNext, BatchFailure, recordFailure } from './lane-batch.js'

/** Applies what the inbox holds. */
export interface LaneRunner {
  start(): void
  /** The inbox has committed something. */
  wake(): void
  /** Resolves when everything due is applied (or set aside). */
  idle(): Promise<void>
  /** Resolves when the transactions under way have ended; no other begins. */
  stop(): Promise<void>
}

export interface LaneRunnerOptions {
  /**
   * Changes state by these events, in the one transaction given, and nothing else: it may be run again from the
   * start. Events come in the order of their lane; the same event may come again after others.
   */
  readonly apply: Apply
  readonly now: () => Date
  readonly log: Logger
  /** Tries of one event before it is set aside. */
  readonly maxAttempts: number
  /** Most events of one transaction. */
  readonly batchSize: number
  /** Lanes worked on at once by this process. */
  readonly parallel: number
  /** True while platforms wait for acknowledgement: a batch then holds back for a moment, never for long. */
  readonly isIntakeBusy?: () => boolean
  readonly backoffMs?: (attempt: number) => number
  readonly pollMs?: number
}

const maxBackoffMs = 60_000

/** Creates the runner; any number of processes may run one on the same database. */
export function createLaneRunner(database: Database, options: LaneRunnerOptions): LaneRunner {
  const parallel = database.embedded ? 1 : options.parallel
  const backoffMs =
    options.backoffMs ?? ((attempt: number) => Math.min(maxBackoffMs, 1_000 * 4 ** (attempt - 1)))
  const active = new Map<string, Promise<void>>()
  /** Lanes another process holds, or in which the database failed us: left alone for a moment. */
  const resting = new Map<string, number>()
  let cursor = ''
  const loop = createLoop({
    work: dispatch,
    failed: (error) => options.log.error({ failure: describeFailure(error) }, 'The inbox could not be read'),
    pollMs: options.pollMs ?? 1_000,
  })

  async function dispatch(): Promise<boolean | number> {
    const free = parallel - active.size
    if (free <= 0) return false
    const now = performance.now()
    for (const [lane, until] of resting) if (until <= now) resting.delete(lane)
    const found = await dueLanes(free)
    for (const lane of found) {
      if (loop.stopping) break
      const work = workOn(lane).finally(() => {
        active.delete(lane)
        loop.wake()
      })
      active.set(lane, work)
    }
    return resting.size > 0 ? Math.max(10, Math.min(...resting.values()) - now) : false
  }

  /** Due lanes in turn, so that one busy group cannot starve the others. */
  async function dueLanes(limit: number): Promise<string[]> {
    const after = await readLanes(
      database,
      options.now(),
      cursor,
      [...active.keys(), ...resting.keys()],
      limit,
    )
    const wrapped =
      after.length < limit && cursor !== ''
        ? await readLanes(database, options.now(), '', [...active.keys(), ...resting.keys(), ...after], limit)
        : []
    const found = [...after, ...wrapped].slice(0, limit)
    cursor = after.length < limit ? '' : (found.at(-1) ?? '')
    return found
  }

  /** A few batches of one lane, then the others have their turn. */
  async function workOn(lane: string): Promise<void> {
    try {
      for (let turn = 0; turn < 10 && !loop.stopping; turn++) {
        const result = await nextBatch(lane)
        if (result === 'locked') resting.set(lane, performance.now() + 50)
        if (typeof result !== 'number') return
      }
    } catch (error) {
      // What failed here is the database: nothing counts against the events, and the lane is tried again.
      options.log.error({ failure: describeFailure(causeOf(error)) }, 'Events wait for the database')
      resting.set(lane, performance.now() + 1_000)
    }
  }

  async function nextBatch(lane: string): Promise<number | string> {
    for (let pause = 0; pause < 4 && options.isIntakeBusy?.(); pause++)
      await new Promise((resolve) => setTimeout(resolve, 15))
    try {
      return await applyNext(database, lane, { ...options, maxBackoffMs, limit: options.batchSize })
    } catch (error) {
      if (!(error instanceof BatchFailure) || error.ids.length === 0 || isOutage(error.cause)) throw error
      return await singly(lane, error)
    }
  }

  /** A batch failed: its events one by one, so that only what is really at fault waits. */
  async function singly(lane: string, failure: BatchFailure): Promise<number | string> {
    const alone = failure.ids.length === 1
    let applied = 0
    for (const id of failure.ids) {
      if (loop.stopping) return 'stopping'
      const error = alone ? failure : await applyAlone(lane, id)
      if (!(error instanceof BatchFailure)) {
        if (error === 'locked') return 'locked'
        applied += 1
        continue
      }
      if (isOutage(error.cause)) throw error
      const outcome = await recordFailure(database, id, lane, { ...options, cause: error.cause, backoffMs })
      const fields = { inbox: String(id), failure: describeFailure(error.cause) }
      if (outcome === 'waiting') {
        options.log.warn(fields, 'An event failed and will be tried again')
        return 'waiting'
      }
      if (outcome === 'set-aside')
        options.log.error({ ...fields, code: 'EVENT_SET_ASIDE' }, 'Event set aside')
      applied += 1
    }
    return applied
  }

  async function applyAlone(lane: string, id: bigint): Promise<number | string | BatchFailure> {
    try {
      return await applyNext(database, lane, { ...options, maxBackoffMs, limit: 1, only: id })
    } catch (error) {
      if (error instanceof BatchFailure) return error
      throw error
    }
  }

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    async idle() {
      for (;;) {
        await loop.turn()
        await Promise.all(active.values())
        if ((await readLanes(database, options.now(), '', [], 1)).length === 0) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async stop() {
      await loop.stop()
      await Promise.all(active.values())
    },
  }
}

/** Lanes whose next event is due, found by hopping along the index: the cost is that of the lanes, not of the events. */
async function readLanes(
  database: Database,
  now: Date,
  after: string,
  except: readonly string[],
  limit: number,
): Promise<string[]> {
  const tooFar = new Date(now.getTime() + maxBackoffMs)
  const rows = await database.prisma.$queryRaw<{ lane: string }[]>`
    WITH RECURSIVE lanes AS (
      (SELECT lane FROM inbox_event WHERE status = 'pending' AND lane > ${after} ORDER BY lane LIMIT 1)
      UNION ALL
      SELECT (SELECT next.lane FROM inbox_event next
              WHERE next.status = 'pending' AND next.lane > lanes.lane ORDER BY next.lane LIMIT 1)
      FROM lanes WHERE lanes.lane IS NOT NULL
    )
    SELECT lanes.lane FROM lanes CROSS JOIN LATERAL (
      SELECT not_before FROM inbox_event head
      WHERE head.status = 'pending' AND head.lane = lanes.lane ORDER BY head.order_key, head.id LIMIT 1
    ) head
    WHERE lanes.lane <> ALL(${[...except]}::text[])
      AND (head.not_before IS NULL OR head.not_before <= ${now} OR head.not_before > ${tooFar})
    LIMIT ${limit}`
  return rows.map((row) => row.lane)
}

function causeOf(error: unknown): unknown {
  return error instanceof BatchFailure ? error.cause : error
}
