/**
 * Missing stakeholders: whose remit talk touches, and who is not in the group. Owns `directory_entry` and
 * `suggestion`. Suggestions go to the group's administrators, never to the whole group.
 */

export * from './directory.js'
export * from './queries.js'
export * from './recommend.js'
export * from './suggest.js'
