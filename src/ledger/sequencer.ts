import { isRemembrancerError, RemembrancerError } from '../errors.js'
import type { Logger } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { signCheckpoint } from './checkpoint.js'
import { crashPoint } from './crash-point.js'
import { createLoop } from './loop.js'
import {
  type Checkpoint,
  entryHash,
  genesisHash,
  type LedgerRow,
  longestUnsigned,
} from './offline/verify.mjs'
import type { Signer } from './signer.js'

/** Chains what rooms have appended. */
export interface Sequencer {
  start(): void
  /** Entries have been appended: chain them now rather than at the next turn. */
  wake(): void
  /**
   * Resolves when every entry committed before this call is chained, and a checkpoint signed if one is due; works
   * without `start` too. Rejects when that cannot be done now.
   */
  settle(): Promise<void>
  /** Settles, then signs the head whether due or not: before a checkpoint is exported, and before a planned stop. */
  signHead(): Promise<void>
  stop(): Promise<void>
}

export interface SequencerOptions {
  readonly now: () => Date
  readonly log: Logger
  readonly signer: Signer
  /** Entries after which the head is signed; at most 64, which verification expects. */
  readonly checkpointEvery?: number
  /** Longest an entry waits for a signed head. */
  readonly checkpointAfterMs?: number
  readonly batchSize?: number
  readonly pollMs?: number
}

// Any number that no other room locks; shared by all processes on one database.
const sequencerLock = 7_236_707_001n

/**
 * Chains appended entries in batches of one short transaction. Any number of processes may run one: an advisory
 * lock of that transaction lets one at a time work, and is gone with a process that dies.
 */
