import { afterEach, expect, test } from 'vitest'
import { sandboxCast, storyExpectations } from '../../adapters/sandbox/index.js'
import { readStory, story } from '../../adapters/sandbox/story.js'
import { type OpenSandbox, openSandbox } from './open-sandbox.js'

let open: OpenSandbox | undefined
afterEach(async () => {
  await open?.stop({ forget: true })
  open = undefined
})

test('the story is a full week over the four groups', () => {
  const said = story.filter((step) => step.does === 'says')
  expect(said.length).toBeGreaterThanOrEqual(145)
  expect([...new Set(said.map((step) => step.day))].sort()).toEqual([0, 1, 2, 3, 4])
  expect([...new Set(said.map((step) => step.room))].sort()).toEqual([
    'barrier-options',
    'depot-logistics',
    'flood-response',
    'ministers-visit',
  ])
  const keys = said.map((step) => step.key)
  expect(new Set(keys).size).toBe(keys.length)
})

test('played at once, everything in it happens: nobody speaks where they are not a member', async () => {
  open = await openSandbox()
  const { platform, host } = open
  host.setNow(new Date('2026-07-01T10:00:00Z'))
  await platform.playStory({ speed: 'instant' })
  expect(host.lines.filter(({ level }) => level !== 'info')).toEqual([])
  expect(host.lines.map(({ message }) => message)).toEqual([])
  const count = (does: string) => story.filter((step) => step.does === does).length
  expect(host.eventsOf('message-posted')).toHaveLength(count('says'))
  expect(host.eventsOf('message-edited')).toHaveLength(count('edits'))
  expect(host.eventsOf('message-deleted')).toHaveLength(count('deletes'))
  expect(platform.player().progress()).toMatchObject({
    done: story.length,
    total: story.length,
    playing: false,
  })
  expect(platform.world().undelivered()).toBe(0)
})

test('what it should lead to names messages and people that are there', async () => {
  open = await openSandbox()
  const { platform, host } = open
  await platform.playStory({ speed: 'instant' })
  const ids = platform.player().messageIds()
  const saidAs = (key: string) => host.eventsOf('message-posted').find(({ message }) => message === ids[key])
  for (const { key, room, decidedBy, askedIn, askedBy } of storyExpectations.decisions) {
    expect(saidAs(key)).toMatchObject({ conversation: room, author: { id: decidedBy } })
    expect(saidAs(askedIn)).toMatchObject({ conversation: room, author: { id: askedBy } })
  }
  for (const { key, author } of storyExpectations.offChannel) expect(saidAs(key)?.author.id).toBe(author)
  for (const { firstKey, room } of storyExpectations.options)
    expect(saidAs(firstKey)?.conversation).toBe(room)
  for (const key of storyExpectations.silent) expect(saidAs(key)?.text).toBeTruthy()
  for (const { room, person } of storyExpectations.suggestions) {
    expect(sandboxCast.people.map(({ id }) => id)).toContain(person)
    expect(platform.world().room(room).members.has(person)).toBe(false)
  }
  const changes = host
    .events()
    .flatMap((event) =>
      event.kind === 'member-joined'
        ? [{ room: event.conversation, person: event.person.id, change: 'joined', by: event.actor?.id }]
        : event.kind === 'member-left'
          ? [{ room: event.conversation, person: event.person.id, change: event.how, by: event.actor?.id }]
          : [],
    )
  expect(changes).toEqual(storyExpectations.membership)
})

test('the clock goes with the story, from Monday to Friday of the next week, by London time', async () => {
  open = await openSandbox()
  const { platform, host } = open
  // Thursday before the clocks go forward: the story's own week is in summer time.
  host.setNow(new Date('2026-03-26T10:00:00Z'))
  await platform.playStory({ speed: 'instant' })
  const [first] = host.eventsOf('message-posted')
  expect(first?.at.slice(0, 16)).toBe('2026-03-30T07:10')
  const times = host.eventsOf('message-posted').map(({ at }) => at)
  expect(times).toEqual([...times].sort())
  expect(host.now().toISOString().slice(0, 10)).toBe('2026-04-03')
})

test('a story paused and a sandbox opened again go on where they stopped, with the clock moved', async () => {
  open = await openSandbox()
  const { host } = open
  const playing = open.platform.playStory({ speed: 'fast' })
  await host.until('some lines', () => host.eventsOf('message-posted').length >= 3)
  await open.platform.player().pause()
  await playing
  const { done } = open.platform.player().progress()
  const before = host.now()
  await open.stop()
  host.setNow(new Date())
  open = await openSandbox({ host })
  expect(open.platform.player().progress().done).toBe(done)
  expect(host.now().getTime()).toBeGreaterThanOrEqual(before.getTime())
  await open.platform.playStory({ speed: 'instant' })
  expect(host.inbox().filter(({ kind }) => kind === 'message-posted')).toHaveLength(
    story.filter((step) => step.does === 'says').length,
  )
})

test('a visitor who moved the clock far ahead sees the rest of the story in a later week', async () => {
  open = await openSandbox()
  const { platform, host } = open
  host.setNow(new Date('2026-07-01T10:00:00Z'))
  const playing = platform.playStory({ speed: 'fast' })
  await host.until('a line', () => host.eventsOf('message-posted').length >= 1)
  await platform.player().pause()
  await playing
  host.setNow(new Date('2026-07-27T09:00:00Z'))
  await platform.playStory({ speed: 'instant' })
  const last = host.eventsOf('message-posted').at(-1)
  expect(last?.at.slice(0, 10)).toBe('2026-07-31')
})

test('a screenplay that cannot be read names its line', () => {
  expect(() => readStory('# Monday\n@ depot-logistics 09:00\nnobody: hello')).toThrow('line 3')
  expect(() => readStory('# Monday\n@ depot-logistics 09:00\n* joss dances')).toThrow('line 3')
})
