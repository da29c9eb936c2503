/**
 * Nudges: private prompts about decisions, options and off-channel talk. Owns `nudge` and `mute`. Quiet by design:
 * one a matter, budgets, quiet hours, dry run, and a pause in which a correction withdraws it.
 */
export * from './answers.js'
export * from './cards.js'
export * from './plan.js'
export * from './policies.js'
export * from './queries.js'
export * from './quiet-hours.js'
export * from './release.js'
