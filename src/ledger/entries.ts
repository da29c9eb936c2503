import { z } from 'zod'
import { platformNames } from '../platform/index.js'

/*
 * What an entry may hold: ids, instants, short codes, counts and salted hashes. Every object is strict, so that a
 * name or a message cannot slip in by way of a forgotten field.
 */
const id = z.uuid()
const instant = z.iso.datetime()
/** `removed`, `not-a-decision`, `2026-W47`: a word of our own vocabulary, never one of a person's. */
const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,39}$/)
const errorCode = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{1,63}$/)
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const reference = z.string().regex(/^[A-Z]{2,6}-[0-9]{4}-[0-9]{5,9}$/)
const count = z.int().min(0)
const platform = z.enum(platformNames)
const number = z.string().regex(/^[0-9]{1,19}$/)

function kind<const K extends string, S extends z.ZodRawShape>(name: K, shape: S) {
  return z.strictObject({ version: z.literal(1).default(1), kind: z.literal(name), ...shape })
}

/** Version 1 of what the ledger accounts for: a closed union on `kind`. */
export const ledgerEntryBody = z.discriminatedUnion('kind', [
  kind('installation-created', { installation: z.enum(['official', 'sandbox']), at: instant }),
  kind('group-first-seen', { group: id, platform, at: instant }),
  kind('registration-changed', { group: id, by: id.optional(), contentHash: hash, at: instant }),
  kind('membership-fact', {
    fact: id,
    group: id,
    person: id,
    change: code,
    role: code.optional(),
    actor: id.optional(),
    source: code,
    occurredAt: instant,
    learnedAt: instant,
  }),
  kind('bot-presence', { group: id, present: z.boolean(), source: code.optional(), at: instant }),
  kind('signal-detected', { signal: id, group: id, signalKind: code, state: code.optional(), at: instant }),
  kind('nudge-answered', { nudge: id, signal: id.optional(), by: id, answer: code, at: instant }),
  kind('suggestion-answered', { suggestion: id, by: id, answer: code, at: instant }),
  kind('signal-set-aside', { signal: id, by: id.optional(), reason: code, at: instant }),
  kind('decision-recorded', {
    record: id,
    reference,
    group: id.optional(),
    signal: id.optional(),
    by: id,
    contentHash: hash,
    at: instant,
  }),
  kind('decision-amended', {
    record: id,
    reference,
    recordVersion: z.int().min(1),
    by: id,
    contentHash: hash,
    at: instant,
  }),
  kind('decision-superseded', { record: id, supersededBy: id, by: id, at: instant }),
  kind('evidence-hash', { record: id, position: count, hash, at: instant.optional() }),
  kind('digest-posted', {
    digest: id,
    office: id,
    period: code.optional(),
    contentHash: hash.optional(),
    at: instant,
  }),
  kind('policy-changed', { policyHash: hash, previous: hash.optional(), by: id.optional(), at: instant }),
  kind('disclosure-search', {
    search: id,
    by: id.optional(),
    purposeHash: hash.optional(),
    results: count.optional(),
    at: instant,
  }),
  kind('disposal', {
    disposal: id.optional(),
    group: id.optional(),
    rule: code,
    items: code,
    count,
    until: instant.optional(),
    contentHash: hash.optional(),
    at: instant,
  }),
  kind('gap-noticed', { gap: id, platform, reason: code, from: instant, to: instant, at: instant }),
  kind('gap-closed', { gap: id, complete: z.boolean(), at: instant }),
  kind('import-finished', {
    import: id,
    platform,
    group: id.optional(),
    fileHash: hash.optional(),
    messages: count,
    at: instant,
  }),
  kind('event-set-aside', {
    inbox: number,
    platform,
    eventKind: code,
    error: errorCode,
    attempts: count,
    at: instant,
  }),
  kind('delivery-gave-up', { post: id, platform, purpose: code, error: errorCode, at: instant }),
])

/** What rooms hand to `append`; `version` may be left out. */
export type LedgerEntryBody = z.input<typeof ledgerEntryBody>
export type LedgerEntryKind = LedgerEntryBody['kind']
