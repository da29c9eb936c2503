import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenWeb, openWeb, posted } from './open-web.js'
import { hostile, idOf } from './seed.js'

let web: OpenWeb
beforeAll(async () => {
  web = await openWeb()
}, 60_000)
afterAll(() => web.close())

/** Opens the form of a signal as a browser does, and returns its draft and page. */
async function open(query: string): Promise<{ draft: string; body: string; path: string }> {
  const path = `/groups/${web.seeded.flood}/record`
  const first = await web.app.inject(`${path}${query}`)
  expect(first.statusCode).toBe(303)
  const draft = new URL(`http://x${first.headers.location}`).searchParams.get('draft') ?? ''
  const { body } = await web.app.inject(String(first.headers.location))
  return { draft, body, path }
}

const filled = {
  decision: 'Approve 40,000 pounds for pumps',
  decidedBy: 'Ada Fenn',
  'decidedAt-day': '17',
  'decidedAt-month': 'Nov',
  'decidedAt-year': '2026',
  'decidedAt-time': '3.05pm',
  decisionType: 'approval-to-spend',
  reasons: 'Line one\r\nLine two',
  options: '',
  consulted: '',
  actions: '',
  takenElsewhere: 'chat',
}

test('the form comes filled in from the discussion, with its evidence ticked', async () => {
  const { body } = await open(`?signal=${web.seeded.signals[1]}`)
  expect(body).toContain('Approve £40,000 for pumps &lt;img')
  expect(body).not.toContain(hostile)
  expect(body).toMatch(/name="decidedAt-time"[^>]*value="15:00"/)
  expect(body).toMatch(/value="m4" checked/)
  expect(body).not.toMatch(/value="n1" checked/)
  expect(body).toContain('Part 1 of 3')
})

test('errors stand at the fields and in the summary, and nothing typed is lost', async () => {
  const { draft, path } = await open(`?signal=${web.seeded.signals[1]}`)
  const { statusCode, body } = await web.app.inject({
    method: 'POST',
    url: path,
    ...posted({
      ...filled,
      draft,
      decision: '',
      'decidedAt-day': '31',
      reasons: `Because ${hostile}`,
      evidence: ['m3', 'n1'],
    }),
  })
  expect(statusCode).toBe(422)
  expect(body).toContain('<title>Error: ')
  for (const [text, href] of [
    ['Say what was decided', '#decision'],
    ['Enter a real date and time', '#decidedAt-day'],
    ['Choose who records this decision', '#recordedBy'],
  ])
    expect(body).toMatch(new RegExp(`href="${href}">${text}`))
  expect(body).toContain('id="decision-error"')
  expect(body).toContain('Because &lt;img')
  expect(body).toMatch(/name="decidedAt-day"[^>]*value="31"/)
  expect(body).toMatch(/value="n1" checked/)
  expect(body).not.toMatch(/value="m4" checked/)
  const again = await web.app.inject(`${path}?draft=${draft}`)
  expect(again.body).toContain('Because &lt;img')
})

test('turning a page of evidence keeps what was typed and ticked', async () => {
  const { draft, path } = await open(`?signal=${web.seeded.signals[1]}`)
  const turned = await web.app.inject({
    method: 'POST',
    url: path,
    ...posted({ ...filled, draft, reasons: 'Typed before turning', evidence: ['m3', 'n1'], turn: 'page:2' }),
  })
  expect(turned.statusCode).toBe(303)
  const { body } = await web.app.inject(String(turned.headers.location).split('#')[0] ?? '')
  expect(body).toContain('Part 2 of 3')
  expect(body).toContain('Typed before turning')
  expect(body).toContain('Approve 40,000 pounds')
})

test('submitted, it becomes a record with the evidence of all pages, and the unrecorded decision closes', async () => {
  const { draft, path } = await open(`?signal=${web.seeded.signals[1]}`)
  const by = idOf(web.seeded.people, 'ada')
  const done = await web.app.inject({
    method: 'POST',
    url: path,
    ...posted({ ...filled, draft, evidence: ['m3', 'm4'], recordedBy: by }),
  })
  expect(done.statusCode).toBe(303)
  const page = await web.app.inject(String(done.headers.location))
  expect(page.body).toContain('Recorded as DEC-2026-00002')
  expect(page.body).toContain('17 November 2026 at 15:05')
  expect(page.body).toMatch(/Line one\n\s*Line two/)
  // n44 was ticked by the detector on a page that was not shown: it stays.
  expect(page.body).toContain('Report 44 from the river')
  const signal = await web.test.database.prisma.signal.findUnique({
    where: { id: web.seeded.signals[1] ?? '' },
  })
  expect(signal?.state).toBe('recorded')
  const again = await web.app.inject(`${path}?signal=${web.seeded.signals[1]}`)
  expect(again.headers.location).toBe('/decisions/DEC-2026-00002')
})

test('a decision taken elsewhere is recorded by hand', async () => {
  const { draft, path } = await open('')
  const done = await web.app.inject({
    method: 'POST',
    url: path,
    ...posted({ ...filled, draft, takenElsewhere: 'call', recordedBy: idOf(web.seeded.people, 'ben') }),
  })
  const page = await web.app.inject(String(done.headers.location))
  expect(page.body).toContain('On a call')
  expect(page.body).toContain('no message stands behind it')
})

test('a stranger, a draft of another group, and an unregistered group cannot record', async () => {
  const { draft, path } = await open('')
  const stranger = await web.app.inject({
    method: 'POST',
    url: path,
    ...posted({ ...filled, draft, recordedBy: '00000000-0000-4000-8000-000000000000' }),
  })
  expect(stranger.statusCode).toBe(422)
  const lunch = `/groups/${web.seeded.lunch}/record`
  expect((await web.app.inject(lunch)).statusCode).toBe(409)
  expect((await web.app.inject({ method: 'POST', url: lunch, ...posted({ draft }) })).statusCode).toBe(409)
})

test('a record says what it is, follows no dangerous link, and outlives the disposal of its text', async () => {
  const url = `/decisions/${web.seeded.reference}`
  const { body } = await web.app.inject(url)
  expect(body).toContain('4 members at that moment')
  expect(body).not.toContain('javascript:')
  expect(body).toMatch(/SHA-256 [0-9a-f]{64}/)
  const { prisma } = web.test.database
  const record = await prisma.decisionRecord.findUniqueOrThrow({ where: { reference: web.seeded.reference } })
  await prisma.evidence.deleteMany({ where: { recordId: record.id } })
  await prisma.decisionVersion.deleteMany({ where: { recordId: record.id } })
  const tombstone = await web.app.inject(url)
  expect(tombstone.statusCode).toBe(200)
  expect(tombstone.body).toContain('disposed of under a retention rule')
})
