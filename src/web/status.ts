import type { DoctorFinding } from '../platform/index.js'
import type { Tx } from '../storage/index.js'

/** A stretch in which we may have missed something, with the group's name where it was one group. */
export interface GapLine {
  readonly id: string
  readonly platform: string
  readonly groupId: string | null
  readonly group: string | null
  readonly from: Date
  readonly to: Date
  readonly reason: string
  readonly remainder: string | null
  readonly closedAt: Date | null
}

/** Something that keeps a platform from working, with its fix. */
export interface PlatformTrouble extends DoctorFinding {
  readonly platform: string
}

/** What operators look at. Counts are of everything, lists of the newest. */
export interface StatusReport {
  /** What platforms know to be wrong at this moment. */
  readonly troubles: readonly PlatformTrouble[]
  readonly gaps: { readonly open: number; readonly newest: readonly GapLine[] }
  readonly setAside: {
    readonly setAside: number
    readonly unreadable: number
    readonly newest: readonly {
      readonly id: string
      readonly platform: string
      readonly kind: string
      readonly status: string
      readonly error: string | null
      readonly attempts: number
      readonly receivedAt: Date
    }[]
  }
  readonly undelivered: {
    readonly failed: number
    readonly newest: readonly {
      readonly id: string
      readonly platform: string
      readonly purpose: string
      readonly error: string | null
      readonly attempts: number
      readonly createdAt: Date
    }[]
  }
  readonly inbox: {
    readonly pending: number
    readonly oldestPending: Date | null
    readonly postsWaiting: number
    readonly oldestPost: Date | null
  }
}

const listed = 20

/** Reads the status from the database: counts through indexes, and the newest of each list. */
export async function readStatus(tx: Tx, troubles: readonly PlatformTrouble[] = []): Promise<StatusReport> {
  const gaps = await tx.gap.findMany({ where: { closedAt: null }, orderBy: { from: 'desc' }, take: listed })
  const events = await tx.inboxEvent.groupBy({
    by: ['status'],
    where: { status: { in: ['pending', 'set-aside', 'unreadable'] } },
    _count: { _all: true },
    _min: { receivedAt: true },
  })
  const posts = await tx.outboxPost.groupBy({
    by: ['status'],
    where: { status: { in: ['pending', 'sending', 'failed'] } },
    _count: { _all: true },
    _min: { createdAt: true },
  })
  const aside = await tx.inboxEvent.findMany({
    where: { status: { in: ['set-aside', 'unreadable'] } },
    orderBy: { id: 'desc' },
    take: listed,
    select: {
      id: true,
      platform: true,
      kind: true,
      status: true,
      error: true,
      attempts: true,
      receivedAt: true,
    },
  })
  const failed = await tx.outboxPost.findMany({
    where: { status: 'failed' },
    orderBy: { createdAt: 'desc' },
    take: listed,
    select: { id: true, platform: true, purpose: true, error: true, attempts: true, createdAt: true },
  })
  const eventsIn = (status: string) => events.find((row) => row.status === status)
  const waiting = posts.filter((row) => row.status !== 'failed')
  return {
    troubles,
    gaps: { open: await tx.gap.count({ where: { closedAt: null } }), newest: await named(tx, gaps) },
    setAside: {
      setAside: eventsIn('set-aside')?._count._all ?? 0,
      unreadable: eventsIn('unreadable')?._count._all ?? 0,
      newest: aside.map((row) => ({ ...row, id: String(row.id) })),
    },
    undelivered: {
      failed: posts.find((row) => row.status === 'failed')?._count._all ?? 0,
      newest: failed,
    },
    inbox: {
      pending: eventsIn('pending')?._count._all ?? 0,
      oldestPending: eventsIn('pending')?._min.receivedAt ?? null,
      postsWaiting: waiting.reduce((sum, row) => sum + row._count._all, 0),
      oldestPost: waiting
        .map((row) => row._min.createdAt)
        .filter((at): at is Date => at !== null)
        .reduce<Date | null>((least, at) => (least === null || at < least ? at : least), null),
    },
  }
}

/** Gaps that touch one group: its own and those of its whole platform, newest first. */
export async function gapsOfGroup(
  tx: Tx,
  group: { readonly platform: string; readonly tenant: string; readonly externalId: string },
): Promise<GapLine[]> {
  const rows = await tx.gap.findMany({
    where: {
      platform: group.platform,
      tenant: group.tenant,
      OR: [{ conversation: null }, { conversation: group.externalId }],
    },
    orderBy: { from: 'desc' },
    take: listed,
  })
  return await named(tx, rows)
}

type GapRow = Awaited<ReturnType<Tx['gap']['findMany']>>[number]

async function named(tx: Tx, rows: readonly GapRow[]): Promise<GapLine[]> {
  const conversations = [...new Set(rows.flatMap((row) => (row.conversation ? [row.conversation] : [])))]
  const groups =
    conversations.length === 0
      ? []
      : await tx.group.findMany({ where: { externalId: { in: conversations } } })
  return rows.map((row) => {
    const group = groups.find(
      (one) =>
        one.externalId === row.conversation && one.platform === row.platform && one.tenant === row.tenant,
    )
    return {
      id: row.id,
      platform: row.platform,
      groupId: group?.id ?? null,
      group: group?.name ?? null,
      from: row.from,
      to: row.to,
      reason: row.reason,
      remainder: row.remainder,
      closedAt: row.closedAt,
    }
  })
}
