import { z } from 'zod'
import type { Tx } from '../storage/index.js'
import type { DigestContent } from './content.js'

const instant = z.iso.datetime()

/** A digest as kept. Old ones stay readable: what a later version adds must be optional here. */
/** The stored content of a digest, checked when it is read back. */
export const digestContent = z.object({
  office: z.string(),
  official: z.string(),
  timeZone: z.string(),
  from: instant,
  to: instant,
  groups: z.number(),
  unrecorded: z.array(
    z.object({
      signalId: z.string(),
      groupId: z.string(),
      group: z.string(),
      summary: z.string(),
      because: z.string(),
      decidedBy: z.string().nullable(),
      settledAt: instant,
      ageDays: z.number(),
      daysLeft: z.number(),
    }),
  ),
  unrecordedTotal: z.number(),
  overdueTotal: z.number(),
  backlogTotal: z.number(),
  recorded: z.array(
    z.object({
      reference: z.string(),
      group: z.string(),
      decision: z.string(),
      decidedBy: z.string(),
      recordedAt: instant,
    }),
  ),
  recordedTotal: z.number(),
  setAsideTotal: z.number(),
  offChannelTotal: z.number(),
  membership: z.array(
    z.object({
      group: z.string(),
      person: z.string(),
      external: z.boolean(),
      change: z.string(),
      at: instant,
      by: z.string().nullable(),
    }),
  ),
  membershipTotal: z.number(),
  gaps: z.array(
    z.object({
      group: z.string().nullable(),
      from: instant,
      to: instant,
      reason: z.string(),
      open: z.boolean(),
    }),
  ),
  checkpoint: z.object({ seq: z.string(), hash: z.string(), at: instant }).nullable(),
}) satisfies z.ZodType<DigestContent>

/** A digest in a list. */
export interface DigestSummary {
  readonly id: string
  readonly office: string
  /** ISO week; null when sent on request. */
  readonly period: string | null
  readonly from: Date
  readonly to: Date
  readonly createdAt: Date
  readonly unrecorded: number
  readonly overdue: number
  readonly recorded: number
}

/** One page of digests, newest first. */
export async function listDigests(
  tx: Tx,
  filter: { readonly officeId?: string | undefined; readonly page: number; readonly size: number },
): Promise<{ rows: DigestSummary[]; total: number }> {
  const where = filter.officeId ? { privateOfficeId: filter.officeId } : {}
  const total = await tx.digest.count({ where })
  const digests = await tx.digest.findMany({
    where,
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    skip: (filter.page - 1) * filter.size,
    take: filter.size,
  })
  const offices = await tx.privateOffice.findMany({
    where: { id: { in: digests.map((digest) => digest.privateOfficeId) } },
    select: { id: true, name: true },
  })
  return {
    rows: digests.map((digest) => {
      const content = digestContent.safeParse(digest.content).data
      return {
        id: digest.id,
        office: offices.find((office) => office.id === digest.privateOfficeId)?.name ?? '',
        period: digest.period,
        from: digest.from,
        to: digest.to,
        createdAt: digest.createdAt,
        unrecorded: content?.unrecordedTotal ?? 0,
        overdue: content?.overdueTotal ?? 0,
        recorded: content?.recordedTotal ?? 0,
      }
    }),
    total,
  }
}

/** A digest as it was posted, with what became of its unrecorded decisions since; undefined when there is none. */
export async function digestById(tx: Tx, id: string) {
  const digest = await tx.digest.findUnique({ where: { id } })
  if (!digest) return undefined
  const content = digestContent.safeParse(digest.content).data
  const signals = await tx.signal.findMany({
    where: { id: { in: content?.unrecorded.map((one) => one.signalId) ?? [] } },
    select: { id: true, state: true, recordId: true },
  })
  const records = await tx.decisionRecord.findMany({
    where: { id: { in: signals.flatMap((signal) => (signal.recordId ? [signal.recordId] : [])) } },
    select: { id: true, reference: true },
  })
  const since = new Map(
    signals.map((signal) => [
      signal.id,
      {
        state: signal.state,
        reference: records.find((record) => record.id === signal.recordId)?.reference ?? null,
      },
    ]),
  )
  return { id, period: digest.period, createdAt: digest.createdAt, content, since }
}
