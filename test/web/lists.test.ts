import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenWeb, openWeb, posted } from './open-web.js'
import { idOf, seedNow } from './seed.js'

let web: OpenWeb
beforeAll(async () => {
  web = await openWeb()
}, 60_000)
afterAll(() => web.close())

const page = async (url: string) => (await web.app.inject(url)).body

test('the list says which groups are registered, how many are in them, and what is oldest', async () => {
  const body = await page('/')
  expect(body).toContain('Not registered: no text is kept')
  expect(body).toContain(`/groups/${web.seeded.lunch}/register`)
  expect(body).toContain('2 open')
  expect(body).toContain('Overdue by 5 days')
  expect(body).toContain('1 from imports')
  expect(await page('/groups?search=FLOOD')).not.toContain('Lunch')
  expect(await page('/groups?search=%25')).toContain('No group matches')
})

test('unrecorded decisions come oldest first, with days left, why, and messages; imports apart', async () => {
  const body = await page('/unrecorded')
  expect(body.indexOf('rest centre')).toBeLessThan(body.indexOf('pumps'))
  expect(body).toContain('17 days left')
  expect(body).toContain('Somebody asked, and somebody with a say answered')
  expect(body).toContain('Decided by Ben Okoro')
  expect(body).toContain('Yes, agreed: open it, 200 beds')
  expect(body).not.toContain('An old decision from an import')
  const backlog = await page('/unrecorded?list=backlog')
  expect(backlog).toContain('An old decision from an import')
  expect(backlog).not.toContain('rest centre')
  expect(await page(`/unrecorded?office=${randomUUID()}`)).toContain('Nothing is waiting')
})

test('setting aside asks who, and takes it off the list', async () => {
  const signal = web.seeded.signals[0]
  const url = `/unrecorded/${signal}/set-aside`
  const unnamed = await web.app.inject({ method: 'POST', url, ...posted({ by: '' }) })
  expect(unnamed.statusCode).toBe(422)
  expect(unnamed.body).toContain('Choose who sets this aside')
  const named = await web.app.inject({
    method: 'POST',
    url,
    ...posted({ by: idOf(web.seeded.people, 'ada') }),
  })
  expect(named.statusCode).toBe(303)
  expect(await page(String(named.headers.location))).toContain('Set aside as not a decision')
  expect(await page('/unrecorded')).not.toContain('rest centre')
  expect(await page(url)).toContain('already set aside')
})

test('decisions are found by words, reference, type, group and period', async () => {
  const { reference, flood, lunch } = web.seeded
  const found = async (query: string) =>
    (await page(`/decisions?${query}`)).includes(`/decisions/${reference}`)
  expect(await found('search=highbridge+A38')).toBe(true)
  expect(await found(`search=${reference.toLowerCase()}`)).toBe(true)
  expect(await found('search=highbridge+nowhere')).toBe(false)
  expect(await found('search=%25')).toBe(false)
  expect(await found('type=operational-direction&from=2026-11-14&to=2026-11-14')).toBe(true)
  expect(await found('to=2026-11-13')).toBe(false)
  expect(await found('type=procurement')).toBe(false)
  expect(await found(`group=${flood}`)).toBe(true)
  expect(await found(`group=${lunch}`)).toBe(false)
  expect(await page(`/groups/${flood}/decisions`)).toContain(reference)
})

test('long lists are paged and keep their filter', async () => {
  const { prisma } = web.test.database
  await prisma.group.createMany({
    data: Array.from({ length: 60 }, (_, index) => ({
      id: randomUUID(),
      platform: 'teams',
      tenant: 'T',
      externalId: `x${index}`,
      name: `Zeta ${String(index).padStart(2, '0')}`,
      firstSeenAt: seedNow,
    })),
  })
  const second = await page('/groups?search=zeta&page=2')
  expect(second).toContain('Zeta 25')
  expect(second).not.toContain('Zeta 24')
  expect(second).toContain('href="/groups?search=zeta&amp;page=3"')
  expect(second).toContain('Showing 26 to 50 of 60')
  expect(await page('/groups?search=zeta&page=9')).toContain('No group matches')
})

