import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openConversationStore } from '../../adapters/teams/conversations.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'teams-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const chat = {
  id: 'a:1',
  kind: 'personal',
  serviceUrl: 'https://smba.trafficmanager.net/uk/',
  person: 'p-1',
  present: true,
} as const
const lines = async () =>
  (await readFile(path.join(folder, 'conversations.jsonl'), 'utf8')).split('\n').length

test('what is remembered is there again after a restart, and what was forgotten is not', () => {
  const store = openConversationStore(folder)
  store.remember(chat)
  store.remember({ ...chat, id: 'a:2', person: 'p-2' })
  store.rememberPerson({ id: 'p-1', mri: '29:1', name: 'Tamsin Vale' })
  store.rememberPerson({ id: 'p-1', mri: '29:1' })
  store.mark('a:1', { trouble: 'refused' })
  store.forget('a:2')
  const again = openConversationStore(folder)
  expect(again.personalChat('p-1')).toMatchObject({ id: 'a:1', trouble: 'refused' })
  expect(again.personalChat('p-2')).toBeUndefined()
  expect(again.person('p-1')?.name).toBe('Tamsin Vale')
  expect(again.personOf('29:1')).toBe('p-1')
  again.mark('a:1', { trouble: undefined })
  expect(openConversationStore(folder).conversation('a:1')).not.toHaveProperty('trouble')
})

test('the file does not grow with time', async () => {
  const store = openConversationStore(folder)
  for (let round = 0; round < 10_000; round += 1) store.setCursor('c', `2026-11-22T00:00:${round}`)
  expect(await lines()).toBeLessThan(3000)
  expect(openConversationStore(folder).cursor('c')).toBe('2026-11-22T00:00:9999')
  expect(await lines()).toBeLessThan(4)
})

test('of its own posts it remembers the latest', () => {
  const store = openConversationStore(folder)
  for (let index = 0; index < 5100; index += 1)
    store.notePost(`o-${index}`, 'c', { message: `m-${index}`, thread: 'root' })
  store.notePost('o-new', 'c')
  expect(store.post('o-0')).toBeUndefined()
  expect(store.post('o-5099')?.receipt).toEqual({ conversation: 'c', message: 'm-5099' })
  expect(store.post('o-new')).toEqual({ conversation: 'c', receipt: undefined })
  expect(store.threadOfPost('m-5099')).toBe('root')
})
