import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, type DatabaseOptions, openDatabase } from '../../src/storage/index.js'
import { migrate } from '../../src/storage/migrate.js'
import { openPglite } from '../../src/storage/pglite.js'

const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache/remembrancer', import.meta.url))

/** Which database a test runs on. */
export type Engine = 'embedded' | 'postgresql'

/** A fresh, migrated database of a test's own. */
export interface TestDatabase {
  readonly database: Database
  readonly engine: Engine
  /** Address for further connections or processes; only on PostgreSQL. */
  readonly url?: string
  /** Closes it and, on a server, drops it. */
  close(): Promise<void>
}

/** Engines available here: the embedded one always, PostgreSQL when TEST_DATABASE_URL is set. */
export function engines(): readonly Engine[] {
  return process.env.TEST_DATABASE_URL ? ['embedded', 'postgresql'] : ['embedded']
}

/**
 * Opens a fresh database: in memory from a snapshot with all migrations applied, or a new database on the server
 * TEST_DATABASE_URL names, copied from a migrated template.
 */
export async function openTestDatabase(
  engine: Engine = 'embedded',
  options: Partial<Pick<DatabaseOptions, 'kind' | 'poolSize'>> = {},
): Promise<TestDatabase> {
  if (engine === 'embedded') {
    const database = await openDatabase({ kind: 'official', ...options, snapshot: await snapshot() })
    return { database, engine, close: () => database.close() }
  }
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('TEST_DATABASE_URL is not set')
  const created = await createServerDatabase(server)
  const database = await openDatabase({ kind: 'official', ...options, url: created.url })
  return {
    database,
    engine,
    url: created.url,
    async close() {
      await database.close()
      await created.drop()
    },
  }
}

/** Runs `work` on a fresh embedded database (or the engine named) and throws the database away. */
export async function withDatabase<T>(
  work: (database: Database) => Promise<T>,
  engine: Engine = 'embedded',
): Promise<T> {
  const opened = await openTestDatabase(engine)
  try {
    return await work(opened.database)
  } finally {
    await opened.close()
  }
}

/** What `describeEachDatabase` gives its body; valid inside tests and hooks. */
export interface EachDatabase {
  readonly engine: Engine
  database(): Database
  /** Only on PostgreSQL. */
  url(): string
  /** Removes every row, so that tests of one file do not see each other's. */
  empty(): Promise<void>
}

/** Declares the same tests once for each database available here, each with one fresh database for the block. */
export function describeEachDatabase(name: string, body: (each: EachDatabase) => void): void {
  for (const engine of engines()) {
    describe(`${name} (${engine})`, () => {
      let opened: TestDatabase | undefined
      const current = (): TestDatabase => {
        if (!opened) throw new Error('The database is open only inside tests and hooks')
        return opened
      }
      beforeAll(async () => {
        opened = await openTestDatabase(engine)
      }, 60_000)
      afterAll(async () => {
        await opened?.close()
      })
      body({
        engine,
        database: () => current().database,
        url() {
          const { url } = current()
          if (url === undefined) throw new Error('The embedded database has no address')
          return url
        },
        empty: () => emptyDatabase(current().database),
      })
    })
  }
}

/** Removes every row but the installation's; the ledger's triggers are lifted for it. */
export async function emptyDatabase(database: Database): Promise<void> {
  await database.session(async (client) => {
    const { rows } = await client.query(
      `SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public'
         AND tablename NOT IN ('_prisma_migrations', 'installation')`,
    )
    await client.query('SET session_replication_role = replica')
    try {
      await client.query(`TRUNCATE ${rows.map((row) => String(row.name)).join(', ')}`)
    } finally {
      await client.query('SET session_replication_role = DEFAULT')
    }
  })
}

/** A fresh database on a server, migrated, with its address and how to drop it. */
export async function createServerDatabase(
  server: string,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const template = `remembrancer_template_${migrationsHash()}`
  const name = `remembrancer_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  await onServer(server, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [template])
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (found.rows.length === 0) {
      const making = `${template}_making`
      await client.query(`DROP DATABASE IF EXISTS ${making}`)
      await client.query(`CREATE DATABASE ${making}`)
      await onServer(addressOf(server, making), (inside) => migrate(inside, migrations))
      await client.query(`ALTER DATABASE ${making} RENAME TO ${template}`)
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  })
  return {
    url: addressOf(server, name),
    drop: () =>
      onServer(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      }),
  }
}

function addressOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

let loaded: Promise<Blob> | undefined

/** Data folder of an embedded database with all migrations applied; kept on disk until a migration changes. */
function snapshot(): Promise<Blob> {
  loaded ??= readOrMakeSnapshot()
  return loaded
}

async function readOrMakeSnapshot(): Promise<Blob> {
  const file = join(cache, `database-${migrationsHash()}.tar`)
  try {
    return new Blob([readFileSync(file)])
  } catch {
    // Not made yet on this machine.
  }
  const pglite = await openPglite(undefined)
  await migrate({ query: (sql, values) => query(pglite, sql, values) }, migrations)
  const dumped = await pglite.dumpDataDir('none')
  await pglite.close()
  mkdirSync(cache, { recursive: true })
  const making = `${file}.${process.pid}`
  writeFileSync(making, Buffer.from(await dumped.arrayBuffer()))
  renameSync(making, file)
  return dumped
}

async function query(
  pglite: Awaited<ReturnType<typeof openPglite>>,
  sql: string,
  values?: unknown[],
): Promise<{ rows: Record<string, unknown>[] }> {
  if (values) return await pglite.query<Record<string, unknown>>(sql, values)
  // Migration scripts hold many statements and are read by nobody; the migrator's own reads are single ones.
  if (/^\s*SELECT/i.test(sql)) return await pglite.query<Record<string, unknown>>(sql)
  await pglite.exec(sql)
  return { rows: [] }
}

function migrationsHash(): string {
  const hash = createHash('sha256')
  for (const entry of readdirSync(migrations, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  ))
    if (entry.isDirectory())
      hash.update(entry.name).update(readFileSync(join(migrations, entry.name, 'migration.sql')))
  return hash.digest('hex').slice(0, 16)
}
