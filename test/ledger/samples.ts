import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signCheckpoint } from '../../src/ledger/checkpoint.js'
import {
  append,
  canonicalBody,
  createSequencer,
  type LedgerEntryBody,
  openSigner,
  type Sequencer,
  type SequencerOptions,
  type Signer,
} from '../../src/ledger/index.js'
import { type Checkpoint, entryHash, genesisHash, type LedgerRow } from '../../src/ledger/offline/verify.mjs'
import type { Database } from '../../src/storage/index.js'
import { createFakeLog } from '../delivery/fakes.js'

export const at = '2026-11-01T12:00:00.000Z'

/** An entry as a room would append it. */
export function sampleEntry(n = 0): LedgerEntryBody {
  return n % 2 === 0
    ? { kind: 'bot-presence', group: randomUUID(), present: true, source: 'event', at }
    : { kind: 'nudge-answered', nudge: randomUUID(), by: randomUUID(), answer: 'not-a-decision', at }
}

/** Appends entries, each in a transaction of its own. */
export async function appendMany(database: Database, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await database.transaction((tx) => append(tx, sampleEntry(n)))
}

export function sequencer(
  database: Database,
  signer: Signer,
  options: Partial<SequencerOptions> = {},
): Sequencer {
  return createSequencer(database, {
    now: () => new Date(at),
    log: createFakeLog(),
    signer,
    pollMs: 20,
    ...options,
  })
}

/** A signing key in a folder of its own. */
export async function temporarySigner(): Promise<{ signer: Signer; folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'remembrancer-ledger-'))
  const signer = await openSigner({ dataDir: folder })
  return { signer, folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A ledger as it would have been chained, without a database: entries and the checkpoints made of them. */
export function sampleLedger(
  count: number,
  signer: Signer,
  every = 64,
): { rows: LedgerRow[]; checkpoints: Checkpoint[] } {
  const rows: LedgerRow[] = []
  const checkpoints: Checkpoint[] = []
  let prevHash = genesisHash
  for (let seq = 1; seq <= count; seq++) {
    const entry = sampleEntry(seq)
    const linked = { seq, prevHash, chainedAt: at, body: canonicalBody(entry) }
    prevHash = entryHash(linked)
    rows.push({ ...linked, kind: entry.kind, hash: prevHash })
    if (seq % every === 0) checkpoints.push(signCheckpoint(signer, seq, prevHash, new Date(at)))
  }
  return { rows, checkpoints }
}
