import { createHash } from 'node:crypto'
import type { ChatEvent } from '../../src/platform/index.js'

/** What the harness tells the program. */
export type ToProgram =
  | { readonly type: 'accept'; readonly call: number; readonly events: readonly ChatEvent[] }
  | { readonly type: 'ring'; readonly period: number }
  | { readonly type: 'settle' }
  | { readonly type: 'stop' }

/** What the program tells the harness. */
export type FromProgram =
  | { readonly type: 'ready' }
  | { readonly type: 'accepted'; readonly call: number }
  | { readonly type: 'settled' }

/** What the program finds in its environment. */
export interface ProgramSettings {
  /** PostgreSQL address; absent = embedded. */
  readonly url?: string
  readonly folder: string
  /** Where the platform keeps what people see, when not beside the data. */
  readonly platformFolder?: string
  /** Periods rung so far, to be caught up. */
  readonly periods: number
}

export const conversations = ['C0', 'C1', 'C2', 'C3', 'C4', 'C5']

/** The n-th message of the run. */
export function crashEvent(n: number, source: 'event' | 'backfill' = 'event'): ChatEvent {
  return {
    kind: 'message-posted',
    platform: 'sandbox',
    tenant: 'local',
    conversation: conversations[n % conversations.length] ?? 'C0',
    message: `m${n}`,
    at: new Date(1_790_000_000_000 + n * 1_000).toISOString(),
    source,
    author: { id: 'U1' },
    text: `message ${n}`,
  }
}

/** Every third message causes a post; every ninth causes it to be replaced as well. */
export function causesPost(n: number): boolean {
  return n % 3 === 0
}
export function causesUpdate(n: number): boolean {
  return n % 9 === 0
}

/** An id made of a number, so that effect and ledger entry can be compared. */
export function idOf(n: number): string {
  const hex = createHash('sha256').update(`effect ${n}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
