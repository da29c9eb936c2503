import { RemembrancerError } from '../../src/errors.js'
import type { Choice, Field, Form, FormPager, FormValues, PostReceipt } from '../../src/platform/index.js'
import {
  type InputElement,
  type Option,
  plain,
  type SlackBlock,
  type SlackView,
  said,
  small,
} from './blocks.js'
import { type FormMeta, packMeta } from './form-meta.js'
import { limits } from './limits.js'

/** What the view on the person's screen holds now, when a form is redrawn in place. */
export interface ShownForm {
  /** Revision in the block id of each field's blocks. */
  readonly revisions: Readonly<Record<string, number>>
  /** First block of each field, where its error shows. */
  readonly blocks: Readonly<Record<string, string>>
  readonly values: FormValues
}

/** Callback id of every form's view, followed by the form's own id. */
export const formCallback = 'form:'

/**
 * A form as a modal. Redrawn over `shown`, a field keeps its block id, and so what is typed in it, as long as the
 * wanted value is the one on screen; Slack takes a new initial value only under a new block id.
 */
export function renderForm(
  form: Form,
  options: { readonly shown?: ShownForm; readonly origin?: PostReceipt; readonly conversation?: string } = {},
): SlackView {
  const fields = form.fields.flatMap((field) => [
    ...fieldBlocks(field, revisionOf(field, options.shown)),
    ...(form.pager?.field === field.name ? pagerBlocks(form.pager) : []),
  ])
  const head: SlackBlock[] = [
    ...(form.problem === undefined || form.problem === '' ? [] : [said(`⚠️ ${form.problem}`)]),
    ...(form.intro ?? []).map((paragraph) => said(paragraph)),
  ]
  const blocks = [...head, ...fields].slice(0, limits.blocksInView)
  const meta: FormMeta = {
    form: form.id,
    state: form.state,
    hidden: hiddenSelections(form),
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.conversation === undefined ? {} : { conversation: options.conversation }),
  }
  return {
    type: 'modal',
    callback_id: `${formCallback}${form.id}`.slice(0, 255),
    private_metadata: packMeta(meta),
    title: plain(form.title, limits.viewTitle),
    submit: plain(form.submitLabel, limits.viewTitle),
    close: plain('Cancel', limits.viewTitle),
    blocks: blocks.length === 0 ? [said('There is nothing to fill in.')] : blocks,
  }
}

function revisionOf(field: Field, shown: ShownForm | undefined): number {
  const revision = shown?.revisions[field.name]
  if (shown === undefined || revision === undefined) return 0
  return same(wanted(field), shown.values[field.name]) ? revision : revision + 1
}

function wanted(field: Field): string | readonly string[] {
  if (field.type === 'checkboxes') return field.values
  if (field.type === 'people') return field.multiple ? field.values : (field.values[0] ?? '')
  return field.value ?? ''
}

function same(a: string | readonly string[], b: string | readonly string[] | undefined): boolean {
  if (typeof a === 'string' || typeof b === 'string' || b === undefined) return a === (b ?? '')
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n')
}

/** Choices ticked on other pages of a paged field: carried along, so that turning the page loses none. */
function hiddenSelections(form: Form): Readonly<Record<string, readonly string[]>> {
  const hidden: Record<string, readonly string[]> = {}
  for (const field of form.fields) {
    if (field.type !== 'checkboxes') continue
    const onPage = new Set(field.choices.map((choice) => choice.value))
    const elsewhere = field.values.filter((value) => !onPage.has(value))
    if (elsewhere.length > 0) hidden[field.name] = elsewhere
  }
  return hidden
}

function pagerBlocks(pager: FormPager): SlackBlock[] {
  const button = (label: string, page: number) => ({
    type: 'button' as const,
    text: plain(label, limits.buttonText),
    action_id: `page#${page}`,
    value: `page:${page}`,
  })
  const elements = [
    ...(pager.page > 1 ? [button('Previous', pager.page - 1)] : []),
    ...(pager.page < pager.pages ? [button('Next', pager.page + 1)] : []),
  ]
  const label = small(pager.label)
  return elements.length === 0 ? [label] : [label, { type: 'actions', elements }]
}

function fieldBlocks(field: Field, revision: number): SlackBlock[] {
  const input = (element: InputElement, part: string, label = field.label): SlackBlock => ({
    type: 'input',
    block_id: fieldBlockId(field.name, part, revision),
    label: plain(label, limits.inputLabel),
    element,
    ...(hintOf(field) === undefined ? {} : { hint: plain(hintOf(field) ?? '', limits.inputHint) }),
    optional: !field.required,
    dispatch_action: field.refreshes === true,
  })
  const id = fieldBlockId(field.name, 'value', 0).slice(0, limits.actionId)
  switch (field.type) {
    case 'text':
    case 'textarea':
      return [input(textElement(field, id), 'value')]
    case 'date':
      return [input(dateElement(id, field.value), 'value')]
    case 'date-time': {
      // Two pickers instead of one: Slack's single picker gives an instant in the person's zone, not the form's.
      const [date, time] = (field.value ?? '').split('T')
      return [
        input(dateElement(id, date), 'date', `${field.label}: date`),
        input(timeElement(id, time), 'time', `${field.label}: time`),
      ]
    }
    case 'people':
      return [input(peopleElement(field, id), 'value')]
    default:
      if (field.choices.length === 0) return [said(`${field.label}: nothing to choose from.`)]
      return [input(choiceElement(field, id), 'value')]
  }
}

