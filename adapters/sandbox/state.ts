import type { Card } from '../../src/platform/index.js'
import type { Cast, CastPerson } from './cast.js'
import type { LogRecord, OpenForm, RecordOf } from './records.js'

/** What somebody wrote. */
export interface MessageItem {
  readonly kind: 'message'
  readonly id: string
  readonly line: number
  readonly at: string
  readonly author: string
  readonly thread?: string
  text: string
  readonly firstText: string
  edited?: { readonly at: string; readonly line: number }
  deleted?: { readonly at: string; readonly by: string }
}
/** A card of the bot. */
export interface PostItem {
  readonly kind: 'post'
  readonly id: string
  readonly line: number
  readonly at: string
  readonly thread?: string
  readonly outboxId?: string
  readonly onlyFor?: string
  card: Card
  updatedAt?: string
}
/** A line in the timeline about who came and went. */
export interface NoticeItem {
  readonly kind: 'notice'
  readonly id: string
  readonly line: number
  readonly at: string
  readonly what: 'joined' | 'left' | 'removed' | 'bot-added' | 'bot-removed'
  readonly person?: string
  readonly by?: string
}
/** What stands in a timeline. */
export type Item = MessageItem | PostItem | NoticeItem

/** A group, or the bot's direct conversation with one person. */
export interface Room {
  readonly id: string
  readonly name: string
  readonly topic: string
  readonly visibility: 'public' | 'private'
  /** Set when this is the bot's direct conversation with that person. */
  readonly direct?: string
  botPresent: boolean
  readonly members: Map<string, 'owner' | 'member'>
  readonly items: Item[]
  readonly byId: Map<string, Item>
}

/** Everything the sandbox knows, rebuilt from its log. */
export interface State {
  readonly people: ReadonlyMap<string, CastPerson>
  readonly rooms: Map<string, Room>
  /** Open form of each person. */
  readonly forms: Map<string, OpenForm>
  /** Line up to which a person has read a room, by `person|room`. */
  readonly reads: Map<string, number>
  /** Where the bot's own posts are, by outbox id. */
  readonly posts: Map<string, { readonly room: string; readonly id: string; readonly at: string }[]>
  clockAheadMs: number
  story?: StoryState
}

/** How far the story has been played here. */
export interface StoryState {
  readonly start: string
  readonly done: number
  /** Ids of its messages, by their names in the screenplay. */
  readonly keys: Record<string, string>
}

/** Id of the bot's direct conversation with a person. */
export const directRoomOf = (person: string) => `dm-${person}`

/** An empty sandbox: the people, and a direct conversation with the bot for each. */
export function emptyState(cast: Cast): State {
  const rooms = new Map<string, Room>()
  for (const { id } of cast.people) {
    const room: Room = {
      id: directRoomOf(id),
      name: 'Remembrancer',
      topic: 'Between you and the bot: nothing you write here is kept',
      visibility: 'private',
      direct: id,
      botPresent: true,
      members: new Map([[id, 'member']]),
      items: [],
      byId: new Map(),
    }
    rooms.set(room.id, room)
  }
  return {
    people: new Map(cast.people.map((person) => [person.id, person])),
    rooms,
    forms: new Map(),
    reads: new Map(),
    posts: new Map(),
    clockAheadMs: 0,
  }
}

/** Takes one line of the log into the state. What refers to a room or message that is not there changes nothing. */
export function applyRecord(state: State, record: LogRecord, line: number): void {
  switch (record.type) {
    case 'room':
      state.rooms.set(record.room, roomFrom(record))
      return
    case 'form':
      if (record.open) state.forms.set(record.person, record.open)
      else state.forms.delete(record.person)
      return
    case 'read':
      state.reads.set(`${record.person}|${record.room}`, record.through)
      return
    case 'clock':
      state.clockAheadMs = record.aheadMs
      return
    case 'story':
      state.story = { start: record.start, done: record.done, keys: state.story?.keys ?? {} }
      if (record.said) state.story.keys[record.said.key] = record.said.message
      return
    case 'accepted':
      return
    default: {
      const room = state.rooms.get(record.room)
      if (room) applyToRoom(state, room, record, line)
    }
  }
}

function roomFrom(record: RecordOf<'room'>): Room {
  const members = new Map<string, 'owner' | 'member'>()
  for (const id of record.owners) members.set(id, 'owner')
  for (const id of record.members) if (!members.has(id)) members.set(id, 'member')
  const { room: id, name, topic, visibility } = record
  return { id, name, topic, visibility, botPresent: record.bot, members, items: [], byId: new Map() }
}

type InRoom = Extract<LogRecord, { room: string }>

function applyToRoom(state: State, room: Room, record: InRoom, line: number): void {
  const { at } = record
  const notice = (what: NoticeItem['what'], person?: string, by?: string) =>
    add(room, {
      kind: 'notice',
      id: `n${line}`,
      line,
      at,
      what,
      ...(person !== undefined && { person }),
      ...(by !== undefined && { by }),
    })
  switch (record.type) {
    case 'message': {
      const { id, author, text, thread } = record
      const common = { kind: 'message', id, line, at, author, text, firstText: text } as const
      add(room, thread === undefined ? common : { ...common, thread })
      return
    }
    case 'edit': {
      const item = room.byId.get(record.message)
      if (item?.kind !== 'message') return
      item.text = record.text
      item.edited = { at, line }
      return
    }
    case 'delete': {
      const item = room.byId.get(record.message)
      if (item?.kind === 'message') item.deleted = { at, by: record.by }
      return
    }
    case 'join':
      if (room.members.has(record.person)) return
      room.members.set(record.person, 'member')
      notice('joined', record.person, record.by)
      return
    case 'leave':
      if (!room.members.delete(record.person)) return
      notice(record.how, record.person, record.by)
      return
    case 'bot':
      room.botPresent = record.present
      notice(record.present ? 'bot-added' : 'bot-removed', undefined, record.by)
      return
    case 'post': {
      const { type: _type, room: _room, ...rest } = record
      add(room, { kind: 'post', line, ...rest } as PostItem)
      if (record.outboxId === undefined) return
      const found = state.posts.get(record.outboxId) ?? []
      found.push({ room: room.id, id: record.id, at })
      state.posts.set(record.outboxId, found)
      return
    }
    case 'post-update': {
      const item = room.byId.get(record.id)
      if (item?.kind !== 'post') return
      item.card = record.card
      item.updatedAt = at
      return
    }
    default:
  }
}

function add(room: Room, item: Item): void {
  room.items.push(item)
  room.byId.set(item.id, item)
}
