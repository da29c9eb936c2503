import { cut, limits } from './limits.js'
import { clean, webAddress } from './mrkdwn.js'

/*
 * The few Block Kit blocks we send, typed narrowly: what is not here cannot be sent. There is no mrkdwn among them:
 * rich text and plain text are shown as written, so that no word of a person's can become a mention or a link.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  readonly emoji: false
}
export interface ButtonElement {
  readonly type: 'button'
  readonly text: PlainText
  readonly action_id: string
  readonly value?: string
  readonly style?: 'primary' | 'danger'
}
export interface Option {
  readonly text: PlainText
  readonly value: string
  readonly description?: PlainText
}
export interface InputElement {
  readonly type: string
  readonly action_id: string
  readonly [key: string]: unknown
}
/** A run of words inside rich text. */
export type Inline =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
export interface RichSection {
  readonly type: 'rich_text_section'
  readonly elements: readonly Inline[]
}
export type RichElement =
  | RichSection
  | { readonly type: 'rich_text_quote'; readonly elements: readonly Inline[] }
  | { readonly type: 'rich_text_list'; readonly style: 'bullet'; readonly elements: readonly RichSection[] }
export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'rich_text'; readonly elements: readonly RichElement[] }
  | { readonly type: 'section'; readonly text: PlainText; readonly accessory?: ButtonElement }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'actions'; readonly elements: readonly ButtonElement[] }
  | {
      readonly type: 'input'
      readonly block_id: string
      readonly label: PlainText
      readonly element: InputElement
      readonly hint?: PlainText
      readonly optional: boolean
      readonly dispatch_action: boolean
    }

/** A modal or home view as `views.open`, `views.update` and `views.publish` take it. */
export interface SlackView {
  readonly type: 'modal' | 'home'
  readonly blocks: readonly SlackBlock[]
  readonly title?: PlainText
  readonly submit?: PlainText
  readonly close?: PlainText
  readonly callback_id?: string
  readonly private_metadata?: string
}

/** Plain text cut to a limit; Slack refuses empty text, so an empty one becomes a dash. */
export function plain(text: string, max: number): PlainText {
  const words = clean(text)
  return { type: 'plain_text', text: cut(words.trim() === '' ? '–' : words, max), emoji: false }
}

/** A section saying `text` literally. */
export function said(text: string, max: number = limits.sectionText): SlackBlock {
  return { type: 'section', text: plain(text, max) }
}

/** Small print. */
export function small(text: string): SlackBlock {
  return { type: 'context', elements: [plain(text, limits.contextText)] }
}

/** Words of rich text, cut; nothing for empty ones, which Slack refuses. */
export function words(text: string, max: number, bold = false): Inline[] {
  const shown = cut(clean(text), max)
  if (shown === '') return []
  return [{ type: 'text', text: shown, ...(bold ? { style: { bold: true as const } } : {}) }]
}

/** A link of rich text; an address that is not of the web stays words. */
export function linkTo(url: string, label: string): Inline[] {
  const address = webAddress(url)
  return address === undefined
    ? words(label, 200)
    : [{ type: 'link', url: address, text: cut(clean(label) || address, 200) }]
}

export function section(...elements: readonly Inline[]): RichSection {
  return {
    type: 'rich_text_section',
    elements: elements.length === 0 ? [{ type: 'text', text: '–' }] : elements,
  }
}

export function rich(...elements: readonly RichElement[]): SlackBlock {
  return { type: 'rich_text', elements }
}

/** Characters of readable text in blocks, for Slack's limit on a whole message. */
export function textSize(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textSize(item), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : textSize(item)),
    0,
  )
}
