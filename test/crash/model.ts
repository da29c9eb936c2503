import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyDatabase } from '../../src/ledger/index.js'
import { type Database, openDatabase } from '../../src/storage/index.js'
import { readPlatform } from './file-platform.js'
import type { Model } from './harness.js'
import { causesPost, causesUpdate, idOf } from './protocol.js'

/** What was compared, and everything found wrong. */
export interface ModelReport {
  readonly events: number
  readonly posts: number
  readonly periods: number
  readonly gaps: number
  readonly entries: number
  readonly checkpoints: number
  readonly problems: readonly string[]
}

/** Opens what the program left behind and compares it with what it owes. */
export async function compareWithModel(
  model: Model,
  place: { folder: string; platformFolder?: string; url?: string },
): Promise<ModelReport> {
  const database = await openDatabase({
    kind: 'sandbox',
    ...(place.url === undefined ? { dataDir: place.folder } : { url: place.url }),
  })
  try {
    return await compare(model, place, database)
  } finally {
    await database.close()
  }
}

async function compare(
  model: Model,
  place: { folder: string; platformFolder?: string },
  database: Database,
): Promise<ModelReport> {
  const problems: string[] = []
  const { prisma } = database
  const times = new Map<string, number>()
  for (const { key } of await prisma.$queryRaw<{ key: string }[]>`SELECT key FROM crash_effect`)
    times.set(key, (times.get(key) ?? 0) + 1)
  const events = [...times.keys()].filter((key) => key.startsWith('m')).map((key) => Number(key.slice(1)))

  for (const n of model.owed) if (!times.has(`m${n}`)) problems.push(`acknowledged event lost: ${n}`)
  for (const [key, count] of times) if (count > 1) problems.push(`effect doubled ${count} times: ${key}`)
  for (let period = 0; period < model.periods; period++)
    if (!times.has(`job${period}`)) problems.push(`period not worked: ${period}`)

  const waiting = await prisma.inboxEvent.groupBy({ by: ['status'], _count: true })
  for (const { status, _count } of waiting)
    if (status !== 'applied') problems.push(`${_count} events left ${status}`)

  comparePosts(events, place.platformFolder ?? place.folder, problems)
  const unsent = await prisma.outboxPost.groupBy({ by: ['status'], _count: true })
  for (const { status, _count } of unsent)
    if (status !== 'sent' && status !== 'superseded') problems.push(`${_count} posts left ${status}`)

  const gaps = await prisma.gap.count()
  const open = await prisma.gap.count({ where: { closedAt: null } })
  if (open > 0) problems.push(`${open} gaps left open`)
  const report = await compareLedger(events, gaps, place.folder, database, problems)
  return {
    events: events.length,
    posts: events.filter(causesPost).length,
    periods: model.periods,
    gaps,
    ...report,
    problems,
  }
}

/** Everybody has seen each post once, and its replacement after it. */
function comparePosts(events: readonly number[], folder: string, problems: string[]): void {
  const seen = new Map<string, string[]>()
  const posted = new Map<string, number>()
  for (const line of readPlatform(folder)) {
    if (line.verb === 'post') posted.set(line.heading, (posted.get(line.heading) ?? 0) + 1)
    seen.set(line.message, [...(seen.get(line.message) ?? []), line.heading])
  }
  for (const [heading, count] of posted) if (count > 1) problems.push(`posted ${count} times: ${heading}`)
  for (const n of events) if (causesPost(n) && !posted.has(`Nudge ${n}`)) problems.push(`never posted: ${n}`)
  const last = new Set([...seen.values()].map((headings) => headings.at(-1)))
  for (const n of events)
    if (causesUpdate(n) && !last.has(`Recorded ${n}`)) problems.push(`card not replaced: ${n}`)
}

async function compareLedger(
  events: readonly number[],
  gaps: number,
  folder: string,
  database: Database,
  problems: string[],
): Promise<{ entries: number; checkpoints: number }> {
  const publicKey = createPublicKey(readFileSync(join(folder, 'ledger-key.pem'), 'utf8'))
    .export({ type: 'spki', format: 'pem' })
    .toString()
  const report = await verifyDatabase(database, { publicKey })
  if (report.problem) problems.push(`ledger: ${report.problem.code} ${report.problem.what}`)
  const left = await database.prisma.ledgerIntake.count()
  if (left > 0) problems.push(`${left} ledger entries not chained`)
  const expected = new Set(events.map(idOf))
  const rows = await database.prisma.ledgerEntry.findMany({ select: { kind: true, body: true } })
  const signals = rows
    .filter((row) => row.kind === 'signal-detected')
    .map((row) => (JSON.parse(row.body) as { signal: string }).signal)
  if (signals.length !== new Set(signals).size) problems.push('an entry stands in the ledger twice')
  if (signals.length !== expected.size || signals.some((signal) => !expected.has(signal)))
    problems.push(`${signals.length} entries account for ${expected.size} effects`)
  for (const kind of ['gap-noticed', 'gap-closed']) {
    const count = rows.filter((row) => row.kind === kind).length
    if (count !== gaps) problems.push(`${count} entries ${kind} for ${gaps} gaps`)
  }
  return { entries: report.entries, checkpoints: report.checkpoints }
}
