import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseDirectory } from '../../src/stakeholders/index.js'
import { type OpenWeb, openWeb } from './open-web.js'

let web: OpenWeb
beforeAll(async () => {
  web = await openWeb()
}, 60_000)
afterAll(() => web.close())

const head = 'name,email,role,team,remit\n'

/** Sends a file as a browser does. */
async function upload(content: string | Uint8Array<ArrayBuffer>, whole = false) {
  const form = new FormData()
  form.set('file', new Blob([content]), 'directory.csv')
  if (whole) form.set('whole', 'yes')
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  return await web.app.inject({
    method: 'POST',
    url: '/people/upload',
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    payload: Buffer.from(await request.arrayBuffer()),
  })
}

describe('loading a directory', () => {
  test('adds people, brings known ones up to date, and knows who is in which group', async () => {
    const done = await upload(
      `\uFEFFTeam;Name;Email;Role;Remit;Room\nCommercial;Priya Nair;PRIYA.nair@example.gov.uk;Director of Procurement;"Pumps; beds, and ""more"""\r\nFloods;Ben Okoro;ben@example.gov.uk;Incident lead;Floods;2\n`,
    )
    expect(done.statusCode).toBe(303)
    expect(String(done.headers.location)).toBe('/people?loaded=2&retired=0')
    const { body } = await web.app.inject('/people')
    expect(body).toContain('Director of Procurement')
    expect(body).toContain('Pumps; beds, and &quot;more&quot;')
    expect(body).toMatch(/Ben Okoro[\s\S]*Flood response/)
    expect(body.match(/Priya Nair/g)).toHaveLength(1)
    expect((await web.app.inject('/people?search=incident')).body).not.toContain('Priya')
  })

  test('with one wrong line loads nothing, and says each line that is wrong', async () => {
    const before = await web.test.database.prisma.directoryEntry.count()
    const wrong = await upload(
      `${head}New Person,new@example.gov.uk,Lead,Team,Remit\n"Two\nlines",bad,,Team,Remit\nX,new@example.gov.uk,R,T,M\n`,
    )
    expect(wrong.statusCode).toBe(422)
    expect(wrong.body).toContain('email must be an address')
    expect(wrong.body).toContain('role is missing')
    expect(wrong.body).toContain('The same email address is already on line 2')
    expect(await web.test.database.prisma.directoryEntry.count()).toBe(before)
  })

  test('as the whole directory retires everybody else', async () => {
    const done = await upload(`${head}Only Person,only@example.gov.uk,Lead,Team,Remit\n`, true)
    expect(String(done.headers.location)).toMatch(/retired=2$/)
    expect((await web.app.inject('/people')).body).not.toContain('Priya')
  })

  test('without a file, with binary junk or another encoding says what to do', async () => {
    expect((await upload('')).body).toContain('Choose a CSV file')
    expect((await upload(new Uint8Array([0xff, 0xfe, 0x41, 0x00]))).body).toContain('save it as “CSV UTF-8”')
    expect((await upload('hello')).body).toContain('The first line must name the columns')
    const broken = await web.app.inject({
      method: 'POST',
      url: '/people/upload',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      payload: 'junk',
    })
    expect(broken.statusCode).toBe(422)
  })
})

test('lines are counted as an editor counts them', () => {
  const parsed = parseDirectory(`${head}\n"A\nB",a@b.example,r,t,m\nC,not-mail,r,t,m`)
  expect(parsed.problems).toEqual([
    { line: 5, problem: 'email must be an address like name@department.example' },
  ])
  expect(parseDirectory(`${head}"open`).problems?.[0]?.problem).toContain('never closed')
  expect(parseDirectory(head).problems?.[0]?.problem).toContain('nobody')
})
