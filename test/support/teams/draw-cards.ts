import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { startBrowser } from '../../sandbox/browser.js'

const require = createRequire(import.meta.url)
const folder = join(import.meta.dirname, '../../.output/screens')

/** Widths of a card: in a phone's chat, in a desktop's chat, and in a dialog. */
const widths = [320, 480, 600] as const

/**
 * Draws cards as Microsoft's own library does, in Chromium, each at every width, and keeps pictures of them in
 * `test/.output/screens`.
 * @returns what is wrong: a card that draws nothing, runs over its edge, or of which text of ours is not to be seen
 */
export async function drawCards(cards: ReadonlyMap<string, unknown>): Promise<string[]> {
  const problems: string[] = []
  mkdirSync(folder, { recursive: true })
  const browser = await startBrowser()
  try {
    for (const width of widths) {
      const page = await browser.newPage({ viewport: { width: width + 40, height: 800 } })
      page.on('pageerror', (error) => problems.push(`script error: ${error.message}`))
      await page.setContent(
        `<!doctype html><meta charset="utf-8"><body style="margin:20px;font-family:sans-serif"><div id="card" style="width:${width}px;border:1px solid #ccc;border-radius:6px"></div>`,
      )
      await page.addScriptTag({ path: require.resolve('adaptivecards/dist/adaptivecards.js') })
      for (const [name, card] of cards) {
        const seen = await page.evaluate(draw, { card, hostConfig })
        if (seen.height < 20) problems.push(`${name} draws nothing at ${width} px`)
        if (seen.over > 0) problems.push(`${name} runs ${seen.over} px over its edge at ${width} px`)
        for (const text of textsOf(card))
          if (!seen.text.includes(text)) problems.push(`${name} does not show "${text.slice(0, 60)}"`)
        await page.screenshot({ path: join(folder, `teams-${name}-${width}.png`), fullPage: true })
      }
      await page.close()
    }
  } finally {
    await browser.close()
  }
  return problems
}

/** Plain texts that a reader must find: those without markup, outside what starts hidden. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf)
  if (typeof node !== 'object' || node === null) return []
  const { type, text, isVisible, ...rest } = node as Record<string, unknown>
  if (isVisible === false) return []
  const own = type === 'TextBlock' && typeof text === 'string' && /^[\w ,.:'-]+$/.test(text) ? [text] : []
  return [...own, ...['body', 'items', 'columns'].flatMap((key) => textsOf(rest[key]))]
}

/** Runs in the page. */
function draw(given: { card: unknown; hostConfig: object }): { height: number; over: number; text: string } {
  interface Library {
    AdaptiveCard: new () => { hostConfig: unknown; parse(card: unknown): void; render(): HTMLElement }
    HostConfig: new (config: object) => unknown
  }
  const { AdaptiveCards, document } = globalThis as unknown as { AdaptiveCards: Library; document: Document }
  const read = new AdaptiveCards.AdaptiveCard()
  read.hostConfig = new AdaptiveCards.HostConfig(given.hostConfig)
  read.parse(given.card)
  const box = document.getElementById('card')
  if (!box) throw new Error('no place to draw')
  box.replaceChildren(read.render())
  return { height: box.scrollHeight, over: box.scrollWidth - box.clientWidth, text: box.innerText }
}

/** Fonts, sizes and actions about as Teams shows them. */
const hostConfig = {
  fontFamily: 'sans-serif',
  supportsInteractivity: true,
  actions: { maxActions: 6, actionsOrientation: 'horizontal', actionAlignment: 'left', buttonSpacing: 8 },
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
}
