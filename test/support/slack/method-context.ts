import type { StandInChannel, World } from './world.js'

type Json = Record<string, unknown>

/** Refuses a call with one of Slack's error codes. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly extra: Json = {},
  ) {
    super(code)
  }
}

/** What a method's handler works with. */
export interface MethodContext {
  readonly world: World
  readonly scopes: ReadonlySet<string>
  /** Sends an event to the app, if it subscribes to it. */
  emit(event: Json): void
  socketUrl(): string
  baseUrl(): string
}

export type Handler = (args: Json, ctx: MethodContext) => Json

/** Pages a list. Cursors are opaque; a wrong one is `invalid_cursor`. */
export function paged<T>(
  items: readonly T[],
  args: Json,
  most = 1000,
): { items: readonly T[]; next: string } {
  const limit = Number(args.limit ?? 100)
  // "an integer under 1000" on the pages of the paging methods
  if (limit < 1 || limit > most - 1) throw new Refusal('invalid_limit')
  const start = args.cursor === undefined ? 0 : readCursor(String(args.cursor))
  const end = start + limit
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(`at:${end}`).toString('base64') : '',
  }
}

function readCursor(cursor: string): number {
  const match = /^at:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())
  if (match === null) throw new Refusal('invalid_cursor')
  return Number(match[1])
}

/** A channel the bot may know of: private ones it is not in do not exist for it. */
export function visibleChannel(id: unknown, { world }: MethodContext): StandInChannel {
  const channel = world.channels.get(String(id))
  const inside = channel?.members.has(world.bot.userId) === true
  if (channel === undefined || (channel.kind !== 'public' && !inside)) throw new Refusal('channel_not_found')
  return channel
}

/** Scope of the family a conversation belongs to, e.g. `groups:history`. */
export function needFamilyScope(channel: StandInChannel, verb: string, ctx: MethodContext): void {
  const family = { public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' }[channel.kind]
  const needed = `${family}:${verb}`
  if (!ctx.scopes.has(needed))
    throw new Refusal('missing_scope', { needed, provided: [...ctx.scopes].join(',') })
}
