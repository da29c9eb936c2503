import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readCommand } from '../../adapters/sandbox/commands.js'
import { sampleForm } from '../contract/samples.js'
import { type OpenSandbox, openSandbox } from './open-sandbox.js'
import { formIn } from './read-page.js'

let open: OpenSandbox
beforeAll(async () => {
  open = await openSandbox()
})
afterAll(() => open.stop({ forget: true }))
afterEach(() => open.host.forget())
const at = '/sandbox/as/joss-whitlock/depot-logistics'
const post = (path: string, body: string, headers: Record<string, string>) =>
  fetch(open.url + path, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

test('without script a message is a plain form: posted, then back to the group', async () => {
  const answer = await post(`${at}/say`, 'text=Without+script', {})
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe(at)
  expect(await open.page(at)).toContain('Without script')
})

test('what another site sends is refused', async () => {
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])
    expect((await post(`${at}/say`, 'text=Forged', headers)).status).toBe(403)
  expect(
    (await post(`${at}/say`, 'text=Mine', { origin: open.url, 'sec-fetch-site': 'same-origin' })).status,
  ).toBe(303)
  expect(open.host.eventsOf('message-posted').map(({ text }) => text)).toEqual(['Mine'])
})

test('bad input gets one clear sentence, and nothing typed is lost', async () => {
  const empty = await open.send(`${at}/say`, { text: '  ' })
  expect(empty).toMatchObject({ ok: false, status: 409, problem: 'Write something first.' })
  const long = await open.send(`${at}/say`, { text: 'x'.repeat(10_001) })
  expect(long.problem).toContain('10,000 characters')
  expect(await open.send(`${at}/say`, {})).toMatchObject({ ok: false, status: 400 })
  const unknown = await post(`${at}/say`, 'text=%2Fdance+now', {})
  expect(unknown.status).toBe(409)
  const page = await unknown.text()
  expect(page).toContain('There is no command /dance')
  expect(page).toContain('/dance now')
  expect((await fetch(`${open.url}/sandbox/as/nobody/depot-logistics`)).status).toBe(404)
  expect((await fetch(`${open.url}/sandbox/as/joss-whitlock/no-such-group`)).status).toBe(404)
  expect(open.host.events()).toEqual([])
})

test('a private group shows nothing to those who are not in it', async () => {
  await open.send('/sandbox/as/priya-sandhu/barrier-options/say', { text: 'For members only' })
  const inside = await open.page('/sandbox/as/priya-sandhu/barrier-options')
  const outside = await open.page('/sandbox/as/joss-whitlock/barrier-options')
  expect(inside).toContain('For members only')
  expect(outside).not.toContain('For members only')
  expect(outside).toContain('Only members see what is said here')
  expect((await fetch(`${open.url}/sandbox/as/joss-whitlock/barrier-options/events`)).status).toBe(204)
  expect(await open.page('/sandbox/as/joss-whitlock/dm-priya-sandhu')).toContain('Only members see')
  for (const [path, body] of [
    ['say', { text: 'Let me in' }],
    ['members', { action: 'join' }],
    ['members', { action: 'remove', person: 'priya-sandhu' }],
  ] as const)
    expect(await open.send(`/sandbox/as/joss-whitlock/barrier-options/${path}`, body)).toMatchObject({
      status: 409,
    })
})

test('one changes only what one wrote oneself', async () => {
  const { message = '' } = await open.send(`${at}/say`, { text: 'Mine' })
  const other = '/sandbox/as/callum-fraser/depot-logistics'
  expect((await open.send(`${other}/edit`, { message, text: 'Yours' })).problem).toContain('wrote yourself')
  expect((await open.send(`${other}/delete`, { message })).ok).toBe(false)
  expect((await open.send(`${at}/delete`, { message })).ok).toBe(true)
  expect(await open.page(at)).toContain('This message was deleted')
})

