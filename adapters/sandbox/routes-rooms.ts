import type { FastifyInstance, FastifyReply } from 'fastify'
import { RemembrancerError } from '../../src/errors.js'
import { commandHints } from './commands.js'
import type { PageContext } from './pages.js'
import {
  clockMoves,
  permalinkParams,
  personParams,
  placeParams,
  type RoomQuery,
  roomQuery,
} from './schema.js'
import type { Room } from './state.js'
import type { StoryPlayer } from './story-player.js'
import { markRead } from './streams.js'
import { dayOf, faceOf, groupsView, homeOf, membersView, timelineView, timeOf, unreadIn } from './view.js'
import { hrefOf } from './view-address.js'
import type { World } from './world.js'

/** Clock and story as the bar above the chat shows them. */
export function statusView(world: World, player: StoryPlayer) {
  const now = world.host.now()
  const progress = player.progress()
  return {
    ...progress,
    percent: Math.floor((100 * progress.done) / progress.total),
    finished: progress.done >= progress.total,
    begun: progress.done > 0,
    clockIso: now.toISOString(),
    clockDay: dayOf(now),
    clockTime: timeOf(now),
    canMoveClock: world.host.setClock !== undefined,
    moves: Object.entries(clockMoves).map(([to, label]) => ({ to, label })),
    speeds: [
      { value: 'slow', text: 'Slow' },
      { value: 'normal', text: 'Normal' },
      { value: 'fast', text: 'Fast' },
      { value: 'instant', text: 'At once' },
    ],
  }
}

/** The pages one looks at: rooms, their live updates, and links to messages. */
export function registerRooms(app: FastifyInstance, context: PageContext): void {
  const { world, player, streams } = context

  app.get('/sandbox', (_request, reply) => {
    const { person } = world().cast.opening
    return reply.redirect(hrefOf(person, homeOf(world(), person)))
  })

  app.get('/sandbox/as/:person', (request, reply) => {
    const { person } = personParams.parse(request.params)
    known(world(), person)
    return reply.redirect(hrefOf(person, homeOf(world(), person)))
  })

  app.get('/sandbox/as/:person/:room', (request, reply) => {
    const { person, room: roomId } = placeParams.parse(request.params)
    known(world(), person)
    const room = world().room(roomId)
    const query = roomQuery.parse(request.query)
    return showRoom(context, reply, person, room, query)
  })

  app.get('/sandbox/as/:person/:room/events', (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const { thread } = roomQuery.parse(request.query)
    known(world(), person)
    if (closedTo(world().room(room), person)) return reply.code(204).send()
    reply.hijack()
    streams.open({ person, room, thread }, reply.raw)
    return undefined
  })

  app.get('/sandbox/go/:room/:message', (request, reply) => {
    const { room: roomId, message } = permalinkParams.parse(request.params)
    const room = world().room(roomId)
    const { person: opening } = world().cast.opening
    const person = room.members.has(opening) ? opening : ([...room.members.keys()][0] ?? opening)
    const item = room.byId.get(message)
    const thread = item && item.kind !== 'notice' ? item.thread : undefined
    const before = beforeOf(room, thread ?? message)
    const query = new URLSearchParams({
      ...(thread !== undefined && { thread }),
      ...(before !== undefined && { before }),
    })
    const anchor = thread === undefined ? `item-${message}` : `thread-${message}`
    return reply.redirect(`${hrefOf(person, roomId)}${query.size > 0 ? `?${query}` : ''}#${anchor}`)
  })

  function showRoom(
    { fragments }: PageContext,
    reply: FastifyReply,
    person: string,
    room: Room,
    query: RoomQuery,
  ): FastifyReply {
    const closed = closedTo(room, person)
    const lastRead = world().state.reads.get(`${person}|${room.id}`) ?? 0
    const unread = closed ? 0 : unreadIn(world(), room, person)
    if (query.before === undefined) markRead(world(), person, room.id)
    const root = query.thread === undefined ? undefined : room.byId.get(query.thread)
    const editing = query.edit === undefined ? undefined : room.byId.get(query.edit)
    return reply.view('sandbox/room.njk', {
      title: `${room.name}: sandbox`,
      nav: 'sandbox',
      wide: true,
      department: world().cast.department,
      me: faceOf(world(), person),
      people: world().cast.people.map(({ id }) => ({
        ...faceOf(world(), id),
        href: switchHref(world(), id, room),
      })),
      room: {
        ...room,
        base: hrefOf(person, room.id),
        isDirect: room.direct !== undefined,
        memberCount: room.members.size,
        member: room.members.has(person),
      },
      closed,
      lastRead,
      unread,
      insiders: closed
        ? [...room.members.keys()].map((id) => ({ ...faceOf(world(), id), href: hrefOf(id, room.id) }))
        : [],
      list: groupsView(world(), person, room.id),
      timeline: closed ? undefined : timelineView(world(), room, person, { before: query.before }),
      thread: root && !closed ? timelineView(world(), room, person, { thread: root.id }) : undefined,
      threadId: root?.id,
      last: room.items.at(-1)?.line ?? 0,
      panelAsked: root !== undefined || query.panel === 'members',
      panel: membersView(world(), room, person),
      editing:
        editing?.kind === 'message' && editing.author === person && !editing.deleted
          ? { id: editing.id, text: editing.text }
          : undefined,
      status: statusView(world(), player()),
      formHtml: closed ? '' : fragments().form(person, room.id),
      hints: commandHints,
    })
  }
}

/** A private group and a conversation with the bot show nothing to those who are not in it. */
function closedTo(room: Room, person: string): boolean {
  return room.visibility === 'private' && !room.members.has(person)
}

/** Where one goes on becoming somebody else: the same room if they may see it. */
function switchHref(world: World, person: string, room: Room): string {
  return hrefOf(
    person,
    room.direct === undefined && !closedTo(room, person) ? room.id : homeOf(world, person),
  )
}

/** The item to page before so that an old message is on the page; nothing when it is among the newest. */
function beforeOf(room: Room, id: string): string | undefined {
  const index = room.items.findIndex((item) => item.id === id)
  return index >= 0 && index < room.items.length - 60 ? room.items[index + 20]?.id : undefined
}

function known(world: World, person: string): void {
  if (!world.state.people.has(person))
    throw new RemembrancerError('PLATFORM_NOT_FOUND', 'Nobody of that name is in this department.')
}
