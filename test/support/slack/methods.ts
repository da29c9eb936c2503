import { checkBlocks } from './block-kit.js'
import { type Handler, type MethodContext, paged, Refusal, visibleChannel } from './method-context.js'
import { conversationMethods } from './methods-conversations.js'
import { viewMethods } from './methods-views.js'
import { channelType, type StandInChannel, userJson } from './world.js'

type Json = Record<string, unknown>

const authTest: Handler = (_args, { world, baseUrl }) => ({
  url: `${baseUrl()}/`,
  team: 'Department of Rivers',
  user: 'remembrancer',
  team_id: world.team,
  user_id: world.bot.userId,
  bot_id: world.bot.botId,
  ...(world.enterprise === undefined ? {} : { enterprise_id: world.enterprise }),
  is_enterprise_install: false,
})

/** A channel a bot may post to: by channel id, or by user id for the direct conversation. */
function postable(id: unknown, ctx: MethodContext): StandInChannel {
  const { world } = ctx
  const channel = world.channels.get(String(id))
  if (channel === undefined) throw new Refusal('channel_not_found')
  // chat:write lets a bot post only where it is a member: https://docs.slack.dev/reference/scopes/chat.write
  if (!channel.members.has(world.bot.userId))
    throw new Refusal(channel.kind === 'public' ? 'not_in_channel' : 'channel_not_found')
  if (channel.archived) throw new Refusal('is_archived')
  return channel
}

function checkContent(args: Json): void {
  // https://docs.slack.dev/reference/methods/chat.postMessage: text or blocks; with blocks, text is the fallback
  if (args.text === undefined && args.blocks === undefined) throw new Refusal('no_text')
  if (args.text === undefined)
    throw new Refusal('invalid_arguments', { note: 'no fallback text for notifications' })
  if (String(args.text).length > 40_000) throw new Refusal('msg_too_long')
  if (args.blocks === undefined) return
  const problems = checkBlocks(args.blocks, 'message')
  if (problems.length > 0)
    throw new Refusal(problems.includes('msg_blocks_too_long') ? 'msg_blocks_too_long' : 'invalid_blocks', {
      response_metadata: { messages: problems },
    })
}

function checkMetadata(metadata: unknown): void {
  if (metadata === undefined) return
  const { event_type, event_payload, ...rest } = metadata as Json
  // https://docs.slack.dev/messaging/message-metadata
  if (typeof event_type !== 'string' || typeof event_payload !== 'object' || Object.keys(rest).length > 0)
    throw new Refusal('invalid_metadata_format')
  if (JSON.stringify(metadata).length > 16_000) throw new Refusal('metadata_too_large')
}

const postMessage: Handler = (args, ctx) => {
  const { world } = ctx
  const channel = postable(args.channel, ctx)
  checkContent(args)
  checkMetadata(args.metadata)
  if (args.thread_ts !== undefined && !channel.messages.some((each) => each.ts === args.thread_ts))
    throw new Refusal('thread_not_found')
  const message = {
    type: 'message' as const,
    ts: world.nextTs(),
    user: world.bot.userId,
    bot_id: world.bot.botId,
    app_id: world.bot.appId,
    team: world.team,
    text: String(args.text),
    ...(args.blocks === undefined ? {} : { blocks: args.blocks }),
    ...(args.metadata === undefined ? {} : { metadata: args.metadata }),
    ...(args.thread_ts === undefined ? {} : { thread_ts: String(args.thread_ts) }),
    unfurl: args.unfurl_links !== false || args.unfurl_media !== false,
  }
  channel.messages.push(message)
  const { unfurl: _unfurl, metadata: _metadata, ...shown } = message
  ctx.emit({ ...shown, channel: channel.id, channel_type: channelType(channel), event_ts: message.ts })
  return { channel: channel.id, ts: message.ts, message: shown }
}

const postEphemeral: Handler = (args, ctx) => {
  const channel = postable(args.channel, ctx)
  checkContent(args)
  if (!ctx.world.users.has(String(args.user))) throw new Refusal('user_not_in_channel')
  if (!channel.members.has(String(args.user))) throw new Refusal('user_not_in_channel')
  const message_ts = ctx.world.nextTs()
  ctx.world.whispers.push({
    user: String(args.user),
    channel: channel.id,
    message: { ...args, ts: message_ts },
  })
  return { message_ts }
}

const update: Handler = (args, ctx) => {
  const channel = postable(args.channel, ctx)
  const message = channel.messages.find((each) => each.ts === args.ts)
  if (message === undefined) throw new Refusal('message_not_found')
  if (message.bot_id !== ctx.world.bot.botId) throw new Refusal('cant_update_message')
  checkContent(args)
  checkMetadata(args.metadata)
  const before = { ...message }
  message.text = String(args.text)
  if (args.blocks === undefined) delete message.blocks
  else message.blocks = args.blocks
  const edit = ctx.world.nextTs()
  message.edited = { user: ctx.world.bot.userId, ts: edit }
  ctx.emit({
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    channel: channel.id,
    channel_type: channelType(channel),
    ts: edit,
    event_ts: edit,
    message: { ...message, metadata: undefined },
    previous_message: { ...before, metadata: undefined },
  })
  return { channel: channel.id, ts: message.ts, text: message.text }
}

const permalink: Handler = (args, ctx) => {
  const channel = visibleChannel(args.channel, ctx)
  const message = channel.messages.find((each) => each.ts === args.message_ts)
  if (message === undefined) throw new Refusal('message_not_found')
  const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel.id}`
  const place = `${ctx.baseUrl()}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`
  return { channel: channel.id, permalink: place }
}

const usersInfo: Handler = (args, { world, scopes }) => {
  const user = world.users.get(String(args.user))
  if (user === undefined) throw new Refusal('user_not_found')
  return { user: userJson(user, scopes.has('users:read.email')) }
}

const usersList: Handler = (args, { world, scopes }) => {
  const own = [...world.users.values()].filter((user) => user.team_id === world.team)
  const page = paged(own, args)
  const members = page.items.map((user) => userJson(user, scopes.has('users:read.email')))
  return { members, cache_ts: 1, response_metadata: { next_cursor: page.next } }
}

/** Every method the stand-in answers. */
export const methods: Readonly<Record<string, Handler>> = {
  'auth.test': authTest,
  'apps.connections.open': (_args, { socketUrl }) => ({ url: socketUrl() }),
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.getPermalink': permalink,
  'users.info': usersInfo,
  'users.list': usersList,
  ...conversationMethods,
  ...viewMethods,
}
