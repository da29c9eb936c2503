import { randomUUID } from 'node:crypto'

/** One person of the stand-in's tenant. */
export interface User {
  /** Entra object id. */
  readonly id: string
  /** Teams' own id. */
  readonly mri: string
  readonly name: string
  readonly email: string
}

/** A message as Teams keeps it. */
export interface StoredMessage {
  readonly id: string
  readonly conversation: string
  readonly thread: string | undefined
  /** Undefined for the bot's own and for system messages. */
  readonly author: User | undefined
  text: string
  card: Record<string, unknown> | undefined
  readonly created: string
  edited: string | undefined
  deleted: string | undefined
  /** System message: Graph's eventDetail. */
  readonly event: Record<string, unknown> | undefined
}

/** A conversation of the stand-in. */
export interface Room {
  readonly id: string
  readonly kind: 'channel' | 'chat' | 'personal'
  readonly name: string
  readonly type: 'standard' | 'private' | 'shared'
  readonly team: string | undefined
  /** Members of a chat, a personal chat, or a private channel; standard channels have their team's. */
  readonly members: Set<string>
  botPresent: boolean
}

/** A team of the stand-in. */
export interface TeamRoom {
  /** Id of its General channel too. */
  readonly id: string
  readonly groupId: string
  readonly name: string
  readonly members: Set<string>
  readonly owners: Set<string>
}

/** Everything the stand-in's services know: who is where, and what was said. */
export interface World {
  readonly tenant: string
  readonly appId: string
  readonly users: Map<string, User>
  readonly teams: Map<string, TeamRoom>
  readonly rooms: Map<string, Room>
  readonly messages: StoredMessage[]
  /** People who have the app for themselves: the bot may open a personal chat with them alone. */
  readonly installedFor: Set<string>
  addUser(name: string): User
  addTeam(name: string, members: readonly User[]): TeamRoom
  addChannel(team: TeamRoom, name: string, type?: Room['type'], members?: readonly User[]): Room
  addChat(name: string, members: readonly User[]): Room
  personalChat(user: User): Room
  membersOf(room: Room): User[]
  findUser(id: string): User | undefined
  say(input: Partial<StoredMessage> & { conversation: string }): StoredMessage
  nextId(): string
}

/** Creates an empty tenant. */
export function createWorld(): World {
  let last = 0
  const world: World = {
    tenant: randomUUID(),
    appId: randomUUID(),
    users: new Map(),
    teams: new Map(),
    rooms: new Map(),
    messages: [],
    installedFor: new Set(),
    nextId() {
      last = Math.max(last + 1, Date.now())
      return String(last)
    },
    addUser(name) {
      const id = randomUUID()
      const user = {
        id,
        mri: `29:1${Buffer.from(id).toString('base64url')}`,
        name,
        email: `${name.toLowerCase().replaceAll(' ', '.')}@dept.example`,
      }
      world.users.set(id, user)
      world.installedFor.add(id)
      return user
    },
    addTeam(name, members) {
      const id = `19:${randomUUID().replaceAll('-', '')}@thread.tacv2`
      const ids = new Set(members.map((user) => user.id))
      const team = { id, groupId: randomUUID(), name, members: ids, owners: new Set([...ids].slice(0, 1)) }
      world.teams.set(id, team)
      addRoom(world, { id, kind: 'channel', name: 'General', team: id })
      return team
    },
    addChannel(team, name, type = 'standard', members = []) {
      const id = `19:${randomUUID().replaceAll('-', '')}@thread.tacv2`
      return addRoom(world, { id, kind: 'channel', name, team: team.id, type, members })
    },
    addChat(name, members) {
      const id = `19:${randomUUID().replaceAll('-', '')}@thread.v2`
      return addRoom(world, { id, kind: 'chat', name, members })
    },
    personalChat(user) {
      const id = `a:1${Buffer.from(user.id).toString('base64url')}`
      return world.rooms.get(id) ?? addRoom(world, { id, kind: 'personal', name: '', members: [user] })
    },
    membersOf(room) {
      const standard = room.kind === 'channel' && room.type === 'standard'
      const ids = standard ? world.teams.get(room.team ?? '')?.members : room.members
      return [...(ids ?? [])].flatMap((id) => world.users.get(id) ?? [])
    },
    findUser(id) {
      return world.users.get(id) ?? [...world.users.values()].find((user) => user.mri === id)
    },
    say(input) {
      const id = input.id ?? world.nextId()
      const message = {
        thread: undefined,
        author: undefined,
        text: '',
        card: undefined,
        created: new Date(Number(id)).toISOString(),
        edited: undefined,
        deleted: undefined,
        event: undefined,
        ...input,
        id,
      }
      world.messages.push(message)
      return message
    },
  }
  return world
}

function addRoom(
  world: World,
  input: Pick<Room, 'id' | 'kind' | 'name'> & {
    team?: string
    type?: Room['type']
    members?: readonly User[]
  },
): Room {
  const room: Room = {
    id: input.id,
    kind: input.kind,
    name: input.name,
    type: input.type ?? 'standard',
    team: input.team,
    members: new Set((input.members ?? []).map((user) => user.id)),
    botPresent: true,
  }
  world.rooms.set(room.id, room)
  return room
}
