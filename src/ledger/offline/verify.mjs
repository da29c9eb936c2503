/*
 * Verifies an exported ledger with Node.js alone: no packages, no network, constant memory.
 *
 *   node verify.mjs ledger.jsonl [--key public-key.pem] [--checkpoint kept-elsewhere.json]...
 *
 * The program itself verifies with this same file, so that the two can never disagree.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

export const longestUnsigned = 64
export const genesisHash = '0'.repeat(64)

export function entryHash(row) {
  return createHash('sha256')
    .update(`remembrancer-ledger-v1\n${row.seq}\n${row.prevHash}\n${row.chainedAt}\n${row.body}`, 'utf8')
    .digest('hex')
}

export function checkpointText(checkpoint) {
  const { seq, hash, at, keyId } = checkpoint
  return `remembrancer-checkpoint-v1\n${seq}\n${hash}\n${at}\n${keyId}\n`
}

export function keyIdOf(publicKey) {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

export function createVerifier({ publicKey, outside = [] }) {
  const key = publicKey === undefined ? undefined : createPublicKey(publicKey)
  const keyId = key && keyIdOf(key)
  const awaited = [...outside].sort((a, b) => a.seq - b.seq)
  // Hashes of the newest entries only: a stored checkpoint follows its entry closely.
  const recent = new Map()
  let seq = 0
  let hash = genesisHash
  let checkpoints = 0
  let signedTo = 0
  let anchoredTo = 0
  let problem

  function fail(code, at, what) {
    problem ??= { code, seq: at, what }
  }

  function signatureProblem(checkpoint) {
    if (!key) return undefined
    if (checkpoint.keyId !== keyId) return 'was signed with another key'
    const bytes = Buffer.from(checkpointText(checkpoint), 'utf8')
    const signature = Buffer.from(String(checkpoint.signature), 'base64')
    const good = verify(null, bytes, key, signature) && signature.toString('base64') === checkpoint.signature
    return good ? undefined : 'bears a signature that does not fit it'
  }

  for (const checkpoint of awaited) {
    const wrong = signatureProblem(checkpoint)
    if (wrong) fail('outside-signature', checkpoint.seq, `The checkpoint held outside ${wrong}.`)
  }

  function entry(row) {
    if (problem) return
    if (row.seq !== seq + 1) {
      if (row.seq > seq + 1) fail('entry-missing', seq + 1, `Entry ${seq + 1} is missing.`)
      else fail('entry-out-of-order', row.seq, `Entry ${row.seq} comes again after entry ${seq}.`)
      return
    }
    if (row.prevHash !== hash)
      return fail('chain-broken', row.seq, `Entry ${row.seq} does not follow on entry ${seq}.`)
    if (entryHash(row) !== row.hash)
      return fail('entry-altered', row.seq, `Entry ${row.seq} is not what its hash was made of.`)
    const shape = bodyProblem(row)
    if (shape) return fail(shape[0], row.seq, `Entry ${row.seq} ${shape[1]}.`)
    if (key && seq - signedTo >= longestUnsigned)
      return fail('checkpoint-missing', row.seq, `No signed checkpoint follows entry ${signedTo} in time.`)
    seq = row.seq
    hash = row.hash
    recent.set(seq, hash)
    recent.delete(seq - 2 * longestUnsigned)
    while (awaited[0] && awaited[0].seq <= seq) meet(awaited.shift())
  }

  function meet(checkpoint) {
    if (checkpoint.seq === seq && checkpoint.hash === hash) anchoredTo = seq
    else
      fail(
        'outside-contradicts',
        checkpoint.seq,
        `Entry ${checkpoint.seq} is not the one a checkpoint held outside was made of.`,
      )
  }

  function checkpoint(stored) {
    if (problem) return
    const wrong = signatureProblem(stored)
    if (wrong) {
      const code = stored.keyId === keyId ? 'checkpoint-signature' : 'checkpoint-key'
      return fail(code, stored.seq, `The stored checkpoint of entry ${stored.seq} ${wrong}.`)
    }
    if (stored.seq > seq)
      return fail('cut-off', seq + 1, `A checkpoint covers entry ${stored.seq}; the ledger ends at ${seq}.`)
    if (recent.get(stored.seq) !== stored.hash)
      return fail(
        'checkpoint-contradicts',
        stored.seq,
        `The stored checkpoint of entry ${stored.seq} was made of another entry.`,
      )
    checkpoints += 1
    signedTo = Math.max(signedTo, stored.seq)
  }

  function finish() {
    const beyond = awaited[0]
    if (beyond)
      fail(
        'cut-off',
        seq + 1,
        `A checkpoint held outside covers entry ${beyond.seq}; the ledger ends at entry ${seq}.`,
      )
    return {
      ok: problem === undefined,
      entries: seq,
      checkpoints,
      head: { seq, hash },
      signedTo,
      anchoredTo,
      unanchored: seq - anchoredTo,
      signaturesUnchecked: key === undefined,
      ...(problem ? { problem } : {}),
    }
  }

  return { entry, checkpoint, fail, finish }
}

function bodyProblem(row) {
  let body
  try {
    body = JSON.parse(row.body)
  } catch {
    return ['not-canonical', 'does not hold JSON']
  }
  if (body === null || typeof body !== 'object' || body.kind !== row.kind)
    return ['kind-altered', 'is filed under another kind than it states']
  // Entries are flat and ASCII in their keys, so canonical form is sorted keys and no blanks.
  const sorted = Object.keys(body).sort()
  const canonical = `{${sorted.map((name) => `${JSON.stringify(name)}:${JSON.stringify(body[name])}`).join(',')}}`
  if (canonical !== row.body) return ['not-canonical', 'is not in canonical form']
  return undefined
}

function readLine(verifier, line, number) {
  let parsed
  try {
    parsed = JSON.parse(line)
  } catch {
    parsed = undefined
  }
  if (parsed?.entry && typeof parsed.entry.body === 'string') verifier.entry(parsed.entry)
  else if (parsed?.checkpoint) verifier.checkpoint(parsed.checkpoint)
  else if (parsed?.ledger !== 'remembrancer-ledger-v1')
    verifier.fail('line-unreadable', 0, `Line ${number} of the export is not readable.`)
}

/** Verifies an export, line by line. */
export async function verifyExport(lines, options) {
  const verifier = createVerifier(options)
  let number = 0
  for await (const line of lines) readLine(verifier, line, ++number)
  return verifier.finish()
}

async function main(args) {
  const files = []
  const outside = []
  let keyFile
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--checkpoint') outside.push(JSON.parse(readFileSync(args[++i], 'utf8')))
    else if (args[i] === '--key') keyFile = args[++i]
    else files.push(args[i])
  }
  const file = files[0] ?? join(import.meta.dirname, 'ledger.jsonl')
  keyFile ??= [join(dirname(file), 'public-key.pem')].find((path) => existsSync(path))
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  const publicKey = keyFile && readFileSync(keyFile, 'utf8')
  const report = await verifyExport(lines, { publicKey, outside })
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  process.exitCode = report.ok ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2))
