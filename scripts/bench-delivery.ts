/*
 * node --expose-gc --import tsx scripts/bench-delivery.ts [--entries 1000000] [--events 20000]
 *
 * Measures the inbox beside a bare `pg` loop doing the same inserts, the lanes, and verification of a long ledger.
 * PostgreSQL is that of TEST_DATABASE_URL, or one of our own where its binaries are found; embedded otherwise.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createInbox, createLaneRunner } from '../src/delivery/index.js'
import { signCheckpoint } from '../src/ledger/checkpoint.js'
import {
  canonicalBody,
  exportLedger,
  openSigner,
  type Signer,
  verifyDatabase,
  verifyFile,
} from '../src/ledger/index.js'
import { entryHash, genesisHash } from '../src/ledger/offline/verify.mjs'
import { type ChatEvent, eventKey, type Logger, orderKey } from '../src/platform/index.js'
import { type Database, openDatabase } from '../src/storage/index.js'
import { createServerDatabase } from '../test/support/database.js'
import { startPostgres } from '../test/support/postgres.js'

/** One measurement. */
export interface BenchRow {
  readonly name: string
  /** Per second. */
  readonly rate: number
  /** Beside the bare loop, where there is one to compare with. */
  readonly ratio?: number
  /** Most that was held while it ran beyond what was before, in megabytes. */
  readonly heapMb?: number
}

export interface BenchOptions {
  readonly events: number
  readonly entries: number
}

const silent: Logger = { info() {}, warn() {}, error() {} }
const now = (): Date => new Date()

/** Runs every measurement on one database. */
export async function benchDelivery(
  options: BenchOptions = { events: 20_000, entries: 100_000 },
): Promise<BenchRow[]> {
  const server = process.env.TEST_DATABASE_URL ? undefined : await startPostgres()
  const address = process.env.TEST_DATABASE_URL ?? server?.url
  const fresh = address ? await createServerDatabase(address) : undefined
  const database = await openDatabase({ kind: 'official', ...(fresh ? { url: fresh.url } : {}) })
  const folder = mkdtempSync(join(tmpdir(), 'remembrancer-bench-'))
  try {
    const bare = await bareLoop(database, options.events)
    const inbox = await ingest(database, options.events)
    const lanes = await work(database)
    const signer = await openSigner({ dataDir: folder })
    await fillLedger(database, signer, options.entries)
    const verified = await verifying(options.entries, () =>
      verifyDatabase(database, { publicKey: signer.publicKeyPem }),
    )
    await exportLedger(database, folder, { publicKeyPem: signer.publicKeyPem })
    const offline = await verifying(options.entries, () =>
      verifyFile(join(folder, 'ledger.jsonl'), { publicKey: signer.publicKeyPem }),
    )
    return [
      { name: 'bare pg loop: rows', rate: bare },
      { name: 'inbox: events accepted', rate: inbox, ratio: inbox / bare },
      { name: 'lanes: events applied', rate: lanes },
      { name: 'ledger: entries verified in the database', ...verified },
      { name: 'ledger: entries verified in an export', ...offline },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await database.close()
    await fresh?.drop()
    await server?.stop()
  }
}

function event(run: string, n: number): ChatEvent {
  return {
    kind: 'message-posted',
    platform: 'slack',
    tenant: 'T1',
    conversation: `${run}${n % 200}`,
    message: `m${n}`,
    at: new Date(1_790_000_000_000 + n * 100).toISOString(),
    source: 'event',
    author: { id: `U${n % 500}`, name: 'Tamsin Vale' },
    text: 'We agreed this morning to open the second shelter, and to tell the wardens before noon.',
  }
}

/** The same rows through `pg` alone, a thousand at a time: the most this database and driver can do. */
async function bareLoop(database: Database, count: number): Promise<number> {
  const began = performance.now()
  await database.session(async (client) => {
    for (let from = 0; from < count; from += 1_000) {
      const rows = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => {
        const one = event('bare', from + n)
        return { key: eventKey(one), orderKey: orderKey(one), at: one.at, raw: JSON.stringify(one) }
      })
      await client.query(
        `INSERT INTO inbox_event (key, platform, tenant, lane, kind, order_key, occurred_at, received_at, source, raw,
                                  event, status)
         SELECT key, 'slack', 'T1', 'slack|T1|bare', 'message-posted', order_key, at, now(), 'event', raw, raw::jsonb,
                'applied'
         FROM UNNEST($1::text[], $2::text[], $3::timestamptz[], $4::text[]) AS row(key, order_key, at, raw)
         ON CONFLICT (key) DO NOTHING`,
        [
          rows.map((row) => row.key),
          rows.map((row) => row.orderKey),
          rows.map((row) => row.at),
          rows.map((row) => row.raw),
        ],
      )
    }
  })
  return perSecond(count, began)
}

