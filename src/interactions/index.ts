/**
 * What people do to us: commands, buttons, message menus, forms, and their own home. Answered at once, in one
 * transaction each, idempotently. Calls the rooms below; owns `answered_interaction`.
 */
export * from './answer.js'
export type { InteractionWorld } from './context.js'
export * from './record-decision.js'
export * from './register-group.js'
