/**
 * The append-only, hash-chained account of what was done. Owns the ledger's tables and the signing key. Rooms above
 * append in their own transactions; one sequencer at a time chains; anyone can verify, offline too.
 * Entries hold ids, instants, kinds and salted hashes, never names or text. See docs/ledger.md.
 */
export { append, appendAll, canonicalBody, eraseSalt, saltedHash } from './append.js'
export {
  type CheckpointFile,
  checkpointLine,
  currentCheckpoint,
  exportCheckpoint,
  parseCheckpoint,
} from './checkpoint.js'
export { type LedgerEntryBody, type LedgerEntryKind, ledgerEntryBody } from './entries.js'
export { exportLedger } from './export.js'
export type { Checkpoint, LedgerRow, Problem, ProblemCode, VerifyReport } from './offline/verify.mjs'
export { createSequencer, type Sequencer, type SequencerOptions } from './sequencer.js'
export { openSigner, type Signer } from './signer.js'
export { readCheckpoints, readEntries, verifyDatabase, verifyFile, verifyLedger } from './verify.js'