/** Many callers at once, each waiting for its own event, as webhooks do. */
async function ingest(database: Database, count: number): Promise<number> {
  const inbox = createInbox(database, { now, log: silent })
  const began = performance.now()
  let next = 0
  const caller = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const one = event('C', n)
      await inbox.accept([{ raw: JSON.stringify(one), events: [one] }])
    }
  }
  await Promise.all(Array.from({ length: 1_000 }, caller))
  return perSecond(count, began)
}

/** Lanes with an apply() that does nothing: what order and marking cost. */
async function work(database: Database): Promise<number> {
  const count = await database.prisma.inboxEvent.count({ where: { status: 'pending' } })
  const lanes = createLaneRunner(database, {
    apply: async () => undefined,
    now,
    log: silent,
    maxAttempts: 3,
    batchSize: 100,
    parallel: 4,
  })
  const began = performance.now()
  lanes.start()
  await lanes.idle()
  const rate = perSecond(count, began)
  await lanes.stop()
  return rate
}

/** Chains entries as the sequencer would, quickly. */
async function fillLedger(database: Database, signer: Signer, count: number): Promise<void> {
  const at = new Date()
  const chainedAt = at.toISOString()
  let prevHash = genesisHash
  for (let from = 1; from <= count; from += 4_096) {
    const rows = []
    const signed = []
    for (let seq = from; seq < Math.min(from + 4_096, count + 1); seq++) {
      const body = canonicalBody({
        kind: 'nudge-answered',
        nudge: randomUUID(),
        by: randomUUID(),
        answer: 'not-a-decision',
        at: chainedAt,
      })
      const linked = { seq, prevHash, chainedAt, body }
      prevHash = entryHash(linked)
      rows.push({ ...linked, hash: prevHash })
      if (seq % 64 === 0) signed.push(signCheckpoint(signer, seq, prevHash, at))
    }
    await database.prisma.$executeRaw`
      INSERT INTO ledger_entry (seq, kind, body, prev_hash, hash, chained_at)
      SELECT seq, 'nudge-answered', body, prev_hash, hash, ${at} FROM UNNEST(
        ${rows.map((row) => row.seq)}::bigint[], ${rows.map((row) => row.body)}::text[],
        ${rows.map((row) => row.prevHash)}::text[], ${rows.map((row) => row.hash)}::text[]
      ) AS row(seq, body, prev_hash, hash)`
    await database.prisma.ledgerCheckpoint.createMany({
      data: signed.map((one) => ({ ...one, seq: BigInt(one.seq), at })),
    })
  }
}

async function verifying(
  entries: number,
  verify: () => Promise<{ ok: boolean; entries: number }>,
): Promise<{ rate: number; heapMb: number }> {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let most = before
  // What is still held, not what waits to be collected (run with --expose-gc).
  const watch = setInterval(() => {
    globalThis.gc?.()
    most = Math.max(most, process.memoryUsage().heapUsed)
  }, 1_000)
  const began = performance.now()
  const report = await verify()
  const rate = perSecond(entries, began)
  clearInterval(watch)
  if (!report.ok || report.entries !== entries)
    throw new Error('The ledger of the measurement does not verify')
  return { rate, heapMb: Math.round((most - before) / 1e6) }
}

function perSecond(count: number, began: number): number {
  return Math.round((count / (performance.now() - began)) * 1_000)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '20000' },
      entries: { type: 'string', default: '1000000' },
    },
  })
  const rows = await benchDelivery({ events: Number(values.events), entries: Number(values.entries) })
  console.table(rows)
}
