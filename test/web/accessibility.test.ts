import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenWeb, openWeb } from './open-web.js'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const args =
  '--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run'.split(
    ' ',
  )
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

describe.skipIf(!existsSync(executablePath))('in a browser', () => {
  let web: OpenWeb
  let empty: OpenWeb
  let browser: Browser
  beforeAll(async () => {
    web = await openWeb()
    empty = await openWeb({ empty: true })
    for (const each of [web, empty]) await each.app.listen({ port: 0, host: '127.0.0.1' })
    browser = await chromium.launch({ executablePath, args })
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    for (const each of [web, empty]) await each?.close()
  })

  const address = (each: OpenWeb) => `http://localhost:${(each.app.server.address() as AddressInfo).port}`

  async function check(viewport: { width: number; height: number }, each: OpenWeb, paths: readonly string[]) {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (line) => {
      if (line.type() === 'error' && !line.text().includes('status of 4')) problems.push(line.text())
    })
    page.on('pageerror', (error) => problems.push(`script error: ${error.message}`))
    for (const path of paths) {
      await page.goto(`${address(each)}${path}`)
      for (const details of await page.locator('details > summary').all()) await details.click()
      await page.evaluate(axe)
      const found = (await page.evaluate(
        `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then((result) => result.violations)`,
      )) as Violation[]
      problems.push(...found.map((one) => `${path}: ${one.id} at ${one.nodes[0]?.target.join(' ')}`))
      const wider = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number
      if (wider > 0) problems.push(`${path}: ${wider}px wider than the screen`)
    }
    await context.close()
    expect(problems).toEqual([])
  }

  test.each([
    ['desktop', { width: 1280, height: 900 }],
    ['phone', { width: 390, height: 844 }],
    ['320 pixels', { width: 320, height: 640 }],
  ])(
    'every page has no axe violation and fits the width: %s',
    async (_name, viewport) => {
      const { seeded } = web
      const digest = await web.context.sendDigestNow(seeded.officeId, undefined)
      const group = `/groups/${seeded.flood}`
      await check(viewport, web, [
        '/',
        group,
        `${group}/membership?at-day=31&at-month=11&at-year=2026&at-time=x`,
        `${group}/membership?at-day=1&at-month=11&at-year=2026&at-time=9:30`,
        `${group}/unrecorded`,
        `${group}/decisions`,
        `${group}/suggestions`,
        `${group}/nudges`,
        `${group}/register`,
        `${group}/record?signal=${seeded.signals[1]}`,
        `/groups/${seeded.lunch}`,
        '/unrecorded',
        `/unrecorded/${seeded.signals[0]}/set-aside`,
        '/decisions?search=zzz',
        `/decisions/${seeded.reference}?recorded=now`,
        '/digests',
        `/digests/${digest}?sent=now`,
        '/people',
        '/people/upload',
        '/ledger',
        '/status',
        '/nowhere',
      ])
    },
    120_000,
  )

  test('empty pages have none either', async () => {
    await check({ width: 1280, height: 900 }, empty, [
      '/',
      '/unrecorded',
      '/decisions',
      '/digests',
      '/people',
      '/status',
    ])
  }, 60_000)

  test('the record form works by keyboard alone, without script, and its errors get the focus with script', async () => {
    const path = `${address(web)}/groups/${web.seeded.flood}/record?signal=${web.seeded.signals[0]}`
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const page = await plain.newPage()
    await page.goto(path)
    await page.getByLabel('Who decided').fill('')
    await page.getByLabel('Who decided').press('Enter')
    expect(await page.getByRole('heading', { name: 'There is a problem' }).isVisible()).toBe(true)
    await page.getByLabel('Who decided').fill('Ben Okoro')
    await page.getByLabel('Recorded by').selectOption({ label: 'Ada Fenn' })
    await page.getByRole('button', { name: 'Record decision' }).press('Enter')
    expect(await page.getByText('Recorded as DEC-').isVisible()).toBe(true)
    await plain.close()
    const scripted = await (await browser.newContext()).newPage()
    await scripted.goto(`${address(web)}/groups/${web.seeded.flood}/record`)
    await scripted.getByRole('button', { name: 'Record decision' }).click()
    await scripted.getByRole('heading', { name: 'There is a problem' }).waitFor()
    expect(await scripted.evaluate('document.activeElement.className')).toContain('govuk-error-summary')
    await scripted.context().close()
  }, 60_000)
})
