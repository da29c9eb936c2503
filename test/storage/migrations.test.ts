import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PGlite } from '@electric-sql/pglite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isRemembrancerError } from '../../src/errors.js'
import { migrate } from '../../src/storage/migrate.js'
import { openPglite } from '../../src/storage/pglite.js'
import { schemaDifference } from '../support/schema-difference.js'

const prisma = fileURLToPath(new URL('../../prisma', import.meta.url))
const migrations = join(prisma, 'migrations')
const names = readdirSync(migrations, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

describe('migrations', () => {
  let databases: PGlite[] = []
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remembrancer-migrations-'))
  })
  afterEach(async () => {
    await Promise.all(databases.map((db) => db.close()))
    databases = []
    rmSync(folder, { recursive: true, force: true })
  })

  async function fresh(): Promise<PGlite> {
    const db = await openPglite(undefined)
    databases.push(db)
    return db
  }
  const client = (db: PGlite) => ({
    async query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> {
      if (values || /^\s*SELECT/i.test(sql)) return await db.query<Record<string, unknown>>(sql, values)
      await db.exec(sql)
      return { rows: [] }
    },
  })
  const write = (name: string, sql: string): void => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'migration.sql'), sql)
  }
  const rows = async (db: PGlite) =>
    (
      await db.query<Record<string, unknown>>(
        'SELECT migration_name, checksum, finished_at, applied_steps_count, rolled_back_at, logs FROM _prisma_migrations ORDER BY 1',
      )
    ).rows

  test('and schema.prisma lead to the same tables, columns, defaults, indexes and constraints', async () => {
    const [migrated, designed] = [await fresh(), await fresh()]
    await migrate(client(migrated), migrations)
    await designed.exec(
      await schemaDifference(undefined, readFileSync(join(prisma, 'schema.prisma'), 'utf8')),
    )
    expect(await shapeOf(migrated)).toEqual(await shapeOf(designed))
  }, 60_000)

  test('are each applied once, and noted as `prisma migrate deploy` notes them', async () => {
    const db = await fresh()
    expect(await migrate(client(db), migrations)).toEqual(names)
    expect(await migrate(client(db), migrations)).toEqual([])
    expect(await rows(db)).toEqual(
      names.map((name) => ({
        migration_name: name,
        checksum: createHash('sha256')
          .update(readFileSync(join(migrations, name, 'migration.sql')))
          .digest('hex'),
        finished_at: expect.any(Date),
        applied_steps_count: 1,
        rolled_back_at: null,
        logs: null,
      })),
    )
  }, 60_000)

  test('already applied by `prisma migrate deploy` are not applied again', async () => {
    const db = await fresh()
    write('1_first', 'CREATE TABLE first (id int);')
    await migrate(client(db), folder)
    await db.exec('DELETE FROM _prisma_migrations')
    await db.exec(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ('by-prisma', 'c', now(), '1_first', 1)`,
    )
    write('2_second', 'CREATE TABLE second (id int);')
    expect(await migrate(client(db), folder)).toEqual(['2_second'])
  })

  test('that fail are rolled back whole, and applied when they are mended', async () => {
    const db = await fresh()
    write('1_first', 'CREATE TABLE first (id int);')
    write('2_second', 'CREATE TABLE second (id int); INSERT INTO second VALUES (1); SELECT nonsense;')
    write('3_third', 'CREATE TABLE third (id int);')
    const error = await migrate(client(db), folder).catch((cause: unknown) => cause)
    expect(isRemembrancerError(error, 'DATABASE_MIGRATION_FAILED')).toBe(true)
    expect(String(error)).toContain('2_second')
    expect((await rows(db)).map((row) => row.migration_name)).toEqual(['1_first'])
    expect((await db.query("SELECT to_regclass('second') AS second")).rows).toEqual([{ second: null }])
    writeFileSync(join(folder, '2_second', 'migration.sql'), 'CREATE TABLE second (id int);')
    expect(await migrate(client(db), folder)).toEqual(['2_second', '3_third'])
  })

  test('unknown here mean that a newer version was here: nothing is changed', async () => {
    const db = await fresh()
    write('1_first', 'CREATE TABLE first (id int);')
    write('2_second', 'CREATE TABLE second (id int);')
    await migrate(client(db), folder)
    rmSync(join(folder, '2_second'), { recursive: true })
    write('3_third', 'CREATE TABLE third (id int);')
    const error = await migrate(client(db), folder).catch((cause: unknown) => cause)
    expect(isRemembrancerError(error, 'DATA_DIR_NEWER')).toBe(true)
    expect((await db.query("SELECT to_regclass('third') AS third")).rows).toEqual([{ third: null }])
  })
})

/** Everything the catalogue says of the tables of this program; triggers are made by hand and left out. */
async function shapeOf(db: PGlite) {
  const read = async (sql: string) => (await db.query<{ line: string }>(sql)).rows.map((row) => row.line)
  const ours = "n.nspname = 'public' AND c.relname NOT LIKE '\\_prisma%'"
  return {
    columns: await read(
      `SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                        CASE WHEN a.attnotnull THEN 'not null' END, pg_get_expr(d.adbin, d.adrelid)) AS line
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
       JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE ${ours} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`,
    ),
    indexes: await read(
      `SELECT pg_get_indexdef(i.indexrelid) AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours} ORDER BY 1`,
    ),
    constraints: await read(
      `SELECT concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours} ORDER BY 1`,
    ),
  }
}
