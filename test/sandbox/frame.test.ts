import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentSecurityPolicy, registerAssets } from '../../src/web/assets.js'
import { createTemplates, formatInstant, initials, registerTemplates } from '../../src/web/templates.js'

const app = Fastify()
beforeAll(async () => {
  registerTemplates(app, createTemplates([fileURLToPath(new URL('./views', import.meta.url))]))
  await registerAssets(app)
  app.get('/', (_request, reply) =>
    reply.view('frame-sample.njk', { title: 'Groups', nav: 'groups', text: '<b>hostile</b>', at: 0 }),
  )
  await app.ready()
})
afterAll(() => app.close())

test('a page stands in the frame, with its place marked and words escaped', async () => {
  const { body, headers } = await app.inject('/')
  expect(headers['content-type']).toContain('text/html')
  expect(body).toContain('<title>Groups – Remembrancer</title>')
  expect(body).toMatch(/<a class="govuk-service-navigation__link" href="\/groups" aria-current="page">/)
  expect(body).toContain('Unrecorded decisions')
  expect(body).toContain('&lt;b&gt;hostile')
  expect(body).toContain('1 January 1970 at 01:00')
})

test('the one inline script of the frame is the one the policy allows', async () => {
  const { body, headers } = await app.inject('/')
  const inline = [...body.matchAll(/<script(?![^>]*src=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    (match) => match[1] ?? '',
  )
  const hashes = inline.map((code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`)
  expect(hashes).toHaveLength(1)
  for (const hash of hashes) expect(contentSecurityPolicy).toContain(hash)
  expect(headers['content-security-policy']).toBe(contentSecurityPolicy)
  expect(body).not.toMatch(/ style="| on[a-z]+="/)
})

test('every file the frame names is served, and nothing else of the packages', async () => {
  const { body } = await app.inject('/')
  const named = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
  expect(named.length).toBeGreaterThanOrEqual(5)
  const more = ['/assets/images/icon-alert-success.svg']
  for (const url of [
    ...named,
    ...more,
    '/assets/govuk/govuk-frontend.min.js',
    '/assets/moj/moj-frontend.min.js',
  ])
    expect((await app.inject(url)).statusCode, url).toBe(200)
  expect((await app.inject('/assets/govuk/index.scss')).statusCode).toBe(404)
  expect((await app.inject('/assets/../package.json')).statusCode).toBe(404)
})

test('instants are shown in their zone, and names by their initials', () => {
  expect(formatInstant('2026-07-01T11:30:00Z', 'time', 'Europe/London')).toBe('12:30')
  expect(formatInstant('nonsense', 'time', 'UTC')).toBe('')
  expect(initials('Rt Hon Ada Fenn MP')).toBe('AF')
  expect(initials('')).toBe('')
})
