import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { append, currentCheckpoint, type Sequencer, verifyDatabase } from '../../src/ledger/index.js'
import { createFakeClock, createFakeLog } from '../delivery/fakes.js'
import { describeEachDatabase } from '../support/database.js'
import { appendMany, sampleEntry, sequencer, temporarySigner } from './samples.js'

describeEachDatabase('the sequencer', (each) => {
  let kit: Awaited<ReturnType<typeof temporarySigner>>
  let open: Sequencer[] = []
  beforeAll(async () => {
    kit = await temporarySigner()
  })
  afterAll(() => kit.remove())
  beforeEach(() => each.empty())
  afterEach(async () => {
    await Promise.all(open.map((one) => one.stop()))
    open = []
  })
  const run = (...args: Partial<Parameters<typeof sequencer>[2]>[]): Sequencer => {
    const made = sequencer(each.database(), kit.signer, args[0])
    open.push(made)
    made.start()
    return made
  }
  const verify = () => verifyDatabase(each.database(), { publicKey: kit.signer.publicKeyPem })
  const checkpoints = async (): Promise<number[]> =>
    (await each.database().prisma.ledgerCheckpoint.findMany({ orderBy: { seq: 'asc' } })).map((row) =>
      Number(row.seq),
    )

  test('chains what was appended, in order, and empties the intake', async () => {
    const one = run()
    await appendMany(each.database(), 5)
    await one.settle()
    expect(await each.database().prisma.ledgerIntake.count()).toBe(0)
    expect(await verify()).toMatchObject({ ok: true, entries: 5 })
  })

  test('settles without being started, for commands that run once', async () => {
    await appendMany(each.database(), 3)
    await sequencer(each.database(), kit.signer).settle()
    expect(await verify()).toMatchObject({ ok: true, entries: 3 })
  })

  test('signs the head at least every 64 entries, even within one batch', async () => {
    await each.database().transaction(async (tx) => {
      for (let n = 0; n < 200; n++) await append(tx, sampleEntry(n))
    })
    await run().settle()
    expect(await checkpoints()).toEqual([64, 128, 192])
    expect(await verify()).toMatchObject({ ok: true, entries: 200, signedTo: 192, checkpoints: 3 })
  })

  test('signs what waits longer than it may, and not again when nothing came', async () => {
    const clock = createFakeClock()
    const one = run({ now: clock.now, checkpointAfterMs: 600_000 })
    await appendMany(each.database(), 3)
    await one.settle()
    expect(await checkpoints()).toEqual([])
    clock.advance(600_000)
    await one.settle()
    expect(await checkpoints()).toEqual([3])
    clock.advance(6_000_000)
    await one.settle()
    expect(await checkpoints()).toEqual([3])
    expect(await currentCheckpoint(each.database())).toMatchObject({ seq: 3, keyId: kit.signer.keyId })
  })

  test('a clock set back does not put off signing', async () => {
    const clock = createFakeClock()
    const one = run({ now: clock.now })
    await appendMany(each.database(), 2)
    await one.settle()
    clock.advance(-3_600_000)
    await one.settle()
    expect(await checkpoints()).toEqual([2])
    expect((await verify()).ok).toBe(true)
  })

  test('many sequencers and many writers make one chain', async () => {
    const all = [run(), run(), run()]
    await Promise.all(Array.from({ length: 8 }, () => appendMany(each.database(), 12)))
    await Promise.all(all.map((one) => one.settle()))
    expect(await verify()).toMatchObject({ ok: true, entries: 96 })
  })

  test('whatever the sizes of batches and transactions, the chain is whole and nothing is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 64 }),
        async (sizes, batchSize, checkpointEvery) => {
          await each.empty()
          const one = sequencer(each.database(), kit.signer, { batchSize, checkpointEvery })
          for (const size of sizes) {
            await each.database().transaction(async (tx) => {
              for (let n = 0; n < size; n++) await append(tx, sampleEntry(n))
            })
            await one.settle()
          }
          const total = sizes.reduce((sum, size) => sum + size, 0)
          const report = await verify()
          expect(report).toMatchObject({ ok: true, entries: total })
          expect(total - report.signedTo).toBeLessThan(checkpointEvery)
        },
      ),
      { numRuns: 12 },
    )
  })

  test('refuses to go on with another key; entries wait and nothing is lost', async () => {
    await appendMany(each.database(), 64)
    await run().settle()
    const other = await temporarySigner()
    const log = createFakeLog()
    const stranger = sequencer(each.database(), other.signer, { log })
    open.push(stranger)
    stranger.start()
    await appendMany(each.database(), 1)
    await open[0]?.stop()
    await expect(stranger.settle()).rejects.toMatchObject({ code: 'LEDGER_KEY_UNUSABLE' })
    expect(log.text()).toContain('LEDGER_KEY_UNUSABLE')
    other.remove()
    await sequencer(each.database(), kit.signer).settle()
    expect(await verify()).toMatchObject({ ok: true, entries: 65 })
  })

  test.each(['UPDATE ledger_entry SET body = body', 'DELETE FROM ledger_entry', 'TRUNCATE ledger_entry'])(
    'the database refuses: %s',
    async (sql) => {
      await appendMany(each.database(), 1)
      await run().settle()
      await expect(each.database().prisma.$executeRawUnsafe(sql)).rejects.toThrow(/append-only/)
    },
  )
})
