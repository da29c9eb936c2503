import type { SeenCard, SeenForm } from '../../contract/harness.js'
import { dig } from './service.js'

/** An action found in a card, with its data. */
export interface SeenAction {
  readonly type: string
  readonly title: string
  readonly verb: string | undefined
  readonly data: Record<string, unknown>
  readonly opensDialog: boolean
}

type Node = Record<string, unknown>

/** Every element of a card, depth first. */
export function elementsOf(card: unknown): Node[] {
  const found: Node[] = []
  const walk = (value: unknown) => {
    if (!Array.isArray(value)) return
    for (const one of value as Node[]) {
      found.push(one)
      walk(one.items)
    }
  }
  walk(dig(card, 'body'))
  return found
}

/** Every button of a card that talks to the bot. */
export function actionsOf(card: unknown): SeenAction[] {
  return elementsOf(card)
    .flatMap((element) => (Array.isArray(element.actions) ? (element.actions as Node[]) : []))
    .filter((action) => action.type !== 'Action.OpenUrl')
    .map((action) => ({
      type: String(action.type),
      title: String(action.title),
      verb: typeof action.verb === 'string' ? action.verb : undefined,
      data: (action.data ?? {}) as Record<string, unknown>,
      opensDialog: dig(action.data, 'msteams', 'type') === 'task/fetch',
    }))
}

/** A card as Teams shows it: Markdown of TextBlocks undone, words of TextRuns as they are. */
export function readCard(id: string, card: unknown): SeenCard {
  const elements = elementsOf(card)
  const title = elements.find((element) => element.type === 'TextBlock' && element.style === 'heading')
  const lines = elements.filter((element) => element !== title).map(wordsOf)
  return {
    id,
    heading: title ? wordsOf(title) : '',
    text: lines.filter((line) => line !== '').join('\n'),
    buttons: actionsOf(card).map((action) => action.title),
  }
}

function wordsOf(element: Node): string {
  if (element.type === 'TextBlock') return plainOf(String(element.text))
  if (element.type !== 'RichTextBlock' || !Array.isArray(element.inlines)) return ''
  return (element.inlines as Node[]).map((run) => String(run.text)).join('')
}

/** CommonMark: a backslash makes the punctuation after it plain. Bare marks would not show as typed. */
function plainOf(text: string): string {
  if (/(^|[^\\])[*_[\]`~<>&]/.test(text)) throw new Error(`Markdown left unescaped: ${text}`)
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1')
}

/** An input of a dialog with what stands in it. */
export interface SeenInput {
  readonly id: string
  readonly type: string
  readonly many: boolean
  readonly value: string
  readonly choices: readonly string[]
  readonly picksPeople: boolean
  readonly maxLength: number
}

/** The inputs of a card. */
export function inputsOf(card: unknown): SeenInput[] {
  return elementsOf(card)
    .filter((element) => String(element.type).startsWith('Input.'))
    .map((element) => ({
      id: String(element.id),
      type: String(element.type),
      many: element.isMultiSelect === true,
      value: typeof element.value === 'string' ? element.value : '',
      choices: Array.isArray(element.choices)
        ? (element.choices as Node[]).map((choice) => String(choice.value))
        : [],
      picksPeople: element['choices.data'] !== undefined,
      maxLength: typeof element.maxLength === 'number' ? element.maxLength : Number.POSITIVE_INFINITY,
    }))
}

/** A dialog as a person sees it. */
export function readForm(title: string, card: unknown): SeenForm {
  const elements = elementsOf(card)
  const alert = elements.find((element) => element.style === 'attention' && element.id === undefined)
  const errors = new Map(
    elements
      .filter((element) => String(element.id ?? '').startsWith('error:'))
      .map((element) => [
        String(element.id).slice('error:'.length),
        (Array.isArray(element.items) ? (element.items as Node[]) : []).map(wordsOf).join(' '),
      ]),
  )
  return {
    title,
    ...(alert && Array.isArray(alert.items)
      ? { problem: (alert.items as Node[]).map(wordsOf).join(' ') }
      : {}),
    fields: elements
      .filter(
        (element) => String(element.type).startsWith('Input.') && !String(element.id).endsWith('::time'),
      )
      .map((element) => {
        const name = String(element.id).replace(/::(many|date)$/, '')
        const value = typeof element.value === 'string' ? element.value : ''
        const error = errors.get(name)
        return {
          name,
          label: String(element.label),
          value: String(element.id).endsWith('::many') ? (value === '' ? [] : value.split(',')) : value,
          ...(error === undefined ? {} : { error }),
        }
      }),
  }
}
