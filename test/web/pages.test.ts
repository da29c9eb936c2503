import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenWeb, openWeb } from './open-web.js'
import { hostile } from './seed.js'

let web: OpenWeb
beforeAll(async () => {
  web = await openWeb()
}, 60_000)
afterAll(() => web.close())

test('every page opens, with a title, one h1 and no raw markup of hostile names', async () => {
  const { seeded } = web
  const digest = await web.context.sendDigestNow(seeded.officeId, undefined)
  const group = `/groups/${seeded.flood}`
  for (const url of [
    '/',
    '/groups',
    group,
    `${group}/membership`,
    `${group}/unrecorded`,
    `${group}/decisions`,
    `${group}/suggestions`,
    `${group}/nudges`,
    `${group}/register`,
    `/groups/${seeded.lunch}`,
    `/groups/${seeded.lunch}/unrecorded`,
    `/groups/${seeded.lunch}/register`,
    '/unrecorded',
    '/unrecorded?list=backlog',
    `/unrecorded/${seeded.signals[0]}/set-aside`,
    '/decisions',
    `/decisions/${seeded.reference}`,
    '/digests',
    `/digests/${digest}`,
    '/people',
    '/people/upload',
    '/ledger',
    '/status',
  ]) {
    const { statusCode, body } = await web.app.inject(url)
    expect(statusCode, `${url} ${JSON.stringify(web.errors)}`).toBe(200)
    expect(body, url).toMatch(/<title>[^<]+ – Remembrancer<\/title>/)
    expect(body.match(/<h1[ >]/g), url).toHaveLength(1)
    expect(body, url).not.toContain('<img src=x')
    expect(body, url).not.toContain('javascript:alert')
  }
})

test('what a platform knows to be wrong stands at the top of the status page, with its fix', async () => {
  const { context } = web
  const calm = context.status
  const trouble = {
    platform: 'slack',
    check: 'arrivals',
    ok: false,
    detail: `Slack refuses the token: ${hostile}`,
    fix: 'Make a new token.',
  }
  Object.assign(context, { status: async () => ({ ...(await calm()), troubles: [trouble] }) })
  const { body } = await web.app.inject('/status')
  Object.assign(context, { status: calm })
  expect(body).toMatch(/Slack: Slack refuses the token: &lt;img[^<]*Make a new token\./)
  expect((await web.app.inject('/status')).body).not.toContain('govuk-warning-text')
})
