import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type {
  Card,
  ChatEvent,
  ChatEventKind,
  ChatEventOf,
  Envelope,
  GapReport,
  Interaction,
  InteractionReply,
  PlatformHost,
} from '../../src/platform/index.js'
import { eventKey } from '../../src/platform/index.js'

/** What the fake host answers to an interaction: a fixed reply, or one worked out from the interaction. */
export type Answer = InteractionReply | ((interaction: Interaction) => InteractionReply)

/** One line an adapter logged. */
export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** A stand-in for the core: remembers everything an adapter tells it, answers and fails as the test says. */
export interface FakeHost extends PlatformHost {
  /** Every envelope accepted, in order, repetitions included. */
  readonly envelopes: readonly Envelope[]
  readonly interactions: readonly Interaction[]
  readonly gaps: readonly GapReport[]
  readonly lines: readonly LoggedLine[]
  /** How often `accept` was called, refused calls included. */
  readonly attempts: number
  /** Accepted events, repetitions included. */
  events(): ChatEvent[]
  /** Accepted events as the inbox would hold them: the first of each key. */
  inbox(): ChatEvent[]
  eventsOf<K extends ChatEventKind>(kind: K): ChatEventOf<K>[]
  /** Waits until `find` returns something; rejects after `ms` naming `what`. */
  until<T>(what: string, find: () => T | undefined | false, ms?: number): Promise<T>
  /** Waits for an accepted event of this kind that satisfies `match`. */
  eventOf<K extends ChatEventKind>(
    kind: K,
    match?: (event: ChatEventOf<K>) => boolean,
  ): Promise<ChatEventOf<K>>
  /** Makes the next `times` calls of `accept` reject, as when the database is away. */
  failAccepts(times: number): void
  /** Answers the next interaction with this; several calls queue. Without one the host answers a plain card. */
  answerNext(answer: Answer): void
  /** Answers every interaction not answered by `answerNext`. */
  answerAlways(answer: Answer): void
  /** Sets the clock. Without it the host tells the machine's time. */
  setNow(to: Date): void
  /** Forgets what was recorded so far; keeps clock and answers. */
  forget(): void
  /** Removes the data folder. */
  close(): Promise<void>
}

/** The card a fake host answers with when nothing else was asked of it. */
export const plainAnswer: Card = {
  heading: 'Answer from the host',
  text: ['Done.'],
  summary: 'Answer from the host',
}

/**
 * Creates a recording host with a data folder of its own.
 * @param options `dataDir` to reuse a folder (restart tests); `settled` is resolved at once
 */
export async function createFakeHost(
  options: { dataDir?: string; publicUrl?: string } = {},
): Promise<FakeHost> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'remembrancer-host-')))
  const envelopes: Envelope[] = []
  const interactions: Interaction[] = []
  const gaps: GapReport[] = []
  const lines: LoggedLine[] = []
  const queue: Answer[] = []
  let always: Answer = { kind: 'card', card: plainAnswer }
  let clock: { set: number; since: number } | undefined
  let attempts = 0
  let failures = 0

  const now = () => (clock ? new Date(clock.set + (Date.now() - clock.since)) : new Date())
  const setNow = (to: Date) => {
    clock = { set: to.getTime(), since: Date.now() }
  }
  const log = (level: LoggedLine['level']) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message })
  }
  const events = () => envelopes.flatMap((envelope) => [...envelope.events])
  const eventsOf = <K extends ChatEventKind>(kind: K) =>
    events().filter((event): event is ChatEventOf<K> => event.kind === kind)

  async function until<T>(what: string, find: () => T | undefined | false, ms = 5000): Promise<T> {
    const limit = Date.now() + ms
    for (;;) {
      const found = find()
      if (found !== undefined && found !== false) return found
      if (Date.now() > limit) throw new Error(`Waited ${ms} ms in vain for ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  return {
    envelopes,
    interactions,
    gaps,
    lines,
    get attempts() {
      return attempts
    },
    dataDir,
    publicUrl: options.publicUrl ?? 'http://localhost:3000',
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    now,
    async accept(batch) {
      attempts += 1
      await Promise.resolve()
      if (failures > 0) {
        failures -= 1
        throw new Error('The fake host was told to refuse')
      }
      envelopes.push(...batch)
    },
    async interact(interaction) {
      interactions.push(interaction)
      const answer = queue.shift() ?? always
      return typeof answer === 'function' ? answer(interaction) : answer
    },
    async reportGap(gap) {
      gaps.push(gap)
    },
    async setClock(to) {
      setNow(to)
    },
    async settled() {},
    events,
    inbox() {
      const first = new Map<string, ChatEvent>()
      for (const event of events()) if (!first.has(eventKey(event))) first.set(eventKey(event), event)
      return [...first.values()]
    },
    eventsOf,
    until,
    async eventOf(kind, match = () => true) {
      return until(`an event ${kind}`, () => eventsOf(kind).find(match))
    },
    failAccepts(times) {
      failures = times
    },
    answerNext(answer) {
      queue.push(answer)
    },
    answerAlways(answer) {
      always = answer
    },
    setNow,
    forget() {
      envelopes.length = 0
      interactions.length = 0
      gaps.length = 0
      lines.length = 0
      attempts = 0
    },
    async close() {
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
