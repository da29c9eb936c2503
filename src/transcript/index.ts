/**
 * The captured messages of registered groups, with revisions and deletions, and their division into sessions that
 * the detector reads. Owns `message` and `message_revision`.
 */
export * from './capture.js'
export * from './message-state.js'
export * from './sessions.js'
