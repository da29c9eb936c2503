/**
 * Opens the database (PGlite embedded, or PostgreSQL), locks its folder, applies migrations, runs transactions.
 * Every room above gets a {@link Database} or a {@link Tx} from here; nothing else opens connections.
 */
export * from './database.js'
export { type FolderLock, lockFolder } from './folder-lock.js'
export type { SqlClient } from './migrate.js'
