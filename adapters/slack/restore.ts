import type { SlackBlock, SlackView } from './blocks.js'
import { said } from './blocks.js'

/** A view as Slack sends it back with a press or a submission. */
export interface RawView {
  readonly callback_id?: string | undefined
  readonly private_metadata?: string | undefined
  readonly title?: unknown
  readonly submit?: unknown
  readonly close?: unknown
  readonly blocks?: readonly Record<string, unknown>[] | undefined
  readonly state?:
    | { readonly values: Record<string, Record<string, Record<string, unknown>>> }
    | null
    | undefined
}

/** Where each kind of element keeps what was chosen, and where it takes it from. */
const initial: Readonly<Record<string, readonly [from: string, to: string]>> = {
  plain_text_input: ['value', 'initial_value'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  static_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  multi_static_select: ['selected_options', 'initial_options'],
  checkboxes: ['selected_options', 'initial_options'],
  users_select: ['selected_user', 'initial_user'],
  multi_users_select: ['selected_users', 'initial_users'],
}

/** The view again as the person left it, with a line above saying what went wrong. */
export function restoredView(view: RawView, problem: string): SlackView {
  const values = view.state?.values ?? {}
  const blocks = (view.blocks ?? []).map((block) => withTyped(block, values[String(block.block_id)]))
  return {
    type: 'modal',
    ...(view.callback_id === undefined ? {} : { callback_id: view.callback_id }),
    ...(view.private_metadata === undefined ? {} : { private_metadata: view.private_metadata }),
    ...parts(view),
    // Slack's own blocks come back as it sent them: their shape was ours to begin with.
    blocks: [said(`⚠️ ${problem}`), ...(blocks as unknown as SlackBlock[])].slice(0, 100),
  }
}

function parts(view: RawView): Pick<SlackView, 'title' | 'submit' | 'close'> {
  const { title, submit, close } = view
  return Object.fromEntries(
    Object.entries({ title, submit, close }).filter(([, part]) => part !== undefined && part !== null),
  )
}

function withTyped(
  block: Record<string, unknown>,
  state: Record<string, Record<string, unknown>> | undefined,
): Record<string, unknown> {
  const element = block.element as Record<string, unknown> | undefined
  const typed = state?.[String(element?.action_id)]
  const place = initial[String(element?.type)]
  if (element === undefined || typed === undefined || place === undefined) return block
  const [from, to] = place
  const value = typed[from]
  const { [to]: _before, ...rest } = element
  const empty =
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  return { ...block, element: empty ? rest : { ...rest, [to]: value } }
}
