/**
 * Unrecorded decisions and decision records: from the detector's signals to the official entry with its evidence.
 * Owns `signal`, `decision_record`, `decision_version`, `evidence`, `feedback` and the drafts of the record form.
 */
export * from './deadline.js'
export * from './discussions.js'
export * from './local-time.js'
export * from './queries.js'
export {
  type FormSettings,
  insertDraft,
  keepTyped,
  loadDraft,
  openedOnPage,
  openRecordDraft,
  type RecordDraft,
  turnPage,
} from './record-draft.js'
export * from './record-form.js'
export * from './records.js'
export * from './signals.js'
