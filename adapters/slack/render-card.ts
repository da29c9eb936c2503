import type { Button, Card, CardItem, CardList } from '../../src/platform/index.js'
import {
  type ButtonElement,
  type Inline,
  linkTo,
  plain,
  type RichSection,
  rich,
  type SlackBlock,
  section,
  small,
  textSize,
  words,
} from './blocks.js'
import { limits } from './limits.js'
import { escapeTo } from './mrkdwn.js'

/** A card ready for `chat.postMessage`. `text` is what notifications and screen readers say. */
export interface RenderedCard {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

/** A card as a message: at most 50 blocks, and within Slack's limit for all text together. */
export function renderCard(card: Card): RenderedCard {
  return {
    text: escapeTo(card.summary === '' ? card.heading : card.summary, limits.messageText),
    blocks: cardBlocks(card, limits.blocksInMessage),
  }
}

/**
 * A card's blocks. When it does not fit, its long texts are shortened, and quotes and list items beyond the room are
 * counted ("and 14 more"); the heading, buttons and small print always stay.
 */
export function cardBlocks(card: Card, maxBlocks: number): readonly SlackBlock[] {
  for (const scale of [1, 0.5, 0.25, 0.12, 0.05]) {
    const blocks = layOut(card, maxBlocks, scale)
    if (textSize(blocks) <= limits.allBlocksText) return blocks
  }
  return layOut(card, Math.min(maxBlocks, 20), 0.05)
}

function layOut(card: Card, maxBlocks: number, scale: number): SlackBlock[] {
  const ids = counter()
  const head: SlackBlock[] = [
    { type: 'header', text: plain(card.heading, limits.headerText) },
    ...(card.text ?? []).slice(0, 12).map((text) => rich(section(...words(text, size(3000, scale))))),
  ]
  const facts = factsBlock(card, scale)
  const tail: SlackBlock[] = [
    ...actionBlocks(card.buttons ?? [], ids, 50),
    ...linksBlock(card),
    ...(card.footer ? [small(card.footer)] : []),
  ]
  const room = Math.max(0, maxBlocks - head.length - facts.length - tail.length)
  const quotes = quoteBlocks(card, scale, Math.min(room, 12))
  const lists = listBlocks(card.lists ?? [], room - quotes.length, scale, ids)
  return [...head, ...quotes, ...facts, ...lists, ...tail].slice(0, maxBlocks)
}

function size(max: number, scale: number): number {
  return Math.max(20, Math.round(max * scale))
}

function quoteBlocks(card: Card, scale: number, room: number): SlackBlock[] {
  const quotes = card.quotes ?? []
  const shown = quotes.length <= room ? quotes : quotes.slice(0, Math.max(0, room - 1))
  const blocks = shown.map((quote) =>
    rich(
      section(
        ...words(quote.author, 200, true),
        ...words(` · ${quote.at}`, 100),
        ...(quote.link === undefined ? [] : [...words(' · ', 3), ...linkTo(quote.link, 'See the message')]),
      ),
      { type: 'rich_text_quote', elements: orDash(words(quote.text, size(1500, scale))) },
    ),
  )
  const left = quotes.length - shown.length
  return left > 0 && room > 0 ? [...blocks, small(`and ${left} more messages`)] : blocks
}

function orDash(elements: Inline[]): Inline[] {
  return elements.length === 0 ? words('–', 1) : elements
}

function factsBlock(card: Card, scale: number): SlackBlock[] {
  const lines = (card.facts ?? [])
    .slice(0, 40)
    .map(({ label, value }) => section(...words(`${label}: `, 200, true), ...words(value, size(1700, scale))))
  return lines.length === 0 ? [] : [rich({ type: 'rich_text_list', style: 'bullet', elements: lines })]
}

function actionBlocks(buttons: readonly Button[], ids: () => number, most: number): SlackBlock[] {
  const elements = buttons.slice(0, most).map((button) => buttonElement(button, ids))
  const blocks: SlackBlock[] = []
  for (let start = 0; start < elements.length; start += limits.elementsInActions)
    blocks.push({ type: 'actions', elements: elements.slice(start, start + limits.elementsInActions) })
  return blocks
}

/** Slack wants action ids unique in a block, and one card may offer the same action for several items. */
function buttonElement(button: Button, ids: () => number): ButtonElement {
  const style = button.style === undefined ? undefined : button.style === 'primary' ? 'primary' : 'danger'
  return {
    type: 'button',
    text: plain(button.label, limits.buttonText),
    action_id: `${button.action.slice(0, limits.actionId - 8)}#${ids()}${button.opensForm === true ? 'f' : ''}`,
    ...(button.value === '' ? {} : { value: button.value.slice(0, limits.buttonValue) }),
    ...(style === undefined ? {} : { style }),
  }
}

/** The action a button stands for, from its Slack action id. */
export function actionName(actionId: string): string {
  return actionId.replace(/#\d+f?$/, '')
}

/** True when the button was drawn as one that opens a form. */
export function opensForm(actionId: string): boolean {
  return /#\d+f$/.test(actionId)
}

function linksBlock(card: Card): SlackBlock[] {
  const links = (card.links ?? []).slice(0, 20)
  if (links.length === 0) return []
  const inline = links.flatMap(({ label, url }, index) => [
    ...(index === 0 ? [] : words(' · ', 3)),
    ...linkTo(url, label),
  ])
  return [rich(section(...inline))]
}

function listBlocks(
  lists: readonly CardList[],
  room: number,
  scale: number,
  ids: () => number,
): SlackBlock[] {
  const blocks: SlackBlock[] = []
  lists.forEach((list, index) => {
    // What is left is shared by the lists still to come, so that a long first list does not hide the others.
    const share = Math.floor((room - blocks.length) / (lists.length - index))
    blocks.push(...oneList(list, share, scale, ids))
  })
  return blocks
}

function oneList(list: CardList, room: number, scale: number, ids: () => number): SlackBlock[] {
  if (room < 1) return []
  const total = Math.max(list.total ?? 0, list.items.length)
  let shown = Math.min(list.items.length, 100)
  let body = itemBlocks(list.items.slice(0, shown), scale, ids)
  while (shown > 0 && 1 + body.length + (shown < total || list.more ? 1 : 0) > room) {
    shown -= 1
    body = itemBlocks(list.items.slice(0, shown), scale, ids)
  }
  const title = rich(section(...words(list.title, 300, true)))
  return [title, ...body, ...restOf(list, total - shown)].slice(0, room)
}

/** What a list does not show, counted, with the way to all of it. */
function restOf(list: CardList, rest: number): SlackBlock[] {
  const counted = rest > 0 ? words(`and ${rest} more`, 100) : []
  const more = list.more === undefined ? [] : linkTo(list.more.url, list.more.label)
  if (counted.length === 0 && more.length === 0) return []
  const between = counted.length > 0 && more.length > 0 ? words(' · ', 3) : []
  return [rich(section(...counted, ...between, ...more))]
}

/** Items without buttons share a block; buttons stand beside or under their item. */
function itemBlocks(items: readonly CardItem[], scale: number, ids: () => number): SlackBlock[] {
  const blocks: SlackBlock[] = []
  let lines: RichSection[] = []
  const flush = () => {
    if (lines.length > 0) blocks.push(rich({ type: 'rich_text_list', style: 'bullet', elements: lines }))
    lines = []
  }
  for (const item of items) {
    const buttons = item.buttons ?? []
    const [only] = buttons
    if (only === undefined) {
      if (textSize([...lines, itemLine(item, scale)]) > limits.sectionText) flush()
      lines.push(itemLine(item, scale))
      continue
    }
    flush()
    if (buttons.length === 1 && item.link === undefined)
      blocks.push({
        type: 'section',
        text: plain(itemText(item, scale), 3000),
        accessory: buttonElement(only, ids),
      })
    else {
      const line = itemLine(item, scale)
      blocks.push(rich({ type: 'rich_text_list', style: 'bullet', elements: [line] }))
      blocks.push(...actionBlocks(buttons, ids, limits.elementsInActions))
    }
  }
  flush()
  return blocks
}

function itemLine(item: CardItem, scale: number): RichSection {
  return section(
    ...words(item.text, size(1000, scale)),
    ...(item.link === undefined ? [] : [...words(' · ', 3), ...linkTo(item.link.url, item.link.label)]),
    ...(item.detail ? words(`\n${item.detail}`, size(600, scale)) : []),
  )
}

function itemText(item: CardItem, scale: number): string {
  const detail = item.detail ? `\n${words(item.detail, size(600, scale)).map(textOf).join('')}` : ''
  return `• ${words(item.text, size(1000, scale)).map(textOf).join('')}${detail}`
}

function textOf(inline: Inline): string {
  return inline.text
}

function counter(): () => number {
  let next = 0
  return () => next++
}