test('a link to a message leads to a page that shows it', async () => {
  const { message = '' } = await open.send(`${at}/say`, { text: 'Find me' })
  const link = await open.platform.permalink('local', 'depot-logistics', message)
  const answer = await fetch(open.url + new URL(link ?? '').pathname, { redirect: 'manual' })
  const location = answer.headers.get('location') ?? ''
  expect(location).toContain(`#item-${message}`)
  expect(await open.page(location)).toContain(`id="item-${message}"`)
})

test('unread messages are counted until one looks', async () => {
  await open.send('/sandbox/as/tamsin-vale/ministers-visit/say', { text: 'News' })
  const elsewhere = '/sandbox/as/yusuf-demir/dm-yusuf-demir'
  expect(await open.page(elsewhere)).toMatch(
    /Minister’s visit to Skelby<\/span>\s*<span class="sb-unread">1</,
  )
  await open.page('/sandbox/as/yusuf-demir/ministers-visit')
  await expect.poll(async () => (await open.page(elsewhere)).includes('sb-unread">1<')).toBe(false)
})

test('a new group has its maker as owner and the bot in it', async () => {
  const answer = await open.send('/sandbox/as/priya-sandhu/groups', {
    name: 'Tide tables',
    visibility: 'public',
  })
  expect(answer.location).toBe('/sandbox/as/priya-sandhu/tide-tables')
  expect(await open.host.eventOf('bot-added')).toMatchObject({
    conversation: 'tide-tables',
    name: 'Tide tables',
    visibility: 'public',
    actor: { id: 'priya-sandhu' },
  })
  expect(open.platform.world().room('tide-tables').members.get('priya-sandhu')).toBe('owner')
  expect((await open.send('/sandbox/as/priya-sandhu/groups', { name: ' ' })).problem).toBe(
    'Give the group a name',
  )
})

test('a form sent twice acts once, and a failure in the core loses nothing typed', async () => {
  open.host.answerNext({ kind: 'form', form: sampleForm() })
  await open.send(`${at}/say`, { text: '/record-decision' })
  const form = formIn(await open.page(at))
  const body = { open: form?.openId ?? '', action: 'submit', 'v.what': 'Typed' }
  open.host.answerNext(() => {
    throw new Error('The core is broken')
  })
  await open.send(`${at}/form`, body)
  const again = formIn(await open.page(at))
  expect(again?.problem).toContain('Nothing you typed is lost')
  expect(again?.fields.find(({ name }) => name === 'what')?.value).toBe('Typed')
  open.host.answerNext({ kind: 'closed' })
  await open.send(`${at}/form`, { ...body, open: again?.openId ?? '' })
  const count = open.host.interactions.length
  await open.send(`${at}/form`, { ...body, open: again?.openId ?? '' })
  expect(open.host.interactions).toHaveLength(count)
})

test('the clock moves forward to Monday nine o’clock', async () => {
  open.host.setNow(new Date('2026-10-22T12:00:00Z'))
  expect((await open.send('/sandbox/clock', { to: 'monday' })).ok).toBe(true)
  // The clocks went back in between: nine in London is nine in UTC again.
  expect(open.host.now().toISOString().slice(0, 16)).toBe('2026-10-26T09:00')
  expect((await open.send('/sandbox/clock', { to: 'yesterday' })).status).toBe(400)
})

test('commands are told from words', () => {
  expect(readCommand('/remembrancer')).toMatchObject({ name: 'help' })
  expect(readCommand('/Remembrancer send-digest now')).toEqual({
    kind: 'command',
    name: 'send-digest',
    text: 'now',
  })
  expect(readCommand(' /record-decision We close\nat noon')).toMatchObject({ text: 'We close\nat noon' })
  expect(readCommand('/remembrancer dance')).toMatchObject({ kind: 'unknown' })
  for (const words of ['/ 5 km', 'see /help', '//', 'hello'])
    expect(readCommand(words)).toEqual({ kind: 'not-a-command' })
})
