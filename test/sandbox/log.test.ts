import { appendFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { eventKey } from '../../src/platform/index.js'
import { createFakeHost, type FakeHost } from '../support/fake-host.js'
import { type OpenSandbox, openSandbox } from './open-sandbox.js'

let open: OpenSandbox | undefined
afterEach(async () => {
  await open?.stop({ forget: true })
  open = undefined
})
const say = (text: string) => open?.send('/sandbox/as/joss-whitlock/depot-logistics/say', { text })
const file = (host: FakeHost) => path.join(host.dataDir, 'sandbox.jsonl')

test('everything is there again after a restart', async () => {
  const host = await createFakeHost()
  open = await openSandbox({ host })
  await say('Kept over a restart')
  await open.send('/sandbox/as/joss-whitlock/depot-logistics/members', {
    action: 'remove',
    person: 'callum-fraser',
  })
  await open.platform.post('local', {
    outboxId: 'o-1',
    target: { kind: 'person', person: 'joss-whitlock' },
    card: { heading: 'Kept card', summary: 'Kept' },
  })
  await open.stop()
  host.forget()
  open = await openSandbox({ host })
  expect(host.envelopes).toEqual([])
  expect(await open.page('/sandbox/as/joss-whitlock/depot-logistics')).toContain('Kept over a restart')
  expect(await open.page('/sandbox/as/joss-whitlock/dm-joss-whitlock')).toContain('Kept card')
  expect(open.platform.world().room('depot-logistics').members.has('callum-fraser')).toBe(false)
  const found = await open.platform.findPost(
    'local',
    { kind: 'person', person: 'joss-whitlock' },
    'o-1',
    new Date(0),
  )
  expect(found?.message).toBeTruthy()
})

test('a torn last line is cut off, and the log goes on after it', async () => {
  const host = await createFakeHost()
  open = await openSandbox({ host })
  await say('Whole')
  await open.stop()
  await appendFile(file(host), '{"type":"message","at":"2026-01-01T00:0')
  open = await openSandbox({ host })
  await say('After the crash')
  await open.stop()
  open = await openSandbox({ host })
  const page = await open.page('/sandbox/as/joss-whitlock/depot-logistics')
  expect(page).toContain('Whole')
  expect(page).toContain('After the crash')
  for (const line of (await readFile(file(host), 'utf8')).trimEnd().split('\n'))
    expect(() => JSON.parse(line)).not.toThrow()
})

test('what the inbox did not take before the program stopped is delivered at the next start', async () => {
  const host = await createFakeHost()
  open = await openSandbox({ host })
  host.forget()
  host.failAccepts(1000)
  await say('Said while the database was away')
  await say('And another')
  expect(host.envelopes).toEqual([])
  await open.stop()
  host.failAccepts(0)
  open = await openSandbox({ host })
  await open.platform.world().deliver()
  expect(host.eventsOf('message-posted').map(({ text }) => text)).toEqual([
    'Said while the database was away',
    'And another',
  ])
})

test('a refused delivery is tried again by itself, in order', async () => {
  open = await openSandbox()
  const { host } = open
  host.forget()
  host.failAccepts(2)
  await say('One')
  await say('Two')
  await host.until('both', () => host.eventsOf('message-posted').length === 2)
  expect(host.eventsOf('message-posted').map(({ text }) => text)).toEqual(['One', 'Two'])
})

test('many people writing at once lose nothing and keep one order', async () => {
  open = await openSandbox()
  const { host } = open
  host.forget()
  const texts = Array.from({ length: 100 }, (_, index) => `Message ${index}`)
  await Promise.all(texts.map((text) => say(text)))
  const events = host.eventsOf('message-posted')
  expect(events.map(({ text }) => text).sort()).toEqual([...texts].sort())
  expect(new Set(events.map(eventKey)).size).toBe(100)
  const order = events.map(({ sequence = '' }) => sequence)
  expect(order).toEqual([...order].sort())
})

test('the bot hears nothing of a group it was removed from, and hears again when it is back', async () => {
  open = await openSandbox()
  const { host } = open
  host.forget()
  const members = (action: string) =>
    open?.send('/sandbox/as/joss-whitlock/depot-logistics/members', { action })
  await members('remove-bot')
  await say('Unheard')
  await members('add-bot')
  await say('Heard')
  expect(host.events().map(({ kind }) => kind)).toEqual(['bot-removed', 'bot-added', 'message-posted'])
})
