import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isRemembrancerError } from '../../src/errors.js'
import { openDatabase } from '../../src/storage/index.js'
import { describeEachDatabase } from '../support/database.js'

const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'opened'
  } catch (error) {
    return isRemembrancerError(error) ? error.line() : `not a sentence: ${String(error)}`
  }
}

describe('opening a data folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remembrancer-data-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const open = (kind: 'official' | 'sandbox' = 'official') => openDatabase({ dataDir: folder, kind })

  test('keeps what was written, says whose kind it is, and that a newer version wrote it', async () => {
    const first = await open()
    const at = new Date('2026-11-16T09:00:00Z')
    await first.prisma.policyVersion.create({ data: { hash: 'h', content: { a: 1 }, at } })
    expect(await refusal(open())).toMatch(/^DATA_DIR_IN_USE: /)
    await first.close()

    expect(await refusal(open('sandbox'))).toMatch(/^DATABASE_WRONG_KIND: .*official data.*sandbox use/)

    const second = await open()
    expect(await second.prisma.policyVersion.findMany()).toEqual([{ hash: 'h', content: { a: 1 }, at }])
    await second.session((client) =>
      client.query(
        `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
         VALUES ('x', 'y', now(), '99991231000000_from_the_future', 1)`,
      ),
    )
    await second.close()
    expect(await refusal(open())).toMatch(/^DATA_DIR_NEWER: .*99991231000000_from_the_future/)
    // The refusal let go of the folder.
    expect(await refusal(open())).toMatch(/^DATA_DIR_NEWER: /)
  }, 60_000)

  test('written by another PostgreSQL is refused before it is touched', async () => {
    mkdirSync(join(folder, 'db'))
    writeFileSync(join(folder, 'db', 'PG_VERSION'), '19\n')
    expect(await refusal(open())).toMatch(/^DATA_DIR_NEWER: .*PostgreSQL 19/)
  })

  test('that is a file, is refused in words', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(await refusal(openDatabase({ dataDir: file, kind: 'official' }))).toMatch(/^DATA_DIR_UNUSABLE: /)
  })

  test('on a server that does not answer is refused in words, without the password', async () => {
    const url = 'postgresql://user:hunter2@127.0.0.1:1/none'
    const line = await refusal(openDatabase({ url, kind: 'official' }))
    expect(line).toMatch(/^DATABASE_UNREACHABLE: /)
    expect(line).not.toContain('hunter2')
  })
})

describeEachDatabase('transactions', (each) => {
  const at = new Date('2026-11-16T09:00:00Z')
  const hashes = async (): Promise<string[]> =>
    (await each.database().prisma.policyVersion.findMany({ orderBy: { hash: 'asc' } })).map((row) => row.hash)

  test('that fail leave nothing, and the next one works', async () => {
    await expect(
      each.database().transaction(async (tx) => {
        await tx.policyVersion.create({ data: { hash: 'gone', content: {}, at } })
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    await each.database().transaction(async (tx) => {
      await tx.policyVersion.create({ data: { hash: 'kept', content: {}, at } })
    })
    expect(await hashes()).toEqual(['kept'])
  })

  test('of many at once all happen', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        each.database().transaction((tx) =>
          tx.policyVersion.create({
            data: { hash: `many ${String(index).padStart(2, '0')}`, content: {}, at },
          }),
        ),
      ),
    )
    expect((await hashes()).filter((hash) => hash.startsWith('many'))).toHaveLength(20)
  })

  test('the ledger refuses every change of what it holds', async () => {
    const { database } = each
    await database().prisma.ledgerEntry.create({
      data: { seq: 1n, kind: 'k', body: '{}', prevHash: '', hash: 'h1', chainedAt: at },
    })
    for (const sql of [
      "UPDATE ledger_entry SET body = 'x'",
      'DELETE FROM ledger_entry',
      'TRUNCATE ledger_entry',
    ])
      await expect(database().prisma.$executeRawUnsafe(sql)).rejects.toThrow()
    expect(await database().prisma.ledgerEntry.count()).toBe(1)
  })
})
