import { expect, test } from 'vitest'
import { enqueueUpdate } from '../../src/delivery/index.js'
import { describeEachDatabase } from '../support/database.js'
import { card, createFakePlatform } from './fakes.js'
import { createOutboxKit, refuse } from './outbox-kit.js'

describeEachDatabase('updates of posts', (each) => {
  const kit = createOutboxKit(each)
  const { run, write, row } = kit

  const update = (replaces: string, heading: string): Promise<string> =>
    each.database().transaction((tx) =>
      enqueueUpdate(tx, {
        key: `update|${heading}`,
        replaces,
        card: { ...card, heading },
        purpose: 'nudge',
        at: kit.clock.now(),
      }),
    )

  test('replace the card of a post, in order after it', async () => {
    const id = await write()
    const second = await update(id, 'Recorded')
    await run().idle()
    expect(kit.platform.posts.map((post) => post.card.heading)).toEqual(['Recorded'])
    expect(await row(second)).toMatchObject({ status: 'sent', receipt: { message: '1' } })
  })

  test('wait for a post that is put off, and only the newest is sent', async () => {
    kit.platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
    const id = await write()
    const outbox = run()
    await outbox.idle()
    await update(id, 'first')
    await update(id, 'second')
    await outbox.idle()
    expect(kit.platform.posts).toEqual([])
    kit.clock.advance(10_000)
    await outbox.idle()
    expect(kit.platform.posts.map((post) => post.card.heading)).toEqual(['second'])
    expect(kit.platform.calls.filter((call) => call.startsWith('update'))).toHaveLength(1)
  })

  test('an older one that was put off never overwrites a newer one', async () => {
    const id = await write()
    const outbox = run()
    await outbox.idle()
    kit.platform.failNext(refuse('PLATFORM_UNAVAILABLE'))
    const old = await update(id, 'old')
    await outbox.idle()
    await update(id, 'new')
    await outbox.idle()
    kit.clock.advance(100_000)
    await outbox.idle()
    expect(kit.platform.posts.map((post) => post.card.heading)).toEqual(['new'])
    expect((await row(old)).status).toBe('superseded')
  })

  test('of a post that was given up are dropped without another complaint', async () => {
    kit.platform.failNext(refuse('PLATFORM_REFUSED'))
    const id = await write()
    const second = await update(id, 'Recorded')
    await run().idle()
    expect((await row(second)).status).toBe('superseded')
    expect(kit.gaveUp).toHaveLength(1)
  })

  test('become a new post where the kit.platform cannot replace', async () => {
    kit.platform = createFakePlatform({ updatesPosts: false })
    const id = await write()
    await update(id, 'Recorded')
    await run().idle()
    expect(kit.platform.posts.map((post) => post.card.heading)).toEqual([card.heading, 'Recorded'])
  })
})
