import { createLoop } from '../ledger/loop.js'
import type { Logger, PlatformName } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { describeFailure } from './failure.js'
import { type GapRow, recordGap } from './gaps.js'

/** Says that this process is alive, and notices when none was. */
export interface Heartbeat {
  /** Notes the first beat. @returns downtime gaps found and written */
  start(): Promise<GapRow[]>
  stop(): Promise<void>
}

export interface HeartbeatOptions {
  readonly now: () => Date
  readonly processId: string
  readonly everyMs: number
  /** False: it beats at its start and stop only (a clock that a test moves would look like a machine that slept). */
  readonly byItself?: boolean
  /** Accounts served: a stretch without service is a gap in each. */
  readonly tenants: () => readonly { readonly platform: PlatformName; readonly tenant: string }[]
  readonly log?: Logger
  /** Gaps noticed while running (the machine slept, the database was away): start a backfill. */
  readonly onGaps?: (gaps: readonly GapRow[]) => void
}

const heartbeatLock = 7_236_707_002n
const keepMs = 7 * 24 * 3_600_000

/** Creates the heartbeat of this process. The first start ever has nothing to miss. */
export function createHeartbeat(database: Database, options: HeartbeatOptions): Heartbeat {
  const startedAt = options.now()
  const loop = createLoop({
    async work() {
      const gaps = await beat()
      if (gaps.length > 0) options.onGaps?.(gaps)
      return false
    },
    failed: (error) => options.log?.warn({ failure: describeFailure(error) }, 'A heartbeat was missed'),
    pollMs: options.everyMs,
  })

  async function beat(): Promise<GapRow[]> {
    return await database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${heartbeatLock})`
      const now = options.now()
      const last = await tx.heartbeat.aggregate({ _max: { beatAt: true } })
      const gaps = await missing(tx, last._max.beatAt, now)
      const row = { startedAt, beatAt: now, stoppedAt: null }
      await tx.heartbeat.upsert({
        where: { processId: options.processId },
        create: { processId: options.processId, ...row },
        update: { beatAt: now },
      })
      await tx.heartbeat.deleteMany({ where: { beatAt: { lt: new Date(now.getTime() - keepMs) } } })
      return gaps
    })
  }

  /** Nobody has beaten for longer than a missed beat explains: from the last beat until now we may have missed things. */
  async function missing(tx: Tx, last: Date | null, now: Date): Promise<GapRow[]> {
    if (last === null || now.getTime() - last.getTime() <= 3 * options.everyMs) return []
    const ids: string[] = []
    for (const { platform, tenant } of options.tenants())
      ids.push(await recordGap(tx, { platform, tenant, from: last, to: now, reason: 'downtime' }, now))
    const rows = await tx.gap.findMany({ where: { id: { in: ids } } })
    return rows.map((row) => ({ ...row, platform: row.platform as PlatformName }))
  }

  return {
    async start() {
      const gaps = await beat()
      if (options.byItself !== false) loop.start()
      return gaps
    },
    async stop() {
      await loop.stop()
      const now = options.now()
      await database.prisma.heartbeat.updateMany({
        where: { processId: options.processId },
        data: { beatAt: now, stoppedAt: now },
      })
    },
  }
}
