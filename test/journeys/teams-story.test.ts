import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSandboxPlatform,
  type StoryStep,
  sandboxCast,
  sandboxDirectory,
  sandboxRegistrations,
  story,
  storyExpectations,
} from '../../adapters/sandbox/index.js'
import { readPolicy } from '../../src/config/index.js'
import { ensurePrivateOffice } from '../../src/groups/index.js'
import { byWhom, membersAt, membershipLog } from '../../src/membership/index.js'
import { seedSandbox } from '../../src/sandbox-seed.js'
import type { Database } from '../../src/storage/index.js'
import { createWorld } from '../../src/world.js'
import { openTestDatabase } from '../support/database.js'
import { loggedErrors } from '../support/logged-errors.js'
import type { Room, StoredMessage, User } from '../support/teams/world.js'
import { openTeamsOffice, type TeamsOffice } from './teams-office.js'

/** What a week leaves behind, named as people name it, so that two platforms can be held side by side. */
interface EndState {
  transcript: string[]
  membership: string[]
  rosters: string[]
  signals: string[]
  nudges: string[]
  suggestions: string[]
}

const minute = 60_000
/** Monday of a week to come, so that both platforms live the same one. */
const monday = Date.parse('2026-11-30T00:00:00Z')
/** Threads are a channel's; the other rooms are group chats in Teams. */
const threaded = new Set(story.flatMap((step) => ('thread' in step && step.thread ? [step.room] : [])))

describe('the week of the story', { timeout: 300_000 }, () => {
  let teams: TeamsOffice
  let inTeams: EndState
  let inSandbox: EndState

  beforeAll(async () => {
    inSandbox = await liveInSandbox()
    teams = await openTeamsOffice({ clock: new Date(monday - 60 * minute) })
    inTeams = await liveInTeams(teams)
  }, 300_000)
  afterAll(async () => {
    const end = await teams.close()
    expect(end.violations).toEqual([])
    expect(end.problem).toBeUndefined()
    expect(loggedErrors(teams.logged())).toEqual([])
    expect(teams.logged()).not.toMatch(/INTERACTION_FAILED|EVENT_SET_ASIDE/)
  }, 60_000)

  test('leaves the same transcript', () => {
    expect(inTeams.transcript.length).toBeGreaterThan(60)
    expect(inTeams.transcript).toEqual(inSandbox.transcript)
  })
  test('leaves the same membership log and members', () => {
    expect(inTeams.membership).toHaveLength(storyExpectations.membership.length)
    expect(inTeams.membership).toEqual(inSandbox.membership)
    expect(inTeams.rosters).toEqual(inSandbox.rosters)
  })
  test('shows the same signals', () => {
    expect(inTeams.signals.length).toBeGreaterThan(3)
    expect(inTeams.signals).toEqual(inSandbox.signals)
  })
  test('nudges the same people about the same matters, and suggests the same ones', () => {
    expect(inTeams.nudges).toEqual(inSandbox.nudges)
    expect(inTeams.suggestions).toEqual(inSandbox.suggestions)
  })
  test('and whoever was nudged has the card in their own chat', async () => {
    const { prisma } = teams.database
    const posted = await prisma.nudge.findMany({ where: { outcome: 'posted' } })
    expect(posted.length).toBeGreaterThan(3)
    const { world } = teams.lab
    for (const nudge of posted) {
      const post = await prisma.outboxPost.findUniqueOrThrow({ where: { id: nudge.outboxId ?? '' } })
      const account = await prisma.account.findFirstOrThrow({ where: { personId: nudge.personId } })
      const who = world.users.get(account.externalId)
      if (!who) throw new Error('nudged somebody who is nobody')
      expect(post.receipt).toMatchObject({ conversation: world.personalChat(who).id })
      expect(teams.privately(who).map((card) => card.id)).toContain(
        (post.receipt as { message: string }).message,
      )
    }
  })
})

function person(teams: TeamsOffice, id: string): User {
  const { name, email } = sandboxCast.people.find((one) => one.id === id) ?? { name: '', email: '' }
  const user = [...teams.lab.world.users.values()].find((one) => one.name === name && one.email === email)
  if (!user) throw new Error(`Nobody is called ${id}`)
  return user
}

