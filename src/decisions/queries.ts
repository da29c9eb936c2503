import type { Policy } from '../config/index.js'
import { Prisma } from '../generated/prisma/client.js'
import { groupNames, likeLiteral } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import { byOrder, isDeleted } from '../transcript/index.js'
import { daysLeftToRecord } from './deadline.js'
import type { SignalRow } from './signals.js'

const dayMs = 86_400_000

/** How a decision stands against the policy's limit. */
export interface Deadline {
  readonly ageDays: number
  /** 0 on the day the limit falls; negative after. */
  readonly daysLeft: number
  readonly overdue: boolean
  /** Near enough to the limit for escalation. */
  readonly soon: boolean
}

/** Age and days left of a decision settled at an instant. */
export function deadlineOf(settledAt: Date, now: Date, policy: Pick<Policy, 'recording'>): Deadline {
  const age = now.getTime() - settledAt.getTime()
  const { limitDays, escalateDaysBefore } = policy.recording
  const ageDays = Math.max(0, Math.floor(age / dayMs))
  const overdue = age > limitDays * dayMs
  return {
    ageDays,
    daysLeft: daysLeftToRecord(settledAt, now, limitDays),
    overdue,
    soon: !overdue && limitDays - ageDays <= escalateDaysBefore,
  }
}

/** An unrecorded decision as lists show it. */
export interface UnrecordedDecision extends Deadline {
  readonly signalId: string
  readonly groupId: string
  readonly group: string
  readonly summary: string
  readonly because: string
  readonly decidedBy: string | null
  readonly askedBy: string | null
  readonly decisionType: string | null
  readonly settledAt: Date
  readonly evidence: readonly EvidenceLine[]
}

/** A message behind a signal, as it stands now. */
export interface EvidenceLine {
  readonly messageId: string
  readonly author: string
  readonly at: Date | null
  readonly text: string
  readonly edited: boolean
  readonly deleted: boolean
}

/** Which unrecorded decisions to list. */
export interface UnrecordedFilter {
  readonly groupId?: string | undefined
  readonly officeId?: string | undefined
  /** True = those from imports, which are listed apart. */
  readonly backlog: boolean
  readonly now: Date
  readonly policy: Pick<Policy, 'recording'>
  readonly page: number
  readonly size: number
}

/** One page of unrecorded decisions, oldest and so overdue first, each with its evidence. */
export async function unrecordedDecisions(
  tx: Tx,
  filter: UnrecordedFilter,
): Promise<{ rows: UnrecordedDecision[]; total: number; overdue: number }> {
  const where = await unrecordedWhere(tx, filter)
  const limit = new Date(filter.now.getTime() - filter.policy.recording.limitDays * dayMs)
  const total = await tx.signal.count({ where })
  const overdue = await tx.signal.count({ where: { ...where, settledAt: { lt: limit } } })
  const signals = await tx.signal.findMany({
    where,
    orderBy: [{ settledAt: 'asc' }, { id: 'asc' }],
    skip: (filter.page - 1) * filter.size,
    take: filter.size,
  })
  return { rows: await describeSignals(tx, signals, filter.now, filter.policy), total, overdue }
}

/** How many decisions are unrecorded under a filter. */
export async function countUnrecorded(
  tx: Tx,
  filter: Pick<UnrecordedFilter, 'groupId' | 'officeId' | 'backlog'>,
): Promise<number> {
  return await tx.signal.count({ where: await unrecordedWhere(tx, filter) })
}

/** One signal with its evidence, whatever its state; undefined when there is none. */
export async function unrecordedDecision(
  tx: Tx,
  signalId: string,
  now: Date,
  policy: Pick<Policy, 'recording'>,
): Promise<(UnrecordedDecision & { readonly state: string; readonly signal: SignalRow }) | undefined> {
  const signal = await tx.signal.findUnique({ where: { id: signalId } })
  if (!signal) return undefined
  const described = (await describeSignals(tx, [signal], now, policy))[0]
  return described ? { ...described, state: signal.state, signal } : undefined
}

async function unrecordedWhere(
  tx: Tx,
  filter: Pick<UnrecordedFilter, 'groupId' | 'officeId' | 'backlog'>,
): Promise<Prisma.SignalWhereInput> {
  const ofOffice = filter.officeId
    ? await tx.registration.findMany({
        where: { privateOfficeId: filter.officeId },
        select: { groupId: true },
      })
    : undefined
  const groups = [
    ...(filter.groupId ? [{ groupId: filter.groupId }] : []),
    ...(ofOffice ? [{ groupId: { in: ofOffice.map((row) => row.groupId) } }] : []),
  ]
  return { kind: 'decision', state: 'open', wouldNudge: true, backlog: filter.backlog, AND: groups }
}

