/**
 * The port between Remembrancer and the places where people chat. Owns the vocabulary of events, cards, forms and
 * interactions. Imports nothing of the program but `errors`; everything else, adapters included, imports from here.
 */
export * from './card.js'
export * from './commands.js'
export * from './events.js'
export * from './imports.js'
export * from './port.js'
export * from './registry.js'
