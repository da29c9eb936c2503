import {
  type Handler,
  type MethodContext,
  needFamilyScope,
  paged,
  Refusal,
  visibleChannel,
} from './method-context.js'
import { channelJson, channelType, type StandInChannel, type StandInMessage } from './world.js'

type Json = Record<string, unknown>

/** https://docs.slack.dev/reference/methods/conversations.history: newest first, replies only in their threads. */
const history: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  needFamilyScope(channel, 'history', ctx)
  if (!channel.members.has(ctx.world.bot.userId)) throw new Refusal('not_in_channel')
  const top = channel.messages.filter((each) => isTop(each) && isWithin(each, args))
  const page = paged(
    [...top].sort((a, b) => Number(b.ts) - Number(a.ts)),
    args,
  )
  return {
    messages: page.items.map((each) => shown(each, channel, args)),
    has_more: page.next !== '',
    ...(page.next === '' ? {} : { response_metadata: { next_cursor: page.next } }),
  }
}

/** https://docs.slack.dev/reference/methods/conversations.replies: the parent first, then its replies, oldest first. */
const replies: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  needFamilyScope(channel, 'history', ctx)
  const parent = channel.messages.find((each) => each.ts === args.ts)
  if (parent === undefined) throw new Refusal('thread_not_found')
  const found = channel.messages.filter(
    (each) => each.thread_ts === parent.ts && each.ts !== parent.ts && isWithin(each, args),
  )
  const page = paged([parent, ...found.sort((a, b) => Number(a.ts) - Number(b.ts))], args)
  return {
    messages: page.items.map((each) => shown(each, channel, args)),
    has_more: page.next !== '',
    ...(page.next === '' ? {} : { response_metadata: { next_cursor: page.next } }),
  }
}

function isTop(message: StandInMessage): boolean {
  return (
    message.thread_ts === undefined ||
    message.thread_ts === message.ts ||
    message.subtype === 'thread_broadcast'
  )
}

function isWithin(message: StandInMessage, args: Json): boolean {
  const at = Number(message.ts)
  const inclusive = args.inclusive === true
  const oldest = args.oldest === undefined ? 0 : Number(args.oldest)
  const latest = args.latest === undefined ? Number.POSITIVE_INFINITY : Number(args.latest)
  return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest
}

function shown(message: StandInMessage, channel: StandInChannel, args: Json): Json {
  const { metadata, unfurl: _unfurl, ...rest } = message
  const children = channel.messages.filter((each) => each.thread_ts === message.ts && each.ts !== message.ts)
  return {
    ...rest,
    ...(children.length === 0
      ? {}
      : { thread_ts: message.ts, reply_count: children.length, latest_reply: children.at(-1)?.ts }),
    // "Return all metadata associated with this message" only when asked for.
    ...(args.include_all_metadata === true && metadata !== undefined ? { metadata } : {}),
  }
}

const info: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  needFamilyScope(channel, 'read', ctx)
  return { channel: channelJson(channel, ctx.world) }
}

/** https://docs.slack.dev/reference/methods/conversations.list: private ones only where the bot is. */
const list: Handler = (args, ctx) => listed(args, ctx, () => true)
const mine: Handler = (args, ctx) => listed(args, ctx, (channel) => channel.members.has(ctx.world.bot.userId))

function listed(args: Json, ctx: MethodContext, wanted: (channel: StandInChannel) => boolean): Json {
  const types = String(args.types ?? 'public_channel').split(',')
  const named = { public: 'public_channel', private: 'private_channel', im: 'im', mpim: 'mpim' } as const
  for (const type of types)
    if (!Object.values(named).includes(type as never)) throw new Refusal('invalid_types')
  const found = [...ctx.world.channels.values()].filter(
    (channel) =>
      types.includes(named[channel.kind]) &&
      wanted(channel) &&
      (channel.kind === 'public' || channel.members.has(ctx.world.bot.userId)) &&
      !(args.exclude_archived === true && channel.archived),
  )
  for (const channel of found) needFamilyScope(channel, 'read', ctx)
  const page = paged(found, args)
  return {
    channels: page.items.map((channel) => channelJson(channel, ctx.world)),
    response_metadata: { next_cursor: page.next },
  }
}