export function createSequencer(database: Database, options: SequencerOptions): Sequencer {
  const batchSize = options.batchSize ?? 500
  const every = Math.min(options.checkpointEvery ?? longestUnsigned, longestUnsigned)
  const afterMs = options.checkpointAfterMs ?? 600_000
  const loop = createLoop({
    work: () => chainBatch(),
    failed: (error) =>
      options.log.error(
        { code: isRemembrancerError(error) ? error.code : 'LEDGER_WAITING' },
        'The ledger could not be chained; its entries wait and nothing is lost',
      ),
    pollMs: options.pollMs ?? 500,
  })

  async function chainBatch(): Promise<boolean> {
    // A look without a transaction first: most turns find nothing.
    const waiting = await database.prisma.ledgerIntake.findFirst({ select: { id: true } })
    if (!waiting && !(await signingDue())) return false
    const chained = await database.transaction(async (tx) => {
      if (!(await takeLock(tx))) return 0
      const intake = await tx.ledgerIntake.findMany({ orderBy: { id: 'asc' }, take: batchSize })
      const head = await tx.ledgerEntry.findFirst({ orderBy: { seq: 'desc' } })
      const last = await lastCheckpoint(tx)
      const plan = chain(intake, head, last)
      await write(tx, plan.rows)
      await tx.ledgerIntake.deleteMany({ where: { id: { in: intake.map((row) => row.id) } } })
      await sign(tx, plan.checkpoints)
      crashPoint('ledger-before-commit')
      return intake.length
    })
    if (chained > 0) crashPoint('ledger-committed')
    return chained === batchSize
  }

  async function signingDue(): Promise<boolean> {
    const head = await database.prisma.ledgerEntry.findFirst({ orderBy: { seq: 'desc' } })
    if (!head) return false
    const last = await lastCheckpoint(database.prisma)
    return head.seq > (last?.seq ?? 0n) && (await isOld(database.prisma, last?.seq ?? 0n))
  }

  /** A clock that jumped back must not put off signing for an hour: what lies in the future counts as old. */
  async function isOld(reader: Tx, after: bigint): Promise<boolean> {
    const first = await reader.ledgerEntry.findFirst({
      where: { seq: { gt: after } },
      orderBy: { seq: 'asc' },
      select: { chainedAt: true },
    })
    if (!first) return false
    const age = options.now().getTime() - first.chainedAt.getTime()
    return age >= afterMs || age < -60_000
  }

  async function lastCheckpoint(reader: Tx): Promise<{ seq: bigint } | null> {
    const last = await reader.ledgerCheckpoint.findFirst({ orderBy: { seq: 'desc' } })
    if (last && last.keyId !== options.signer.keyId)
      throw new RemembrancerError(
        'LEDGER_KEY_UNUSABLE',
        `The ledger is signed with key ${last.keyId}, this process holds ${options.signer.keyId}.`,
      )
    return last
  }

  function chain(
    intake: readonly { kind: string; body: string }[],
    head: { seq: bigint; hash: string; chainedAt: Date } | null,
    last: { seq: bigint } | null,
  ): { rows: LedgerRow[]; checkpoints: Checkpoint[] } {
    const at = options.now()
    const chainedAt = at.toISOString()
    const rows: LedgerRow[] = []
    const checkpoints: Checkpoint[] = []
    let seq = Number(head?.seq ?? 0n)
    let hash = head?.hash ?? genesisHash
    let signed = Number(last?.seq ?? 0n)
    const signHead = (): void => {
      checkpoints.push(signCheckpoint(options.signer, seq, hash, at))
      signed = seq
    }
    for (const { kind, body } of intake) {
      const linked = { seq: seq + 1, prevHash: hash, chainedAt, body }
      hash = entryHash(linked)
      seq += 1
      rows.push({ ...linked, kind, hash })
      if (seq - signed >= every) signHead()
    }
    return { rows, checkpoints }
  }

  async function sign(tx: Tx, checkpoints: Checkpoint[]): Promise<void> {
    for (const row of checkpoints) await insertCheckpoint(tx, row)
    const last = await lastCheckpoint(tx)
    const head = await tx.ledgerEntry.findFirst({ orderBy: { seq: 'desc' } })
    if (!head || head.seq === (last?.seq ?? 0n) || !(await isOld(tx, last?.seq ?? 0n))) return
    await insertCheckpoint(tx, signCheckpoint(options.signer, Number(head.seq), head.hash, options.now()))
  }

  async function settle(): Promise<void> {
    const last = await database.prisma.ledgerIntake.findFirst({ orderBy: { id: 'desc' } })
    for (;;) {
      if (loop.running) await loop.turn()
      else await chainBatch()
      if (!last) return
      const left = await database.prisma.ledgerIntake.findFirst({ where: { id: { lte: last.id } } })
      if (!left) return
    }
  }

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    settle,
    async signHead() {
      await settle()
      await database.transaction(async (tx) => {
        if (!(await takeLock(tx))) return
        const head = await tx.ledgerEntry.findFirst({ orderBy: { seq: 'desc' } })
        if (!head || head.seq === (await lastCheckpoint(tx))?.seq) return
        await insertCheckpoint(tx, signCheckpoint(options.signer, Number(head.seq), head.hash, options.now()))
      })
    },
    stop: () => loop.stop(),
  }
}

async function takeLock(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(${sequencerLock}) AS locked`
  return rows[0]?.locked === true
}

async function write(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.$executeRaw`
    INSERT INTO ledger_entry (seq, kind, body, prev_hash, hash, chained_at)
    SELECT * FROM UNNEST(
      ${rows.map((row) => BigInt(row.seq))}::bigint[],
      ${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.body)}::text[],
      ${rows.map((row) => row.prevHash)}::text[],
      ${rows.map((row) => row.hash)}::text[],
      ${rows.map((row) => row.chainedAt)}::timestamptz[]
    )`
}

async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint): Promise<void> {
  await tx.ledgerCheckpoint.create({
    data: { ...checkpoint, seq: BigInt(checkpoint.seq), at: new Date(checkpoint.at) },
  })
}
