import { randomUUID } from 'node:crypto'
import type { Signal } from '../detection/index.js'
import type { GroupRow } from '../groups/index.js'
import { append } from '../ledger/index.js'
import type { Tx } from '../storage/index.js'

/** A signal as kept. */
export type SignalRow = Awaited<ReturnType<Tx['signal']['findMany']>>[number]

/** What became of a signal in a batch. */
export interface SignalChange {
  readonly what: 'new' | 'changed' | 'withdrawn'
  readonly signal: SignalRow
}

/** What a reading of messages saw. */
export interface Reading {
  readonly changed: readonly Signal[]
  /** Keys no longer borne out (incremental reading). */
  readonly withdrawn: readonly string[]
  /** Ids of all messages read, when whole sessions were read: kept signals of these that were not seen are withdrawn. */
  readonly whole: ReadonlySet<string> | undefined
  /** Speaker strings by person id. */
  readonly speakers: ReadonlyMap<string, string>
}

/**
 * Brings kept signals into line with a reading. What people have answered stays: a recorded or set-aside signal is
 * never reopened or withdrawn.
 */
export async function reconcileSignals(
  tx: Tx,
  group: GroupRow,
  reading: Reading,
  now: Date,
  options: { backlog: boolean },
): Promise<SignalChange[]> {
  const persons = new Map([...reading.speakers].map(([id, speaker]) => [speaker, id]))
  const keys = [...reading.changed.map((signal) => signal.key), ...reading.withdrawn]
  const read = [...(reading.whole ?? [])]
  if (keys.length === 0 && read.length === 0) return []
  const kept = await tx.signal.findMany({
    where: { groupId: group.id, OR: [{ key: { in: keys } }, { atMessage: { in: read } }] },
  })
  const settled = await instants(
    tx,
    group.id,
    reading.changed.map((signal) => signal.at),
  )
  const changes: SignalChange[] = []
  for (const signal of reading.changed) {
    const old = kept.find((row) => row.kind === signal.kind && row.key === signal.key)
    const data = toData(signal, persons, settled.get(signal.at) ?? now)
    if (!old)
      changes.push({ what: 'new', signal: await insert(tx, group.id, signal, data, now, options.backlog) })
    else if (old.state === 'open' || old.state === 'withdrawn') {
      if (old.state === 'open' && same(old, data)) continue
      const row = await tx.signal.update({ where: { id: old.id }, data: { ...data, state: 'open' } })
      changes.push({ what: old.state === 'withdrawn' ? 'new' : 'changed', signal: row })
    }
  }
  const seen = new Set(reading.changed.map((signal) => `${signal.kind} ${signal.key}`))
  for (const old of kept) {
    // The detector knows a signal by its key alone: seen anew as another kind, it is no longer the old one.
    const gone =
      reading.whole?.has(old.atMessage) ||
      reading.withdrawn.includes(old.key) ||
      reading.changed.some((signal) => signal.key === old.key)
    if (!gone || seen.has(`${old.kind} ${old.key}`) || old.state !== 'open') continue
    const row = await tx.signal.update({ where: { id: old.id }, data: { state: 'withdrawn', stateAt: now } })
    changes.push({ what: 'withdrawn', signal: row })
  }
  return changes
}

/**
 * Sets an unrecorded decision aside, wherever that was asked for. It is counted in the digest and can still be recorded.
 * @param reason a code, never free text about people
 */
export async function setAside(
  tx: Tx,
  signalId: string,
  reason: 'not-a-decision',
  by: string,
  now: Date,
): Promise<SignalRow> {
  const row = await tx.signal.update({
    where: { id: signalId },
    data: { state: 'set-aside', stateReason: reason, stateById: by, stateAt: now },
  })
  await append(tx, {
    kind: 'signal-set-aside',
    signal: signalId,
    by,
    reason,
    at: now.toISOString(),
  })
  await keepFeedback(tx, { groupId: row.groupId, signal: row, verdict: reason, at: now })
  return row
}

/** Keeps what people said of a signal, without text, for counts per group and the next training. */
export async function keepFeedback(
  tx: Tx,
  feedback: { groupId: string; signal?: SignalRow | undefined; verdict: string; at: Date },
): Promise<void> {
  await tx.feedback.create({
    data: {
      id: randomUUID(),
      groupId: feedback.groupId,
      signalId: feedback.signal?.id ?? null,
      verdict: feedback.verdict,
      signalKind: feedback.signal?.kind ?? 'none',
      confidence: feedback.signal?.confidence ?? null,
      at: feedback.at,
    },
  })
}

/** How often people said what of the detector's work in a group. */
export interface FeedbackCount {
  /** `recorded`, `recorded-not-nudged`, `not-a-decision`, `moved-to-meeting` */
  readonly verdict: string
  readonly count: number
}

/** What people made of what the detector saw in a group, counted; who said what is not told. Mutes are private. */
export async function feedbackCounts(tx: Tx, groupId: string): Promise<FeedbackCount[]> {
  const rows = await tx.feedback.groupBy({
    by: ['verdict'],
    where: { groupId, verdict: { not: 'muted' } },
    _count: { _all: true },
    orderBy: { verdict: 'asc' },
  })
  return rows.map((row) => ({ verdict: row.verdict, count: row._count._all }))
}

type SignalData = ReturnType<typeof toData>

function toData(signal: Signal, persons: ReadonlyMap<string, string>, settledAt: Date) {
  return {
    fromMessage: signal.from,
    toMessage: signal.to,
    atMessage: signal.at,
    evidence: [...signal.evidence],
    decisionType: signal.decisionType ?? null,
    decidedById: signal.decidedBy === undefined ? null : (persons.get(signal.decidedBy) ?? null),
    askedById: signal.askedBy === undefined ? null : (persons.get(signal.askedBy) ?? null),
    confidence: signal.confidence,
    wouldNudge: signal.wouldNudge,
    because: signal.because,
    summary: signal.summary,
    settledAt,
  }
}

function same(old: SignalRow, data: SignalData): boolean {
  return (Object.keys(data) as (keyof SignalData)[]).every(
    (key) => JSON.stringify(old[key]) === JSON.stringify(data[key]),
  )
}

async function insert(
  tx: Tx,
  groupId: string,
  signal: Signal,
  data: SignalData,
  now: Date,
  backlog: boolean,
): Promise<SignalRow> {
  const row = await tx.signal.create({
    data: {
      id: randomUUID(),
      groupId,
      kind: signal.kind,
      key: signal.key,
      ...data,
      detectedAt: now,
      backlog,
    },
  })
  if (signal.wouldNudge)
    await append(tx, {
      kind: 'signal-detected',
      signal: row.id,
      group: groupId,
      signalKind: signal.kind,
      at: now.toISOString(),
    })
  return row
}

async function instants(tx: Tx, groupId: string, messages: readonly string[]): Promise<Map<string, Date>> {
  const rows = await tx.message.findMany({
    where: { groupId, externalId: { in: [...new Set(messages)] } },
    select: { externalId: true, postedAt: true },
  })
  return new Map(rows.flatMap((row) => (row.postedAt ? [[row.externalId, row.postedAt] as const] : [])))
}
