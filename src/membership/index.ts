/**
 * The membership log: who joined, who added them, who left, when, and how we know. Owns `membership_fact`,
 * `membership` and `roster_check`. Facts are append-only; changes and stays are derived from them.
 */
export * from './apply.js'
export * from './changes.js'
export * from './log.js'
