import { randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Policy } from '../config/index.js'
import { enqueuePost } from '../delivery/index.js'
import { RemembrancerError } from '../errors.js'
import { append, saltedHash } from '../ledger/index.js'
import type { PlatformName } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { digestCard } from './card.js'
import { gatherDigest } from './content.js'
import { type DigestPeriod, duePeriod, previousPeriod } from './period.js'

/** What posting needs to know of the world. */
export interface DigestOptions {
  readonly policy: Policy
  readonly now: Date
  readonly publicUrl: string
}

/** At most this many missed weeks are caught up after downtime. */
const catchUpWeeks = 4

/**
 * Periods that are due for an office and have not been posted, oldest first. A week in which the office did not exist
 * yet is not due.
 */
export async function duePeriods(database: Database, officeId: string, now: Date): Promise<DigestPeriod[]> {
  const office = await database.prisma.privateOffice.findUniqueOrThrow({ where: { id: officeId } })
  const periods: DigestPeriod[] = []
  for (
    let period = duePeriod(office, now);
    periods.length < catchUpWeeks;
    period = previousPeriod(office, period)
  ) {
    if (period.dueAt <= office.createdAt) break
    if (
      await database.prisma.digest.findUnique({
        where: { privateOfficeId_period: { privateOfficeId: officeId, period: period.key } },
      })
    )
      break
    periods.push(period)
  }
  return periods.reverse()
}

/**
 * Posts an office's digest to its room.
 * @param period the scheduled week; undefined = on request, covering the last seven days, consuming no week
 * @returns the digest's id; the existing one when the week is already posted
 * @throws RemembrancerError NOT_FOUND when there is no such office
 */
export async function postDigest(
  database: Database,
  officeId: string,
  period: DigestPeriod | undefined,
  by: string | undefined,
  options: DigestOptions,
): Promise<string> {
  return await database.transaction((tx) => postDigestIn(tx, officeId, period, by, options))
}

/** The same in a transaction already open: the embedded database has but one at a time. */
export async function postDigestIn(
  tx: Tx,
  officeId: string,
  period: DigestPeriod | undefined,
  by: string | undefined,
  options: DigestOptions,
): Promise<string> {
  const { policy, now, publicUrl } = options
  const office = await tx.privateOffice.findUnique({ where: { id: officeId } })
  if (!office) throw new RemembrancerError('NOT_FOUND', 'There is no such private office.')
  if (period) {
    const posted = await tx.digest.findUnique({
      where: { privateOfficeId_period: { privateOfficeId: officeId, period: period.key } },
    })
    if (posted) return posted.id
  }
  const to = period?.dueAt ?? now
  const from = period?.from ?? new Date(now.getTime() - 7 * 86_400_000)
  const content = await gatherDigest(tx, office, from, to, policy)
  const id = randomUUID()
  const outboxId = await enqueuePost(tx, {
    key: `digest:${period ? `${officeId}:${period.key}` : id}`,
    platform: office.platform as PlatformName,
    tenant: office.tenant,
    target: { kind: 'group', conversation: office.room },
    card: digestCard(content, `${publicUrl}/digests/${id}`),
    purpose: 'digest',
    at: now,
  })
  await tx.digest.create({
    data: {
      id,
      privateOfficeId: officeId,
      period: period?.key ?? null,
      from,
      to,
      content: JSON.parse(JSON.stringify(content)),
      outboxId,
      createdAt: now,
      requestedById: by ?? null,
    },
  })
  await append(tx, {
    kind: 'digest-posted',
    digest: id,
    office: officeId,
    ...(period ? { period: period.key } : {}),
    contentHash: await saltedHash(tx, `digest:${id}`, canonicalize(content) ?? ''),
    at: now.toISOString(),
  })
  return id
}
