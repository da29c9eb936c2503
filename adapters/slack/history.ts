import { z } from 'zod'
import type { Envelope } from '../../src/platform/index.js'
import type { SlackApi } from './client.js'
import type { ParseContext } from './parse.js'
import { edited, isAnnouncement, posted } from './parse-message.js'
import { message, type SlackMessage, tsOf } from './payloads.js'
import type { People } from './people.js'
import { mentionedPeople } from './text.js'

const page = z.looseObject({ messages: z.array(z.unknown()) })
/** The most Slack gives at once. */
const pageSize = 999
const day = 24 * 60 * 60_000
/**
 * The wanted time is read in stretches, oldest first, so that memory does not grow with its length: a week to begin
 * with, longer where nothing was said, shorter where much was.
 */
const firstStretchMs = 7 * day
const longestStretchMs = 365 * day
const shortestStretchMs = day / 24
const muchInAStretch = 2000
/** How far back parents of new replies are looked for. Older threads that wake up are not found. */
export const parentLookbackMs = 30 * day

export interface HistoryParts {
  readonly api: SlackApi
  readonly people: People
  context(): ParseContext
}

/**
 * Messages posted in [after, before], new replies to older parents, and edits made meanwhile to older messages,
 * oldest first within a stretch of time. What was deleted, and edits in between, cannot be recovered.
 */
export async function* readHistory(
  parts: HistoryParts,
  conversation: string,
  after: Date,
  before: Date,
): AsyncGenerator<Envelope> {
  const older = await wokenThreads(parts, conversation, after, before)
  yield* envelopes(parts, conversation, older)
  let length = firstStretchMs
  for (let from = after.getTime(); from < before.getTime(); ) {
    const to = Math.min(from + length, before.getTime())
    const top = await stretch(parts.api, conversation, new Date(from), new Date(to))
    const found: SlackMessage[] = []
    for (const each of top) {
      found.push(each)
      if ((each.reply_count ?? 0) > 0)
        found.push(...(await replies(parts.api, conversation, each.ts, after, before)))
    }
    yield* envelopes(parts, conversation, found)
    from = to
    if (found.length === 0) length = Math.min(length * 2, longestStretchMs)
    else if (found.length > muchInAStretch) length = Math.max(length / 2, shortestStretchMs)
  }
}

/** Replies inside the window under parents before it, and older messages edited inside it. */
async function wokenThreads(
  parts: HistoryParts,
  conversation: string,
  after: Date,
  before: Date,
): Promise<SlackMessage[]> {
  const found: SlackMessage[] = []
  const from = new Date(after.getTime() - parentLookbackMs)
  const [start, end] = [tsOf(after), tsOf(before)]
  const args = { channel: conversation, oldest: tsOf(from), latest: start, inclusive: false, limit: pageSize }
  for await (const answer of parts.api.pages('conversations.history', args, page))
    for (const parent of readable(answer.messages)) {
      if (isWithin(parent.edited?.ts, start, end)) found.push({ ...parent, onlyEdit: true })
      if (parent.latest_reply !== undefined && Number(parent.latest_reply) >= Number(start))
        found.push(...(await replies(parts.api, conversation, parent.ts, after, before)))
    }
  return found
}

function isWithin(ts: string | undefined, start: string, end: string): boolean {
  return ts !== undefined && Number(ts) >= Number(start) && Number(ts) <= Number(end)
}

async function stretch(api: SlackApi, channel: string, from: Date, to: Date): Promise<SlackMessage[]> {
  const args = { channel, oldest: tsOf(from), latest: tsOf(to), inclusive: true, limit: pageSize }
  const found: SlackMessage[] = []
  for await (const answer of api.pages('conversations.history', args, page))
    found.push(...readable(answer.messages))
  return found
}

async function replies(
  api: SlackApi,
  channel: string,
  parent: string,
  after: Date,
  before: Date,
): Promise<SlackMessage[]> {
  const args = {
    channel,
    ts: parent,
    oldest: tsOf(after),
    latest: tsOf(before),
    inclusive: true,
    limit: pageSize,
  }
  const found: SlackMessage[] = []
  for await (const answer of api.pages('conversations.replies', args, page))
    found.push(...readable(answer.messages).filter((each) => each.ts !== parent))
  return found
}

function readable(messages: readonly unknown[]): SlackMessage[] {
  return messages.flatMap((raw) => {
    const parsed = message.safeParse(raw)
    return parsed.success && !isAnnouncement(parsed.data) ? [parsed.data] : []
  })
}

async function* envelopes(
  parts: HistoryParts,
  conversation: string,
  found: readonly SlackMessage[],
): AsyncGenerator<Envelope> {
  const seen = new Set<string>()
  const ordered = [...found].sort((a, b) => Number(a.ts) - Number(b.ts))
  await parts.people.preload([...new Set(ordered.flatMap(peopleIn))]).catch(() => undefined)
  for (const each of ordered) {
    // A reply sent to the channel as well comes both as a message and as a reply.
    if (seen.has(each.ts)) continue
    seen.add(each.ts)
    yield envelope(each, conversation, parts.context())
  }
}

function peopleIn(each: SlackMessage): string[] {
  return [...(each.user ? [each.user] : []), ...mentionedPeople(each.text ?? '')]
}

/** History has only the last wording: it stands as posted, unless we saw it live, and as the edit it came from. */
function envelope(each: SlackMessage, conversation: string, ctx: ParseContext): Envelope {
  const { onlyEdit, ...said } = each
  const where = {
    conversation,
    source: 'backfill' as const,
    direct: conversation.startsWith('D'),
    extShared: false,
  }
  const mark = each.edited?.ts
  const first = onlyEdit === true ? [] : [posted(each, where, ctx)]
  const second = mark === undefined ? [] : [edited(each, mark, where, ctx)]
  return {
    raw: JSON.stringify({ source: 'backfill', channel: conversation, message: said }),
    events: [...first, ...second],
  }
}