async function liveInSandbox(): Promise<EndState> {
  const opened = await openTestDatabase('embedded', { kind: 'sandbox' })
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-story-'))
  const sandbox = createSandboxPlatform()
  const quiet = () => undefined
  const before = monday - 60 * minute - Date.now()
  const world = await createWorld({
    kind: 'sandbox',
    database: { ...opened.database, close: async () => {} },
    platforms: [sandbox],
    policy: structuredClone(readPolicy(undefined)),
    dataDir,
    publicUrl: 'http://localhost:3000',
    log: { info: quiet, warn: quiet, error: quiet },
    now: () => new Date(Date.now() + before),
    ring: false,
  })
  try {
    await seedSandbox(world, {
      tenant: 'local',
      directory: sandboxDirectory,
      registrations: sandboxRegistrations,
    })
    await world.start()
    await world.settle()
    await sandbox.playStory({ speed: 'instant', stepwise: true })
    await world.settle()
    return await endState(opened.database)
  } finally {
    await world.stop()
    await opened.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function liveInTeams(teams: TeamsOffice): Promise<EndState> {
  const { lab, world } = teams
  for (const { name, email } of sandboxCast.people) Object.assign(lab.world.addUser(name), { email })
  const rooms = new Map<string, Room>()
  for (const one of sandboxCast.rooms) {
    const members = [...one.owners, ...one.members].map((id) => person(teams, id))
    rooms.set(one.id, addRoom(teams, one.id, one.name, members))
  }
  await teams.database.prisma.directoryEntry.createMany({
    data: sandboxDirectory.map(({ personId: _id, ...entry }) => ({ id: randomUUID(), ...entry })),
  })
  for (const room of rooms.values()) await teams.install(room)
  await register(teams, rooms)
  const said = new Map<string, StoredMessage>()
  let last = teams.now().getTime()
  for (const step of story) {
    const at = monday + (step.day * 1440 + step.minute) * minute
    await teams.settle()
    last = Math.max(last + 1000, at)
    teams.setClock(new Date(last))
    await world.ringNow()
    const room = rooms.get(step.room)
    if (!room) throw new Error(`There is no room ${step.room}`)
    await live(teams, step, room, said, last)
  }
  await teams.settle()
  await lab.platform.reconcile()
  await teams.settle()
  return await endState(teams.database)
}

function addRoom(teams: TeamsOffice, id: string, name: string, members: readonly User[]): Room {
  const { world } = teams.lab
  if (!threaded.has(id)) return world.addChat(name, members)
  const room = world.rooms.get(world.addTeam(name, members).id)
  if (!room) throw new Error('a team has a General channel')
  return room
}

async function register(teams: TeamsOffice, rooms: ReadonlyMap<string, Room>): Promise<void> {
  for (const wanted of sandboxRegistrations) {
    const room = rooms.get(wanted.conversation)
    if (!room) throw new Error('no such room')
    const place = { platform: 'teams', tenant: teams.lab.world.tenant }
    const privateOffice = await teams.database.transaction((tx) =>
      ensurePrivateOffice(
        tx,
        {
          ...place,
          name: wanted.privateOffice,
          official: 'Secretary of State',
          room: rooms.get(wanted.privateOfficeRoom)?.id ?? '',
        },
        teams.world.policy,
        teams.now(),
      ),
    )
    const administrators = await Promise.all(
      wanted.administrators.map((id) => teams.personId(person(teams, id))),
    )
    const result = await teams.world.submitRegistration(
      await teams.groupId(room),
      {
        purpose: wanted.purpose,
        businessNeed: wanted.businessNeed,
        administrators,
        privateOffice,
        reviewDate: '2027-03-01',
      },
      administrators[0] ?? '',
    )
    expect(result.errors).toBeUndefined()
  }
  await teams.settle()
}

async function live(
  teams: TeamsOffice,
  step: StoryStep,
  room: Room,
  said: Map<string, StoredMessage>,
  at: number,
): Promise<void> {
  const { lab } = teams
  const { activities } = lab
  if (step.does === 'says') {
    const thread = step.thread === undefined ? undefined : said.get(step.thread)?.id
    const author = person(teams, step.person)
    const message = lab.world.say({ id: String(at), conversation: room.id, author, text: step.text, thread })
    said.set(step.key, message)
    await lab.deliver(activities.message(room, message))
    return
  }
  if (step.does === 'edits' || step.does === 'deletes') {
    const message = said.get(step.key)
    if (!message) throw new Error(`Nothing was said as ${step.key}`)
    if (step.does === 'edits') message.text = step.text
    message[step.does === 'edits' ? 'edited' : 'deleted'] = new Date(at).toISOString()
    await lab.deliver(
      step.does === 'edits'
        ? activities.edit(room, message, 'editMessage')
        : activities.deletion(room, message),
    )
    return
  }
  const actor = person(teams, step.person)
  const whom = person(teams, 'whom' in step ? step.whom : step.person)
  const coming = step.does === 'adds' || step.does === 'joins'
  const members = room.kind === 'chat' ? room.members : lab.world.teams.get(room.id)?.members
  if (coming) members?.add(whom.id)
  else members?.delete(whom.id)
  const kind = { adds: 'Added', removes: 'Deleted', joins: 'Joined', leaves: 'Left' }[step.does]
  lab.world.say({
    id: String(at),
    conversation: room.id,
    event: {
      '@odata.type': `#microsoft.graph.members${kind}EventMessageDetail`,
      members: [{ id: whom.id, displayName: whom.name }],
      initiator: { user: { id: actor.id, displayName: actor.name } },
    },
  })
  const account = { id: whom.mri, aadObjectId: whom.id }
  const activity = activities.members(room, coming ? 'membersAdded' : 'membersRemoved', [account])
  await lab.deliver({ ...activity, timestamp: new Date(at).toISOString() })
}

async function endState({ prisma }: Database): Promise<EndState> {
  // A channel called General is known by its team.
  const known = new Set(sandboxCast.rooms.map((room) => room.name))
  const groups = await prisma.group.findMany()
  const nameOf = (group: { name: string; team: string | null }) =>
    known.has(group.name) ? group.name : (group.team ?? group.name)
  const rooms = new Map(groups.map((group) => [group.id, nameOf(group)]))
  const people = new Map((await prisma.person.findMany()).map((one) => [one.id, one.fullName]))
  const who = (id: string | null) => (id === null ? 'nobody' : (people.get(id) ?? '?'))
  const messages = await prisma.message.findMany({
    where: { automatic: false },
    orderBy: { orderKey: 'asc' },
  })
  const texts = new Map(messages.map((row) => [`${row.groupId}|${row.externalId}`, row.text]))
  const signals = await prisma.signal.findMany({ orderBy: { settledAt: 'asc' } })
  const matter = (id: string) => {
    const signal = signals.find((one) => one.id === id)
    return `${signal?.kind} ${texts.get(`${signal?.groupId}|${signal?.atMessage}`)}`
  }
  const membership: string[] = []
  const rosters: string[] = []
  for (const group of groups) {
    for (const line of await membershipLog(prisma, group.id))
      if (!line.person.bot && line.kind !== 'present when first seen')
        membership.push(`${rooms.get(group.id)}: ${line.person.fullName} ${line.kind} by ${byWhom(line)}`)
    for (const member of await membersAt(prisma, group.id))
      rosters.push(`${rooms.get(group.id)}: ${member.fullName}`)
  }
  const entries = await prisma.directoryEntry.findMany()
  return {
    transcript: messages
      .map(
        (row) => `${rooms.get(row.groupId)}: ${who(row.authorId)}: ${row.deletedAt ? '(deleted)' : row.text}`,
      )
      .filter((line) => [...known].some((name) => line.startsWith(`${name}:`))),
    membership: membership.sort(),
    rosters: rosters.filter((line) => [...known].some((name) => line.startsWith(`${name}:`))).sort(),
    signals: signals
      .map((row) => `${rooms.get(row.groupId)}: ${matter(row.id)} by ${who(row.decidedById)}, ${row.state}`)
      .sort(),
    nudges: (await prisma.nudge.findMany())
      .map((row) => `${who(row.personId)} about ${matter(row.signalId)}: ${row.outcome} ${row.why ?? ''}`)
      .sort(),
    suggestions: (await prisma.suggestion.findMany())
      .map((row) => `${rooms.get(row.groupId)}: ${entries.find((one) => one.id === row.entryId)?.name}`)
      .sort(),
  }
}