const members: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  needFamilyScope(channel, 'read', ctx)
  const page = paged([...channel.members], args)
  return { members: page.items, response_metadata: { next_cursor: page.next } }
}

const open: Handler = (args, ctx) => {
  const { world } = ctx
  if (args.users === undefined) throw new Refusal('channel_not_found')
  const user = String(args.users)
  if (!world.users.has(user)) throw new Refusal('user_not_found')
  const existing = [...world.channels.values()].find(
    (channel) => channel.kind === 'im' && channel.members.has(user) && channel.members.has(world.bot.userId),
  )
  if (existing !== undefined) return { channel: { id: existing.id } }
  const id = world.nextId('D')
  world.channels.set(id, {
    id,
    name: '',
    kind: 'im',
    creator: world.bot.userId,
    archived: false,
    shared: false,
    members: new Set([user, world.bot.userId]),
    messages: [],
  })
  return { channel: { id } }
}

const join: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  if (channel.kind !== 'public') throw new Refusal('method_not_supported_for_channel_type')
  if (channel.archived) throw new Refusal('is_archived')
  addMember(channel, ctx.world.bot.userId, undefined, ctx)
  return { channel: channelJson(channel, ctx.world) }
}

/** https://docs.slack.dev/reference/methods/conversations.invite */
const invite: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  const needed = channel.kind === 'public' ? 'channels:write.invites' : 'groups:write.invites'
  if (!ctx.scopes.has(needed)) throw new Refusal('missing_scope', { needed })
  if (!channel.members.has(ctx.world.bot.userId)) throw new Refusal('not_in_channel')
  for (const user of String(args.users).split(',')) {
    if (!ctx.world.users.has(user)) throw new Refusal('user_not_found')
    if (user === ctx.world.bot.userId) throw new Refusal('cant_invite_self')
    if (channel.members.has(user)) throw new Refusal('already_in_channel')
    addMember(channel, user, ctx.world.bot.userId, ctx)
  }
  return { channel: channelJson(channel, ctx.world) }
}

/** Adds a member and tells the app, by the event and by the message Slack writes into the channel. */
export function addMember(
  channel: StandInChannel,
  user: string,
  inviter: string | undefined,
  ctx: Pick<MethodContext, 'world' | 'emit'>,
): void {
  if (channel.members.has(user)) return
  channel.members.add(user)
  const ts = ctx.world.nextTs()
  const by = inviter === undefined ? {} : { inviter }
  const announcement = {
    type: 'message' as const,
    subtype: 'channel_join',
    ts,
    user,
    text: `<@${user}> has joined the channel`,
    ...by,
  }
  channel.messages.push(announcement)
  ctx.emit({
    type: 'member_joined_channel',
    user,
    channel: channel.id,
    channel_type: channel.id.charAt(0),
    team: ctx.world.team,
    ...by,
    event_ts: ctx.world.nextTs(),
  })
  ctx.emit({ ...announcement, channel: channel.id, channel_type: channelType(channel), event_ts: ts })
}

/** Removes a member. Slack names no actor, and sends the app its own leaving in other ways. */
export function dropMember(
  channel: StandInChannel,
  user: string,
  ctx: Pick<MethodContext, 'world' | 'emit'>,
  actor?: string,
): void {
  if (!channel.members.delete(user)) return
  const at = ctx.world.nextTs()
  if (user === ctx.world.bot.userId) {
    const type = channel.kind === 'private' ? 'group_left' : 'channel_left'
    ctx.emit({ type, channel: channel.id, actor_id: actor ?? user, event_ts: at })
    return
  }
  ctx.emit({
    type: 'member_left_channel',
    user,
    channel: channel.id,
    channel_type: channel.id.charAt(0),
    team: ctx.world.team,
    event_ts: at,
  })
  const ts = ctx.world.nextTs()
  const announcement = {
    type: 'message' as const,
    subtype: 'channel_leave',
    ts,
    user,
    text: `<@${user}> has left the channel`,
  }
  channel.messages.push(announcement)
  ctx.emit({ ...announcement, channel: channel.id, channel_type: channelType(channel), event_ts: ts })
}

export const conversationMethods: Readonly<Record<string, Handler>> = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': info,
  'conversations.list': list,
  'users.conversations': mine,
  'conversations.members': members,
  'conversations.open': open,
  'conversations.join': join,
  'conversations.invite': invite,
}
