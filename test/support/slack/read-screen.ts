import type { OpenView } from './world.js'

type Json = Record<string, unknown>

/** What a person reads in blocks: headings, words, buttons, markup undone as Slack's client would. */
export interface ReadBlocks {
  readonly heading: string
  readonly text: string
  readonly buttons: readonly { readonly label: string; readonly actionId: string }[]
}

export function readBlocks(blocks: unknown): ReadBlocks {
  const list = (typeof blocks === 'string' ? JSON.parse(blocks) : (blocks ?? [])) as Json[]
  const headings: string[] = []
  const words: string[] = []
  const buttons: { label: string; actionId: string }[] = []
  for (const block of list) {
    if (block.type === 'header') headings.push(textOf(block.text))
    else words.push(...wordsOf(block))
    const elements = [
      ...((block.type === 'actions' ? block.elements : []) as Json[]),
      block.accessory as Json | undefined,
    ]
    for (const element of elements)
      if (element?.type === 'button')
        buttons.push({ label: textOf(element.text), actionId: String(element.action_id) })
  }
  return { heading: headings.join('\n'), text: words.join('\n'), buttons }
}

function wordsOf(block: Json): string[] {
  switch (block.type) {
    case 'section':
      return [
        ...(block.text === undefined ? [] : [textOf(block.text)]),
        ...((block.fields ?? []) as unknown[]).map(textOf),
      ]
    case 'context':
      return ((block.elements ?? []) as unknown[]).map(textOf)
    case 'rich_text':
      return ((block.elements ?? []) as Json[]).flatMap(richWords)
    default:
      return []
  }
}

function richWords(element: Json): string[] {
  const inner = (element.elements ?? []) as Json[]
  if (element.type === 'rich_text_list') return inner.flatMap(richWords)
  return [inner.map((each) => String(each.text ?? each.url ?? '')).join('')]
}

function textOf(text: unknown): string {
  const { type, text: words } = (text ?? {}) as { type?: string; text?: string }
  if (words === undefined) return ''
  return type === 'mrkdwn' ? unmark(words) : words
}

/** Mrkdwn as shown: links are their label, formatting characters are gone, entities are characters. */
export function unmark(text: string): string {
  return text
    .replace(/<([^<>|]+)\|([^<>]+)>/g, '$2')
    .replace(/(^|\s)[*_~`]([^*_~`\n]+)[*_~`](?=\s|$)/g, '$1$2')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** One input of a modal as shown. */
export interface ReadInput {
  readonly blockId: string
  readonly label: string
  readonly type: string
  readonly value: string | readonly string[]
  readonly error?: string
}

export function readInputs(view: OpenView): ReadInput[] {
  return ((view.view.blocks ?? []) as Json[])
    .filter((block) => block.type === 'input')
    .map((block) => {
      const blockId = String(block.block_id)
      const [state] = Object.values(view.state[blockId] ?? {})
      const hint = textOf(block.hint)
      const error = view.errors[blockId] ?? (hint.startsWith('⚠️') ? hint : undefined)
      return {
        blockId,
        label: textOf(block.label),
        type: String((block.element as Json).type),
        value: chosenValue(state ?? {}),
        ...(error === undefined ? {} : { error }),
      }
    })
}

function chosenValue(state: Json): string | string[] {
  const option = (each: unknown) => String((each as Json).value)
  if (Array.isArray(state.selected_options)) return state.selected_options.map(option)
  if (Array.isArray(state.selected_users)) return state.selected_users.map(String)
  if (state.selected_option) return option(state.selected_option)
  return String(state.value ?? state.selected_date ?? state.selected_time ?? state.selected_user ?? '')
}

/** State for an element from a plain value, choosing only what is on screen. */
export function chosenState(view: OpenView, blockId: string, value: string | readonly string[]): Json {
  const block = ((view.view.blocks ?? []) as Json[]).find((each) => each.block_id === blockId)
  const element = (block?.element ?? {}) as Json
  const groups = (element.option_groups ?? []) as Json[]
  const options = [
    ...((element.options ?? []) as Json[]),
    ...groups.flatMap((group) => group.options as Json[]),
  ]
  const pick = (wanted: string) => {
    const found = options.find((option) => option.value === wanted)
    if (found === undefined) throw new Error(`${wanted} is not on screen`)
    return found
  }
  switch (element.type) {
    case 'checkboxes':
    case 'multi_static_select':
      return { selected_options: [value].flat().map((each) => pick(each)) }
    case 'static_select':
    case 'radio_buttons':
      return { selected_option: value === '' ? null : pick(String(value)) }
    case 'users_select':
      return { selected_user: value || null }
    case 'multi_users_select':
      return { selected_users: [value].flat() }
    case 'datepicker':
      return { selected_date: value || null }
    case 'timepicker':
      return { selected_time: value || null }
    default:
      return { value: value === '' ? null : value }
  }
}