/** The error of a field shown with the form itself (after a redraw) stands in its hint. */
function hintOf(field: Field): string | undefined {
  const tooLong = 'value' in field && (field.value ?? '').length > limits.inputText
  const parts = [
    field.error === undefined ? '' : `⚠️ ${field.error}`,
    tooLong ? `Cut to ${limits.inputText} characters, the most a form in Slack can hold.` : '',
    field.hint ?? '',
  ]
  const hint = parts.filter((part) => part !== '').join(' · ')
  return hint === '' ? undefined : hint
}

/** Block id of a field: `f|name|part|revision`. */
export function fieldBlockId(name: string, part: string, revision: number): string {
  return `f|${encodeURIComponent(name)}|${part}|${revision}`
}

function textElement(field: Extract<Field, { type: 'text' | 'textarea' }>, id: string): InputElement {
  const max = Math.min(field.maxLength, limits.inputText)
  const value = (field.value ?? '').slice(0, max)
  return {
    type: 'plain_text_input',
    action_id: id,
    multiline: field.type === 'textarea',
    max_length: max,
    ...(value === '' ? {} : { initial_value: value }),
    ...(field.refreshes === true
      ? { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } }
      : {}),
  }
}

function dateElement(id: string, value: string | undefined): InputElement {
  const initial = value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) ? { initial_date: value } : {}
  return { type: 'datepicker', action_id: id, ...initial }
}

function timeElement(id: string, value: string | undefined): InputElement {
  const initial = value !== undefined && /^\d{2}:\d{2}/.test(value) ? { initial_time: value.slice(0, 5) } : {}
  return { type: 'timepicker', action_id: id, ...initial }
}

function peopleElement(field: Extract<Field, { type: 'people' }>, id: string): InputElement {
  // A person of another platform cannot be shown, and would make Slack refuse the whole form.
  const values = field.values.filter((id) => /^[UW][A-Z0-9]+$/.test(id))
  const [first] = values
  if (!field.multiple)
    return { type: 'users_select', action_id: id, ...(first === undefined ? {} : { initial_user: first }) }
  return {
    type: 'multi_users_select',
    action_id: id,
    ...(values.length === 0 ? {} : { initial_users: values }),
  }
}

type ChoiceField = Extract<Field, { type: 'select' | 'radios' | 'checkboxes' }>

function choiceElement(field: ChoiceField, id: string): InputElement {
  const options = field.choices.map(option)
  if (field.type === 'checkboxes') {
    const chosen = options.filter((each) => field.values.includes(each.value))
    const initial = chosen.length === 0 ? {} : { initial_options: chosen }
    if (options.length <= limits.optionsInCheckboxes)
      return { type: 'checkboxes', action_id: id, options, ...initial }
    return { type: 'multi_static_select', action_id: id, ...menu(options), ...initial }
  }
  const chosen = options.find((each) => each.value === field.value)
  const initial = chosen === undefined ? {} : { initial_option: chosen }
  if (field.type === 'radios' && options.length <= limits.optionsInRadios)
    return { type: 'radio_buttons', action_id: id, options, ...initial }
  return { type: 'static_select', action_id: id, ...menu(options), ...initial }
}

/** A menu shows at most 100 options; more are grouped, up to 10,000. */
function menu(options: readonly Option[]): { options: readonly Option[] } | { option_groups: unknown[] } {
  if (options.length <= limits.optionsInSelect) return { options }
  const groups: unknown[] = []
  for (
    let start = 0;
    start < options.length && groups.length < limits.optionGroups;
    start += limits.optionsInSelect
  ) {
    const end = Math.min(start + limits.optionsInSelect, options.length)
    groups.push({
      label: plain(`${start + 1} to ${end}`, limits.optionText),
      options: options.slice(start, end),
    })
  }
  return { option_groups: groups }
}

function option(choice: Choice): Option {
  // A cut value would come back as another choice: better to refuse than to record the wrong one.
  if (choice.value.length > limits.optionValue || choice.value === '')
    throw new RemembrancerError('PLATFORM_REFUSED', 'A choice of the form has a value Slack cannot carry.')
  return {
    text: plain(choice.label, limits.optionText),
    value: choice.value,
    ...(choice.hint === undefined || choice.hint === ''
      ? {}
      : { description: plain(choice.hint, limits.optionText) }),
  }
}
