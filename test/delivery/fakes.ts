import { RemembrancerError } from '../../src/errors.js'
import type {
  Card,
  ChatEvent,
  ChatPlatform,
  Envelope,
  Logger,
  OutgoingPost,
  PlatformName,
  PostReceipt,
  PostTarget,
} from '../../src/platform/index.js'

/** A clock the test sets. */
export interface FakeClock {
  now(): Date
  advance(ms: number): void
}

/** Creates a clock standing at noon on 1 November 2026. */
export function createFakeClock(start = '2026-11-01T12:00:00.000Z'): FakeClock {
  let at = new Date(start).getTime()
  return {
    now: () => new Date(at),
    advance(ms) {
      at += ms
    },
  }
}

/** A log that remembers what was written, to look for words that must not be there. */
export interface FakeLog extends Logger {
  readonly lines: {
    readonly level: string
    readonly fields: Record<string, unknown>
    readonly message: string
  }[]
  text(): string
}

export function createFakeLog(): FakeLog {
  const lines: FakeLog['lines'] = []
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message })
  }
  return {
    lines,
    text: () => JSON.stringify(lines),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
}

export const card: Card = { heading: 'This looks like a decision', summary: 'A decision' }

/** A post that somebody can see. */
export interface SeenPost {
  readonly outboxId: string
  readonly target: PostTarget
  card: Card
  readonly receipt: PostReceipt
  readonly at: number
}

/** An in-memory platform that fails as the test says. */
export interface FakePlatform extends ChatPlatform {
  readonly posts: SeenPost[]
  /** Calls of `post` and `update`, refused ones included. */
  readonly calls: string[]
  /** What the next calls of `post` or `update` do instead of working. */
  failNext(...failures: (() => Promise<void>)[]): void
  /** Messages `history` gives back. */
  readonly past: Envelope[]
  rosterOf: (conversation: string) => Envelope | undefined
  readonly rooms: { id: string; botPresent: boolean }[]
}

export function createFakePlatform(
  options: {
    name?: PlatformName
    recognisesOwnPosts?: boolean
    updatesPosts?: boolean
    history?: boolean
    perConversationMs?: number
    overallMs?: number
  } = {},
): FakePlatform {
  const posts: SeenPost[] = []
  const calls: string[] = []
  const failures: (() => Promise<void>)[] = []
  const past: Envelope[] = []
  const rooms: FakePlatform['rooms'] = []
  const platform: FakePlatform = {
    name: options.name ?? 'slack',
    capabilities: {
      reportsRemovalActor: false,
      reportsJoinActor: true,
      ephemeralMessages: true,
      updatesPosts: options.updatesPosts ?? true,
      recognisesOwnPosts: options.recognisesOwnPosts ?? true,
      addsMembers: true,
      joinsPublicGroups: true,
      history: options.history ?? true,
      commandsInThreads: false,
      maxFormChoices: 10,
    },
    rateLimits: { perConversationMs: options.perConversationMs ?? 0, overallMs: options.overallMs ?? 0 },
    posts,
    calls,
    past,
    rooms,
    rosterOf: () => undefined,
    failNext(...next) {
      failures.push(...next)
    },
    tenants: () => ['T1'],
    async start() {},
    async stop() {},
    async post(_tenant: string, post: OutgoingPost) {
      calls.push(`post ${post.outboxId}`)
      await failures.shift()?.()
      const conversation = post.target.kind === 'person' ? post.target.person : post.target.conversation
      const receipt = { conversation, message: String(posts.length + 1) }
      posts.push({ outboxId: post.outboxId, target: post.target, card: post.card, receipt, at: Date.now() })
      return receipt
    },
    async update(_tenant, receipt, replacement) {
      calls.push(`update ${receipt.message}`)
      await failures.shift()?.()
      const seen = posts.find((post) => post.receipt.message === receipt.message)
      if (!seen) throw new RemembrancerError('PLATFORM_NOT_FOUND', 'No such post.')
      seen.card = replacement
    },
    async findPost(_tenant, _target, outboxId) {
      calls.push(`find ${outboxId}`)
      return posts.find((post) => post.outboxId === outboxId)?.receipt
    },
    async roster(_tenant, conversation) {
      return platform.rosterOf(conversation)
    },
    async *history() {
      yield* past
    },
    async *conversations() {
      for (const room of rooms) yield { name: room.id, visibility: 'private' as const, ...room }
    },
    async joinGroup() {},
    async addMember() {},
    async permalink() {
      return undefined
    },
    async person() {
      return undefined
    },
    async doctor() {
      return []
    },
  }
  return platform
}

/** A message as an event. */
export function message(
  options: { id?: string; conversation?: string; at?: string; text?: string; direct?: boolean } = {},
): ChatEvent {
  const id = options.id ?? 'm1'
  return {
    kind: 'message-posted',
    platform: 'slack',
    tenant: 'T1',
    conversation: options.conversation ?? 'C1',
    message: id,
    at: options.at ?? '2026-11-01T10:00:00.000Z',
    source: 'event',
    author: { id: 'U1', name: 'Tamsin Vale' },
    text: options.text ?? `words of ${id}`,
    ...(options.direct ? { direct: true } : {}),
  }
}

/** A payload that holds these events. */
export function envelope(...events: ChatEvent[]): Envelope {
  return { raw: JSON.stringify({ payload: events }), events }
}

/** Waits until `find` is true. */
export async function until(find: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const limit = Date.now() + ms
  while (!(await find())) {
    if (Date.now() > limit) throw new Error('Waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
