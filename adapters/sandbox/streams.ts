import type { ServerResponse } from 'node:http'
import type { LogRecord } from './records.js'
import type { Item, Room } from './state.js'
import { itemsOf, itemView, visibleTo } from './view.js'
import type { World } from './world.js'

/** Live updates: each open page hears, as ready HTML, what changes in what it shows. */

/** Makes HTML of a part of the page for one viewer. */
export interface Fragments {
  item(view: ReturnType<typeof itemView>): string
  groups(person: string, room: string): string
  members(person: string, room: string): string
  /** The person's open form if it was opened in this room, else nothing. */
  form(person: string, room: string): string
  status(): string
}

interface Stream {
  readonly person: string
  readonly room: string
  readonly thread: string | undefined
  readonly response: ServerResponse
  /** Parts to be drawn again soon, together. */
  readonly stale: Set<'groups' | 'members' | 'status' | 'read'>
  timer: NodeJS.Timeout | undefined
}

/** The open pages. */
export interface Streams {
  open(viewer: { person: string; room: string; thread: string | undefined }, response: ServerResponse): void
  /** Tells every page what a line of the log changed. */
  changed(record: LogRecord): void
  /** Tells every page that clock or story moved. */
  statusChanged(): void
  end(): void
}

const redrawMs = 120
const heartbeatMs = 15_000

/** @param world the open sandbox @param fragments how parts of a page are drawn */
export function createStreams(world: () => World, fragments: () => Fragments): Streams {
  const streams = new Set<Stream>()
  let heartbeat: NodeJS.Timeout | undefined

  function send({ response }: Stream, event: string, data: unknown): void {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  function stale(stream: Stream, ...parts: readonly ('groups' | 'members' | 'status' | 'read')[]): void {
    for (const part of parts) stream.stale.add(part)
    stream.timer ??= setTimeout(() => redraw(stream), redrawMs)
  }

  function redraw(stream: Stream): void {
    stream.timer = undefined
    if (!streams.has(stream)) return
    const { person, room, stale: parts } = stream
    if (parts.has('groups')) send(stream, 'groups', { html: fragments().groups(person, room) })
    if (parts.has('members')) send(stream, 'members', { html: fragments().members(person, room) })
    if (parts.has('status')) send(stream, 'status', { html: fragments().status() })
    if (parts.has('read')) markRead(world(), person, room)
    parts.clear()
  }

  function sendItem(stream: Stream, room: Room, item: Item, isNew: boolean): void {
    const { person, thread } = stream
    if (!visibleTo(item, person)) return
    const root = item.kind === 'notice' ? undefined : item.thread
    const inTimeline = root === undefined
    const send1 = (shown: Item, inThread: boolean, fresh: boolean) => {
      const before = previousOf(room, shown, person, inThread ? thread : undefined)
      const view = itemView(world(), room, shown, before, person, inThread)
      const mine = shown.kind === 'message' && shown.author === person
      send(stream, 'item', {
        id: view.domId,
        list: inThread ? 'thread' : 'timeline',
        html: fragments().item(view),
        isNew: fresh,
        mine,
        announce: fresh && !mine ? ('announce' in view ? view.announce : view.words) : '',
      })
    }
    if (inTimeline) send1(item, false, isNew)
    else {
      const parent = room.byId.get(root)
      if (parent && visibleTo(parent, person)) send1(parent, false, false)
    }
    if (thread !== undefined && (item.id === thread || root === thread))
      send1(item, true, isNew && !inTimeline)
    if (isNew) stale(stream, 'read')
  }

  function changedIn(stream: Stream, room: Room, record: Extract<LogRecord, { room: string }>): void {
    const here = stream.room === room.id
    switch (record.type) {
      case 'message':
      case 'post': {
        const item = room.byId.get(record.id)
        if (here && item) sendItem(stream, room, item, true)
        else if (item && room.members.has(stream.person) && visibleTo(item, stream.person))
          stale(stream, 'groups')
        return
      }
      case 'edit':
      case 'delete':
      case 'post-update': {
        const item = room.byId.get('message' in record ? record.message : record.id)
        if (here && item) sendItem(stream, room, item, false)
        return
      }
      case 'join':
      case 'leave':
      case 'bot': {
        const item = room.items.at(-1)
        if (here && item?.kind === 'notice') sendItem(stream, room, item, true)
        if (here) send(stream, 'count', { members: room.members.size })
        stale(stream, ...(here ? (['groups', 'members'] as const) : (['groups'] as const)))
        return
      }
      case 'room':
        stale(stream, 'groups')
        return
      default:
    }
  }

  return {
    open({ person, room, thread }, response) {
      const stream: Stream = { person, room, thread, response, stale: new Set(), timer: undefined }
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.write('retry: 1000\n\n')
      streams.add(stream)
      send(stream, 'here', { last: world().state.rooms.get(room)?.items.at(-1)?.line ?? 0 })
      stale(stream, 'groups', 'status')
      heartbeat ??= setInterval(() => {
        for (const open of streams) {
          open.response.write(': here\n\n')
          stale(open, 'status')
        }
      }, heartbeatMs)
      heartbeat.unref()
      response.on('close', () => {
        streams.delete(stream)
        clearTimeout(stream.timer)
      })
    },
    changed(record) {
      if (record.type === 'form') {
        for (const stream of streams)
          if (stream.person === record.person)
            send(stream, 'form', { html: fragments().form(stream.person, stream.room) })
        return
      }
      if (record.type === 'clock' || record.type === 'story') {
        for (const stream of streams) stale(stream, 'status')
        return
      }
      if (!('room' in record) || record.type === 'read') return
      const room = world().state.rooms.get(record.room)
      if (!room) return
      for (const stream of streams) changedIn(stream, room, record)
    },
    statusChanged() {
      for (const stream of streams) stale(stream, 'status')
    },
    end() {
      clearInterval(heartbeat)
      heartbeat = undefined
      for (const { response, timer } of streams) {
        clearTimeout(timer)
        response.end()
      }
      streams.clear()
    },
  }
}

/** The visible item that stands before this one in the same list. */
function previousOf(room: Room, item: Item, person: string, thread: string | undefined): Item | undefined {
  const list = itemsOf(room, person, thread)
  return list[list.lastIndexOf(item) - 1]
}

/** Notes that a person has seen all there is in a room; writes nothing when they had. */
export function markRead(world: World, person: string, roomId: string): void {
  const room = world.state.rooms.get(roomId)
  const last = room?.items.at(-1)?.line
  if (!room?.members.has(person) || last === undefined) return
  if ((world.state.reads.get(`${person}|${roomId}`) ?? 0) >= last) return
  world
    .write({ type: 'read', at: world.now(), person, room: roomId, through: last })
    .catch((error: unknown) => {
      world.host.log.warn({ error: String(error) }, 'The sandbox could not note what was read')
    })
}
