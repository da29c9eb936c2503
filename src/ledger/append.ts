import { createHmac, randomBytes } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Tx } from '../storage/index.js'
import { type LedgerEntryBody, ledgerEntryBody } from './entries.js'

/**
 * Writes an entry in the transaction of what it accounts for: both are there, or neither. It is chained by the
 * sequencer within about a second; groups never wait for each other.
 * @throws ZodError when the entry holds anything but what its kind may hold
 */
export async function append(tx: Tx, entry: LedgerEntryBody): Promise<void> {
  await appendAll(tx, [entry])
}

/** Several entries in one statement, kept in their order. */
export async function appendAll(tx: Tx, entries: readonly LedgerEntryBody[]): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map((entry) => ({ kind: entry.kind, body: canonicalBody(entry) }))
  await tx.ledgerIntake.createMany({ data: rows })
}

/** The entry's text under the chain: checked, with its version, in canonical JSON (RFC 8785). */
export function canonicalBody(entry: LedgerEntryBody): string {
  const text = canonicalize(ledgerEntryBody.parse(entry))
  if (text === undefined) throw new TypeError('A ledger entry has no canonical form')
  return text
}

/**
 * HMAC-SHA-256 of `content` under a salt kept apart for `subject` (a person, a record, a group). Once the salt is
 * erased the hash in the ledger says nothing about anybody, and the chain still verifies.
 */
export async function saltedHash(tx: Tx, subject: string, content: string): Promise<string> {
  const known = await tx.ledgerSalt.findUnique({ where: { subject } })
  if (known) return hmac(known.salt, content)
  await tx.ledgerSalt.createMany({
    data: [{ subject, salt: randomBytes(32).toString('hex') }],
    skipDuplicates: true,
  })
  const row = await tx.ledgerSalt.findUniqueOrThrow({ where: { subject } })
  return hmac(row.salt, content)
}

/** Forgets a subject's salt. @returns whether there was one */
export async function eraseSalt(tx: Tx, subject: string): Promise<boolean> {
  const { count } = await tx.ledgerSalt.deleteMany({ where: { subject } })
  return count > 0
}

function hmac(salt: string, content: string): string {
  return createHmac('sha256', Buffer.from(salt, 'hex')).update(content, 'utf8').digest('hex')
}
