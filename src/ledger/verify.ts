import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { RemembrancerError } from '../errors.js'
import type { Database } from '../storage/index.js'
import { type CheckpointFile, checkpointOf, parseCheckpoint } from './checkpoint.js'
import {
  type Checkpoint,
  createVerifier,
  type LedgerRow,
  type VerifyReport,
  verifyExport,
} from './offline/verify.mjs'

/**
 * Verifies a ledger as it streams by, in constant memory: numbers without a gap, each hash over its entry and the
 * one before, canonical bodies, signatures and hashes of stored checkpoints, and agreement with checkpoints held
 * outside. Stops looking at the first thing wrong, and says which.
 * @param source entries in order of their numbers
 * @param checkpoints stored ones in order of their numbers
 * @param publicKey PEM; without it signatures are not checked, and the report says so
 * @param outside checkpoints held elsewhere
 */
export async function verifyLedger(
  source: AsyncIterable<LedgerRow> | Iterable<LedgerRow>,
  checkpoints: AsyncIterable<Checkpoint> | Iterable<Checkpoint>,
  publicKey?: string,
  outside: readonly Checkpoint[] = [],
): Promise<VerifyReport> {
  const verifier = createVerifier({ publicKey, outside })
  const stored = iterate(checkpoints)
  let next = await stored.next()
  for await (const row of source) {
    while (!next.done && next.value.seq < row.seq) {
      verifier.checkpoint(next.value)
      next = await stored.next()
    }
    verifier.entry(row)
  }
  for (; !next.done; next = await stored.next()) verifier.checkpoint(next.value)
  await stored.return(undefined)
  return verifier.finish()
}

/**
 * Verifies the ledger in the database.
 * @param options `checkpointFile` = one kept elsewhere; `publicKey` = the signing key's public half
 * @throws RemembrancerError FILE_NOT_FOUND when the checkpoint file is not there
 */
export async function verifyDatabase(
  database: Database,
  options: { checkpointFile?: string; publicKey?: string } = {},
): Promise<VerifyReport> {
  const outside = options.checkpointFile === undefined ? [] : [await readCheckpoint(options.checkpointFile)]
  const ends = await ledgerEnds(database)
  return await verifyLedger(
    readEntries(database, ends.entry),
    readCheckpoints(database, ends.checkpoint),
    options.publicKey ?? outside[0]?.publicKey,
    outside,
  )
}

/**
 * Verifies an exported ledger file, as the script beside it does.
 * @throws RemembrancerError FILE_NOT_FOUND
 */
export async function verifyFile(
  file: string,
  options: { checkpointFile?: string; publicKey?: string } = {},
): Promise<VerifyReport> {
  await access(file).catch((cause: unknown) => {
    throw new RemembrancerError('FILE_NOT_FOUND', `The exported ledger ${file} cannot be read.`, { cause })
  })
  const outside = options.checkpointFile === undefined ? [] : [await readCheckpoint(options.checkpointFile)]
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  return await verifyExport(lines, { publicKey: options.publicKey ?? outside[0]?.publicKey, outside })
}

async function readCheckpoint(file: string): Promise<CheckpointFile> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RemembrancerError('FILE_NOT_FOUND', `The checkpoint file ${file} cannot be read.`, { cause })
  })
  return parseCheckpoint(text)
}

/** Entries in order, page by page in short reads, up to `until`. */
export async function* readEntries(
  database: Database,
  until: bigint,
  pageSize = 2_000,
): AsyncGenerator<LedgerRow> {
  for (let after = 0n; after < until; ) {
    // Past Prisma: a ledger of millions of rows is read three times as fast.
    const { rows } = await database.session((client) =>
      client.query(
        `SELECT seq, kind, body, prev_hash, hash, chained_at FROM ledger_entry
         WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`,
        [String(after), String(until), pageSize],
      ),
    )
    for (const row of rows) yield entryOf(row)
    const end = rows.at(-1)
    if (!end) return
    after = BigInt(String(end.seq))
  }
}

function entryOf(row: Record<string, unknown>): LedgerRow {
  const { seq, kind, body, prev_hash: prevHash, hash, chained_at: at } = row
  return {
    seq: Number(seq),
    kind: String(kind),
    body: String(body),
    prevHash: String(prevHash),
    hash: String(hash),
    chainedAt: (at instanceof Date ? at : new Date(String(at))).toISOString(),
  }
}

/** Stored checkpoints in order, page by page, up to `until`. */
export async function* readCheckpoints(
  database: Database,
  until: bigint,
  pageSize = 1_000,
): AsyncGenerator<Checkpoint> {
  for (let after = -1n; after < until; ) {
    const page = await database.prisma.ledgerCheckpoint.findMany({
      where: { seq: { gt: after, lte: until } },
      orderBy: { seq: 'asc' },
      take: pageSize,
    })
    for (const row of page) yield checkpointOf(row)
    const end = page.at(-1)
    if (!end) return
    after = end.seq
  }
}

/**
 * Numbers of the last entry and of the last checkpoint at one moment, so that what is chained while a long
 * verification runs is not mistaken for something wrong. 0 where there is none.
 */
export async function ledgerEnds(database: Database): Promise<{ entry: bigint; checkpoint: bigint }> {
  const rows = await database.prisma.$queryRaw<{ entry: bigint; checkpoint: bigint }[]>`
    SELECT COALESCE((SELECT max(seq) FROM ledger_entry), 0) AS entry,
           COALESCE((SELECT max(seq) FROM ledger_checkpoint), 0) AS checkpoint`
  return rows[0] ?? { entry: 0n, checkpoint: 0n }
}

async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items
}
