import { zone } from './clock.js'
import { directRoomOf, type Item, type MessageItem, type PostItem, type Room } from './state.js'
import { hrefOf } from './view-address.js'
import { cardView } from './view-card.js'
import type { World } from './world.js'

/** What a person sees, as values for the templates. Pure but for reading the world. */

const pageSize = 80
const followMs = 5 * 60_000
const hues = 8
const timeFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})

/** The instant in words: `10:14`. */
export const timeOf = (at: string | Date) => timeFormat.format(new Date(at))
/** The day in words: `Tuesday 10 February`. */
export const dayOf = (at: string | Date) => dayFormat.format(new Date(at))

/** How a person is shown. */
export function faceOf(world: World, id: string) {
  const person = world.state.people.get(id)
  const order = [...world.state.people.keys()].indexOf(id)
  return {
    id,
    name: person?.name ?? 'Somebody unknown',
    title: person?.title ?? '',
    hue: order < 0 ? 0 : order % hues,
  }
}

/** Whether this person may see that such an item is there. */
export function visibleTo(item: Item, person: string): boolean {
  return item.kind !== 'post' || item.onlyFor === undefined || item.onlyFor === person
}

const threadOf = (item: Item) => (item.kind === 'notice' ? undefined : item.thread)

/** Items of a room's own timeline, or of one of its threads (root first), that this person sees. */
export function itemsOf(room: Room, person: string, thread?: string): readonly Item[] {
  return room.items.filter(
    (item) =>
      visibleTo(item, person) &&
      (thread === undefined ? threadOf(item) === undefined : item.id === thread || threadOf(item) === thread),
  )
}

/** One item as a person sees it in a timeline. */
export type ItemView = ReturnType<typeof itemView>

/**
 * @param before the item that stands before it, to leave out what would be repeated
 * @param inThread whether it is shown in the thread panel
 */
export function itemView(
  world: World,
  room: Room,
  item: Item,
  before: Item | undefined,
  person: string,
  inThread = false,
) {
  const day = dayOf(item.at)
  const newDay = before === undefined || dayOf(before.at) !== day
  const common = {
    id: item.id,
    domId: `${inThread ? 'thread' : 'item'}-${item.id}`,
    line: item.line,
    iso: item.at,
    time: timeOf(item.at),
    day: newDay && !inThread ? day : undefined,
    dayName: day,
    inThread,
    base: hrefOf(person, room.id),
  }
  if (item.kind === 'notice') return { ...common, kind: item.kind, words: noticeWords(world, item) }
  const replies = inThread ? [] : repliesTo(room, item, person)
  const threadView =
    replies.length === 0
      ? undefined
      : {
          count: replies.length,
          last: timeOf(replies.at(-1)?.at ?? item.at),
          href: hrefOf(person, room.id, `?thread=${item.id}`),
        }
  if (item.kind === 'post')
    return {
      ...common,
      kind: item.kind,
      card: cardView(item.card),
      onlyYou: item.onlyFor !== undefined && room.direct === undefined,
      updated: item.updatedAt === undefined ? undefined : timeOf(item.updatedAt),
      thread: threadView,
      announce: `Remembrancer: ${item.card.summary}`,
      canReply: room.direct === undefined && room.members.has(person),
    }
  const author = faceOf(world, item.author)
  const member = room.members.has(person)
  const deleted = item.deleted !== undefined
  return {
    ...common,
    kind: item.kind,
    author,
    text: deleted ? '' : item.text,
    deleted,
    edited: item.edited !== undefined && !deleted,
    follows: !newDay && follows(item, before),
    own: item.author === person,
    canRecord: member && !deleted && room.direct === undefined && room.botPresent,
    canReply: member && !deleted && room.direct === undefined && !inThread && item.thread === undefined,
    canChange: member && !deleted && item.author === person,
    thread: threadView,
    announce: `${author.name}: ${item.text}`,
  }
}

function follows(item: MessageItem, before: Item | undefined): boolean {
  return (
    before?.kind === 'message' &&
    before.author === item.author &&
    new Date(item.at).getTime() - new Date(before.at).getTime() < followMs
  )
}

function repliesTo(room: Room, item: MessageItem | PostItem, person: string): readonly Item[] {
  if (item.thread !== undefined) return []
  return room.items.filter((candidate) => threadOf(candidate) === item.id && visibleTo(candidate, person))
}

