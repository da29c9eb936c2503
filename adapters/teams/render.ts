import type { Card, CardItem, CardList } from '../../src/platform/index.js'
import { actions, heading, isWebLink, words } from './elements.js'
import { shorten, wireSize } from './text.js'
import { type AdaptiveCard, adaptiveCard, type Element } from './wire.js'

/**
 * Teams refuses a bot message of more than about 28 KB; the card is kept below, for the activity around it counts
 * too. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
export const cardBudget = 25_000

/** How much of each part is shown; tried from generous to bare until the card fits. */
interface Measure {
  readonly paragraph: number
  readonly paragraphs: number
  readonly quotes: number
  readonly quote: number
  readonly facts: number
  readonly items: number
  readonly item: number
}

const measures: readonly Measure[] = [
  { paragraph: 8000, paragraphs: 30, quotes: 20, quote: 3000, facts: 40, items: 50, item: 600 },
  { paragraph: 4000, paragraphs: 20, quotes: 15, quote: 1500, facts: 30, items: 25, item: 400 },
  { paragraph: 2000, paragraphs: 12, quotes: 10, quote: 800, facts: 20, items: 15, item: 250 },
  { paragraph: 1000, paragraphs: 8, quotes: 6, quote: 400, facts: 15, items: 8, item: 160 },
  { paragraph: 400, paragraphs: 5, quotes: 4, quote: 200, facts: 10, items: 4, item: 120 },
  { paragraph: 150, paragraphs: 2, quotes: 2, quote: 100, facts: 5, items: 2, item: 80 },
  { paragraph: 60, paragraphs: 1, quotes: 1, quote: 60, facts: 2, items: 1, item: 60 },
]

/**
 * A card as an Adaptive Card 1.5, cut so that Teams takes it: fewer items and shorter words first, buttons never, and
 * what is left out is said ("and 14 more").
 * @param outboxId written into the card, so that our own post can be found again in Graph's history
 */
export function renderCard(card: Card, outboxId?: string): AdaptiveCard {
  let rendered: AdaptiveCard | undefined
  for (const measure of measures) {
    rendered = adaptiveCard(body(card, measure, outboxId), shorten(card.summary, 300))
    if (wireSize(rendered) <= cardBudget) return rendered
  }
  // Only buttons and links can still be too many: the last resort keeps those of the card itself.
  const { lists: _lists, quotes: _quotes, facts: _facts, ...bare } = card
  const last = measures.at(-1)
  return last
    ? adaptiveCard(
        body({ ...bare, buttons: card.buttons?.slice(0, 12) ?? [], links: [] }, last, outboxId),
        shorten(card.summary, 300),
      )
    : (rendered ?? adaptiveCard([], card.summary))
}

function body(card: Card, measure: Measure, outboxId: string | undefined): Element[] {
  const title = heading(shorten(card.heading, 250))
  return [
    outboxId === undefined ? title : { ...title, id: outboxMark(outboxId) },
    ...limited(card.text ?? [], measure.paragraphs, (text) => words(shorten(text, measure.paragraph))),
    ...limited(card.quotes ?? [], measure.quotes, (quote) => [
      {
        type: 'Container',
        style: 'emphasis',
        items: [
          ...words(`${quote.author}, ${quote.at}`, { size: 'small', isSubtle: true }),
          ...words(shorten(quote.text, measure.quote)),
        ],
        ...(quote.link && isWebLink(quote.link)
          ? { selectAction: { type: 'Action.OpenUrl', title: 'Open the message', url: quote.link } }
          : {}),
      },
    ]),
    ...limited(card.facts ?? [], measure.facts, (fact) =>
      words(shorten(fact.value, measure.paragraph), {}, `${shorten(fact.label, 100)}:`),
    ),
    ...(card.lists ?? []).flatMap((list) => listElements(list, measure)),
    ...actions(card.buttons, card.links),
    ...(card.footer ? words(shorten(card.footer, measure.paragraph), { size: 'small', isSubtle: true }) : []),
  ]
}

/** Id of the card's first element, by which a post of ours is known again. */
export function outboxMark(outboxId: string): string {
  return `rmb-${outboxId}`
}

function limited<T>(all: readonly T[], most: number, render: (one: T) => Element[]): Element[] {
  const shown = all.slice(0, most).flatMap(render)
  return all.length > most ? [...shown, ...more(all.length - most)] : shown
}

function more(count: number): Element[] {
  return words(`and ${count} more`, { isSubtle: true })
}

function listElements(list: CardList, measure: Measure): Element[] {
  const shown = list.items.slice(0, measure.items)
  const left = Math.max(list.total ?? 0, list.items.length) - shown.length
  return [
    heading(shorten(list.title, 150), 'medium'),
    ...shown.map((item) => itemElement(item, measure)),
    ...(left > 0 ? more(left) : []),
    ...(list.more ? actions([], [list.more]) : []),
  ]
}

function itemElement(item: CardItem, measure: Measure): Element {
  return {
    type: 'Container',
    separator: true,
    items: [
      ...words(shorten(item.text, measure.item)),
      ...(item.detail ? words(shorten(item.detail, measure.item), { size: 'small', isSubtle: true }) : []),
      ...actions(item.buttons, item.link ? [item.link] : []),
    ],
  }
}
