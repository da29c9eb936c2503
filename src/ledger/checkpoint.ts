import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'
import type { Database, Tx } from '../storage/index.js'
import { type Checkpoint, checkpointText } from './offline/verify.mjs'
import type { Signer } from './signer.js'

/** A checkpoint as it is kept elsewhere: with the public key that checks it. */
export const checkpointFile = z.object({
  format: z.literal('remembrancer-checkpoint-v1'),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  keyId: z.string(),
  signature: z.string(),
  publicKey: z.string().optional(),
})
export type CheckpointFile = z.infer<typeof checkpointFile>

/** The newest signed head, as a digest prints it; undefined while the ledger is empty. */
export async function currentCheckpoint(source: Tx | Database): Promise<Checkpoint | undefined> {
  const reader = 'prisma' in source ? source.prisma : source
  const row = await reader.ledgerCheckpoint.findFirst({ orderBy: { seq: 'desc' } })
  return row ? checkpointOf(row) : undefined
}

/** One line for people: the head's number, the start of its hash, and the key. */
export function checkpointLine(checkpoint: Checkpoint): string {
  return `${checkpoint.seq} · ${checkpoint.hash} · ${checkpoint.at} · key ${checkpoint.keyId}`
}

/**
 * Writes the newest checkpoint to a file for the records officer to keep elsewhere.
 * @throws RemembrancerError NOT_FOUND while the ledger has no checkpoint
 */
export async function exportCheckpoint(
  database: Database,
  file: string,
  options: { publicKeyPem?: string } = {},
): Promise<CheckpointFile> {
  const checkpoint = await currentCheckpoint(database)
  if (!checkpoint) throw new RemembrancerError('NOT_FOUND', 'The ledger has no checkpoint yet.')
  const content: CheckpointFile = {
    format: 'remembrancer-checkpoint-v1',
    ...checkpoint,
    ...(options.publicKeyPem === undefined ? {} : { publicKey: options.publicKeyPem }),
  }
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`)
  return content
}

/** Reads a checkpoint kept elsewhere. @throws RemembrancerError FILE_NOT_FOUND, LEDGER_BROKEN when unreadable */
export function parseCheckpoint(text: string): CheckpointFile {
  try {
    return checkpointFile.parse(JSON.parse(text))
  } catch (cause) {
    throw new RemembrancerError('LEDGER_BROKEN', 'The checkpoint file is damaged or is none.', { cause })
  }
}

/** Signs the head of the chain. */
export function signCheckpoint(signer: Signer, seq: number, hash: string, at: Date): Checkpoint {
  const unsigned = { seq, hash, at: at.toISOString(), keyId: signer.keyId }
  return { ...unsigned, signature: signer.sign(checkpointText(unsigned)) }
}

/** A stored row as a checkpoint. */
export function checkpointOf(row: {
  seq: bigint
  hash: string
  at: Date
  keyId: string
  signature: string
}): Checkpoint {
  return {
    seq: Number(row.seq),
    hash: row.hash,
    at: row.at.toISOString(),
    keyId: row.keyId,
    signature: row.signature,
  }
}