function noticeWords(world: World, item: Extract<Item, { kind: 'notice' }>): string {
  const who = item.person === undefined ? '' : faceOf(world, item.person).name
  const by = item.by === undefined ? undefined : faceOf(world, item.by).name
  switch (item.what) {
    case 'joined':
      if (item.by === item.person) return `${who} joined`
      return by === undefined ? `Remembrancer added ${who}` : `${by} added ${who}`
    case 'left':
      return `${who} left`
    case 'removed':
      return `${by ?? 'Somebody'} removed ${who}`
    case 'bot-added':
      return by === undefined ? 'Remembrancer joined' : `${by} added Remembrancer`
    case 'bot-removed':
      return by === undefined ? 'Remembrancer left' : `${by} removed Remembrancer`
  }
}

/** A stretch of a timeline, the newest items or those before one. */
export function timelineView(
  world: World,
  room: Room,
  person: string,
  options: { thread?: string | undefined; before?: string | undefined } = {},
) {
  const all = itemsOf(room, person, options.thread)
  const at = options.before === undefined ? -1 : all.findIndex(({ id }) => id === options.before)
  const end = at < 0 ? all.length : at
  const start = Math.max(0, end - pageSize)
  const inThread = options.thread !== undefined
  return {
    items: all
      .slice(start, end)
      .map((item, index) => itemView(world, room, item, all[start + index - 1], person, inThread)),
    earlier: start > 0 ? all[start]?.id : undefined,
    past: end < all.length,
  }
}

/** How many items of others a person has not seen in a room. */
export function unreadIn(world: World, room: Room, person: string): number {
  const through = world.state.reads.get(`${person}|${room.id}`) ?? 0
  let count = 0
  for (let index = room.items.length - 1; index >= 0; index -= 1) {
    const item = room.items[index]
    if (!item || item.line <= through) break
    if (
      item.kind === 'message'
        ? item.author !== person && !item.deleted
        : item.kind === 'post' && visibleTo(item, person)
    )
      count += 1
  }
  return count
}

/** The list of groups, and the conversation with the bot, as this person sees them. */
export function groupsView(world: World, person: string, current: string) {
  const rows = [...world.state.rooms.values()]
    .filter((room) =>
      room.direct === undefined
        ? room.visibility === 'public' || room.members.has(person)
        : room.direct === person,
    )
    .map((room) => ({
      id: room.id,
      name: room.name,
      href: hrefOf(person, room.id),
      current: room.id === current,
      direct: room.direct !== undefined,
      isPrivate: room.visibility === 'private',
      member: room.members.has(person),
      unread: room.members.has(person) && room.id !== current ? unreadIn(world, room, person) : 0,
    }))
  return {
    groups: rows.filter(({ direct, member }) => !direct && member),
    others: rows.filter(({ direct, member }) => !direct && !member),
    direct: rows.filter(({ direct }) => direct),
    unread: rows.reduce((sum, { unread }) => sum + unread, 0),
  }
}

/** Members of a room, who could be added, and what this person may do. */
export function membersView(world: World, room: Room, person: string) {
  const members = [...room.members].map(([id, role]) => ({ ...faceOf(world, id), role, self: id === person }))
  members.sort(
    (a, b) => Number(b.role === 'owner') - Number(a.role === 'owner') || a.name.localeCompare(b.name),
  )
  const member = room.members.has(person)
  return {
    members,
    base: hrefOf(person, room.id),
    bot: room.botPresent,
    direct: room.direct !== undefined,
    canManage: member && room.direct === undefined,
    canJoin: !member && room.visibility === 'public',
    addable: [...world.state.people.values()]
      .filter(({ id }) => !room.members.has(id))
      .map(({ id }) => faceOf(world, id)),
  }
}

/** A room this person can stand in when the one they asked for is closed to them. */
export function homeOf(world: World, person: string): string {
  const opening = world.state.rooms.get(world.cast.opening.room)
  if (opening?.members.has(person)) return opening.id
  const own = [...world.state.rooms.values()].find(
    (room) => room.direct === undefined && room.members.has(person),
  )
  return own?.id ?? directRoomOf(person)
}
