import { mkdir } from 'node:fs/promises'
import { hostileCard, hugeCard, sampleCard, sampleForm } from '../contract/samples.js'
import { axeProblems, startBrowser } from './browser.js'
import { openSandbox } from './open-sandbox.js'

/** Takes screenshots of the sandbox to look at: `npx tsx test/sandbox/shots.ts [folder]`. */
const folder = process.argv[2] ?? '/tmp/sandbox-shots'
await mkdir(folder, { recursive: true })
const { platform, host, url, stop } = await openSandbox()
const target = { kind: 'person', person: 'nadia-rahman' } as const
const browser = await startBrowser()
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }
for (const [size, viewport] of Object.entries(sizes)) {
  const page = await (await browser.newContext({ viewport })).newPage()
  await page.goto(`${url}/sandbox`)
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${folder}/${size}-start.png` })
  await page.locator('#sb-speed').selectOption('fast')
  await page.locator('#sb-play').click()
  await page.waitForTimeout(2500)
  await page.screenshot({ path: `${folder}/${size}-playing.png` })
  await platform.player().pause()
  await page.close()
}
await platform.playStory({ speed: 'instant' })
for (const [outboxId, card] of [
  ['1', sampleCard()],
  ['2', hostileCard()],
  ['3', hugeCard()],
] as const)
  await platform.post('local', { outboxId, target, card })
host.answerAlways((interaction) =>
  interaction.kind === 'form-submit'
    ? {
        kind: 'errors',
        form: sampleForm(),
        errors: { why: 'Say why in a few words', evidence: 'Tick one at least' },
      }
    : { kind: 'form', form: sampleForm() },
)
for (const [size, viewport] of Object.entries(sizes)) {
  const page = await (await browser.newContext({ viewport })).newPage()
  page.on('console', (line) => line.type() === 'error' && console.log('console:', line.text()))
  page.on('pageerror', (error) => console.log('page error:', error.message))
  const shot = async (name: string) => {
    await page.waitForTimeout(350)
    await page.screenshot({ path: `${folder}/${size}-${name}.png` })
    for (const problem of await axeProblems(page)) console.log(`${size} ${name}: ${problem}`)
  }
  await page.goto(`${url}/sandbox`)
  await shot('room')
  await page.goto(`${url}/sandbox/as/nadia-rahman/dm-nadia-rahman`)
  await shot('direct')
  const { harbour } = platform.player().messageIds()
  await page.goto(`${url}/sandbox/as/nadia-rahman/flood-response?thread=${harbour}`)
  await shot('thread')
  await page.goto(`${url}/sandbox/as/nadia-rahman/flood-response?panel=members`)
  await shot('members')
  await page.goto(`${url}/sandbox/as/nadia-rahman/depot-logistics`)
  await page.locator('#sb-text').fill('/r')
  await shot('hints')
  await page.locator('#sb-text').fill('')
  if (size === 'phone') {
    await page.locator('#sb-groups-toggle').click()
    await shot('groups')
    await page.locator('#sb-groups-toggle').click()
  }
  await page.locator('.sb-me summary').click()
  await shot('switcher')
  await page.keyboard.press('Escape')
  const message = page.locator('.sb-message', { has: page.locator('.sb-actions') }).last()
  await message.hover()
  await message.locator('.sb-actions summary').click()
  await shot('menu')
  await message.getByRole('button', { name: 'Record a decision' }).click()
  await page.locator('#sb-dialog[open]').waitFor()
  await shot('form')
  await page.locator('.sb-form__foot button').first().click()
  await page.locator('.govuk-error-summary').waitFor()
  await shot('errors')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.locator('#sb-dialog:not([open])').waitFor({ state: 'attached' })
  await page.close()
}
await browser.close()
await stop({ forget: true })
