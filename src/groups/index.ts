/**
 * Official groups: what they are called and where they live, their registration, and the open word to members about
 * what is recorded. Owns `chat_group`, `registration`, `group_administrator` and `private_office`.
 */
export * from './groups.js'
export * from './induction.js'
export * from './office-words.js'
export * from './queries.js'
export * from './registration.js'
export * from './registration-form.js'
export * from './undelivered.js'
