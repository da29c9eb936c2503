import { RemembrancerError } from '../../src/errors.js'
import type { MessageItem, Room } from './state.js'
import type { World } from './world.js'

/** What people do in the sandbox. Each act checks that it is allowed, writes a line, and the bot hears of it. */

/** Longest message, as in common chat programs. */
export const longestMessage = 10_000

const refuse = (what: string) => new RemembrancerError('PLATFORM_REFUSED', what)

/** Posts a message; returns its id. */
export async function say(
  world: World,
  roomId: string,
  author: string,
  text: string,
  thread?: string,
): Promise<string> {
  const room = memberRoom(world, roomId, author)
  const root = thread === undefined ? undefined : room.byId.get(thread)
  if (thread !== undefined && (!root || root.kind === 'notice' || root.thread !== undefined))
    throw refuse('The message you reply to is not there.')
  const id = world.newId('m')
  const at = world.now()
  const words = checked(text)
  const record = { type: 'message', at, id, room: roomId, author, text: words } as const
  await world.tell(thread === undefined ? record : { ...record, thread })
  return id
}

/** Changes one's own message. */
export async function edit(
  world: World,
  roomId: string,
  message: string,
  by: string,
  text: string,
): Promise<void> {
  const item = ownMessage(world, roomId, message, by)
  const words = checked(text)
  if (words === item.text) return
  await world.tell({ type: 'edit', at: world.now(), room: roomId, message, by, text: words })
}

/** Deletes one's own message. */
export async function remove(world: World, roomId: string, message: string, by: string): Promise<void> {
  ownMessage(world, roomId, message, by)
  await world.tell({ type: 'delete', at: world.now(), room: roomId, message, by })
}

/** Joins a public group, or is added by a member. */
export async function join(world: World, roomId: string, person: string, by?: string): Promise<void> {
  const room = groupRoom(world, roomId)
  if (!world.state.people.has(person)) throw refuse('Nobody of that name is in this department.')
  if (room.members.has(person)) return
  if (by === undefined || by === person) {
    if (room.visibility === 'private') throw refuse('This group is private: a member has to add you.')
  } else if (!room.members.has(by)) throw refuse('Only members can add people to this group.')
  await world.tell({ type: 'join', at: world.now(), room: roomId, person, ...(by !== undefined && { by }) })
}

/** The bot adds a person, on behalf of an administrator who asked for it. */
export async function addByBot(world: World, roomId: string, person: string): Promise<void> {
  const room = groupRoom(world, roomId)
  if (!room.botPresent) throw refuse('Remembrancer is not in this group.')
  if (!world.state.people.has(person))
    throw new RemembrancerError('PLATFORM_NOT_FOUND', `There is no account ${person} in the sandbox.`)
  if (room.members.has(person)) return
  await world.write({ type: 'join', at: world.now(), room: roomId, person })
}

/** Leaves a group. */
export async function leave(world: World, roomId: string, person: string): Promise<void> {
  const room = groupRoom(world, roomId)
  if (!room.members.has(person)) return
  await world.tell({ type: 'leave', at: world.now(), room: roomId, person, how: 'left', by: person })
}

/** Removes somebody else from a group. */
export async function removeMember(world: World, roomId: string, person: string, by: string): Promise<void> {
  if (person === by) return leave(world, roomId, person)
  const room = memberRoom(world, roomId, by)
  if (room.direct !== undefined) throw refuse('This is a conversation between you and Remembrancer.')
  if (!room.members.has(person)) return
  await world.tell({ type: 'leave', at: world.now(), room: roomId, person, how: 'removed', by })
}

/** Brings the bot into a group, or sends it away. */
export async function setBot(world: World, roomId: string, present: boolean, by?: string): Promise<void> {
  const room = groupRoom(world, roomId)
  if (by !== undefined && !room.members.has(by)) throw refuse('Only members can do this.')
  if (room.botPresent === present) return
  await world.write({ type: 'bot', at: world.now(), room: roomId, present, ...(by !== undefined && { by }) })
}

/** Creates a group with oneself as owner and the bot in it; returns its id. */
export async function createRoom(world: World, by: string, name: string, isPublic: boolean): Promise<string> {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  let room = slug === '' || slug.startsWith('dm-') ? `group-${slug}` : slug
  for (let number = 2; world.state.rooms.has(room); number += 1) room = `${slug}-${number}`
  await world.tell({
    type: 'room',
    at: world.now(),
    room,
    name,
    topic: '',
    visibility: isPublic ? 'public' : 'private',
    owners: [by],
    members: [],
    bot: true,
    by,
  })
  return room
}

/** The room, if the person is in it. */
export function memberRoom(world: World, roomId: string, person: string): Room {
  const room = world.room(roomId)
  if (!room.members.has(person)) throw refuse('You are not in this group.')
  return room
}

function groupRoom(world: World, roomId: string): Room {
  const room = world.room(roomId)
  if (room.direct !== undefined) throw refuse('Only groups have members who come and go.')
  return room
}

function ownMessage(world: World, roomId: string, message: string, by: string): MessageItem {
  const item = memberRoom(world, roomId, by).byId.get(message)
  if (item?.kind !== 'message' || item.deleted) throw refuse('That message is not there any more.')
  if (item.author !== by) throw refuse('You can change only what you wrote yourself.')
  return item
}

function checked(text: string): string {
  const words = text.trim()
  if (words === '') throw refuse('Write something first.')
  if (words.length > longestMessage)
    throw refuse(`A message holds at most ${longestMessage.toLocaleString('en-GB')} characters.`)
  return words
}
