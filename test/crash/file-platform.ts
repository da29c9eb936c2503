import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChatEvent, ChatPlatform } from '../../src/platform/index.js'
import { conversations } from './protocol.js'

/** One line of the platform's file: what people have seen happen. */
export interface PlatformLine {
  readonly verb: 'post' | 'update'
  readonly outboxId: string
  readonly message: string
  readonly heading: string
}

/** What the platform has shown people so far. */
export function readPlatform(folder: string): PlatformLine[] {
  return readLines<PlatformLine>(join(folder, 'platform.jsonl'))
}

/** Messages posted while the program was away: only the platform's history has them. */
export function addHistory(folder: string, events: readonly ChatEvent[]): void {
  const at = Date.now()
  for (const event of events)
    appendFileSync(join(folder, 'history.jsonl'), `${JSON.stringify({ at, event })}\n`)
}

/**
 * A platform in a file, which outlives the program. Posting takes a moment before and after it is seen, so that
 * a sudden death can come between; it recognises posts by outbox id, as Slack and the sandbox do.
 */
export function createFilePlatform(folder: string): ChatPlatform {
  const file = join(folder, 'platform.jsonl')
  const write = async (line: PlatformLine): Promise<void> => {
    await moment()
    appendFileSync(file, `${JSON.stringify(line)}\n`)
    await moment()
  }
  return {
    name: 'sandbox',
    capabilities: {
      reportsRemovalActor: true,
      reportsJoinActor: true,
      ephemeralMessages: true,
      updatesPosts: true,
      recognisesOwnPosts: true,
      addsMembers: true,
      joinsPublicGroups: true,
      history: true,
      commandsInThreads: true,
      maxFormChoices: 10,
    },
    rateLimits: { perConversationMs: 0, overallMs: 0 },
    tenants: () => ['local'],
    async start() {},
    async stop() {},
    async post(_tenant, post) {
      const message = `p${post.outboxId}`
      await write({ verb: 'post', outboxId: post.outboxId, message, heading: post.card.heading })
      return { conversation: 'C0', message }
    },
    async update(_tenant, receipt, card) {
      await write({ verb: 'update', outboxId: '', message: receipt.message, heading: card.heading })
    },
    async findPost(_tenant, _target, outboxId) {
      await moment()
      const found = readPlatform(folder).find((line) => line.verb === 'post' && line.outboxId === outboxId)
      return found ? { conversation: 'C0', message: found.message } : undefined
    },
    async roster() {
      return undefined
    },
    async *history(_tenant, conversation, after, before) {
      for (const { at, event } of readLines<{ at: number; event: ChatEvent }>(join(folder, 'history.jsonl')))
        if (
          at >= after.getTime() &&
          at <= before.getTime() &&
          'conversation' in event &&
          event.conversation === conversation
        )
          yield { raw: JSON.stringify(event), events: [event] }
    },
    async *conversations() {
      for (const id of conversations) yield { id, name: id, visibility: 'private' as const, botPresent: true }
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
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 2))
}

function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
