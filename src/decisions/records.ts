import { createHash, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import { RemembrancerError } from '../errors.js'
import type { GroupRow } from '../groups/index.js'
import { append, saltedHash } from '../ledger/index.js'
import { membersAt } from '../membership/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import { keepFeedback } from './signals.js'

/** What a person states about a decision. Times are instants; text is plain. */
export interface DecisionContent {
  readonly decision: string
  readonly decidedBy: string
  readonly decidedAt: Date
  readonly decisionType: string
  readonly reasons: string
  readonly options: string
  readonly consulted: string
  readonly actions: string
  /** Where it was taken when not in this chat: `call`, `meeting`, `corridor`, `whatsapp`, `email`, `other`. */
  readonly takenElsewhere: string | null
}

/** A record as made. */
export interface MadeRecord {
  readonly id: string
  readonly reference: string
}

/**
 * Makes a decision record with its evidence copied as it stands, and closes the unrecorded decision it answers.
 * Evidence carries the full name of the author and of every member at that moment, after 36 CFR 1236.22.
 * @param evidence external ids of messages in the group
 * @param permalinks links by external id, where the platform has them
 * @throws RemembrancerError NOT_FOUND when the signal is not of this group
 */
export async function recordDecision(
  tx: Tx,
  given: {
    readonly group: GroupRow
    readonly content: DecisionContent
    readonly evidence: readonly string[]
    readonly permalinks?: ReadonlyMap<string, string>
    readonly signalId?: string | undefined
    readonly by: string
    readonly now: Date
  },
): Promise<MadeRecord> {
  const { group, content, by, now } = given
  const signal = given.signalId ? await tx.signal.findUnique({ where: { id: given.signalId } }) : null
  if (given.signalId && signal?.groupId !== group.id)
    throw new RemembrancerError('NOT_FOUND', 'The unrecorded decision does not belong to this group.')
  const id = randomUUID()
  const reference = await nextReference(tx, now)
  await tx.decisionRecord.create({
    data: { id, reference, groupId: group.id, signalId: signal?.id ?? null, createdAt: now },
  })
  await tx.decisionVersion.create({
    data: { recordId: id, version: 1, ...content, recordedById: by, recordedAt: now },
  })
  const hashes = await copyEvidence(tx, group.id, id, given.evidence, given.permalinks ?? new Map())
  await append(tx, {
    kind: 'decision-recorded',
    record: id,
    reference,
    group: group.id,
    ...(signal ? { signal: signal.id } : {}),
    by,
    contentHash: await saltedHash(tx, `decision:${id}:1`, canonicalize(content) ?? ''),
    at: now.toISOString(),
  })
  for (const [position, hash] of hashes.entries())
    await append(tx, {
      kind: 'evidence-hash',
      record: id,
      position,
      hash: await saltedHash(tx, `evidence:${id}:${position}`, hash),
      at: now.toISOString(),
    })
  if (signal && signal.state !== 'recorded') {
    const row = await tx.signal.update({
      where: { id: signal.id },
      data: { state: 'recorded', recordId: id, stateById: by, stateAt: now },
    })
    // A mere doubt that people recorded all the same is one the detector should have been surer of.
    const verdict = row.wouldNudge ? 'recorded' : 'recorded-not-nudged'
    await keepFeedback(tx, { groupId: group.id, signal: row, verdict, at: now })
  } else if (!signal && content.takenElsewhere === null)
    // What was decided on a call or in a corridor nobody could have seen here.
    await keepFeedback(tx, { groupId: group.id, verdict: 'recorded-not-nudged', at: now })
  return { id, reference }
}

/** Adds a version to a record; earlier versions stay. */
export async function amendDecision(
  tx: Tx,
  recordId: string,
  content: DecisionContent,
  reason: string,
  by: string,
  now: Date,
): Promise<number> {
  const last = await tx.decisionVersion.findFirst({ where: { recordId }, orderBy: { version: 'desc' } })
  const record = await tx.decisionRecord.findUnique({ where: { id: recordId } })
  if (!last || !record) throw new RemembrancerError('NOT_FOUND', 'There is no such decision record.')
  const version = last.version + 1
  await tx.decisionVersion.create({
    data: { recordId, version, ...content, recordedById: by, recordedAt: now, amendmentReason: reason },
  })
  await append(tx, {
    kind: 'decision-amended',
    record: recordId,
    reference: record.reference,
    recordVersion: version,
    by,
    contentHash: await saltedHash(tx, `decision:${recordId}:${version}`, canonicalize(content) ?? ''),
    at: now.toISOString(),
  })
  return version
}

async function nextReference(tx: Tx, now: Date): Promise<string> {
  const year = now.getUTCFullYear()
  const rows = await tx.$queryRaw<{ number: number }[]>`
    INSERT INTO reference_counter (year, next) VALUES (${year}, 2)
    ON CONFLICT (year) DO UPDATE SET next = reference_counter.next + 1
    RETURNING next - 1 AS number`
  return `DEC-${year}-${String(rows[0]?.number ?? 1).padStart(5, '0')}`
}

async function copyEvidence(
  tx: Tx,
  groupId: string,
  recordId: string,
  chosen: readonly string[],
  permalinks: ReadonlyMap<string, string>,
): Promise<string[]> {
  const messages = await tx.message.findMany({
    where: { groupId, externalId: { in: [...new Set(chosen)] }, postedAt: { not: null } },
    orderBy: { orderKey: 'asc' },
  })
  const authors = await peopleById(
    tx,
    messages.map((message) => message.authorId),
  )
  const hashes: string[] = []
  let membersOf: { at: number; names: string[] } | undefined
  for (const [position, message] of messages.entries()) {
    const postedAt = message.postedAt ?? new Date(0)
    if (!membersOf || Math.abs(membersOf.at - postedAt.getTime()) > 0)
      membersOf = {
        at: postedAt.getTime(),
        names: (await membersAt(tx, groupId, postedAt)).map((member) => shownName(member)),
      }
    const evidence = {
      messageExternalId: message.externalId,
      authorName: shownName(authors.get(message.authorId ?? '')),
      postedAt: postedAt.toISOString(),
      text: message.text,
      edited: message.editedAt !== null,
      permalink: permalinks.get(message.externalId) ?? null,
      members: membersOf.names,
    }
    const hash = createHash('sha256')
      .update(canonicalize(evidence) ?? '')
      .digest('hex')
    hashes.push(hash)
    await tx.evidence.create({ data: { recordId, position, ...evidence, postedAt, hash } })
  }
  return hashes
}
