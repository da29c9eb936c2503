import { z } from 'zod'
import type { FormValues, PostReceipt } from '../../src/platform/index.js'
import { limits } from './limits.js'
import type { ShownForm } from './render-form.js'

/** What a modal carries in `private_metadata` from opening to submitting. */
export interface FormMeta {
  readonly form: string
  readonly state: string
  /** Ticked choices that this page of a paged field does not show. */
  readonly hidden: Readonly<Record<string, readonly string[]>>
  /** The card whose button opened the form, to be replaced when it is done. */
  readonly origin?: PostReceipt
  readonly conversation?: string
}

const packed = z.object({
  f: z.string(),
  s: z.string(),
  h: z.record(z.string(), z.array(z.string())).optional(),
  o: z.tuple([z.string(), z.string()]).optional(),
  c: z.string().optional(),
})

/** Packs what a modal carries into Slack's 3,000 characters; hidden choices are what gives way. */
export function packMeta(meta: FormMeta): string {
  const core = {
    f: meta.form,
    s: meta.state,
    ...(meta.origin === undefined ? {} : { o: [meta.origin.conversation, meta.origin.message] }),
    ...(meta.conversation === undefined ? {} : { c: meta.conversation }),
  }
  const whole = JSON.stringify({
    ...core,
    ...(Object.keys(meta.hidden).length === 0 ? {} : { h: meta.hidden }),
  })
  return whole.length <= limits.privateMetadata ? whole : JSON.stringify(core)
}

/** Unpacks `private_metadata`; undefined when it is not ours. */
export function unpackMeta(text: string | undefined): FormMeta | undefined {
  if (text === undefined || text === '') return undefined
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = packed.safeParse(json)
  if (!parsed.success) return undefined
  const { f, s, h, o, c } = parsed.data
  return {
    form: f,
    state: s,
    hidden: h ?? {},
    ...(o === undefined ? {} : { origin: { conversation: o[0], message: o[1] } }),
    ...(c === undefined ? {} : { conversation: c }),
  }
}

const choice = z.looseObject({ value: z.string() })
const element = z.looseObject({
  type: z.string(),
  value: z.string().nullish(),
  selected_date: z.string().nullish(),
  selected_time: z.string().nullish(),
  selected_option: choice.nullish(),
  selected_options: z.array(choice).nullish(),
  selected_user: z.string().nullish(),
  selected_users: z.array(z.string()).nullish(),
})

/** A view's `state.values`: block id → action id → what the person chose. */
export const viewValues = z.record(z.string(), z.record(z.string(), element))

/** What is on screen, by field: the values as the port knows them, and each field's block revision. */
export function readForm(values: z.infer<typeof viewValues>, hidden: FormMeta['hidden'] = {}): ShownForm {
  const out: Record<string, string | readonly string[]> = {}
  const revisions: Record<string, number> = {}
  const blocks: Record<string, string> = {}
  for (const [blockId, elements] of Object.entries(values)) {
    const [mark, encoded, part, revision] = blockId.split('|')
    if (mark !== 'f' || encoded === undefined) continue
    const name = fieldName(blockId)
    const [state] = Object.values(elements)
    if (state === undefined) continue
    revisions[name] = Number(revision)
    if (part !== 'time') blocks[name] = blockId
    const value = elementValue(state)
    if (part === 'date') out[name] = join(String(value), timePart(out[name]))
    else if (part === 'time') out[name] = join(datePart(out[name]), String(value))
    else out[name] = Array.isArray(value) ? [...(hidden[name] ?? []), ...value] : value
  }
  return { values: trimmed(out), revisions, blocks }
}

/** The field a block id names; empty when it is not one of ours. */
export function fieldName(blockId: string | undefined): string {
  try {
    return decodeURIComponent(blockId?.split('|')[1] ?? '')
  } catch {
    return ''
  }
}

function elementValue(state: z.infer<typeof element>): string | string[] {
  switch (state.type) {
    case 'checkboxes':
    case 'multi_static_select':
      return (state.selected_options ?? []).map((each) => each.value)
    case 'multi_users_select':
      return state.selected_users ?? []
    case 'users_select':
      return state.selected_user ?? ''
    case 'datepicker':
      return state.selected_date ?? ''
    case 'timepicker':
      return state.selected_time ?? ''
    case 'plain_text_input':
      return state.value ?? ''
    default:
      return state.selected_option?.value ?? ''
  }
}

function join(date: string, time: string): string {
  return `${date}T${time}`
}
function datePart(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? (value.split('T')[0] ?? '') : ''
}
function timePart(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? (value.split('T')[1] ?? '') : ''
}

/** A date and time of which neither is given is empty, not a lone `T`. */
function trimmed(values: Record<string, string | readonly string[]>): FormValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === 'T' ? '' : value]))
}
