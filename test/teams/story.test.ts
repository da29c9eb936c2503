import { afterEach, beforeEach, expect, test } from 'vitest'
import { type StoryStep, sandboxCast, story, storyExpectations } from '../../adapters/sandbox/index.js'
import type { ChatEvent } from '../../src/platform/index.js'
import { openSandbox } from '../sandbox/open-sandbox.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import type { Room, StoredMessage, User } from '../support/teams/world.js'

/** The sandbox's week, lived in Teams: what was said and who was there must come out the same. */
let lab: Lab
let people: Map<string, User>
let rooms: Map<string, Room>
const said = new Map<string, StoredMessage>()

beforeEach(async () => {
  lab = await startLab({ installed: false })
  people = new Map(sandboxCast.people.map(({ id, name }) => [id, lab.world.addUser(name)]))
  rooms = new Map()
  for (const one of sandboxCast.rooms) {
    const team = lab.world.addTeam(one.name, one.members.map(user))
    const room = lab.world.rooms.get(team.id)
    if (!room) throw new Error('No General channel')
    rooms.set(one.id, room)
    await lab.deliver(lab.activities.members(room, 'membersAdded', [lab.activities.bot]))
  }
  lab.host.forget()
  said.clear()
})
afterEach(async () => {
  const violations = lab.violations()
  await lab.stop()
  expect(violations).toEqual([])
})

function user(id: string): User {
  const found = people.get(id)
  if (!found) throw new Error(`Nobody is called ${id}`)
  return found
}

async function live(step: StoryStep): Promise<void> {
  const room = rooms.get(step.room)
  if (!room) throw new Error(`There is no room ${step.room}`)
  const { activities } = lab
  const stamp = () => new Date(Number(lab.world.nextId())).toISOString()
  switch (step.does) {
    case 'says': {
      const thread = step.thread === undefined ? undefined : said.get(step.thread)?.id
      const author = user(step.person)
      const message = lab.world.say({ conversation: room.id, author, text: step.text, thread })
      said.set(step.key, message)
      await lab.deliver(activities.message(room, message))
      return
    }
    case 'edits':
    case 'deletes': {
      const message = said.get(step.key)
      if (!message) throw new Error(`Nothing was said as ${step.key}`)
      if (step.does === 'edits') message.text = step.text
      message[step.does === 'edits' ? 'edited' : 'deleted'] = stamp()
      await lab.deliver(
        step.does === 'edits'
          ? activities.edit(room, message, 'editMessage')
          : activities.deletion(room, message),
      )
      return
    }
    default:
      await changeMembers(step, room)
  }
}

async function changeMembers(
  step: Extract<StoryStep, { does: 'adds' | 'removes' | 'joins' | 'leaves' }>,
  room: Room,
): Promise<void> {
  const actor = user(step.person)
  const whom = user('whom' in step ? step.whom : step.person)
  const coming = step.does === 'adds' || step.does === 'joins'
  const members = lab.world.teams.get(room.id)?.members
  if (coming) members?.add(whom.id)
  else members?.delete(whom.id)
  const kind = { adds: 'Added', removes: 'Deleted', joins: 'Joined', leaves: 'Left' }[step.does]
  lab.world.say({
    conversation: room.id,
    event: {
      '@odata.type': `#microsoft.graph.members${kind}EventMessageDetail`,
      members: [{ id: whom.id, displayName: whom.name }],
      initiator: { user: { id: actor.id, displayName: actor.name } },
    },
  })
  const account = { id: whom.mri, aadObjectId: whom.id }
  await lab.deliver(lab.activities.members(room, coming ? 'membersAdded' : 'membersRemoved', [account]))
}

/** What remains of the talk: words as last edited, by name, in their threads; deleted ones as such. */
function transcript(events: readonly ChatEvent[], roomName: (id: string) => string): string[] {
  const lines = new Map<string, { where: string; author: string; text: string; thread: string }>()
  const words = (id: string | undefined) => (id === undefined ? '' : (lines.get(id)?.text ?? '?'))
  for (const event of events) {
    if (event.kind === 'message-posted')
      lines.set(event.message, {
        where: roomName(event.conversation),
        author: event.author.name ?? '',
        text: event.text,
        thread: words(event.thread),
      })
    const line = 'message' in event ? lines.get(event.message) : undefined
    if (line && event.kind === 'message-edited') line.text = event.text
    if (line && event.kind === 'message-deleted') line.text = '(deleted)'
  }
  return [...lines.values()].map((line) => Object.values(line).join(' | '))
}

test('the sandbox’s week comes out the same in Teams', { timeout: 120_000 }, async () => {
  for (const step of story) await live(step)
  await lab.platform.reconcile()
  const names = new Map([...rooms].map(([name, room]) => [room.id, name]))
  const inTeams = transcript(lab.host.inbox(), (id) => names.get(id) ?? id)

  const sandbox = await openSandbox()
  try {
    await sandbox.platform.playStory({ speed: 'instant' })
    expect(inTeams).toEqual(transcript(sandbox.host.inbox(), (id) => id))
  } finally {
    await sandbox.stop({ forget: true })
  }

  const ids = new Map([...people].map(([id, one]) => [one.id, id]))
  const known = lab.host.inbox().flatMap((event) => {
    if (event.kind !== 'member-joined' && event.kind !== 'member-left') return []
    const change = event.kind === 'member-joined' ? 'joined' : event.how
    const actor = event.actor && ids.get(event.actor.id)
    const room = names.get(event.conversation)
    return [{ room, person: ids.get(event.person.id), change, by: actor, at: event.at }]
  })
  // Each change is told twice: by the bot's event without actor, then by Graph with.
  const told = known.filter((one) => one.by !== undefined).sort((a, b) => a.at.localeCompare(b.at))
  expect(told.map(({ at: _at, ...rest }) => rest)).toEqual(storyExpectations.membership)
  expect(known).toHaveLength(told.length * 2)

  for (const [name, room] of rooms) {
    const roster = (await lab.platform.roster(lab.world.tenant, room.id))?.events[0]
    const there = roster?.kind === 'roster-observed' ? roster.members.map((one) => ids.get(one.id)) : []
    const expected = lab.world.membersOf(room).map((one) => ids.get(one.id))
    expect(there.sort(), name).toEqual(expected.sort())
  }
})
