import { describe, expect, test } from 'vitest'
import { emptyCards, enqueuePost, listUndelivered } from '../../src/delivery/index.js'
import { describeEachDatabase } from '../support/database.js'
import { card, createFakePlatform, until } from './fakes.js'
import { createOutboxKit, refuse } from './outbox-kit.js'

describeEachDatabase('the outbox', (each) => {
  const kit = createOutboxKit(each)
  const { run, write, row } = kit

  test('a post goes out with its outbox id and keeps the receipt', async () => {
    const id = await write()
    await run().idle()
    expect(kit.platform.posts).toMatchObject([{ outboxId: id, card, target: { conversation: 'C1' } }])
    expect(await row(id)).toMatchObject({ status: 'sent', receipt: { conversation: 'C1', message: '1' } })
  })

  test('the same key is one post', async () => {
    const id = await write()
    expect(await write({ card: { ...card, heading: 'Other' } })).toBe(id)
    await run().idle()
    expect(kit.platform.posts).toHaveLength(1)
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
          at: kit.clock.now(),
        })
        throw new Error('no')
      })
      .catch(() => undefined)
    await run().idle()
    expect(kit.platform.calls).toEqual([])
  })

  test('quiet hours are waited out', async () => {
    const id = await write({ notBefore: new Date(kit.clock.now().getTime() + 60_000) })
    const outbox = run()
    await outbox.idle()
    expect(kit.platform.posts).toEqual([])
    kit.clock.advance(60_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test('posts to one conversation go out in the order they were written', async () => {
    for (let n = 0; n < 12; n++) await write({ key: `k${n}`, card: { ...card, heading: String(n) } })
    await run().idle()
    expect(kit.platform.posts.map((post) => post.card.heading)).toEqual(
      Array.from({ length: 12 }, (_, n) => String(n)),
    )
  })

  test('the kit.platform is not asked faster than it allows', async () => {
    kit.platform = createFakePlatform({ perConversationMs: 120, overallMs: 20 })
    for (const n of [1, 2, 3]) await write({ key: `a${n}` })
    for (const n of [1, 2, 3]) await write({ key: `b${n}`, target: { kind: 'group', conversation: `D${n}` } })
    await run().idle()
    const inC1 = kit.platform.posts.filter(
      (post) => 'conversation' in post.target && post.target.conversation === 'C1',
    )
    // The whole stretch, not single gaps: a busy machine may bunch two arrivals, never shorten the whole.
    const stretch = (posts: readonly { at: number }[]): number =>
      (posts.at(-1)?.at ?? 0) - (posts[0]?.at ?? 0)
    expect(kit.platform.posts).toHaveLength(6)
    expect(stretch(inC1)).toBeGreaterThanOrEqual(2 * 120 - 20)
    expect(stretch(kit.platform.posts)).toBeGreaterThanOrEqual(5 * 20 - 20)
  })

  test('a kit.platform that says when to come back is left alone until then', async () => {
    kit.platform.failNext(refuse('PLATFORM_UNAVAILABLE', 300))
    const id = await write()
    const outbox = run()
    await until(async () => (await row(id)).attempts === 1 && (await row(id)).status === 'pending')
    const other = await write({ key: 'other', target: { kind: 'person', person: 'U9' } })
    const began = Date.now()
    await outbox.idle()
    expect(Date.now() - began).toBeGreaterThan(100)
    expect((await row(other)).status).toBe('sent')
    kit.clock.advance(1_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
    expect(kit.platform.posts).toHaveLength(2)
  })

  test('failures back off further and further, with jitter, up to a limit', async () => {
    const id = await write()
    const outbox = run()
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      kit.platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
      await outbox.idle()
      waits.push((await row(id)).notBefore.getTime() - kit.clock.now().getTime())
      kit.clock.advance(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000])
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test.each(['PLATFORM_NOT_FOUND', 'PLATFORM_REFUSED'] as const)(
    'what a kit.platform will never accept (%s) is given up at once, and said',
    async (code) => {
      kit.platform.failNext(refuse(code))
      const id = await write()
      await run().idle()
      expect(await row(id)).toMatchObject({ status: 'failed', error: `${code}: No.` })
      expect(kit.gaveUp).toEqual([
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
    for (let attempt = 0; attempt < 6 && kit.gaveUp.length === 0; attempt++) {
      kit.platform.failNext(async () => {
        throw new TypeError('secret card text')
      })
      await outbox.idle()
      kit.clock.advance(1_000_000)
    }
    expect(kit.gaveUp).toMatchObject([{ id, error: 'TypeError' }])
    expect((await row(id)).attempts).toBe(5)
    expect(kit.log.text()).not.toContain('secret')
    expect((await row(id)).error).not.toContain('secret')
  })

  test('an administrator who cannot be told does not stop the giving up', async () => {
    kit.platform.failNext(refuse('PLATFORM_REFUSED'))
    const id = await write()
    const onGaveUp = async (): Promise<void> => {
      throw new Error('nobody there')
    }
    await run({ onGaveUp }).idle()
    expect((await row(id)).status).toBe('failed')
  })

  test('a kit.platform that hangs is given its time and no more; its late post is found, not doubled', async () => {
    let landed = false
    kit.platform.failNext(async () => {
      setTimeout(() => {
        landed = true
      }, 120)
      await new Promise((resolve) => setTimeout(resolve, 120))
    })
    const id = await write()
    const outbox = run({ sendTimeoutMs: 50 })
    await until(async () => (await row(id)).status === 'pending' && (await row(id)).attempts === 1)
    await until(() => landed)
    kit.clock.advance(10_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
    expect(kit.platform.posts).toHaveLength(1)
  })

  test('posts given up are listed without their cards, and cards are emptied when their time has come', async () => {
    kit.platform.failNext(refuse('PLATFORM_REFUSED'))
    const id = await write()
    const outbox = run()
    await outbox.idle()
    const waiting = await write({ key: 'waiting', notBefore: new Date(kit.clock.now().getTime() + 60_000) })
    const listed = await listUndelivered(each.database())
    expect(listed).toMatchObject([{ id, purpose: 'nudge', error: 'PLATFORM_REFUSED: No.' }])
    expect(JSON.stringify(listed)).not.toContain(card.heading)
    const before = new Date(kit.clock.now().getTime() + 1)
    expect(await emptyCards(each.database(), { before })).toBe(1)
    expect((await row(id)).card).toEqual({})
    expect((await row(waiting)).card).toEqual(card)
  })

  test('posts of a kit.platform that is not configured wait', async () => {
    const id = await write({ platform: 'teams' })
    await run().idle()
    expect((await row(id)).status).toBe('pending')
  })

  describe('after a crash between send and commit', () => {
    const crashed = async (): Promise<string> => {
      const id = await write()
      await kit.platform.post('T1', { outboxId: id, target: { kind: 'group', conversation: 'C1' }, card })
      await each.database().prisma.outboxPost.update({
        where: { id },
        data: { status: 'sending', attempts: 1, triedAt: kit.clock.now() },
      })
      return id
    }

    test('our own post is recognised and not doubled', async () => {
      const id = await crashed()
      await run().idle()
      expect(kit.platform.posts).toHaveLength(1)
      expect(await row(id)).toMatchObject({ status: 'sent', receipt: { message: '1' } })
    })

    test('it may be doubled only where the kit.platform cannot recognise it', async () => {
      kit.platform = createFakePlatform({ recognisesOwnPosts: false })
      await crashed()
      await run().idle()
      expect(kit.platform.posts).toHaveLength(2)
    })

    test('nobody takes it up while it may still be on its way', async () => {
      const id = await crashed()
      kit.platform.posts.length = 0
      const outbox = run({ takeOverAfterMs: 10_000 })
      await outbox.idle()
      expect(kit.platform.posts).toEqual([])
      kit.clock.advance(10_000)
      await outbox.idle()
      expect(kit.platform.posts).toHaveLength(1)
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
    kit.platform.failNext(async () => {
      away = true
    })
    const id = await write()
    run({}, { ...database, prisma })
    await until(() => kit.log.text().includes('could not be written yet'))
    away = false
    await until(async () => (await row(id)).status === 'sent')
    expect(kit.platform.posts).toHaveLength(1)
  })

  test('a kit.clock set back by an hour does not put off a retry by an hour', async () => {
    kit.platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
    const id = await write()
    const outbox = run()
    await outbox.idle()
    kit.clock.advance(-3_600_000)
    await outbox.idle()
    expect((await row(id)).status).toBe('sent')
  })

  test('nor a post written before it was set back, unless quiet hours keep it', async () => {
    const id = await write()
    const quiet = await write({ key: 'quiet', notBefore: new Date(kit.clock.now().getTime() + 60_000) })
    kit.clock.advance(-3_600_000)
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
    expect(kit.platform.posts).toHaveLength(30)
    await first.stop()
    await write({ key: 'later' })
    await second.idle()
    expect(kit.platform.posts).toHaveLength(31)
  })
})
