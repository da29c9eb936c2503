import { beforeEach, expect, test } from 'vitest'
import { createInbox, emptyPayloads, listSetAside } from '../../src/delivery/index.js'
import type { Envelope } from '../../src/platform/index.js'
import type { Database } from '../../src/storage/index.js'
import { describeEachDatabase } from '../support/database.js'
import { createFakeClock, createFakeLog, envelope, message } from './fakes.js'

describeEachDatabase('the inbox', (each) => {
  const clock = createFakeClock()
  const log = createFakeLog()
  const inbox = (database: Database = each.database(), batchMax?: number) =>
    createInbox(database, { now: clock.now, log, ...(batchMax === undefined ? {} : { batchMax }) })
  const rows = () => each.database().prisma.inboxEvent.findMany({ orderBy: { id: 'asc' } })

  beforeEach(() => each.empty())

  test('an accepted event is committed with its raw payload', async () => {
    await inbox().accept([envelope(message())])
    const [row] = await rows()
    expect(row).toMatchObject({
      platform: 'slack',
      tenant: 'T1',
      lane: 'slack|T1|C1',
      kind: 'message-posted',
      status: 'pending',
      receivedAt: clock.now(),
    })
    expect(row?.event).toMatchObject({ text: 'words of m1' })
    expect(row?.raw).toContain('payload')
  })

  test('the same event again, alone or in the same call, is one row', async () => {
    const box = inbox()
    await box.accept([envelope(message()), envelope(message())])
    await box.accept([envelope({ ...message(), source: 'backfill' })])
    expect(await rows()).toHaveLength(1)
  })

  test('concurrent calls share commits', async () => {
    const database = each.database()
    let commits = 0
    const counting: Database = {
      ...database,
      session: (work) => {
        commits += 1
        return database.session(work)
      },
    }
    const box = inbox(counting)
    await Promise.all(Array.from({ length: 500 }, (_, n) => box.accept([envelope(message({ id: `m${n}` }))])))
    expect(await rows()).toHaveLength(500)
    expect(commits).toBeLessThanOrEqual(3)
  })

  test('a call larger than a batch is committed whole', async () => {
    const events = Array.from({ length: 25 }, (_, n) => message({ id: `m${n}` }))
    await inbox(each.database(), 10).accept([envelope(...events)])
    expect(await rows()).toHaveLength(25)
  })

  test('a payload nobody understood is kept raw, counted and listed', async () => {
    const box = inbox()
    const strange: Envelope = { raw: '{"new":"thing"}', events: [], unreadable: 'unknown type' }
    await box.accept([strange, strange], { platform: 'slack', tenant: 'T1' })
    expect(await box.counts()).toEqual({ pending: 0, setAside: 0, unreadable: 1 })
    const [listed] = await listSetAside(each.database(), { status: 'unreadable' })
    expect(listed).toMatchObject({ platform: 'slack', error: 'EVENT_UNREADABLE: unknown type' })
    expect((await rows())[0]?.raw).toBe('{"new":"thing"}')
  })

  test('a payload with nothing in it is acknowledged and not kept', async () => {
    await inbox().accept([{ raw: '{}', events: [] }])
    expect(await rows()).toEqual([])
  })

  test('characters a database cannot hold do not stop an event', async () => {
    const text = 'nul \0 half \ud83d whole 😀'
    await inbox().accept([{ raw: text, events: [message({ id: 'm\0', text })] }])
    const [row] = await rows()
    expect(row?.event).toMatchObject({ text: 'nul \uFFFD half \uFFFD whole 😀' })
  })

  test('ids of any length are kept apart', async () => {
    const long = '長'.repeat(500)
    const events = ['a', 'b'].map((end) => ({
      ...message({ id: `${long.slice(1)}${end}`, conversation: long }),
      tenant: long,
    }))
    await inbox().accept([envelope(...events)])
    expect(await rows()).toHaveLength(2)
  })

  test('what one event does wrong does not cost the others: it is kept raw', async () => {
    const box = inbox()
    const bad = message({ id: 'bad', at: '0000-01-01T00:00:00.000Z' })
    await Promise.all([
      box.accept([envelope(message({ id: 'm1' }))]),
      box.accept([envelope(bad)]),
      box.accept([envelope(message({ id: 'm2' }))]),
    ])
    expect((await rows()).map((row) => row.status).sort()).toEqual(['pending', 'pending', 'unreadable'])
    expect(log.text()).not.toContain('words of')
  })

  test('a commit that fails is not acknowledged, and the next one works', async () => {
    const database = each.database()
    let broken = true
    const failing: Database = {
      ...database,
      session: (work) =>
        broken
          ? Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))
          : database.session(work),
    }
    const box = inbox(failing)
    await expect(box.accept([envelope(message())])).rejects.toThrow()
    broken = false
    await box.accept([envelope(message())])
    expect(await rows()).toHaveLength(1)
  })

  test('the raw payload of a direct conversation is never written', async () => {
    await inbox().accept([envelope(message({ direct: true }))])
    expect((await rows())[0]?.raw).toBeNull()
  })

  test('payloads are emptied when their own retention ends; keys and unread ones stay', async () => {
    const box = inbox()
    await box.accept([envelope(message({ id: 'old' })), envelope(message({ id: 'waiting' }))])
    await box.accept([{ raw: 'odd', events: [], unreadable: 'odd' }])
    await each.database().prisma.inboxEvent.updateMany({
      where: { key: { contains: 'old' } },
      data: { status: 'applied' },
    })
    const before = new Date(clock.now().getTime() + 1)
    expect(await emptyPayloads(each.database(), { before, chunk: 1 })).toBe(1)
    const left = await rows()
    expect(left.map((row) => [row.raw === null, row.event === null])).toEqual([
      [true, true],
      [false, false],
      [false, true],
    ])
    await box.accept([envelope(message({ id: 'old' }))])
    expect(await rows()).toHaveLength(3)
  })
})
