import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCast, storyExpectations } from '../../adapters/sandbox/index.js'
import { axeProblems, hasChromium, startBrowser } from '../sandbox/browser.js'
import { type RunningProgram, startProgram } from '../support/running-program.js'

const screens = 'test/.output/screens'
const nameOf = (id: string): string => sandboxCast.people.find((person) => person.id === id)?.name ?? id
const roomName = (id: string): string => sandboxCast.rooms.find((room) => room.id === id)?.name ?? id

/** The whole of the main job in the real program, seen through a real browser. One story, told in order. */
describe.skipIf(!hasChromium())('the story of a flood, in the real program', { timeout: 300_000 }, () => {
  let program: RunningProgram
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    mkdirSync(screens, { recursive: true })
    program = await startProgram()
    browser = await startBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(60_000)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await program?.stop()
  }, 60_000)

  async function show(path: string, name: string): Promise<void> {
    await page.goto(program.address + path)
    await look(name)
  }
  async function look(name: string): Promise<void> {
    expect(await axeProblems(page), name).toEqual([])
    await page.screenshot({ path: `${screens}/${name}.png` })
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await axeProblems(page), `${name} on a phone`).toEqual([])
    await page.screenshot({ path: `${screens}/${name}-phone.png` })
    await page.setViewportSize({ width: 1280, height: 800 })
  }
  const directWith = (person: string): string => `/sandbox/as/${person}/dm-${person}`
  const card = (words: string) => page.locator('article', { hasText: words })

  test('the story plays to its end', async () => {
    await page.goto(`${program.address}/sandbox`)
    await page.getByLabel('Speed of the story').selectOption('instant')
    await page.getByRole('button', { name: 'Play the story' }).click()
    await page.getByText('The story is over').waitFor({ timeout: 240_000 })
    await show('/sandbox/as/nadia-rahman/flood-response', 'chat')
  })

  test('each of the three decisions was noticed, and whoever settled it and asked was nudged privately', async () => {
    for (const decision of storyExpectations.decisions) {
      await page.goto(`${program.address}/sandbox/as/${decision.decidedBy}/dm-${decision.decidedBy}`)
      const nudge = card('This looks like a decision').filter({ hasText: roomName(decision.room) })
      await expect.poll(() => nudge.count(), { message: decision.key }).toBeGreaterThan(0)
    }
  })

  test('nothing else in the week was taken for a decision, nor logistics with the words of one', async () => {
    await page.goto(`${program.address}/unrecorded`)
    await expect.poll(() => page.locator('h1').textContent()).toContain('Unrecorded decisions')
    expect(await page.locator('main').textContent()).not.toContain('3pm works')
    expect(await page.locator('main').textContent()).toContain(
      `${storyExpectations.decisions.length} decisions to be recorded`,
    )
  })

  test('the minister records her decision from the nudge, after an error that loses nothing', async () => {
    await show(directWith('amara-okonjo'), 'nudge')
    const nudge = card('This looks like a decision').filter({ hasText: 'evacuate' }).first()
    await nudge.getByRole('button', { name: 'Record it' }).click()
    const form = page.getByRole('dialog', { name: 'Record a decision' })
    await form.waitFor()
    await look('record-form')
    expect(await form.getByLabel('What was decided').inputValue()).toContain('evacuate')
    expect(await form.getByLabel('Who decided').inputValue()).toContain('Okonjo')
    await form.getByRole('textbox', { name: /Why/ }).fill('The wall was built for 4.4 metres')
    await form.getByLabel('Who decided').fill('')
    await form.getByRole('button', { name: 'Record decision' }).click()
    await form.getByRole('alert').waitFor()
    expect(await form.getByRole('textbox', { name: /Why/ }).inputValue()).toBe(
      'The wall was built for 4.4 metres',
    )
    await form.getByLabel('Who decided').fill(nameOf('amara-okonjo'))
    await form.getByRole('button', { name: 'Record decision' }).click()
    await form.waitFor({ state: 'hidden' })
    await page.goto(`${program.address}/sandbox/as/nadia-rahman/flood-response`)
    await page.getByRole('heading', { name: /^Decision recorded: DEC-\d{4}-00001$/ }).waitFor()
    // docs/images/sandbox.png is a copy of this one.
    await look('recorded')
    await page.goto(program.address + directWith('amara-okonjo'))
    await page
      .getByText(/Recorded as DEC-\d{4}-00001/)
      .first()
      .waitFor()
  })

  test('the record holds the evidence with who was in the group', async () => {
    await page.goto(`${program.address}/decisions`)
    await page
      .getByRole('link', { name: /DEC-\d{4}-00001/ })
      .first()
      .click()
    await page.locator('h1').waitFor()
    const text = (await page.locator('main').textContent()) ?? ''
    expect(text).toContain('evacuate')
    expect(text).toContain(nameOf('beatrix-holm'))
    await look('record')
  })

  test('missing stakeholders were suggested to the administrator alone', async () => {
    for (const { room, person } of storyExpectations.suggestions) {
      const administrator = room === 'flood-response' ? 'nadia-rahman' : 'priya-sandhu'
      await page.goto(program.address + directWith(administrator))
      await page
        .getByRole('heading', { name: `Should ${nameOf(person)} know about this?` })
        .first()
        .waitFor()
    }
    await look('suggestion')
  })

  test('moving to WhatsApp was mentioned to its author and to nobody else', async () => {
    for (const { author } of storyExpectations.offChannel) {
      await page.goto(program.address + directWith(author))
      await page.getByRole('heading', { name: /Official business stays official/ }).waitFor()
    }
    await page.goto(program.address + directWith('yusuf-demir'))
    expect(await page.getByRole('heading', { name: /Official business stays official/ }).count()).toBe(0)
  })

  test('the membership log tells every change of the story and by whom', async () => {
    const rooms = [...new Set(storyExpectations.membership.map((line) => line.room))]
    for (const room of rooms) {
      await page.goto(`${program.address}/groups`)
      await page
        .getByRole('link', { name: roomName(room) })
        .first()
        .click()
      await page.getByRole('link', { name: 'Membership', exact: true }).click()
      await page.locator('h1').waitFor()
      const [csv] = await Promise.all([
        page.request.get(`${page.url().split('?')[0]}.csv`),
        look(`membership-${room}`),
      ])
      const lines = (await csv.text()).split('\r\n').flatMap((line) => line.split('\n'))
      for (const line of storyExpectations.membership.filter((each) => each.room === room)) {
        const by = line.by === line.person ? 'themselves' : nameOf(line.by)
        const told = lines.some(
          (row) => row.includes(nameOf(line.person)) && row.includes(line.change) && row.includes(by),
        )
        expect(told, `${line.person} ${line.change} ${room} by ${line.by}`).toBe(true)
      }
    }
  })

  test('on Monday at nine the private office gets its digest, with what is left and what was recorded', async () => {
    await page.goto(`${program.address}/sandbox/as/tamsin-vale/private-office`)
    await page.getByText('Move clock').click()
    await page.getByRole('button', { name: /Monday/ }).click()
    await page.locator('.sb-clock__day', { hasText: 'Monday' }).waitFor()
    await page.goto(`${program.address}/sandbox/as/tamsin-vale/private-office`)
    const digest = card('Unrecorded decisions: Office of the Secretary of State').last()
    await digest.waitFor()
    await expect.poll(async () => (await digest.textContent()) ?? '').toMatch(/DEC-\d{4}-00001/)
    expect(await digest.textContent()).toContain('left')
    expect(await digest.textContent()).toContain('2 decisions not yet recorded')
    await look('digest')
    await digest.getByRole('link', { name: 'Open the whole digest' }).click()
    await page.locator('h1').waitFor()
    await look('digest-page')
  })

  test('every page of the program is accessible', async () => {
    for (const path of [
      '/groups',
      '/unrecorded',
      '/decisions',
      '/digests',
      '/people',
      '/ledger',
      '/status',
      '/no-such-page',
    ])
      await show(path, `page${path.replaceAll('/', '-')}`)
  })

  test('the ledger verifies afterwards, through the command line of the running program', () => {
    const { status, stdout, stderr } = program.cli(['verify'])
    expect(`${stdout}${stderr}`).toContain('The ledger verifies')
    expect(status).toBe(0)
  })

  test('it stops cleanly', async () => {
    expect(await program.stop()).toBe(0)
  })
})
