import type { Policy } from '../config/index.js'
import { daysLeftToRecord } from '../decisions/index.js'
import { currentCheckpoint } from '../ledger/index.js'
import { isOwnDoing, membershipLog } from '../membership/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { Database, Tx } from '../storage/index.js'

/** An unrecorded decision as a digest lists it. */
export interface DigestDecision {
  readonly signalId: string
  readonly groupId: string
  readonly group: string
  readonly summary: string
  readonly because: string
  readonly decidedBy: string | null
  readonly settledAt: string
  readonly ageDays: number
  /** Negative once overdue. */
  readonly daysLeft: number
}

/** What a private office is told in a week. Kept as posted. */
export interface DigestContent {
  readonly office: string
  readonly official: string
  readonly timeZone: string
  readonly from: string
  readonly to: string
  readonly groups: number
  /** Oldest and so overdue first; at most `listed` of `unrecordedTotal`. */
  readonly unrecorded: readonly DigestDecision[]
  readonly unrecordedTotal: number
  readonly overdueTotal: number
  /** From imports: counted apart. */
  readonly backlogTotal: number
  readonly recorded: readonly {
    reference: string
    group: string
    decision: string
    decidedBy: string
    recordedAt: string
  }[]
  readonly recordedTotal: number
  readonly setAsideTotal: number
  readonly offChannelTotal: number
  readonly membership: readonly {
    group: string
    person: string
    external: boolean
    change: string
    at: string
    /** Full name, `themselves`, or null: not reported by the platform. */
    by: string | null
  }[]
  readonly membershipTotal: number
  readonly gaps: readonly { group: string | null; from: string; to: string; reason: string; open: boolean }[]
  readonly checkpoint: { readonly seq: string; readonly hash: string; readonly at: string } | null
}

type Office = Awaited<ReturnType<Database['prisma']['privateOffice']['findUniqueOrThrow']>>

const listed = 50
const dayMs = 86_400_000

/** Gathers a digest for an office over [from, to). Reads only that office's groups. */
export async function gatherDigest(
  tx: Tx,
  office: Office,
  from: Date,
  to: Date,
  policy: Policy,
): Promise<DigestContent> {
  const groups = await tx.group.findMany({
    where: { registration: { privateOfficeId: office.id } },
    orderBy: { name: 'asc' },
  })
  const names = new Map(groups.map((group) => [group.id, group.name]))
  const groupId = { in: groups.map((group) => group.id) }
  const open = { groupId, kind: 'decision', state: 'open', wouldNudge: true, settledAt: { lt: to } }
  const limit = new Date(to.getTime() - policy.recording.limitDays * dayMs)
  const unrecorded = await tx.signal.findMany({
    where: { ...open, backlog: false },
    orderBy: { settledAt: 'asc' },
    take: listed,
  })
  const people = await peopleById(
    tx,
    unrecorded.map((signal) => signal.decidedById),
  )
  const inWeek = { gte: from, lt: to }
  const records = await tx.decisionRecord.findMany({
    where: { groupId, createdAt: inWeek },
    include: { versions: { orderBy: { version: 'desc' }, take: 1 } },
    orderBy: { createdAt: 'asc' },
    take: listed,
  })
  const changes = (
    await Promise.all(
      groups.map(async (group) =>
        (
          await membershipLog(tx, group.id, { from, to })
        )
          .filter(isChange)
          .map((line) => ({ group: group.name, line })),
      ),
    )
  ).flat()
  const gaps = await tx.gap.findMany({
    where: {
      from: { lt: to },
      to: { gte: from },
      platform: office.platform,
      OR: [{ conversation: null }, { conversation: { in: groups.map((group) => group.externalId) } }],
    },
    orderBy: { from: 'asc' },
    take: listed,
  })
  const checkpoint = await currentCheckpoint(tx)
  return {
    office: office.name,
    official: office.official,
    timeZone: office.timeZone,
    from: from.toISOString(),
    to: to.toISOString(),
    groups: groups.length,
    unrecorded: unrecorded.map((signal) => {
      const ageDays = Math.floor((to.getTime() - signal.settledAt.getTime()) / dayMs)
      return {
        signalId: signal.id,
        groupId: signal.groupId,
        group: names.get(signal.groupId) ?? '',
        summary: signal.summary,
        because: signal.because,
        decidedBy: shownName(people.get(signal.decidedById ?? ''), null),
        settledAt: signal.settledAt.toISOString(),
        ageDays,
        daysLeft: daysLeftToRecord(signal.settledAt, to, policy.recording.limitDays),
      }
    }),
    unrecordedTotal: await tx.signal.count({ where: { ...open, backlog: false } }),
    overdueTotal: await tx.signal.count({ where: { ...open, backlog: false, settledAt: { lt: limit } } }),
    backlogTotal: await tx.signal.count({ where: { ...open, backlog: true } }),
    recorded: records.map((record) => ({
      reference: record.reference,
      group: names.get(record.groupId ?? '') ?? '',
      decision: record.versions[0]?.decision ?? '',
      decidedBy: record.versions[0]?.decidedBy ?? '',
      recordedAt: record.createdAt.toISOString(),
    })),
    recordedTotal: await tx.decisionRecord.count({ where: { groupId, createdAt: inWeek } }),
    setAsideTotal: await tx.signal.count({
      where: { groupId, kind: 'decision', state: 'set-aside', stateAt: inWeek },
    }),
    offChannelTotal: await tx.signal.count({
      where: { groupId, kind: 'off-channel', settledAt: inWeek, state: { not: 'withdrawn' } },
    }),
    membership: changes.slice(0, listed).map(({ group, line }) => ({
      group,
      person: line.person.fullName,
      external: line.person.external,
      change: line.kind,
      at: line.at.toISOString(),
      by: isOwnDoing(line) ? 'themselves' : shownName(line.actor, null),
    })),
    membershipTotal: changes.length,
    gaps: gaps.map((gap) => ({
      group: groups.find((group) => group.externalId === gap.conversation)?.name ?? null,
      from: gap.from.toISOString(),
      to: gap.to.toISOString(),
      reason: gap.reason,
      open: gap.closedAt === null,
    })),
    checkpoint: checkpoint
      ? { seq: String(checkpoint.seq), hash: checkpoint.hash, at: new Date(checkpoint.at).toISOString() }
      : null,
  }
}

/** Whoever was there when we first looked neither joined nor left this week. */
function isChange(line: { readonly kind: string }): boolean {
  return line.kind !== 'present when first seen'
}