async function describeSignals(
  tx: Tx,
  signals: readonly SignalRow[],
  now: Date,
  policy: Pick<Policy, 'recording'>,
): Promise<UnrecordedDecision[]> {
  if (signals.length === 0) return []
  const names = await groupNames(
    tx,
    signals.map((signal) => signal.groupId),
  )
  const messages = await tx.message.findMany({
    where: {
      OR: signals.map((signal) => ({
        groupId: signal.groupId,
        externalId: { in: [...new Set([...signal.evidence, signal.atMessage])] },
      })),
    },
  })
  const people = await peopleById(tx, [
    ...signals.flatMap((signal) => [signal.decidedById, signal.askedById]),
    ...messages.map((message) => message.authorId),
  ])
  return signals.map((signal) => ({
    signalId: signal.id,
    groupId: signal.groupId,
    group: names.get(signal.groupId) ?? '',
    summary: signal.summary,
    because: signal.because,
    decidedBy: shownName(people.get(signal.decidedById ?? ''), null),
    askedBy: shownName(people.get(signal.askedById ?? ''), null),
    decisionType: signal.decisionType,
    settledAt: signal.settledAt,
    ...deadlineOf(signal.settledAt, now, policy),
    evidence: messages
      .filter(
        (message) =>
          message.groupId === signal.groupId &&
          (signal.evidence.includes(message.externalId) || message.externalId === signal.atMessage),
      )
      .sort(byOrder)
      .map((message) => ({
        messageId: message.externalId,
        author: shownName(people.get(message.authorId ?? '')),
        at: message.postedAt,
        text: message.text,
        edited: message.editedAt !== null,
        deleted: isDeleted(message),
      })),
  }))
}

/** A decision record in a list: its newest version. */
export interface RecordSummary {
  readonly id: string
  readonly reference: string
  readonly groupId: string | null
  readonly group: string | null
  readonly decision: string
  readonly decidedBy: string
  readonly decidedAt: Date
  readonly decisionType: string
  readonly createdAt: Date
  readonly version: number
  readonly superseded: boolean
}

/** Which records to list. */
export interface RecordFilter {
  /** Every word must occur in the decision, or the whole in the reference. */
  readonly search?: string
  readonly type?: string | undefined
  readonly groupId?: string | undefined
  /** Decided in [from, to). */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly page: number
  readonly size: number
}

/** Counting stops here: nobody pages further, and no page reads a whole table. */
export const countedAtMost = 10_000

/** One page of decision records, newest reference first. */
export async function listRecords(
  tx: Tx,
  filter: RecordFilter,
): Promise<{ rows: RecordSummary[]; total: number }> {
  const like = (words: string): string => `%${likeLiteral(words)}%`
  const words = (filter.search ?? '').split(/\s+/).filter(Boolean).slice(0, 10)
  const conditions = [
    Prisma.sql`true`,
    ...(words.length > 0
      ? [
          Prisma.sql`(d.reference ILIKE ${like(words.join(' '))} OR (${Prisma.join(
            words.map((word) => Prisma.sql`v.decision ILIKE ${like(word)}`),
            ' AND ',
          )}))`,
        ]
      : []),
    ...(filter.type ? [Prisma.sql`v.decision_type = ${filter.type}`] : []),
    ...(filter.groupId ? [Prisma.sql`d.group_id = ${filter.groupId}::uuid`] : []),
    ...(filter.from ? [Prisma.sql`v.decided_at >= ${filter.from}`] : []),
    ...(filter.to ? [Prisma.sql`v.decided_at < ${filter.to}`] : []),
  ]
  const body = Prisma.sql`
    FROM decision_record d
    JOIN LATERAL (
      SELECT * FROM decision_version WHERE record_id = d.id ORDER BY version DESC LIMIT 1
    ) v ON true
    WHERE ${Prisma.join(conditions, ' AND ')}`
  const counted = await tx.$queryRaw<{ total: number }[]>`
    SELECT count(*)::int AS total FROM (SELECT 1 ${body} LIMIT ${countedAtMost}) AS counted`
  const rows = await tx.$queryRaw<Omit<RecordSummary, 'group'>[]>`
    SELECT d.id, d.reference, d.group_id AS "groupId", left(v.decision, 400) AS decision,
           v.decided_by AS "decidedBy", v.decided_at AS "decidedAt", v.decision_type AS "decisionType",
           d.created_at AS "createdAt", v.version, d.superseded_by_id IS NOT NULL AS superseded
    ${body}
    ORDER BY d.reference DESC LIMIT ${filter.size} OFFSET ${(filter.page - 1) * filter.size}`
  const names = await groupNames(
    tx,
    rows.map((row) => row.groupId),
  )
  return {
    rows: rows.map((row) => ({ ...row, group: names.get(row.groupId ?? '') ?? null })),
    total: counted[0]?.total ?? 0,
  }
}

/** A whole decision record; undefined when there is none. */
export async function recordByReference(tx: Tx, reference: string) {
  const record = await tx.decisionRecord.findUnique({
    where: { reference },
    include: {
      versions: { orderBy: { version: 'desc' } },
      evidence: { orderBy: { position: 'asc' }, take: 500 },
    },
  })
  if (!record) return undefined
  const people = await peopleById(
    tx,
    record.versions.map((version) => version.recordedById),
  )
  const names = await groupNames(tx, [record.groupId])
  const by = record.supersededById
    ? await tx.decisionRecord.findUnique({
        where: { id: record.supersededById },
        select: { reference: true },
      })
    : null
  return {
    ...record,
    group: names.get(record.groupId ?? '') ?? null,
    supersededBy: by?.reference ?? null,
    versions: record.versions.map((version) => ({
      ...version,
      recordedBy: shownName(people.get(version.recordedById), 'a person no longer named'),
    })),
    evidence: record.evidence.map((item) => ({
      ...item,
      members: Array.isArray(item.members)
        ? item.members.filter((name): name is string => typeof name === 'string')
        : [],
    })),
  }
}
