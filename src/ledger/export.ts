import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { Database } from '../storage/index.js'
import { ledgerEnds, readCheckpoints, readEntries } from './verify.js'

const script = fileURLToPath(new URL('./offline/verify.mjs', import.meta.url))
const instructions = `This folder holds an export of a Remembrancer ledger.

ledger.jsonl     one line for each entry, each followed by the signed checkpoint made of it, if any
public-key.pem   the public half of the signing key (its short name is the keyId in a checkpoint you kept)
verify.mjs       checks the ledger with Node.js 20 or later; needs nothing else and no network

    node verify.mjs ledger.jsonl --checkpoint a-checkpoint-you-kept-elsewhere.json

With only a printed checkpoint (from a digest, say), look up the line of its entry number: its "hash" must begin with
the digits printed.

Without a checkpoint kept elsewhere this shows that the export is consistent in itself, not that nobody who held both
the database and the signing key rewrote it. Entries hold ids, instants, kinds and salted hashes, never names or
messages.
`

/**
 * Exports the ledger as it stands now, in constant memory: to a folder (with the public key, instructions and a
 * script that verifies it offline), or to a stream (the entries and checkpoints alone).
 * @returns number of entries written
 */
export async function exportLedger(
  database: Database,
  target: string | Writable,
  options: { publicKeyPem?: string } = {},
): Promise<number> {
  if (typeof target !== 'string') return await writeLedger(database, target)
  await mkdir(target, { recursive: true })
  const written = await writeLedger(database, createWriteStream(join(target, 'ledger.jsonl')))
  await copyFile(script, join(target, 'verify.mjs'))
  await writeFile(join(target, 'README.txt'), instructions)
  if (options.publicKeyPem !== undefined)
    await writeFile(join(target, 'public-key.pem'), options.publicKeyPem)
  return written
}

async function writeLedger(database: Database, target: Writable): Promise<number> {
  let entries = 0
  async function* lines(): AsyncGenerator<string> {
    const ends = await ledgerEnds(database)
    const stored = readCheckpoints(database, ends.checkpoint)
    let next = await stored.next()
    yield `${JSON.stringify({ ledger: 'remembrancer-ledger-v1' })}\n`
    for await (const entry of readEntries(database, ends.entry)) {
      entries += 1
      yield `${JSON.stringify({ entry })}\n`
      for (; !next.done && next.value.seq <= entry.seq; next = await stored.next())
        yield `${JSON.stringify({ checkpoint: next.value })}\n`
    }
    for (; !next.done; next = await stored.next()) yield `${JSON.stringify({ checkpoint: next.value })}\n`
  }
  await pipeline(Readable.from(lines()), target)
  return entries
}
