import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RemembrancerError } from '../errors.js'

/** Just enough of a `pg` client for migrations. */
export interface SqlClient {
  query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

// The DDL and the lock number are Prisma's own, so that `prisma migrate deploy` and this program can take turns.
const historyTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`
const advisoryLock = 72707369

/**
 * Applies the migrations that the database lacks, each with its history row in one transaction.
 * @param client one open session
 * @param folder `prisma/migrations`
 * @returns names applied now, in order
 * @throws RemembrancerError DATA_DIR_NEWER when the database knows migrations this version does not,
 *         DATABASE_MIGRATION_FAILED when one fails (it is rolled back)
 */
export async function migrate(client: SqlClient, folder: string): Promise<string[]> {
  await client.query(`SELECT pg_advisory_lock(${advisoryLock})`)
  try {
    await client.query(historyTable)
    const done = await client.query(
      'SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    )
    const applied = new Set(done.rows.map((row) => String(row.name)))
    const known = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
    const foreign = [...applied].filter((name) => !known.includes(name)).sort()
    if (foreign.length > 0)
      throw new RemembrancerError(
        'DATA_DIR_NEWER',
        `The database was migrated by a newer version (it has ${foreign.at(-1)}, unknown here).`,
      )
    const applying = known.filter((name) => !applied.has(name))
    for (const name of applying) await applyOne(client, folder, name)
    return applying
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${advisoryLock})`).catch(() => undefined)
  }
}

async function applyOne(client: SqlClient, folder: string, name: string): Promise<void> {
  const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
  const checksum = createHash('sha256').update(script).digest('hex')
  await client.query('BEGIN')
  try {
    await client.query(script)
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new RemembrancerError('DATABASE_MIGRATION_FAILED', `Migration ${name} could not be applied.`, {
      cause,
    })
  }
}
