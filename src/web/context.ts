import type { Policy } from '../config/index.js'
import type { AdapterPages, FormValues, Logger } from '../platform/index.js'
import type { Database } from '../storage/index.js'
import type { StatusReport } from './status.js'

/** What a digest, a record page or the ledger page says of the ledger. */
export interface LedgerSummary {
  readonly entries: number
  readonly checkpoint?: { readonly seq: string; readonly at: Date; readonly hash: string }
}

/** What came of a submitted record form. */
export type RecordOutcome =
  | { readonly reference: string; readonly id: string; readonly errors?: undefined }
  | { readonly errors: Readonly<Record<string, string>> }

/** What the pages need of the program. Reads go to the database through the rooms; acts go through these verbs. */
export interface WebContext {
  readonly database: Database
  readonly policy: Policy
  now(): Date
  readonly kind: 'official' | 'sandbox'
  readonly log: Logger
  readonly adapterPages: readonly AdapterPages[]
  /** Sends the digest so far to the office's room, never consuming the scheduled period. Returns the digest id. */
  sendDigestNow(officeId: string, by: string | undefined): Promise<string>
  /** Submits a checked draft: makes the record, confirms in the group, closes nudges; or errors by field. */
  submitDecision(draftId: string, personId: string): Promise<RecordOutcome>
  /** Registers a group through the same code as the chat form. People fields hold person ids. */
  submitRegistration(
    groupId: string,
    values: FormValues,
    personId: string,
  ): Promise<{ readonly errors?: Readonly<Record<string, string>> }>
  /** Sets an unrecorded decision aside as not a decision, and closes its nudges. */
  setAside(signalId: string, personId: string): Promise<void>
  readonly ledger: { summary(): Promise<LedgerSummary> }
  /** What operators look at; `readStatus` of this room answers it from the database. */
  status(): Promise<StatusReport>
}
