import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import {
  createHeartbeat,
  createInbox,
  createJobs,
  createLaneRunner,
  createOutbox,
  enqueuePost,
} from '../../src/delivery/index.js'
import { RemembrancerError } from '../../src/errors.js'
import { append, createSequencer, verifyDatabase } from '../../src/ledger/index.js'
import type { ChatPlatform } from '../../src/platform/index.js'
import { type Database, openDatabase } from '../../src/storage/index.js'
import { createFakeLog, createFakePlatform, envelope, until } from '../delivery/fakes.js'
import { createRandom, seedOf } from '../ledger/random.js'
import { temporarySigner } from '../ledger/samples.js'
import { createServerDatabase, openTestDatabase } from '../support/database.js'
import { findPostgres, startPostgres } from '../support/postgres.js'
import { crashEvent, idOf } from './protocol.js'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The rooms together, applying each message as one ledger entry and one post. */
async function open(
  database: Database,
  options: { platform: ChatPlatform; now?: () => Date; sendTimeoutMs?: number; maxBackoffMs?: number },
) {
  const { signer, remove } = await temporarySigner()
  const log = createFakeLog()
  const now = options.now ?? (() => new Date())
  const lanes = createLaneRunner(database, {
    async apply(tx, events) {
      for (const { event } of events) {
        if (event.kind !== 'message-posted') continue
        const n = Number(event.message.slice(1))
        const at = now()
        const entry = { signal: idOf(n), group: idOf(0), signalKind: 'decision', at: at.toISOString() }
        await append(tx, { kind: 'signal-detected', ...entry })
        await enqueuePost(tx, {
          key: `post|${n}`,
          platform: 'slack',
          tenant: 'T1',
          target: { kind: 'group', conversation: event.conversation },
          card: { heading: `Nudge ${n}`, summary: 'Nudge' },
          purpose: 'nudge',
          at,
        })
      }
    },
    now,
    log,
    maxAttempts: 2,
    batchSize: 10,
    parallel: 2,
    pollMs: 50,
    backoffMs: () => 50,
  })
  const outbox = createOutbox(database, {
    platform: () => options.platform,
    now,
    random: Math.random,
    log,
    policy: { giveUpAfterMs: 86_400_000, maxBackoffMs: options.maxBackoffMs ?? 50 },
    onGaveUp: async () => undefined,
    sendTimeoutMs: options.sendTimeoutMs ?? 5_000,
    takeOverAfterMs: 0,
    pollMs: 50,
  })
  const sequencer = createSequencer(database, { now, log, signer, pollMs: 50 })
  const inbox = createInbox(database, { now, log, onCommitted: () => lanes.wake() })
  for (const room of [lanes, outbox, sequencer]) room.start()
  cleanups.push(async () => {
    await Promise.all([lanes.stop(), outbox.stop(), sequencer.stop()])
    remove()
  })

  /** A platform that delivers again until it is acknowledged. */
  async function deliver(n: number): Promise<void> {
    for (;;) {
      try {
        return await inbox.accept([envelope(crashEvent(n))])
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
  async function converged(count: number, ms: number): Promise<void> {
    await until(async () => {
      const sent = await database.prisma.outboxPost.count({ where: { status: 'sent' } }).catch(() => -1)
      return sent === count
    }, ms)
    await sequencer.settle()
    const report = await verifyDatabase(database, { publicKey: signer.publicKeyPem })
    expect(report).toMatchObject({ ok: true, entries: count })
    const left = await database.prisma.inboxEvent.count({ where: { status: { not: 'applied' } } })
    expect(left).toBe(0)
  }
  return { deliver, converged, log }
}

async function embedded(): Promise<Database> {
  const opened = await openTestDatabase()
  cleanups.push(() => opened.close())
  return opened.database
}

test.runIf(findPostgres())(
  'a database that goes away and comes back: nothing is lost, nothing is set aside, nobody ends',
  async () => {
    const server = await startPostgres()
    if (!server) return
    cleanups.push(() => server.stop())
    const { url } = await createServerDatabase(server.url)
    const database = await openDatabase({ kind: 'official', url })
    cleanups.push(() => database.close())
    const platform = createFakePlatform()
    const rooms = await open(database, { platform })
    const found: string[] = []
    const heartbeat = createHeartbeat(database, {
      now: () => new Date(),
      processId: randomUUID(),
      everyMs: 300,
      tenants: () => [{ platform: 'slack', tenant: 'T1' }],
      onGaps: (gaps) => found.push(...gaps.map((gap) => gap.reason)),
    })
    await heartbeat.start()
    cleanups.push(() => heartbeat.stop())

    const count = 120
    const delivering = Array.from({ length: count }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 20))
      await rooms.deliver(n)
    })
    await new Promise((resolve) => setTimeout(resolve, 600))
    await server.kill()
    await new Promise((resolve) => setTimeout(resolve, process.env.CI ? 30_000 : 2_000))
    await server.start()
    await Promise.all(delivering)
    await until(() => found.length > 0, 20_000)
    expect(found).toContain('downtime')
    await until(async () => (await database.prisma.ledgerIntake.count()) === 0, 20_000)
    const gaps = await database.prisma.gap.count()
    await database.prisma.$executeRaw`SELECT 1`
    expect(gaps).toBeGreaterThan(0)
    await until(
      async () => (await database.prisma.outboxPost.count({ where: { status: 'sent' } })) === count,
      60_000,
    )
    const headings = platform.posts.map((post) => post.card.heading)
    expect(new Set(headings).size).toBe(count)
    expect(headings).toHaveLength(count)
    expect(await database.prisma.inboxEvent.count({ where: { status: 'applied' } })).toBe(count)
    expect(rooms.log.text()).not.toContain('message 1')
  },
  150_000,
)

