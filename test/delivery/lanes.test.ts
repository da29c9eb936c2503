import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Apply,
  createInbox,
  createLaneRunner,
  forgetPayloads,
  type LaneRunner,
  type LaneRunnerOptions,
  listSetAside,
  replaySetAside,
} from '../../src/delivery/index.js'
import type { Database } from '../../src/storage/index.js'
import { describeEachDatabase } from '../support/database.js'
import { createFakeClock, createFakeLog, envelope, message } from './fakes.js'

describeEachDatabase('lanes', (each) => {
  let clock = createFakeClock()
  let log = createFakeLog()
  let runners: LaneRunner[] = []
  const textOf = (event: { text?: string }): string => event.text ?? ''

  beforeEach(async () => {
    await each.empty()
    clock = createFakeClock()
    log = createFakeLog()
  })
  afterEach(async () => {
    await Promise.all(runners.map((runner) => runner.stop()))
    runners = []
  })

  const run = (
    apply: Apply,
    options: Partial<LaneRunnerOptions> = {},
    database: Database = each.database(),
  ) => {
    const runner = createLaneRunner(database, {
      apply,
      now: clock.now,
      log,
      maxAttempts: 3,
      batchSize: 50,
      parallel: 4,
      pollMs: 50,
      ...options,
    })
    runners.push(runner)
    runner.start()
    return runner
  }
  const accept = (...events: ReturnType<typeof message>[]) =>
    createInbox(each.database(), { now: clock.now, log }).accept(events.map((event) => envelope(event)))

  /** An apply() that notes order, and fails for some texts. */
  const noting = (fails: (text: string) => boolean = () => false) => {
    const applied: string[] = []
    const batches: number[] = []
    const apply: Apply = async (_tx, events) => {
      const texts = events.map(({ event }) => textOf(event as { text?: string }))
      const bad = texts.find(fails)
      if (bad !== undefined) throw new TypeError(`secret words: ${bad}`)
      applied.push(...texts)
      batches.push(events.length)
    }
    return { apply, applied, batches }
  }

  test('events of a group are applied in the order the platform gives, in batches', async () => {
    const seen = noting()
    await accept(
      message({ id: '3', at: '2026-11-01T10:00:03.000Z', text: 'c' }),
      message({ id: '1', at: '2026-11-01T10:00:01.000Z', text: 'a' }),
      message({ id: '2', at: '2026-11-01T11:00:02.000+01:00', text: 'b' }),
    )
    await run(seen.apply).idle()
    expect(seen.applied).toEqual(['a', 'b', 'c'])
    expect(seen.batches).toEqual([3])
  })

  test('an event is applied once, whatever is delivered again', async () => {
    const seen = noting()
    const runner = run(seen.apply)
    for (let n = 0; n < 4; n++) await accept(message({ text: 'a' }))
    await runner.idle()
    await accept(message({ text: 'a' }))
    await runner.idle()
    expect(seen.applied).toEqual(['a'])
  })

  test('the event is handed over as it was parsed, with when we received it', async () => {
    const got: unknown[] = []
    await accept(message())
    await run(async (_tx, events) => {
      got.push(...events)
    }).idle()
    expect(got).toEqual([{ id: expect.any(BigInt), event: message(), receivedAt: clock.now() }])
  })

  test('state and the mark are one: what a failed try changed is undone', async () => {
    let tries = 0
    await accept(message())
    const runner = run(
      async (tx) => {
        tries += 1
        await tx.mute.create({
          data: {
            groupId: '00000000-0000-4000-8000-000000000001',
            personId: '00000000-0000-4000-8000-000000000002',
            at: clock.now(),
          },
        })
        if (tries === 1) throw new Error('after writing')
      },
      { backoffMs: () => 0 },
    )
    await runner.idle()
    expect(tries).toBe(2)
    expect(await each.database().prisma.mute.count()).toBe(1)
  })

  test('a poison event waits, is tried a few times, is set aside, and its group goes on', async () => {
    const seen = noting((text) => text === 'poison')
    await accept(
      message({ id: '1', at: '2026-11-01T10:00:01.000Z', text: 'a' }),
      message({ id: '2', at: '2026-11-01T10:00:02.000Z', text: 'poison' }),
      message({ id: '3', at: '2026-11-01T10:00:03.000Z', text: 'c' }),
      message({ id: '4', conversation: 'C2', text: 'elsewhere' }),
    )
    const runner = run(seen.apply, { backoffMs: () => 10_000 })
    await runner.idle()
    expect([...seen.applied].sort()).toEqual(['a', 'elsewhere'])
    clock.advance(10_000)
    await runner.idle()
    expect(seen.applied).not.toContain('c')
    clock.advance(10_000)
    await runner.idle()
    expect(seen.applied).toContain('c')
    const listed = await listSetAside(each.database())
    expect(listed).toHaveLength(1)
    expect(listed[0]).toMatchObject({ attempts: 3, kind: 'message-posted' })
    expect(listed[0]?.error).toMatch(/^TypeError/)
    const entries = await each.database().prisma.ledgerIntake.findMany()
    expect(entries.map((entry) => entry.kind)).toEqual(['event-set-aside'])
    for (const text of [log.text(), JSON.stringify(listed[0]?.error), JSON.stringify(entries[0]?.body)])
      expect(text).not.toMatch(/secret|poison/)
  })

  test('what was set aside is applied after the cause is mended and it is replayed', async () => {
    let mended = false
    const seen = noting((text) => text === 'poison' && !mended)
    await accept(message({ text: 'poison' }))
    const runner = run(seen.apply, { maxAttempts: 1 })
    await runner.idle()
    expect(await listSetAside(each.database())).toHaveLength(1)
    mended = true
    expect(await replaySetAside(each.database())).toBe(1)
    await runner.idle()
    expect(seen.applied).toEqual(['poison'])
    expect(await listSetAside(each.database())).toEqual([])
  })

  test('a database that is away counts against no event', async () => {
    const database = each.database()
    let away = true
    let refused = 0
    const flaky: Database = {
      ...database,
      transaction: (work) => {
        if (!away) return database.transaction(work)
        refused += 1
        return Promise.reject(Object.assign(new Error('x'), { code: 'P1001' }))
      },
    }
    const seen = noting()
    await accept(message({ text: 'a' }))
    run(seen.apply, { maxAttempts: 1 }, flaky)
    while (refused < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    away = false
    while (seen.applied.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(seen.applied).toEqual(['a'])
  })

  test('a clock set back by an hour does not put off a retry by an hour', async () => {
    let failing = true
    const seen = noting(() => failing)
    await accept(message({ text: 'a' }))
    const runner = run(seen.apply, { backoffMs: () => 5_000 })
    await runner.idle()
    failing = false
    clock.advance(-3_600_000)
    await runner.idle()
    expect(seen.applied).toEqual(['a'])
  })

  test('what was said to the bot directly is forgotten once applied; others can be forgotten too', async () => {
    await accept(message({ id: 'd', direct: true }), message({ id: 'u' }), message({ id: 'k' }))
    await run(async (tx, events) => {
      await forgetPayloads(
        tx,
        events.filter(({ event }) => 'message' in event && event.message === 'u').map(({ id }) => id),
      )
    }).idle()
    const rows = await each.database().prisma.inboxEvent.findMany({ orderBy: { id: 'asc' } })
    expect(rows.map((row) => [row.status, row.raw === null, row.event === null])).toEqual([
      ['applied', true, true],
      ['applied', true, true],
      ['applied', false, false],
    ])
  })

  test('a busy group does not starve a quiet one', async () => {
    const order: string[] = []
    const many = Array.from({ length: 60 }, (_, n) => message({ id: `m${n}`, conversation: 'A' }))
    await accept(...many, message({ id: 'q', conversation: 'B' }))
    const runner = run(
      async (_tx, events) => {
        order.push(...events.map(({ event }) => ('conversation' in event ? event.conversation : '')))
      },
      { batchSize: 1, parallel: 1 },
    )
    await runner.idle()
    expect(order.indexOf('B')).toBeLessThan(30)
  })

  describe('several runners on one database', () => {
    test('share the work; nothing is applied twice and each group keeps its order', async () => {
      const applied: string[] = []
      const apply: Apply = async (_tx, events) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        applied.push(...events.map(({ event }) => textOf(event as { text?: string })))
      }
      const events = Array.from({ length: 120 }, (_, n) =>
        message({
          id: `m${n}`,
          conversation: `C${n % 6}`,
          at: new Date(1_790_000_000_000 + n * 1000).toISOString(),
          text: `${n % 6}/${n}`,
        }),
      )
      await accept(...events)
      const all = [1, 2, 3].map(() => run(apply, { batchSize: 7 }))
      await Promise.all(all.map((runner) => runner.idle()))
      expect(applied).toHaveLength(120)
      for (let group = 0; group < 6; group++) {
        const mine = applied
          .filter((text) => text.startsWith(`${group}/`))
          .map((text) => Number(text.slice(2)))
        expect(mine).toEqual([...mine].sort((a, b) => a - b))
      }
    })
  })
})