test('nudges show what was withheld and why; off-channel ones are only counted', async () => {
  const { prisma } = web.test.database
  const url = `/groups/${web.seeded.flood}/nudges`
  expect(await page(url)).toContain('the group runs in dry run')
  const signal = await prisma.signal.findFirstOrThrow({ where: { id: web.seeded.signals[1] ?? '' } })
  const id = randomUUID()
  await prisma.signal.create({
    data: { ...signal, id, kind: 'off-channel', key: 'm9', summary: 'WhatsApp me' },
  })
  await prisma.nudge.create({
    data: {
      id: randomUUID(),
      signalId: id,
      groupId: web.seeded.flood,
      personId: idOf(web.seeded.people, 'ben'),
      outcome: 'posted',
      dueAt: seedNow,
      day: '2026-11-20',
      createdAt: seedNow,
    },
  })
  const body = await page(url)
  expect(body).not.toContain('WhatsApp me')
  expect(body).toContain('1 prompt about moving to other channels')
})

test('a nudge is dated by when it was sent, and until then by when it is due', async () => {
  const { prisma } = web.test.database
  const outboxId = randomUUID()
  await prisma.outboxPost.create({
    data: {
      id: outboxId,
      platform: 'slack',
      tenant: 'T1',
      target: { kind: 'person', person: 'U1' },
      channel: 'slack|T1|U1',
      card: { heading: '', summary: '' },
      purpose: 'nudge',
      key: outboxId,
      status: 'sent',
      sentAt: new Date('2026-11-19T08:01:00Z'),
      createdAt: new Date('2026-11-19T08:00:00Z'),
      notBefore: new Date('2026-11-19T08:00:00Z'),
    },
  })
  const nudge = {
    groupId: web.seeded.flood,
    day: '2026-11-19',
    createdAt: new Date('2026-11-18T21:40:00Z'),
    dueAt: new Date('2026-11-19T07:30:00Z'),
    signalId: web.seeded.signals[1] ?? '',
  }
  await prisma.nudge.createMany({
    data: [
      { ...nudge, id: randomUUID(), personId: idOf(web.seeded.people, 'ada'), outcome: 'posted', outboxId },
      { ...nudge, id: randomUUID(), personId: idOf(web.seeded.people, 'ben'), outcome: 'waiting' },
    ],
  })
  const body = await page(`/groups/${web.seeded.flood}/nudges`)
  expect(body).toContain('19 November 2026 at 08:01')
  expect(body).toContain('19 November 2026 at 07:30')
  expect(body).not.toContain('21:40')
})

test('a digest shows what is oldest first, and what became of it since', async () => {
  const id = await web.context.sendDigestNow(web.seeded.officeId, undefined)
  const before = await page(`/digests/${id}`)
  expect(before).toContain('17 days left')
  expect(before).toContain(`record?signal=${web.seeded.signals[1]}`)
  await web.context.setAside(web.seeded.signals[1] ?? '', idOf(web.seeded.people, 'ada'))
  // Set aside from a page, not from a nudge: counted all the same.
  expect(await page(`/groups/${web.seeded.flood}/nudges`)).toContain('2 not a decision')
  expect(await page(`/digests/${id}`)).toContain('Set aside since')
  expect(await page('/digests')).toContain(`/digests/${id}`)
  const nobody = await web.app.inject({
    method: 'POST',
    url: '/digests',
    ...posted({ office: randomUUID() }),
  })
  expect(nobody.statusCode).toBe(422)
})

test('an empty house says on every page what to do', async () => {
  const empty = await openWeb({ empty: true })
  for (const [url, words] of [
    ['/', 'No group is known yet'],
    ['/unrecorded', 'Nothing is waiting to be recorded'],
    ['/decisions', 'No decision has been recorded yet'],
    ['/digests', 'No private office is known yet'],
    ['/people', 'The directory is empty'],
    ['/status', 'No gap is open'],
  ] as const)
    expect((await empty.app.inject(url)).body, url).toContain(words)
  await empty.close()
})
