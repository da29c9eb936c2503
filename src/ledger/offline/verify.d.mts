import type { KeyObject } from 'node:crypto'

/** One entry of the chain, as stored and as exported. */
export interface LedgerRow {
  readonly seq: number
  readonly kind: string
  /** Canonical JSON (RFC 8785). */
  readonly body: string
  readonly prevHash: string
  readonly hash: string
  /** ISO instant in UTC with milliseconds. */
  readonly chainedAt: string
}

/** A signed head of the chain. */
export interface Checkpoint {
  readonly seq: number
  readonly hash: string
  /** ISO instant in UTC with milliseconds. */
  readonly at: string
  readonly keyId: string
  /** Ed25519, base64. */
  readonly signature: string
}

export type ProblemCode =
  | 'entry-missing'
  | 'entry-out-of-order'
  | 'chain-broken'
  | 'entry-altered'
  | 'kind-altered'
  | 'not-canonical'
  | 'line-unreadable'
  | 'checkpoint-signature'
  | 'checkpoint-key'
  | 'checkpoint-contradicts'
  | 'checkpoint-missing'
  | 'cut-off'
  | 'outside-signature'
  | 'outside-contradicts'

/** The first thing found wrong. */
export interface Problem {
  readonly code: ProblemCode
  readonly seq: number
  /** One sentence. */
  readonly what: string
}

export interface VerifyReport {
  readonly ok: boolean
  readonly entries: number
  /** Stored checkpoints whose signature and hash were checked. */
  readonly checkpoints: number
  readonly head: { readonly seq: number; readonly hash: string }
  /** Highest entry covered by a stored, validly signed checkpoint. */
  readonly signedTo: number
  /** Highest entry covered by a checkpoint held outside. */
  readonly anchoredTo: number
  /** Entries after `anchoredTo`: their owner could still rewrite them unnoticed if they hold the key. */
  readonly unanchored: number
  /** True when signatures could not be checked for want of a public key. */
  readonly signaturesUnchecked: boolean
  readonly problem?: Problem
}

export interface Verifier {
  /** The next entry, in order. After the first problem nothing more is looked at. */
  entry(row: LedgerRow): void
  /** A stored checkpoint; any time after the entry it covers and before the entry 65 after the last one. */
  checkpoint(checkpoint: Checkpoint): void
  fail(code: ProblemCode, seq: number, what: string): void
  finish(): VerifyReport
}

/** No stretch of the chain longer than this goes without a signed checkpoint. */
export declare const longestUnsigned: number
export declare const genesisHash: string
export declare function entryHash(row: Omit<LedgerRow, 'hash' | 'kind'>): string
/** The bytes a checkpoint's signature covers. */
export declare function checkpointText(checkpoint: Omit<Checkpoint, 'signature'>): string
/** Short name of a public key: the first 16 hex digits of SHA-256 over its SPKI DER. */
export declare function keyIdOf(publicKey: KeyObject): string
export declare function createVerifier(options: {
  /** PEM. */
  readonly publicKey?: string | undefined
  readonly outside?: readonly Checkpoint[] | undefined
}): Verifier
/** Verifies an exported ledger, line by line. */
export declare function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: {
    /** PEM. */
    readonly publicKey?: string | undefined
    readonly outside?: readonly Checkpoint[] | undefined
  },
): Promise<VerifyReport>
