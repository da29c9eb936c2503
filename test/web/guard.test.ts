import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLoopbackHost } from '../../src/web/guard.js'
import { type OpenWeb, openWeb, posted } from './open-web.js'

let web: OpenWeb
beforeAll(async () => {
  web = await openWeb()
}, 60_000)
afterAll(() => web.close())

test('only the names of this machine itself are answered', async () => {
  for (const host of ['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST'])
    expect(isLoopbackHost(host), host).toBe(true)
  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'localhost@x',
    '[::1',
  ])
    expect(isLoopbackHost(host), host).toBe(false)
  const rebound = await web.app.inject({ url: '/', headers: { host: 'evil.example' } })
  expect(rebound.statusCode).toBe(421)
  expect(rebound.body).not.toContain('Flood')
})

describe('a change', () => {
  const send = (headers: Record<string, string>) =>
    web.app.inject({
      method: 'POST',
      url: '/digests',
      ...posted({ office: web.seeded.officeId }),
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'localhost:3000', ...headers },
    })

  test('made by another site is refused', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:4000' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' },
    ])
      expect((await send(headers as Record<string, string>)).statusCode, JSON.stringify(headers)).toBe(403)
    expect(await web.test.database.prisma.digest.count()).toBe(0)
  })

  test('made by our own page is taken', async () => {
    const own = await send({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' })
    expect(own.statusCode).toBe(303)
    expect(await web.test.database.prisma.digest.count()).toBe(1)
  })
})

test('pages are never cached, framed or sniffed, and load nothing inline', async () => {
  const { headers, body } = await web.app.inject('/groups')
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('same-origin')
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(body).not.toMatch(/ style="| on[a-z]+="/)
  expect((await web.app.inject('/assets/pages.css')).headers['cache-control']).toContain('max-age')
})

test('what is not there is said on a page, whatever the address holds', async () => {
  for (const url of [
    '/nowhere',
    '/groups/1',
    "/groups/'%20or%201=1",
    '/groups/00000000-0000-4000-8000-000000000000',
    '/decisions/DEC-2026-99999',
    '/decisions/%00',
    '/digests/x',
    '/unrecorded/x/set-aside',
    `/groups/${web.seeded.flood}/record?draft=00000000-0000-4000-8000-000000000000`,
    `/groups/${web.seeded.flood}/record?signal=00000000-0000-4000-8000-000000000000`,
  ]) {
    const { statusCode, body } = await web.app.inject(url)
    expect(statusCode, url).toBe(404)
    expect(body, url).toContain('Page not found')
  }
})

test('queries that make no sense still show the page', async () => {
  for (const query of [
    'page=-1',
    'page=abc',
    'page=99999999999',
    'page=7',
    'search=%25_%5C',
    'office=1&group=2&type=zzz&from=x',
    'search=a&search=b',
    `search=${'x'.repeat(3000)}`,
  ])
    for (const path of ['/groups', '/unrecorded', '/decisions', '/digests', '/people'])
      expect((await web.app.inject(`${path}?${query}`)).statusCode, `${path}?${query}`).toBe(200)
})

test('an unforeseen failure shows a number and nothing of the inside; the log has the same number and no text', async () => {
  const broken = await openWeb({
    empty: true,
    change: { status: () => Promise.reject(new Error('secret message text at /srv/db')) },
  })
  const { statusCode, body } = await broken.app.inject('/status')
  expect(statusCode).toBe(500)
  expect(body).not.toContain('secret')
  const id = /<strong>([0-9a-f]{8})<\/strong>/.exec(body)?.[1]
  expect(broken.errors).toHaveLength(1)
  expect(broken.errors[0]?.id).toBe(id)
  expect(JSON.stringify(broken.errors)).not.toContain('secret')
  await broken.close()
})

test('bodies that are too large or no form are refused with a page', async () => {
  const large = await web.app.inject({
    method: 'POST',
    url: '/digests',
    ...posted({ office: 'x'.repeat(400_000) }),
  })
  expect(large.statusCode).toBe(413)
  const odd = await web.app.inject({
    method: 'POST',
    url: '/digests',
    headers: { 'content-type': 'text/odd' },
    payload: 'x',
  })
  expect(odd.statusCode).toBe(415)
  expect(odd.body).toContain('That cannot be read')
})

test('health is plain JSON', async () => {
  expect((await web.app.inject('/healthz')).json()).toEqual({ status: 'ok' })
})

test('status tells operators what went wrong without any text of chats', async () => {
  const { body } = await web.app.inject('/status')
  for (const words of ['EVENT_SET_ASIDE', 'DELIVERY_GAVE_UP', 'Remembrancer was not running'])
    expect(body).toContain(words)
  expect(body).not.toContain('secret')
})
