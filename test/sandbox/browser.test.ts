import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hostileCard, hugeCard, sampleCard, sampleForm } from '../contract/samples.js'
import { axeProblems, hasChromium, startBrowser } from './browser.js'
import { type OpenSandbox, openSandbox } from './open-sandbox.js'

const desktop = { viewport: { width: 1280, height: 800 } }
const phone = { viewport: { width: 390, height: 844 } }
const flood = '/sandbox/as/nadia-rahman/flood-response'

describe.skipIf(!hasChromium())('the sandbox in a browser', { timeout: 90_000 }, () => {
  let browser: Browser
  let open: OpenSandbox
  const pages: { page: Page; complaints: string[] }[] = []
  beforeAll(async () => {
    browser = await startBrowser()
    open = await openSandbox()
  }, 40_000)
  afterEach(async () => {
    for (const { page, complaints } of pages.splice(0)) {
      expect(complaints.join('\n')).toBe('')
      await page.context().close()
    }
  })
  afterAll(async () => {
    await browser?.close()
    await open?.stop({ forget: true })
  })
  async function visit(path: string, options: BrowserContextOptions = desktop): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    const complaints: string[] = []
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    pages.push({ page, complaints })
    await page.goto(open.url + path)
    return page
  }

  test('a message typed by one appears for another without reload, and is announced', async () => {
    const writer = await visit(flood)
    const reader = await visit('/sandbox/as/callum-fraser/flood-response')
    await writer.getByLabel(/^Message to/).fill('Gauge at 4.1 <b>m</b>')
    await writer.keyboard.press('Enter')
    await reader.getByText('Gauge at 4.1 <b>m</b>').first().waitFor()
    await expect
      .poll(() => reader.locator('#sb-announcer').textContent())
      .toContain('Nadia Rahman: Gauge at 4.1')
    expect(await writer.getByLabel(/^Message to/).inputValue()).toBe('')
    expect(await writer.locator('#sb-announcer').textContent()).toBe('')
  })

  test('an unread count appears in the list of groups while one is elsewhere', async () => {
    const page = await visit('/sandbox/as/beatrix-holm/depot-logistics')
    await open.send(`${flood}/say`, { text: 'Anybody there?' })
    await page.locator('.sb-group--unread', { hasText: 'Flood response' }).waitFor()
  })

  test('record a decision by keyboard alone: menu, form, errors, done', async () => {
    await open.send(`${flood}/say`, { text: 'Then noon it is' })
    const page = await visit(flood)
    open.host.answerNext({ kind: 'form', form: sampleForm() })
    await page.locator('.sb-actions summary').last().focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Record a decision')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Record a decision' })
    await dialog.waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('sb-dialog-title')
    expect(await axeProblems(page)).toEqual([])
    await dialog.getByLabel('What was decided').fill('We leave at noon')
    open.host.answerNext({ kind: 'errors', form: sampleForm(), errors: { why: 'Say why in a few words' } })
    await dialog.getByLabel('Why').press('Enter')
    await dialog.getByRole('alert').waitFor()
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('govuk-error-summary')
    expect(await dialog.getByLabel('What was decided').inputValue()).toBe('We leave at noon')
    expect(await page.title()).toMatch(/^Error: /)
    expect(await axeProblems(page)).toEqual([])
    await dialog.getByRole('link', { name: 'Say why in a few words' }).press('Enter')
    await page.keyboard.type('The water rises')
    const done = { heading: 'Recorded as DEC-2026-00001', summary: 'Recorded' }
    open.host.answerNext({ kind: 'closed', card: done })
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: done.heading }).waitFor()
    expect(await dialog.count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY')
    expect(open.host.interactions.at(-1)).toMatchObject({
      kind: 'form-submit',
      values: { what: 'We leave at noon', why: 'The water rises', evidence: ['m1'] },
    })
  })

  test('Escape closes a form without sending it', async () => {
    const page = await visit(flood)
    open.host.answerNext({ kind: 'form', form: sampleForm() })
    await page.getByLabel(/^Message to/).fill('/rec')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    expect(await page.getByLabel(/^Message to/).inputValue()).toBe('/record-decision ')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('sb-text')
    expect(open.platform.world().state.forms.size).toBe(0)
  })

  test('a button of a card replaces the card for everybody who sees it', async () => {
    const target = { kind: 'group', conversation: 'depot-logistics' } as const
    await open.platform.post('local', { outboxId: 'nudge', target, card: sampleCard('Is this a decision?') })
    const presser = await visit('/sandbox/as/joss-whitlock/depot-logistics')
    const watcher = await visit('/sandbox/as/callum-fraser/depot-logistics')
    open.host.answerNext({ kind: 'replace', card: { heading: 'Set aside by Joss', summary: 'Set aside' } })
    await presser.getByRole('button', { name: 'Not a decision' }).click()
    for (const page of [presser, watcher]) {
      await page.getByRole('heading', { name: 'Set aside by Joss' }).waitFor()
      expect(await page.getByRole('heading', { name: 'Is this a decision?' }).count()).toBe(0)
    }
  })

  test('a refused command leaves what was typed, with the reason at the field', async () => {
    const page = await visit(flood)
    await page.getByLabel(/^Message to/).fill('/dance now')
    await page.keyboard.press('Enter')
    await page.getByText('There is no command /dance').waitFor()
    expect(await page.getByLabel(/^Message to/).inputValue()).toBe('/dance now')
    pages.at(-1)?.complaints.splice(0)
  })

  test('the story plays, goes faster, pauses and shows how far it is', async () => {
    const page = await visit('/sandbox')
    const progress = () => page.locator('#sb-progress').evaluate((bar) => (bar as HTMLProgressElement).value)
    await page.getByRole('button', { name: 'Play the story' }).click()
    await page.getByRole('button', { name: 'Pause the story' }).waitFor()
    await page.getByLabel('Speed of the story').selectOption('fast')
    await expect.poll(progress, { timeout: 10_000 }).toBeGreaterThan(3)
    await page.getByRole('button', { name: 'Pause the story' }).click()
    await page.getByRole('button', { name: 'Go on with the story' }).waitFor()
    const stopped = open.platform.player().progress().done
    await page.waitForTimeout(400)
    expect(open.platform.player().progress().done).toBe(stopped)
    await page.getByText('Morning all. Heavy rain').first().waitFor()
    await page.getByText('Monday').first().waitFor()
  })

  test.each([
    ['desktop', desktop],
    ['phone', phone],
  ])('no page has an accessibility problem that axe can find: %s', async (size, options) => {
    const target = { kind: 'person', person: 'tamsin-vale' } as const
    for (const [index, card] of [sampleCard(), hostileCard(), hugeCard()].entries())
      await open.platform.post('local', { outboxId: `${size}-${index}`, target, card })
    const { message: root = '' } = await open.send(`${flood}/say`, { text: 'Root' })
    await open.send(`${flood}/say`, { text: 'Reply', thread: root })
    const paths = {
      room: flood,
      thread: `${flood}?thread=${root}`,
      members: `${flood}?panel=members`,
      edit: `${flood}?edit=${root}`,
      direct: '/sandbox/as/tamsin-vale/dm-tamsin-vale',
      closed: '/sandbox/as/idris-penhale/flood-response',
      toJoin: '/sandbox/as/idris-penhale/depot-logistics',
    }
    for (const [name, path] of Object.entries(paths)) {
      const page = await visit(path, options)
      await page.waitForTimeout(300)
      expect(await axeProblems(page), `${name} at ${size} width`).toEqual([])
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(sideways, `${name} scrolls sideways at ${size} width`).toBeLessThanOrEqual(0)
    }
  })

  test('without script one can read, write and fill in a form, at both widths', async () => {
    for (const options of [desktop, phone]) {
      const page = await visit(flood, { ...options, javaScriptEnabled: false })
      await page.getByLabel(/^Message to/).fill('Written without script')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.locator('.sb-message__text', { hasText: 'Written without script' }).last().waitFor()
      open.host.answerNext({ kind: 'form', form: sampleForm() })
      await page.getByLabel(/^Message to/).fill('/record-decision')
      await page.getByRole('button', { name: 'Send' }).click()
      open.host.answerNext({ kind: 'closed' })
      await page.getByLabel('Why').fill('No script')
      await page.locator('.sb-form__foot').getByRole('button', { name: 'Record' }).click()
      await page.waitForURL(`**${flood}`)
      expect(open.host.interactions.at(-1)).toMatchObject({
        kind: 'form-submit',
        values: { why: 'No script' },
      })
      await page.getByRole('link', { name: /Pumps and depots/ }).click()
      await page.getByRole('heading', { level: 1, name: 'Pumps and depots' }).waitFor()
    }
  })

  test('a page that lost the program takes up what was said meanwhile', async () => {
    const page = await visit(flood)
    const { host } = open
    const port = Number(new URL(open.url).port)
    await open.stop()
    open = await openSandbox({ host, port })
    await open.send('/sandbox/as/callum-fraser/flood-response/say', { text: 'Said in the gap' })
    await page.getByText('Said in the gap').first().waitFor()
    await open.send('/sandbox/as/callum-fraser/flood-response/say', { text: 'Said after it' })
    await page.getByText('Said after it').first().waitFor()
    expect(await page.getByText('Said in the gap').count()).toBe(1)
    pages.at(-1)?.complaints.splice(0)
  })

  test('what is said between the drawing of a page and its first live update is not missed', async () => {
    const page = await (await browser.newContext(desktop)).newPage()
    pages.push({ page, complaints: [] })
    await page.route('**/events*', async (route) => {
      await open.send('/sandbox/as/callum-fraser/flood-response/say', { text: 'Said in between' })
      await route.continue()
    })
    await page.goto(open.url + flood)
    await page.getByText('Said in between').first().waitFor()
  })

  test('on a phone the groups fold away behind a button', async () => {
    const page = await visit(flood, phone)
    const groups = page.getByRole('navigation', { name: 'Group chats' })
    expect(await groups.isVisible()).toBe(false)
    await page.getByRole('button', { name: /^Groups/ }).click()
    await groups.getByRole('link', { name: /Pumps and depots/ }).click()
    await page.getByRole('heading', { level: 1, name: /Pumps and depots/ }).waitFor()
  })
})
