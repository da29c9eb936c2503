import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Checkpoint,
  exportCheckpoint,
  exportLedger,
  type LedgerRow,
  verifyDatabase,
  verifyLedger,
} from '../../src/ledger/index.js'
import { describeEachDatabase } from '../support/database.js'
import { appendMany, sampleLedger, sequencer, temporarySigner } from './samples.js'

let kit: Awaited<ReturnType<typeof temporarySigner>>
beforeAll(async () => {
  kit = await temporarySigner()
})
afterAll(() => kit.remove())

describe('verification', () => {
  const check = (rows: LedgerRow[], checkpoints: Checkpoint[], outside?: Checkpoint[]) =>
    verifyLedger(rows, checkpoints, kit.signer.publicKeyPem, outside)

  test('says what it checked and how far checkpoints reach', async () => {
    const { rows, checkpoints } = sampleLedger(150, kit.signer)
    expect(await check(rows, checkpoints)).toEqual({
      ok: true,
      entries: 150,
      checkpoints: 2,
      head: { seq: 150, hash: rows.at(-1)?.hash },
      signedTo: 128,
      anchoredTo: 0,
      unanchored: 150,
      signaturesUnchecked: false,
    })
    const outside = checkpoints.slice(1)
    expect(await check(rows, checkpoints, outside)).toMatchObject({ anchoredTo: 128, unanchored: 22 })
  })

  test('an empty ledger is whole, unless a checkpoint held outside says otherwise', async () => {
    expect(await check([], [])).toMatchObject({ ok: true, entries: 0 })
    const { checkpoints } = sampleLedger(64, kit.signer)
    expect(await check([], [], checkpoints)).toMatchObject({
      ok: false,
      problem: { code: 'cut-off', seq: 1 },
    })
  })

  test('names the first thing wrong', async () => {
    const { rows, checkpoints } = sampleLedger(100, kit.signer)
    const change = (seq: number, by: Partial<LedgerRow>) =>
      rows.map((row) => (row.seq === seq ? { ...row, ...by } : row))
    const cases: [LedgerRow[], string, number][] = [
      [rows.filter((row) => row.seq !== 40), 'entry-missing', 40],
      [change(40, { body: '{}' }), 'entry-altered', 40],
      [change(40, { chainedAt: '2026-11-02T12:00:00.000Z' }), 'entry-altered', 40],
      [change(40, { kind: 'disposal' }), 'kind-altered', 40],
      [change(40, { prevHash: '0'.repeat(64) }), 'chain-broken', 40],
      [change(40, { hash: '0'.repeat(64) }), 'entry-altered', 40],
      [[...rows.slice(0, 40), ...rows.slice(39)], 'entry-out-of-order', 40],
      [rows.slice(0, 50), 'cut-off', 51],
    ]
    for (const [altered, code, seq] of cases)
      expect((await check(altered, checkpoints)).problem).toMatchObject({ code, seq })
  })

  test('a chain rewritten with another key is known by its signatures', async () => {
    const other = await temporarySigner()
    const { rows, checkpoints } = sampleLedger(100, other.signer)
    expect((await check(rows, checkpoints)).problem?.code).toBe('checkpoint-key')
    other.remove()
  })

  test('a chain rewritten without the key cannot be signed, and an unsigned stretch shows', async () => {
    const { rows } = sampleLedger(100, kit.signer)
    expect((await check(rows, [])).problem?.code).toBe('checkpoint-missing')
  })

  test('an owner of database and key can rewrite all; only a checkpoint held outside shows it', async () => {
    const original = sampleLedger(100, kit.signer)
    const rewritten = sampleLedger(100, kit.signer)
    expect((await check(rewritten.rows, rewritten.checkpoints)).ok).toBe(true)
    const report = await check(rewritten.rows, rewritten.checkpoints, original.checkpoints)
    expect(report.problem).toMatchObject({ code: 'outside-contradicts', seq: 64 })
  })
})

describeEachDatabase('an exported ledger', (each) => {
  beforeEach(() => each.empty())
  const script = (folder: string, ...args: string[]) => {
    const run = spawnSync(
      process.execPath,
      [join(folder, 'verify.mjs'), join(folder, 'ledger.jsonl'), ...args],
      {
        encoding: 'utf8',
        env: {},
      },
    )
    return { status: run.status, report: JSON.parse(run.stdout) as Record<string, unknown> }
  }

  test('verifies offline with the script beside it, against a checkpoint kept elsewhere', async () => {
    const database = each.database()
    const { publicKeyPem } = kit.signer
    await appendMany(database, 70)
    await sequencer(database, kit.signer).settle()
    const folder = join(kit.folder, each.engine)
    const kept = join(kit.folder, `${each.engine}.json`)
    expect(await exportLedger(database, folder, { publicKeyPem })).toBe(70)
    expect(await exportCheckpoint(database, kept, { publicKeyPem })).toMatchObject({ seq: 64 })
    expect(await verifyDatabase(database, { checkpointFile: kept })).toMatchObject({
      ok: true,
      anchoredTo: 64,
      unanchored: 6,
      signaturesUnchecked: false,
    })
    const good = script(folder, '--checkpoint', kept)
    expect(good).toMatchObject({
      status: 0,
      report: { ok: true, entries: 70, anchoredTo: 64, unanchored: 6 },
    })
    expect(readFileSync(join(folder, 'ledger.jsonl'), 'utf8')).not.toContain('Tamsin')

    const file = join(folder, 'ledger.jsonl')
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('"present":true', '"present":false')
        .replace('\\"present\\":true', '\\"present\\":false'),
    )
    expect(script(folder)).toMatchObject({
      status: 1,
      report: { ok: false, problem: { code: 'entry-altered' } },
    })
  })

  test('the script needs no packages', () => {
    const listed = execFileSync('grep', ['-ho', "from '[^']*'", join(kit.folder, each.engine, 'verify.mjs')])
    for (const line of listed.toString().trim().split('\n')) expect(line).toMatch(/^from 'node:/)
  })

  test('what is chained while it is read is not mistaken for something wrong', async () => {
    const database = each.database()
    await appendMany(database, 64)
    const one = sequencer(database, kit.signer)
    await one.settle()
    const [report] = await Promise.all([
      verifyDatabase(database, { publicKey: kit.signer.publicKeyPem }),
      appendMany(database, 80).then(() => one.settle()),
    ])
    expect(report.ok).toBe(true)
  })
})
