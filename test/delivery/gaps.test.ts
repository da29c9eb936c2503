import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  backfillGaps,
  closeGap,
  createHeartbeat,
  createInbox,
  type GapRow,
  type Heartbeat,
  openGaps,
  recordGap,
} from '../../src/delivery/index.js'
import { RemembrancerError } from '../../src/errors.js'
import type { GapReport } from '../../src/platform/index.js'
import { describeEachDatabase } from '../support/database.js'
import { createFakeClock, createFakeLog, createFakePlatform, envelope, message, until } from './fakes.js'

describeEachDatabase('gaps', (each) => {
  let clock = createFakeClock()
  let log = createFakeLog()
  let platform = createFakePlatform()
  let hearts: Heartbeat[] = []
  beforeEach(async () => {
    await each.empty()
    clock = createFakeClock()
    log = createFakeLog()
    platform = createFakePlatform()
  })
  afterEach(async () => {
    await Promise.all(hearts.map((heart) => heart.stop()))
    hearts = []
  })

  const heart = (onGaps?: (gaps: readonly GapRow[]) => void, byItself = true): Heartbeat => {
    const made = createHeartbeat(each.database(), {
      now: clock.now,
      processId: randomUUID(),
      everyMs: 20,
      byItself,
      tenants: () => [{ platform: 'slack', tenant: 'T1' }],
      ...(onGaps ? { onGaps } : {}),
    })
    hearts.push(made)
    return made
  }
  const kinds = async (): Promise<string[]> =>
    (await each.database().prisma.ledgerIntake.findMany({ orderBy: { id: 'asc' } })).map((row) => row.kind)
  const gap = (over: Partial<GapReport> = {}): GapReport => ({
    platform: 'slack',
    tenant: 'T1',
    from: new Date('2026-11-01T09:00:00Z'),
    to: new Date('2026-11-01T10:00:00Z'),
    reason: 'rate-limited',
    ...over,
  })
  const record = (over: Partial<GapReport> = {}): Promise<string> =>
    each.database().transaction((tx) => recordGap(tx, gap(over), clock.now()))
  const fill = () => {
    const inbox = createInbox(each.database(), { now: clock.now, log })
    return backfillGaps(each.database(), {
      platform: (name) => (name === 'slack' ? platform : undefined),
      accept: (envelopes) => inbox.accept(envelopes),
      now: clock.now,
      log,
    })
  }
  const room = (id: string) => platform.rooms.push({ id, botPresent: true })
  const keys = async (): Promise<string[]> =>
    (await each.database().prisma.inboxEvent.findMany({ orderBy: { id: 'asc' } })).map((row) => row.key)

  test('the first start ever has nothing to miss; a later one finds the downtime', async () => {
    expect(await heart().start()).toEqual([])
    await hearts[0]?.stop()
    const stopped = clock.now()
    clock.advance(3_600_000)
    const found = await heart().start()
    expect(found).toMatchObject([
      {
        platform: 'slack',
        tenant: 'T1',
        conversation: null,
        reason: 'downtime',
        from: stopped,
        to: clock.now(),
      },
    ])
    expect(await kinds()).toEqual(['gap-noticed'])
  })

  test('a restart within a missed beat, or while another process lives, is no gap', async () => {
    await heart().start()
    clock.advance(50)
    expect(await heart().start()).toEqual([])
    expect(await openGaps(each.database())).toEqual([])
  })

  test('a process that slept notices by itself', async () => {
    const found: GapRow[] = []
    await heart((gaps) => found.push(...gaps)).start()
    clock.advance(3_600_000)
    await until(() => found.length > 0)
    expect(found).toMatchObject([{ reason: 'downtime', to: clock.now() }])
  })

  test('one that does not beat by itself takes a clock that is moved for no sleep, and still finds the downtime', async () => {
    const found: GapRow[] = []
    const quiet = heart((gaps) => found.push(...gaps), false)
    await quiet.start()
    clock.advance(3_600_000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(found).toEqual([])
    await quiet.stop()
    clock.advance(3_600_000)
    expect(await heart(undefined, false).start()).toMatchObject([{ reason: 'downtime', to: clock.now() }])
  })

  test('a clock set back makes no gap of negative length', async () => {
    await heart().start()
    await hearts[0]?.stop()
    clock.advance(-3_600_000)
    expect(await heart().start()).toEqual([])
  })

  test('the same stretch reported twice, or within an open one, is one gap', async () => {
    const id = await record()
    expect(await record()).toBe(id)
    expect(await record({ from: new Date('2026-11-01T09:10:00Z') })).toBe(id)
    expect(await record({ conversation: 'C1' })).not.toBe(id)
    expect(await record({ reason: 'reconnected' })).not.toBe(id)
    expect(await openGaps(each.database())).toHaveLength(3)
    expect(await kinds()).toHaveLength(3)
  })

  test('a gap is closed once, and the ledger says whether it was closed whole', async () => {
    const id = await record()
    const close = (words: string) => each.database().transaction((tx) => closeGap(tx, id, words, clock.now()))
    await close('something')
    await close('')
    const row = await each.database().prisma.gap.findUniqueOrThrow({ where: { id } })
    expect(row).toMatchObject({ remainder: 'something', closedAt: clock.now() })
    const entries = await each.database().prisma.ledgerIntake.findMany({ orderBy: { id: 'asc' } })
    expect(entries.map((entry) => JSON.parse(entry.body))).toMatchObject([
      { kind: 'gap-noticed' },
      { kind: 'gap-closed', complete: false },
    ])
  })

  test('backfill brings back messages and the roster of each group, and says what it cannot', async () => {
    room('C1')
    await createInbox(each.database(), { now: clock.now, log }).accept([envelope(message({ id: 'known' }))])
    platform.past.push(
      envelope({ ...message({ id: 'known' }), source: 'backfill' }),
      envelope({ ...message({ id: 'missed' }), source: 'backfill' }),
    )
    platform.rosterOf = (conversation) =>
      envelope({
        kind: 'roster-observed',
        platform: 'slack',
        tenant: 'T1',
        conversation,
        at: clock.now().toISOString(),
        source: 'roster-check',
        members: [{ id: 'U1' }],
      })
    await record()
    expect(await fill()).toEqual({ closed: 1, waiting: 0, events: 2 })
    expect((await keys()).map((key) => key.split('|').slice(3, 5).join(' '))).toEqual([
      'message-posted known',
      'message-posted missed',
      expect.stringContaining('roster-observed'),
    ])
    const [row] = await each.database().prisma.gap.findMany()
    expect(row?.remainder).toMatch(/^Deletions, and wordings that were edited away, cannot be restored/)
    expect(await openGaps(each.database())).toEqual([])
  })

  test('a platform without history or rosters says that nothing could be restored', async () => {
    platform = createFakePlatform({ history: false })
    room('C1')
    await record()
    await fill()
    const [row] = await each.database().prisma.gap.findMany()
    expect(row?.remainder).toMatch(
      /does not give back past messages.*No complete roster could be had of 1 of 1/,
    )
  })

  test('a platform that is away leaves the gap open for another try', async () => {
    room('C1')
    const healthy = platform.history
    platform.history = () => {
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Later.')
    }
    await record()
    expect(await fill()).toMatchObject({ closed: 0, waiting: 1 })
    platform.history = healthy
    expect(await fill()).toMatchObject({ closed: 1, waiting: 0 })
  })

  test('one group that is gone does not keep the others', async () => {
    room('gone')
    room('C2')
    const healthy = platform.history
    platform.history = (tenant, conversation, after, before) => {
      if (conversation === 'gone') throw new RemembrancerError('PLATFORM_NOT_FOUND', 'Gone.')
      return healthy(tenant, conversation, after, before)
    }
    platform.past.push(envelope(message({ id: 'missed', conversation: 'C2' })))
    await record()
    expect(await fill()).toMatchObject({ closed: 1, events: 1 })
    const [row] = await each.database().prisma.gap.findMany()
    expect(row?.remainder).toContain('1 of 2 groups could no longer be read')
  })
})
