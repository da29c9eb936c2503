/**
 * People: one row a human, whatever accounts they have. Owns `person` and `account`. Adapters name accounts; this
 * room finds or makes the person behind each and keeps the newest details.
 */
export * from './people.js'
