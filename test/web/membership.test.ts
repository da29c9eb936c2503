import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenWeb, openWeb, posted } from './open-web.js'
import { idOf } from './seed.js'

let web: OpenWeb
let url: string
beforeAll(async () => {
  web = await openWeb()
  url = `/groups/${web.seeded.flood}/membership`
}, 60_000)
afterAll(() => web.close())

const asked = async (day: string, month: string, year: string, time: string) =>
  await web.app.inject(
    `${url}?${new URLSearchParams({ 'at-day': day, 'at-month': month, 'at-year': year, 'at-time': time })}`,
  )
const answer = (body: string) => /<div class="app-answer"[\s\S]*?<\/div>/.exec(body)?.[0] ?? ''

test('who was in the group at an instant is answered to the minute, in the time zone of the office', async () => {
  // Dev was removed on 21 October 2026 at 15:00 UTC, which is 16:00 in London.
  const before = answer((await asked('21', '10', '2026', '15:59')).body)
  expect(before).toContain('5 members')
  expect(before).toContain('=HYPERLINK')
  const after = answer((await asked('21', 'October', '2026', '4pm')).body)
  expect(after).toContain('4 members')
  expect(after).not.toContain('=HYPERLINK')
  expect(after).toContain('Eve Outside (external)')
})

test('before anything is known of a group, that is said', async () => {
  expect(answer((await asked('1', '1', '2020', '12:00')).body)).toContain('before that we cannot say')
})

test('an instant that does not exist or lies ahead is an error at the field, with what was typed', async () => {
  for (const [day, words] of [
    ['31', 'Enter a real date and time'],
    ['30', 'must be in the past'],
  ] as const) {
    const { statusCode, body } = await asked(day, '11', '2026', '12:00')
    expect(statusCode).toBe(422)
    expect(body).toContain(words)
    expect(body).toMatch(new RegExp(`name="at-day"[^>]*value="${day}"`))
  }
})

test('the log tells who, what, when, by whom and how we know, newest first, with gaps', async () => {
  const { body } = await web.app.inject(url)
  const log = body.slice(body.indexOf('Membership log</h3>'))
  expect(log.indexOf('Removed')).toBeLessThan(log.indexOf('Joined'))
  expect(body).toContain('roster checks do not look for roles')
  expect(log).toContain('Moved post')
  expect(log).toContain('Not reported by the platform')
  expect(log).toContain('Reported by the platform as it happened')
  expect(log).toContain('Remembrancer was not running. Membership changes of that time may be missing')
})

test('the CSV runs nothing in a spreadsheet', async () => {
  const { body, headers } = await web.app.inject(`${url}.csv`)
  expect(headers['content-type']).toContain('text/csv')
  expect(headers['content-disposition']).toBe('attachment; filename="membership-Flood-response.csv"')
  expect(body).toContain('\'=HYPERLINK(""http://evil"")')
  expect(body).not.toMatch(/(^|,)"?=/m)
  const lunch = await web.app.inject(`/groups/${web.seeded.lunch}/membership.csv`)
  expect(lunch.headers['content-disposition']).toMatch(/^attachment; filename="[A-Za-z0-9.-]+"$/)
})

test('registering keeps what was typed, shows every error, and asks about another private office', async () => {
  const register = `/groups/${web.seeded.flood}/register`
  const form = {
    purpose: 'Changed purpose',
    businessNeed: '',
    administrators: idOf(web.seeded.people, 'ben'),
    privateOffice: web.seeded.officeId,
    recordsOfficer: '',
    'reviewDate-day': '1',
    'reviewDate-month': '2',
    'reviewDate-year': '2027',
    registeredBy: '',
  }
  const wrong = await web.app.inject({ method: 'POST', url: register, ...posted(form) })
  expect(wrong.statusCode).toBe(422)
  expect(wrong.body).toContain('Say why it needs a chat group')
  expect(wrong.body).toContain('Choose who registers this group')
  expect(wrong.body).toContain('Changed purpose')
  const by = idOf(web.seeded.people, 'ada')
  const other = await web.app.inject({
    method: 'POST',
    url: register,
    ...posted({ ...form, privateOffice: 'new', businessNeed: 'Speed', registeredBy: by }),
  })
  expect(other.statusCode).toBe(200)
  expect(other.body).toContain('name="officeName"')
  expect(other.body).toContain('Changed purpose')
  expect(other.body).not.toContain('There is a problem')
  const done = await web.app.inject({
    method: 'POST',
    url: register,
    ...posted({ ...form, businessNeed: 'Speed', registeredBy: by }),
  })
  expect(done.statusCode).toBe(303)
  const overview = await web.app.inject(String(done.headers.location))
  expect(overview.body).toContain('The registration is saved')
  expect(overview.body).toContain('Changed purpose')
  expect(overview.body).toContain('1 February 2027')
})
