import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const require = createRequire(import.meta.url)

/** Where Chromium lies. */
export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** True when the browser tests can run; says so in one line when they cannot. */
export function hasChromium(): boolean {
  const found = existsSync(chromiumPath)
  if (!found) console.log(`Browser tests skipped: no Chromium at ${chromiumPath} (set CHROMIUM_PATH)`)
  return found
}

/** Starts Chromium as the tests need it. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

/** What axe-core finds wrong with the page as it stands, by WCAG 2.2 A and AA and best practice: one line each. */
export async function axeProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource())
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } }
    const { violations } = await axe.run()
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
    )
  })
}

interface AxeResult {
  readonly violations: readonly { id: string; help: string; nodes: readonly { html: string }[] }[]
}

let source: string | undefined
function axeSource(): string {
  source ??= (require('axe-core') as { source: string }).source
  return source
}
