import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { RemembrancerError } from '../errors.js'
import { type Prisma, PrismaClient } from '../generated/prisma/client.js'
import { type FolderLock, lockFolder } from './folder-lock.js'
import { migrate, type SqlClient } from './migrate.js'
import { openPglite, pgliteStream } from './pglite.js'

/** A Prisma client inside a transaction: what state-changing functions take. */
export type Tx = Prisma.TransactionClient

/** What this database holds; fiction and fact never share one. */
export type InstallationKind = 'official' | 'sandbox'

/** The open database. */
export interface Database {
  readonly prisma: PrismaClient
  /** True for PGlite: one session, so transactions must be short and locks of a session are always ours. */
  readonly embedded: boolean
  /**
   * Runs `work` in one transaction (read committed). Serialisation failures and deadlocks are tried again.
   * @throws whatever `work` throws; the transaction is then rolled back
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs SQL on a session apart from Prisma's pool, streaming-friendly for exports and advisory locks. */
  session<T>(work: (client: SqlClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** PostgreSQL address; absent = embedded PGlite in `dataDir/db`. */
  readonly url?: string
  /** Data folder; absent (with no url) = in memory, for tests. */
  readonly dataDir?: string
  readonly kind: InstallationKind
  /** Dumped data folder for a quick start in tests. */
  readonly snapshot?: Blob
  /** Connections of the PostgreSQL pool. */
  readonly poolSize?: number
}

const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/**
 * Opens, locks and migrates the database.
 * @throws RemembrancerError DATA_DIR_IN_USE, DATA_DIR_NEWER, DATA_DIR_UNUSABLE, DATABASE_UNREACHABLE,
 *         DATABASE_MIGRATION_FAILED, DATABASE_WRONG_KIND
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const opened =
    options.url === undefined ? await openEmbedded(options) : await openServer(options, options.url)
  try {
    await opened.database.session((client) => migrate(client, migrationsFolder))
    await claimKind(opened.database, options.kind)
    return opened.database
  } catch (error) {
    await opened.database.close().catch(() => undefined)
    throw error
  }
}

async function claimKind(database: Database, kind: InstallationKind): Promise<void> {
  await database.session((client) =>
    client.query('INSERT INTO installation (id, kind) VALUES (1, $1) ON CONFLICT (id) DO NOTHING', [kind]),
  )
  const row = await database.prisma.installation.findUniqueOrThrow({ where: { id: 1 } })
  if (row.kind !== kind)
    throw new RemembrancerError(
      'DATABASE_WRONG_KIND',
      `This database holds ${row.kind} data and was opened for ${kind} use.`,
    )
}

async function openEmbedded(options: DatabaseOptions): Promise<{ database: Database }> {
  let lock: FolderLock | undefined
  if (options.dataDir !== undefined) {
    prepareFolder(options.dataDir)
    lock = await lockFolder(options.dataDir)
  }
  const folder = options.dataDir === undefined ? undefined : join(options.dataDir, 'db')
  const pglite = await openPglite(folder, options.snapshot).catch((error: unknown) => {
    lock?.release()
    throw error
  })
  const config = {
    stream: () => pgliteStream(pglite),
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
  }
  const pool = new pg.Pool(config)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) })
  const database: Database = {
    prisma,
    embedded: true,
    transaction: (work) => retrying(() => prisma.$transaction(work, { maxWait: 60_000, timeout: 60_000 })),
    session: (work) => withClient(pool, work),
    async close() {
      await prisma.$disconnect()
      await pool.end()
      await pglite.close()
      lock?.release()
    },
  }
  return { database }
}

async function openServer(options: DatabaseOptions, url: string): Promise<{ database: Database }> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 10_000,
  })
  // An idle connection that breaks must not end the process; the next query reports it.
  pool.on('error', () => undefined)
  // Nor one that breaks while lent out: whoever holds it gets the error from the query.
  pool.on('connect', (client) => client.on('error', () => undefined))
  try {
    const client = await pool.connect()
    client.release()
  } catch (cause) {
    await pool.end().catch(() => undefined)
    throw new RemembrancerError('DATABASE_UNREACHABLE', 'PostgreSQL at DATABASE_URL did not answer.', {
      cause,
    })
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) })
  const database: Database = {
    prisma,
    embedded: false,
    transaction: (work) => retrying(() => prisma.$transaction(work, { maxWait: 30_000, timeout: 60_000 })),
    session: (work) => withClient(pool, work),
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
  return { database }
}

async function withClient<T>(pool: pg.Pool, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    return await work(client)
  } catch (error) {
    broken = true
    throw error
  } finally {
    client.release(broken && pool.options.max !== 1)
  }
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new RemembrancerError('DATA_DIR_UNUSABLE', `The data folder ${folder} cannot be written.`, {
      cause,
    })
  }
}

async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 5 || !isSerialisationFailure(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, attempt * 20))
    }
  }
}

/** PostgreSQL asks for the transaction to be run again (40001, 40P01; Prisma's P2034). */
function isSerialisationFailure(error: unknown): boolean {
  const text = JSON.stringify(error, ['code', 'originalCode', 'cause', 'meta', 'driverAdapterError'])
  return /"(P2034|40001|40P01)"/.test(text ?? '')
}
