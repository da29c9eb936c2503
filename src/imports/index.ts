/**
 * Bringing in the past of chats from export files. Chooses the module that recognises a file, pushes its events
 * through the same inbox and pipeline as everything else, and reports from the database what that came to. Owns
 * `import_run`. Posts nothing: what is found becomes a backlog of its own.
 */

export { formatReport } from './format-report.js'
export { type ImportRunOptions, runImport } from './import-run.js'
export { createProgressBar, type ProgressBar } from './progress-bar.js'
export type { BacklogDecision, ImportedGroup, ImportReport } from './report.js'
