/**
 * The weekly report to each private office: what is unrecorded, oldest and overdue first, what was recorded, who
 * joined and left, what we could not see. Owns `digest`.
 */
export * from './card.js'
export * from './content.js'
export * from './escalate.js'
export * from './period.js'
export * from './post.js'
export * from './queries.js'
export * from './refresh.js'
