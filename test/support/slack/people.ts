import type { MethodContext } from './method-context.js'
import { addMember, dropMember } from './methods-conversations.js'
import {
  channelType,
  type StandInChannel,
  type StandInMessage,
  type StandInUser,
  typed,
  userJson,
} from './world.js'

type Json = Record<string, unknown>

/** What people do in the workspace; each act sends the app the events Slack would send. */
export interface People {
  addUser(user: Partial<StandInUser> & { id: string; real_name: string }): StandInUser
  addChannel(
    id: string,
    options?: { name?: string; kind?: StandInChannel['kind']; members?: readonly string[]; creator?: string },
  ): StandInChannel
  /** Posts as typed: control characters are escaped. Resolves with the ts. `markup` posts Slack markup as it is. */
  say(
    channel: string,
    user: string,
    text: string,
    options?: { thread?: string; markup?: boolean; extra?: Json },
  ): string
  edit(channel: string, ts: string, user: string, text: string): void
  remove(channel: string, ts: string): void
  join(channel: string, user: string, inviter?: string): void
  leave(channel: string, user: string, actor?: string): void
  /** The direct conversation of a user with the bot. */
  direct(user: string): StandInChannel
  changeUser(user: string, change: Partial<StandInUser>): void
  rename(channel: string, name: string): void
  archive(channel: string, user: string): void
  /** Shares a private channel with another organisation: it goes on under a new id. */
  share(channel: string, newId: string): void
}

/** Acts upon the world and emits the events. @see https://docs.slack.dev/reference/events */
export function createPeople(ctx: Pick<MethodContext, 'world' | 'emit'>): People {
  const { world, emit } = ctx

  function channel(id: string): StandInChannel {
    const found = world.channels.get(id)
    if (found === undefined) throw new Error(`The stand-in has no channel ${id}`)
    return found
  }
  function message(where: StandInChannel, ts: string): StandInMessage {
    const found = where.messages.find((each) => each.ts === ts)
    if (found === undefined) throw new Error(`The stand-in has no message ${ts} in ${where.id}`)
    return found
  }
  const place = (where: StandInChannel) => ({ channel: where.id, channel_type: channelType(where) })

  const people: People = {
    addUser(given) {
      const user = { name: given.real_name.toLowerCase().replaceAll(' ', '.'), team_id: world.team, ...given }
      world.users.set(user.id, user)
      return user
    },
    addChannel(id, options = {}) {
      const added: StandInChannel = {
        id,
        name: options.name ?? id.toLowerCase(),
        kind: options.kind ?? 'public',
        creator: options.creator ?? world.bot.userId,
        archived: false,
        shared: false,
        members: new Set(options.members ?? []),
        messages: [],
      }
      world.channels.set(id, added)
      return added
    },
    say(id, user, text, options = {}) {
      const where = channel(id)
      const posted: StandInMessage = {
        type: 'message',
        ts: world.nextTs(),
        user,
        text: options.markup === true ? text : typed(text),
        team: world.users.get(user)?.team_id ?? world.team,
        ...(options.thread === undefined ? {} : { thread_ts: options.thread }),
        ...options.extra,
      }
      where.messages.push(posted)
      emit({ client_msg_id: world.nextId('m'), ...posted, ...place(where), event_ts: posted.ts })
      return posted.ts
    },
    edit(id, ts, user, text) {
      const where = channel(id)
      const posted = message(where, ts)
      const before = { ...posted }
      const at = world.nextTs()
      posted.text = typed(text)
      posted.edited = { user, ts: at }
      emit({
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        ...place(where),
        message: { ...posted },
        previous_message: before,
        ts: at,
        event_ts: at,
      })
    },
    remove(id, ts) {
      const where = channel(id)
      const posted = message(where, ts)
      where.messages = where.messages.filter((each) => each !== posted)
      const at = world.nextTs()
      emit({
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        ...place(where),
        deleted_ts: ts,
        previous_message: posted,
        ts: at,
        event_ts: at,
      })
    },
    join: (id, user, inviter) => addMember(channel(id), user, inviter, ctx),
    leave: (id, user, actor) => dropMember(channel(id), user, ctx, actor),
    direct(user) {
      const found = [...world.channels.values()].find(
        (each) => each.kind === 'im' && each.members.has(user) && each.members.has(world.bot.userId),
      )
      return found ?? people.addChannel(world.nextId('D'), { kind: 'im', members: [user, world.bot.userId] })
    },
    changeUser(id, change) {
      const user = world.users.get(id)
      if (user === undefined) throw new Error(`The stand-in has no user ${id}`)
      Object.assign(user, change)
      emit({ type: 'user_change', user: userJson(user, true), cache_ts: 1, event_ts: world.nextTs() })
    },
    rename(id, name) {
      const where = channel(id)
      where.name = name
      const type = where.kind === 'private' ? 'group_rename' : 'channel_rename'
      emit({
        type,
        channel: { id, name, created: 1_700_000_000, name_normalized: name },
        event_ts: world.nextTs(),
      })
    },
    share(id, newId) {
      // https://docs.slack.dev/reference/events/channel_id_changed: "changes to a new identifier permanently"
      const where = channel(id)
      world.channels.delete(id)
      world.channels.set(newId, { ...where, id: newId, shared: true })
      emit({
        type: 'channel_id_changed',
        old_channel_id: id,
        new_channel_id: newId,
        event_ts: world.nextTs(),
      })
    },
    archive(id, user) {
      const where = channel(id)
      where.archived = true
      const type = where.kind === 'private' ? 'group_archive' : 'channel_archive'
      emit({ type, channel: id, user, event_ts: world.nextTs() })
    },
  }
  return people
}
