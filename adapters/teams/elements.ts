import type { Button, Link } from '../../src/platform/index.js'
import { escapeMarkdown, plainWords, shorten } from './text.js'
import { type Element, ourVerb, wireData } from './wire.js'

/** How words look; names as Adaptive Cards have them. */
export interface Look {
  readonly size?: 'small' | 'large'
  readonly weight?: 'bolder'
  readonly isSubtle?: boolean
  readonly color?: 'attention'
}

/** A title, spoken as a heading by screen readers. */
export function heading(text: string, size: 'large' | 'medium' | 'default' = 'large'): Element {
  return {
    type: 'TextBlock',
    text: escapeMarkdown(text) || ' ',
    wrap: true,
    weight: 'bolder',
    ...(size === 'default' ? {} : { size }),
    style: 'heading',
  }
}

/** People's words, one block a line: TextRun knows no Markdown, so nothing in them can become a link or a mention. */
export function words(text: string, look: Look = {}, label?: string): Element[] {
  const lines = plainWords(text)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
  const runs = lines.length === 0 && label !== undefined ? [''] : lines
  return runs.map((line, index) => ({
    type: 'RichTextBlock',
    ...(index > 0 ? { spacing: 'none' } : {}),
    inlines: [
      ...(index === 0 && label !== undefined
        ? [{ type: 'TextRun', text: `${plainWords(label)} `, weight: 'bolder' }]
        : []),
      ...(line === '' ? [] : [{ type: 'TextRun', text: line, ...look }]),
    ],
  }))
}

/** True for a link Teams can open. */
export function isWebLink(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol)
}

function linkAction(link: Link): Element {
  return { type: 'Action.OpenUrl', title: shorten(plainWords(link.label), 60), url: link.url }
}

/**
 * A button. Most are Action.Execute, whose answer can replace the card; one that opens a form must be a dialog
 * button (Action.Submit with `task/fetch`), for Action.Execute cannot open dialogs.
 */
function buttonAction(button: Button): Element {
  const data = wireData({ kind: 'button', action: button.action, value: button.value })
  const title = shorten(plainWords(button.label), 60)
  const style =
    button.style === 'primary'
      ? { style: 'positive' }
      : button.style === 'warning'
        ? { style: 'destructive' }
        : {}
  if (button.opensForm)
    return { type: 'Action.Submit', title, ...style, data: { ...data, msteams: { type: 'task/fetch' } } }
  return { type: 'Action.Execute', title, ...style, verb: ourVerb, data }
}

// Teams shows at most six actions side by side; a further row keeps the rest in sight.
const actionsInRow = 4

/** Rows of buttons and links. */
export function actions(buttons: readonly Button[] = [], links: readonly Link[] = []): Element[] {
  const all = [...buttons.map(buttonAction), ...links.filter((link) => isWebLink(link.url)).map(linkAction)]
  const rows: Element[] = []
  for (let start = 0; start < all.length; start += actionsInRow)
    rows.push({ type: 'ActionSet', actions: all.slice(start, start + actionsInRow) })
  return rows
}
