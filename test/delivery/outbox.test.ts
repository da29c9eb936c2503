import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createOutbox,
  emptyCards,
  enqueuePost,
  enqueueUpdate,
  listUndelivered,
  type NewPost,
  type Outbox,
  type OutboxOptions,
  type UndeliveredPost,
} from '../../src/delivery/index.js'
import { RemembrancerError } from '../../src/errors.js'
import type { Database } from '../../src/storage/index.js'
import { describeEachDatabase } from '../support/database.js'
import { card, createFakeClock, createFakeLog, createFakePlatform, until } from './fakes.js'

const refuse =
  (code: 'PLATFORM_UNAVAILABLE' | 'PLATFORM_NOT_FOUND' | 'PLATFORM_REFUSED', retryAfterMs?: number) =>
  async (): Promise<void> => {
    throw new RemembrancerError(code, 'No.', retryAfterMs === undefined ? {} : { retryAfterMs })
  }

describeEachDatabase('the outbox', (each) => {
  let clock = createFakeClock()
  let log = createFakeLog()
  let platform = createFakePlatform()
  let gaveUp: UndeliveredPost[] = []
  let open: Outbox[] = []

  beforeEach(async () => {
    await each.empty()
    clock = createFakeClock()
    log = createFakeLog()
    platform = createFakePlatform()
    gaveUp = []
  })
  afterEach(async () => {
    await Promise.all(open.map((outbox) => outbox.stop()))
    open = []
  })

  const run = (options: Partial<OutboxOptions> = {}, database: Database = each.database()): Outbox => {
    const outbox = createOutbox(database, {
      platform: (name) => (name === 'slack' ? platform : undefined),
      now: clock.now,
      random: () => 0.5,
      log,
      policy: { giveUpAfterMs: 3_600_000, maxBackoffMs: 60_000 },
      onGaveUp: async (_tx, post) => void gaveUp.push(post),
      pollMs: 50,
      takeOverAfterMs: 0,
      ...options,
    })
    open.push(outbox)
    outbox.start()
    return outbox
  }
  const write = (post: Partial<NewPost> = {}): Promise<string> =>
    each.database().transaction((tx) =>
      enqueuePost(tx, {
        key: 'nudge|1',
        platform: 'slack',
        tenant: 'T1',
        target: { kind: 'group', conversation: 'C1' },
        card,
        purpose: 'nudge',
        at: clock.now(),
        ...post,
      }),
    )
  const row = (id: string) => each.database().prisma.outboxPost.findUniqueOrThrow({ where: { id } })

  test('a post goes out with its outbox id and keeps the receipt', async () => {
    const id = await write()
    await run().idle()
    expect(platform.posts).toMatchObject([{ outboxId: id, card, target: { conversation: 'C1' } }])
    expect(await row(id)).toMatchObject({ status: 'sent', receipt: { conversation: 'C1', message: '1' } })
  })

  test('the same key is one post', async () => {
    const id = await write()
    expect(await write({ card: { ...card, heading: 'Other' } })).toBe(id)
    await run().idle()
    expect(platform.posts).toHaveLength(1)
  })

  test('a post of a transaction that is rolled back never was', async () => {
    await each
      .database()
      .transaction(async (tx) => {
        await enqueuePost(tx, {
          key: 'k',
          platform: 'slack',
          tenant: 'T1',
          target: { kind: 'person', person: 'U1' },
          card,
          purpose: 'nudge',
          at: clock.now(),
        })
        throw new Error('no')
      })
      .catch(() => undefined)
    await run().idle()
    expect(platform.calls).toEqual([])
  })

  test('quiet hours are waited out', async () => {
    const id = await write({ notBefore: new Date(clock.now().getTime() + 60_000) })
    const outbox = run()
    await outbox.idle()
    expect(platform.posts).toEqual([])
    clock.advance(60_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test('posts to one conversation go out in the order they were written', async () => {
    for (let n = 0; n < 12; n++) await write({ key: `k${n}`, card: { ...card, heading: String(n) } })
    await run().idle()
    expect(platform.posts.map((post) => post.card.heading)).toEqual(
      Array.from({ length: 12 }, (_, n) => String(n)),
    )
  })

  test('the platform is not asked faster than it allows', async () => {
    platform = createFakePlatform({ perConversationMs: 120, overallMs: 20 })
    for (const n of [1, 2, 3]) await write({ key: `a${n}` })
    for (const n of [1, 2, 3]) await write({ key: `b${n}`, target: { kind: 'group', conversation: `D${n}` } })
    await run().idle()
    const gaps = (times: number[]): number[] => times.slice(1).map((time, n) => time - (times[n] ?? 0))
    const inC1 = platform.posts.filter(
      (post) => 'conversation' in post.target && post.target.conversation === 'C1',
    )
    expect(platform.posts).toHaveLength(6)
    expect(Math.min(...gaps(inC1.map((post) => post.at)))).toBeGreaterThanOrEqual(115)
    expect(Math.min(...gaps(platform.posts.map((post) => post.at)))).toBeGreaterThanOrEqual(15)
  })

  test('a platform that says when to come back is left alone until then', async () => {
    platform.failNext(refuse('PLATFORM_UNAVAILABLE', 300))
    const id = await write()
    const outbox = run()
    await until(async () => (await row(id)).attempts === 1 && (await row(id)).status === 'pending')
    const other = await write({ key: 'other', target: { kind: 'person', person: 'U9' } })
    const began = Date.now()
    await outbox.idle()
    expect(Date.now() - began).toBeGreaterThan(100)
    expect((await row(other)).status).toBe('sent')
    clock.advance(1_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
    expect(platform.posts).toHaveLength(2)
  })

  test('failures back off further and further, with jitter, up to a limit', async () => {
    const id = await write()
    const outbox = run()
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
      await outbox.idle()
      waits.push((await row(id)).notBefore.getTime() - clock.now().getTime())
      clock.advance(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000])
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test.each(['PLATFORM_NOT_FOUND', 'PLATFORM_REFUSED'] as const)(
    'what a platform will never accept (%s) is given up at once, and said',
    async (code) => {
      platform.failNext(refuse(code))
      const id = await write()
      await run().idle()
      expect(await row(id)).toMatchObject({ status: 'failed', error: `${code}: No.` })
      expect(gaveUp).toEqual([
        {
          id,
          platform: 'slack',
          tenant: 'T1',
          target: { kind: 'group', conversation: 'C1' },
          purpose: 'nudge',
          error: code,
        },
      ])
      const entries = await each.database().prisma.ledgerIntake.findMany()
      expect(entries.map((entry) => entry.kind)).toEqual(['delivery-gave-up'])
    },
  )

  test('what goes on failing is given up after the policy’s limit', async () => {
    const id = await write()
    const outbox = run()
    for (let attempt = 0; attempt < 6 && gaveUp.length === 0; attempt++) {
      platform.failNext(async () => {
        throw new TypeError('secret card text')
      })
      await outbox.idle()
      clock.advance(1_000_000)
    }
    expect(gaveUp).toMatchObject([{ id, error: 'TypeError' }])
    expect((await row(id)).attempts).toBe(5)
    expect(log.text()).not.toContain('secret')
    expect((await row(id)).error).not.toContain('secret')
  })

  test('an administrator who cannot be told does not stop the giving up', async () => {
    platform.failNext(refuse('PLATFORM_REFUSED'))
    const id = await write()
    const onGaveUp = async (): Promise<void> => {
      throw new Error('nobody there')
    }
    await run({ onGaveUp }).idle()
    expect((await row(id)).status).toBe('failed')
  })

  test('a platform that hangs is given its time and no more; its late post is found, not doubled', async () => {
    let landed = false
    platform.failNext(async () => {
      setTimeout(() => {
        landed = true
      }, 120)
      await new Promise((resolve) => setTimeout(resolve, 120))
    })
    const id = await write()
    const outbox = run({ sendTimeoutMs: 50 })
    await until(async () => (await row(id)).status === 'pending' && (await row(id)).attempts === 1)
    await until(() => landed)
    clock.advance(10_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
    expect(platform.posts).toHaveLength(1)
  })

  test('posts given up are listed without their cards, and cards are emptied when their time has come', async () => {
    platform.failNext(refuse('PLATFORM_REFUSED'))
    const id = await write()
    const outbox = run()
    await outbox.idle()
    const waiting = await write({ key: 'waiting', notBefore: new Date(clock.now().getTime() + 60_000) })
    const listed = await listUndelivered(each.database())
    expect(listed).toMatchObject([{ id, purpose: 'nudge', error: 'PLATFORM_REFUSED: No.' }])
    expect(JSON.stringify(listed)).not.toContain(card.heading)
    const before = new Date(clock.now().getTime() + 1)
    expect(await emptyCards(each.database(), { before })).toBe(1)
    expect((await row(id)).card).toEqual({})
    expect((await row(waiting)).card).toEqual(card)
  })

  test('posts of a platform that is not configured wait', async () => {
    const id = await write({ platform: 'teams' })
    await run().idle()
    expect((await row(id)).status).toBe('pending')
  })

  describe('after a crash between send and commit', () => {
    const crashed = async (): Promise<string> => {
      const id = await write()
      await platform.post('T1', { outboxId: id, target: { kind: 'group', conversation: 'C1' }, card })
      await each.database().prisma.outboxPost.update({
        where: { id },
        data: { status: 'sending', attempts: 1, triedAt: clock.now() },
      })
      return id
    }

    test('our own post is recognised and not doubled', async () => {
      const id = await crashed()
      await run().idle()
      expect(platform.posts).toHaveLength(1)
      expect(await row(id)).toMatchObject({ status: 'sent', receipt: { message: '1' } })
    })

    test('it may be doubled only where the platform cannot recognise it', async () => {
      platform = createFakePlatform({ recognisesOwnPosts: false })
      await crashed()
      await run().idle()
      expect(platform.posts).toHaveLength(2)
    })

    test('nobody takes it up while it may still be on its way', async () => {
      const id = await crashed()
      platform.posts.length = 0
      const outbox = run({ takeOverAfterMs: 10_000 })
      await outbox.idle()
      expect(platform.posts).toEqual([])
      clock.advance(10_000)
      await outbox.idle()
      expect(platform.posts).toHaveLength(1)
      expect((await row(id)).status).toBe('sent')
    })
  })

  test('when the database goes away after a post, its receipt is written as soon as it is back', async () => {
    const database = each.database()
    let away = false
    const refusing = new Proxy(database.prisma.outboxPost, {
      get: (target, verb) =>
        away && verb === 'updateMany'
          ? () => Promise.reject(Object.assign(new Error('x'), { code: 'P1001' }))
          : Reflect.get(target, verb),
    })
    const prisma = new Proxy(database.prisma, {
      get: (target, name) => (name === 'outboxPost' ? refusing : Reflect.get(target, name)),
    })
    platform.failNext(async () => {
      away = true
    })
    const id = await write()
    run({}, { ...database, prisma })
    await until(() => log.text().includes('could not be written yet'))
    away = false
    await until(async () => (await row(id)).status === 'sent')
    expect(platform.posts).toHaveLength(1)
  })

  describe('updates', () => {
    const update = (replaces: string, heading: string): Promise<string> =>
      each.database().transaction((tx) =>
        enqueueUpdate(tx, {
          key: `update|${heading}`,
          replaces,
          card: { ...card, heading },
          purpose: 'nudge',
          at: clock.now(),
        }),
      )

    test('replace the card of a post, in order after it', async () => {
      const id = await write()
      const second = await update(id, 'Recorded')
      await run().idle()
      expect(platform.posts.map((post) => post.card.heading)).toEqual(['Recorded'])
      expect(await row(second)).toMatchObject({ status: 'sent', receipt: { message: '1' } })
    })

    test('wait for a post that is put off, and only the newest is sent', async () => {
      platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
      const id = await write()
      const outbox = run()
      await outbox.idle()
      await update(id, 'first')
      await update(id, 'second')
      await outbox.idle()
      expect(platform.posts).toEqual([])
      clock.advance(10_000)
      await outbox.idle()
      expect(platform.posts.map((post) => post.card.heading)).toEqual(['second'])
      expect(platform.calls.filter((call) => call.startsWith('update'))).toHaveLength(1)
    })

    test('an older one that was put off never overwrites a newer one', async () => {
      const id = await write()
      const outbox = run()
      await outbox.idle()
      platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
      const old = await update(id, 'old')
      await outbox.idle()
      await update(id, 'new')
      await outbox.idle()
      clock.advance(100_000)
      await outbox.idle()
      expect(platform.posts.map((post) => post.card.heading)).toEqual(['new'])
      expect((await row(old)).status).toBe('superseded')
    })

    test('of a post that was given up are dropped without another complaint', async () => {
      platform.failNext(refuse('PLATFORM_REFUSED'))
      const id = await write()
      const second = await update(id, 'Recorded')
      await run().idle()
      expect((await row(second)).status).toBe('superseded')
      expect(gaveUp).toHaveLength(1)
    })

    test('become a new post where the platform cannot replace', async () => {
      platform = createFakePlatform({ updatesPosts: false })
      const id = await write()
      await update(id, 'Recorded')
      await run().idle()
      expect(platform.posts.map((post) => post.card.heading)).toEqual([card.heading, 'Recorded'])
    })
  })

  test('a clock set back by an hour does not put off a retry by an hour', async () => {
    platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
    const id = await write()
    const outbox = run()
    await outbox.idle()
    clock.advance(-3_600_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test('nor a post written before it was set back, unless quiet hours keep it', async () => {
    const id = await write()
    const quiet = await write({ key: 'quiet', notBefore: new Date(clock.now().getTime() + 60_000) })
    clock.advance(-3_600_000)
    await run().idle()
    expect((await row(id)).status).toBe('sent')
    expect((await row(quiet)).status).toBe('pending')
  })

  test('of several processes one delivers, and another takes over', async () => {
    if (each.engine === 'embedded') return
    for (let n = 0; n < 30; n++)
      await write({ key: `k${n}`, target: { kind: 'group', conversation: `C${n % 5}` } })
    const [first, second] = [run(), run()]
    await first.idle()
    expect(platform.posts).toHaveLength(30)
    await first.stop()
    await write({ key: 'later' })
    await second.idle()
    expect(platform.posts).toHaveLength(31)
  })
})