test('a platform that answers 429, 500, garbage or not at all is borne, and nothing is doubled', async () => {
  const seed = seedOf('FAULT_SEED')
  const random = createRandom(seed)
  const platform = createFakePlatform()
  const healthy = platform.post
  platform.post = async (tenant, post) => {
    switch (random.below(7)) {
      case 0:
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Too fast.', { retryAfterMs: 5 })
      case 1:
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Error 500.')
      case 2:
        throw new SyntaxError('Unexpected token < in JSON')
      case 3:
        // Posted, and the answer lost on its way.
        await healthy(tenant, post)
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Connection lost.')
      case 4:
        return await new Promise(() => undefined)
      default:
        return await healthy(tenant, post)
    }
  }
  const rooms = await open(await embedded(), { platform, sendTimeoutMs: 30 })
  const count = 60
  await Promise.all(Array.from({ length: count }, (_, n) => rooms.deliver(n)))
  await rooms.converged(count, 60_000)
  const headings = platform.posts.map((post) => post.card.heading)
  expect(new Set(headings).size, `seed ${seed}`).toBe(count)
  expect(headings, `seed ${seed}`).toHaveLength(count)
}, 90_000)

test('a clock that jumps an hour either way holds up nothing for an hour', async () => {
  const seed = seedOf('FAULT_SEED')
  const random = createRandom(seed)
  let offset = 0
  const now = (): Date => new Date(Date.now() + offset)
  const platform = createFakePlatform()
  const healthy = platform.post
  platform.post = async (tenant, post) => {
    if (random.below(3) === 0) throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Error 500.')
    return await healthy(tenant, post)
  }
  const database = await embedded()
  const rooms = await open(database, { platform, now })
  const jobs = createJobs(database, { now, processId: randomUUID(), leaseMs: 1_000 })
  let worked = 0
  const count = 60
  for (let n = 0; n < count; n++) {
    offset = random.pick([-3_600_000, 0, 3_600_000])
    await rooms.deliver(n)
    await jobs.run('tick', String(n % 20), async () => {
      worked += 1
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await rooms.converged(count, 30_000)
  expect(platform.posts, `seed ${seed}`).toHaveLength(count)
  expect(worked).toBe(20)
}, 60_000)

describe('apply() that fails at random', () => {
  test('sets nothing aside that a later try can do', async () => {
    const database = await embedded()
    const random = createRandom(seedOf('FAULT_SEED'))
    const log = createFakeLog()
    const now = (): Date => new Date()
    const applied: number[] = []
    const lanes = createLaneRunner(database, {
      async apply(_tx, events) {
        if (random.below(4) === 0) throw new Error('now and then')
        applied.push(...events.map(({ id }) => Number(id)))
      },
      now,
      log,
      maxAttempts: 12,
      batchSize: 8,
      parallel: 2,
      pollMs: 20,
      backoffMs: () => 1,
    })
    const inbox = createInbox(database, { now, log })
    await inbox.accept(Array.from({ length: 60 }, (_, n) => envelope(crashEvent(n))))
    lanes.start()
    cleanups.push(() => lanes.stop())
    await until(async () => (await inbox.counts()).pending === 0, 20_000)
    expect((await inbox.counts()).setAside).toBe(0)
    expect(new Set(applied).size).toBe(60)
  }, 30_000)
})
