import { append } from '../ledger/index.js'
import type { GapReport, PlatformName } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { newId } from './ids.js'

const reasons: Readonly<Record<string, string>> = {
  downtime: 'Remembrancer was not running',
  'rate-limited': 'the platform held events back',
  disabled: 'the platform had stopped sending events',
  reconnected: 'the connection was lost for a while',
  'bot-absent': 'Remembrancer was not in the group',
}

/** Why we may have missed something, for people to read. */
export function gapReasonInWords(reason: string): string {
  return reasons[reason] ?? reason
}

/** A gap as it is kept. */
export interface GapRow {
  readonly id: string
  readonly platform: PlatformName
  readonly tenant: string
  readonly conversation: string | null
  readonly from: Date
  readonly to: Date
  readonly reason: string
  readonly noticedAt: Date
  readonly remainder: string | null
  readonly closedAt: Date | null
}

/**
 * Writes a gap, with the ledger saying so. The same stretch reported twice (by two processes, or as part of an open
 * longer one) is one gap.
 * @returns its id
 */
export async function recordGap(tx: Tx, gap: GapReport, now: Date): Promise<string> {
  const lock = `gap|${gap.platform}|${gap.tenant}`
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 7236707))`
  const about = {
    platform: gap.platform,
    tenant: gap.tenant,
    conversation: gap.conversation ?? null,
    reason: gap.reason,
  }
  const known = await tx.gap.findFirst({
    where: {
      ...about,
      OR: [{ from: gap.from }, { from: { lte: gap.from }, to: { gte: gap.to }, closedAt: null }],
    },
    select: { id: true },
  })
  if (known) return known.id
  const id = newId()
  await tx.gap.create({ data: { id, ...about, from: gap.from, to: gap.to, noticedAt: now } })
  await append(tx, {
    kind: 'gap-noticed',
    gap: id,
    platform: gap.platform,
    reason: gap.reason,
    from: gap.from.toISOString(),
    to: gap.to.toISOString(),
    at: now.toISOString(),
  })
  return id
}

/**
 * Closes a gap once; closing it again changes nothing.
 * @param remainder what could not be restored, in words without chat text; empty = nothing is known to be missing
 */
export async function closeGap(tx: Tx, id: string, remainder: string, now: Date): Promise<void> {
  const { count } = await tx.gap.updateMany({
    where: { id, closedAt: null },
    data: { closedAt: now, remainder },
  })
  if (count > 0)
    await append(tx, { kind: 'gap-closed', gap: id, complete: remainder === '', at: now.toISOString() })
}

/** Gaps not yet closed, oldest first. */
export async function openGaps(database: Database): Promise<GapRow[]> {
  const rows = await database.prisma.gap.findMany({
    where: { closedAt: null },
    orderBy: [{ from: 'asc' }, { id: 'asc' }],
    take: 1_000,
  })
  return rows.map((row) => ({ ...row, platform: row.platform as PlatformName }))
}
