import { afterEach, beforeEach } from 'vitest'
import {
  createOutbox,
  enqueuePost,
  type NewPost,
  type Outbox,
  type OutboxOptions,
  type UndeliveredPost,
} from '../../src/delivery/index.js'
import { RemembrancerError } from '../../src/errors.js'
import type { Database } from '../../src/storage/index.js'
import type { EachDatabase } from '../support/database.js'
import { card, createFakeClock, createFakeLog, createFakePlatform } from './fakes.js'

/** What a platform does instead of accepting a post. */
export function refuse(
  code: 'PLATFORM_UNAVAILABLE' | 'PLATFORM_NOT_FOUND' | 'PLATFORM_REFUSED',
  retryAfterMs?: number,
): () => Promise<void> {
  return async () => {
    throw new RemembrancerError(code, 'No.', retryAfterMs === undefined ? {} : { retryAfterMs })
  }
}

/** Everything a test of the outbox needs, made anew for each test. */
export function createOutboxKit(each: EachDatabase) {
  const open: Outbox[] = []
  const kit = {
    clock: createFakeClock(),
    log: createFakeLog(),
    platform: createFakePlatform(),
    gaveUp: [] as UndeliveredPost[],

    run(options: Partial<OutboxOptions> = {}, database: Database = each.database()): Outbox {
      const outbox = createOutbox(database, {
        platform: (name) => (name === 'slack' ? kit.platform : undefined),
        now: kit.clock.now,
        random: () => 0.5,
        log: kit.log,
        policy: { giveUpAfterMs: 3_600_000, maxBackoffMs: 60_000 },
        onGaveUp: async (_tx, post) => void kit.gaveUp.push(post),
        pollMs: 50,
        takeOverAfterMs: 0,
        ...options,
      })
      open.push(outbox)
      outbox.start()
      return outbox
    },

    write(post: Partial<NewPost> = {}): Promise<string> {
      return each.database().transaction((tx) =>
        enqueuePost(tx, {
          key: 'nudge|1',
          platform: 'slack',
          tenant: 'T1',
          target: { kind: 'group', conversation: 'C1' },
          card,
          purpose: 'nudge',
          at: kit.clock.now(),
          ...post,
        }),
      )
    },

    row: (id: string) => each.database().prisma.outboxPost.findUniqueOrThrow({ where: { id } }),
  }
  beforeEach(async () => {
    await each.empty()
    kit.clock = createFakeClock()
    kit.log = createFakeLog()
    kit.platform = createFakePlatform()
    kit.gaveUp = []
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((outbox) => outbox.stop()))
  })
  return kit
}
