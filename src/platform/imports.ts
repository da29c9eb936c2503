import type { PlatformName } from './events.js'
import type { Envelope } from './port.js'

export {
  type ArchiveEntry,
  type ImportArchive,
  looksLikeZip,
  openFolder,
  openZip,
  readText,
} from './archive.js'

/** Order in which a file writes day, month and year. */
export const dateOrders = ['dmy', 'mdy', 'ymd'] as const
export type DateOrder = (typeof dateOrders)[number]

/** What a person may settle that a file leaves open. */
export interface ImportOptions {
  readonly dateOrder?: DateOrder
  /** IANA zone in which the file's local times were written. */
  readonly timeZone: string
  /** Name of the group, for files that do not carry it; also keeps a renamed group together. */
  readonly groupName?: string
  /** Name of the person who exported, for files that call them "You". */
  readonly me?: string
}

/** What was read, in numbers; never text. */
export interface SourceReport {
  readonly messages: number
  readonly linesNotUnderstood: {
    readonly count: number
    /** The first few, numbered from 1 (for archives, with the file inside the archive). */
    readonly first: readonly { readonly file?: string; readonly line: number }[]
  }
  readonly groups: number
  readonly people: number
  /** What was left out on purpose, e.g. "direct messages". */
  readonly leftOut: readonly { readonly what: string; readonly count: number }[]
}

/** A conversation an import brings, known before its first event is handed over. */
export interface ImportedConversation {
  readonly tenant: string
  readonly conversation: string
  readonly name: string
}

/** Some events of an import, and how far the reading has come, in the unit of `total`. */
export interface ImportBatch {
  readonly envelopes: readonly Envelope[]
  readonly done: number
}

/** A file that has been read once from end to end and found good. */
export interface ImportSource {
  /** Size of the work for a progress bar, in bytes. */
  readonly total: number
  readonly conversations: readonly ImportedConversation[]
  /** Reads the file again and hands over its events, oldest first within a conversation. */
  envelopes(): AsyncIterable<ImportBatch>
  /** What was read; complete once `envelopes` has ended. */
  report(): SourceReport
  /** Lets go of the file. */
  close(): Promise<void>
}

/** A kind of export file Remembrancer can read. */
export interface ImportModule {
  readonly name: PlatformName
  /** Whether the path looks like this kind of export; reads the beginning at most. */
  recognises(path: string): Promise<boolean>
  /**
   * Reads the whole file once and checks it, so that nothing at all is imported from one that is damaged or unclear.
   * @throws RemembrancerError IMPORT_NOT_RECOGNISED, IMPORT_TRUNCATED, IMPORT_TOO_LARGE, IMPORT_DATES_AMBIGUOUS
   */
  open(path: string, options: ImportOptions): Promise<ImportSource>
}
