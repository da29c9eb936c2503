import type { Clock } from '../../../adapters/slack/clock.js'

type Json = Record<string, unknown>

export interface StandInUser {
  id: string
  name: string
  real_name: string
  email?: string
  title?: string
  is_bot?: boolean
  deleted?: boolean
  is_restricted?: boolean
  is_stranger?: boolean
  team_id: string
}

export interface StandInMessage extends Json {
  type: 'message'
  ts: string
  text: string
  user?: string
  bot_id?: string
  thread_ts?: string
  blocks?: unknown
  metadata?: unknown
}

export interface StandInChannel {
  id: string
  name: string
  kind: 'public' | 'private' | 'im' | 'mpim'
  creator: string
  archived: boolean
  shared: boolean
  members: Set<string>
  messages: StandInMessage[]
}

/** A modal on somebody's screen. */
export interface OpenView {
  id: string
  hash: string
  user: string
  view: Json
  /** block id → action id → what is chosen. */
  state: Record<string, Record<string, Json>>
  /** Errors Slack shows at blocks. */
  errors: Record<string, string>
}

/** A message one person alone sees. */
export interface Whisper {
  user: string
  channel: string
  message: Json
}

/** Everything the stand-in remembers: one workspace, one app. */
export interface World {
  readonly clock: Clock
  readonly team: string
  readonly enterprise: string | undefined
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string }
  readonly users: Map<string, StandInUser>
  readonly channels: Map<string, StandInChannel>
  readonly views: Map<string, OpenView>
  readonly homes: Map<string, Json>
  readonly whispers: Whisper[]
  /** Trigger id → who, when; used once within three seconds. */
  readonly triggers: Map<string, { user: string; at: number; used: boolean }>
  readonly responseUrls: Map<
    string,
    { user: string; channel: string; message?: string; at: number; uses: number }
  >
  nextTs(): string
  nextId(prefix: string): string
}

/** Creates an empty workspace with the bot in it. */
export function createWorld(clock: Clock, options: { enterprise?: string } = {}): World {
  let lastMicros = 0
  let counter = 0
  const bot = { userId: 'U0BOT', botId: 'B0BOT', appId: 'A0APP' }
  const world: World = {
    clock,
    team: 'T0TEAM',
    enterprise: options.enterprise,
    bot,
    users: new Map(),
    channels: new Map(),
    views: new Map(),
    homes: new Map(),
    whispers: [],
    triggers: new Map(),
    responseUrls: new Map(),
    nextTs() {
      // Unique within the workspace, which is stricter than within a channel.
      const micros = Math.max(Math.floor(clock.now() * 1000), lastMicros + 1)
      lastMicros = micros
      return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`
    },
    nextId(prefix) {
      counter += 1
      return `${prefix}${counter.toString(36).toUpperCase().padStart(6, '0')}`
    },
  }
  world.users.set(bot.userId, {
    id: bot.userId,
    name: 'remembrancer',
    real_name: 'Remembrancer',
    is_bot: true,
    team_id: world.team,
  })
  return world
}

/** A user as Slack's methods and events describe it. `withEmail` needs the scope users:read.email. */
export function userJson(user: StandInUser, withEmail: boolean): Json {
  return {
    id: user.id,
    team_id: user.team_id,
    name: user.name,
    deleted: user.deleted ?? false,
    real_name: user.real_name,
    tz: 'Europe/London',
    profile: {
      real_name: user.real_name,
      display_name: user.name,
      title: user.title ?? '',
      team: user.team_id,
      ...(withEmail && user.email ? { email: user.email } : {}),
    },
    is_admin: false,
    is_bot: user.is_bot ?? false,
    is_restricted: user.is_restricted ?? false,
    is_ultra_restricted: false,
    ...(user.is_stranger === true ? { is_stranger: true } : {}),
    updated: 1_700_000_000,
  }
}

/** A channel as Slack's methods describe it. */
export function channelJson(channel: StandInChannel, world: World): Json {
  return {
    id: channel.id,
    ...(channel.kind === 'im'
      ? { user: otherIn(channel, world) }
      : { name: channel.name, name_normalized: channel.name }),
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: channel.kind === 'im',
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'public',
    is_archived: channel.archived,
    is_ext_shared: channel.shared,
    is_member: channel.members.has(world.bot.userId),
    creator: channel.creator,
    context_team_id: world.team,
    created: 1_700_000_000,
  }
}

function otherIn(channel: StandInChannel, world: World): string | undefined {
  return [...channel.members].find((id) => id !== world.bot.userId)
}

/** Slack's `channel_type` in events. */
export function channelType(channel: StandInChannel): string {
  return { public: 'channel', private: 'group', im: 'im', mpim: 'mpim' }[channel.kind]
}

/** Slack stores what people type with its three control characters escaped. */
export function typed(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
