import type { Choice, Field, Form } from '../../src/platform/index.js'
import { heading, words } from './elements.js'
import { plainWords, shorten, wireSize } from './text.js'
import { type AdaptiveCard, adaptiveCard, type Element, type Wire, wireData } from './wire.js'

/** A dialog: its title and its card. */
export interface Dialog {
  readonly title: string
  readonly card: AdaptiveCard
}

/** How long labels of choices are, and how many people are named beside those chosen; from generous to bare. */
const measures = [
  { labels: 600, people: 100 },
  { labels: 250, people: 50 },
  { labels: 120, people: 25 },
  { labels: 60, people: 10 },
  { labels: 30, people: 1 },
] as const

/**
 * A form as the card of a Teams dialog. When it would be too large, labels of choices are shortened and fewer people
 * are named (the people picker finds the others by search); what people typed or chose is never cut.
 */
export function renderForm(form: Form, errors: Readonly<Record<string, string>> = {}): Dialog {
  const title = shorten(plainWords(form.title), 64)
  let card = adaptiveCard([], title)
  for (const measure of measures) {
    card = adaptiveCard(body(form, errors, measure), title)
    if (wireSize(card) <= 25_000) break
  }
  return { title, card }
}

function body(form: Form, errors: Readonly<Record<string, string>>, measure: Measure): Element[] {
  // Checks in the client would keep a form from being redrawn or paged while a required field is still empty.
  const checksInClient = !form.pager && !form.fields.some((field) => field.refreshes)
  return [
    ...(form.problem ? [alert(form.problem)] : []),
    ...(form.intro ?? []).flatMap((text) => words(text)),
    ...form.fields.flatMap((field) => fieldElements(form, field, errors, { ...measure, checksInClient })),
    {
      type: 'ActionSet',
      actions: [
        submit(form.submitLabel, { kind: 'form', form: form.id, state: form.state }, { style: 'positive' }),
      ],
    },
  ]
}

function alert(text: string): Element {
  return { type: 'Container', style: 'attention', items: words(text, { weight: 'bolder' }) }
}

function submit(title: string, wire: Wire, extra: Element = {}): Element {
  return { type: 'Action.Submit', title: shorten(plainWords(title), 60), ...extra, data: wireData(wire) }
}

interface Measure {
  readonly labels: number
  readonly people: number
}

interface Manner extends Measure {
  readonly checksInClient: boolean
}

function fieldElements(
  form: Form,
  field: Field,
  errors: Readonly<Record<string, string>>,
  manner: Manner,
): Element[] {
  const error = errors[field.name] ?? field.error
  const refresh: Element[] = field.refreshes
    ? [
        {
          type: 'ActionSet',
          actions: [
            submit('Update the form', {
              kind: 'form-change',
              form: form.id,
              state: form.state,
              changed: field.name,
            }),
          ],
        },
      ]
    : []
  return [
    ...input(field, manner),
    ...(field.hint ? words(field.hint, { size: 'small', isSubtle: true }) : []),
    ...(error ? [errorElement(field, error)] : []),
    ...refresh,
    ...pager(form, field),
  ]
}

function errorElement(field: Field, error: string): Element {
  return {
    type: 'Container',
    id: `error:${field.name}`,
    spacing: 'small',
    items: words(error, { color: 'attention', weight: 'bolder' }),
  }
}

function pager(form: Form, field: Field): Element[] {
  const { pager: pages } = form
  if (!pages || pages.field !== field.name || pages.pages < 2) return []
  const turn = (label: string, page: number) =>
    submit(label, { kind: 'form-change', form: form.id, state: form.state, changed: `page:${page}` })
  return [
    ...words(pages.label, { size: 'small', isSubtle: true }),
    {
      type: 'ActionSet',
      actions: [
        ...(pages.page > 1 ? [turn('Earlier page', pages.page - 1)] : []),
        ...(pages.page < pages.pages ? [turn('Next page', pages.page + 1)] : []),
      ],
    },
  ]
}

function input(field: Field, manner: Manner): Element[] {
  const required = field.required && manner.checksInClient
  const shared = {
    id: field.name,
    label: `${plainWords(field.label)}${field.required && !manner.checksInClient ? ' (required)' : ''}`,
    ...(required
      ? { isRequired: true, errorMessage: `Fill in: ${shorten(plainWords(field.label), 100)}` }
      : {}),
  }
  switch (field.type) {
    case 'text':
    case 'textarea':
      return [
        {
          type: 'Input.Text',
          ...shared,
          value: field.value ?? '',
          maxLength: field.maxLength,
          ...(field.type === 'textarea' ? { isMultiline: true } : {}),
        },
      ]
    case 'date':
      return [{ type: 'Input.Date', ...shared, ...(field.value ? { value: field.value } : {}) }]
    case 'date-time': {
      const [date, time] = (field.value ?? '').split('T')
      return [
        {
          type: 'Input.Date',
          ...shared,
          id: `${field.name}${dateSuffix}`,
          ...(date ? { value: date } : {}),
        },
        {
          type: 'Input.Time',
          id: `${field.name}${timeSuffix}`,
          label: `${plainWords(field.label)}: time`,
          ...(time ? { value: time.slice(0, 5) } : {}),
        },
      ]
    }
    case 'select':
    case 'radios':
      return [
        {
          type: 'Input.ChoiceSet',
          ...shared,
          style: field.type === 'select' ? 'compact' : 'expanded',
          wrap: true,
          choices: choices(field.choices, manner.labels, (value) => value),
          value: field.value ?? '',
        },
      ]
    case 'checkboxes':
      return [
        {
          type: 'Input.ChoiceSet',
          ...shared,
          id: `${field.name}${manySuffix}`,
          isMultiSelect: true,
          style: 'expanded',
          wrap: true,
          choices: choices(field.choices, manner.labels),
          value: field.values.map(encodeChoice).join(','),
        },
      ]
    case 'people':
      return [
        {
          type: 'Input.ChoiceSet',
          ...shared,
          id: `${field.name}${manySuffix}`,
          isMultiSelect: field.multiple,
          style: 'compact',
          choices: choices(named(field.choices, field.values, manner.people), manner.labels),
          // Teams' people picker: its values are Entra object ids.
          'choices.data': { type: 'Data.Query', dataset: 'graph.microsoft.com/users' },
          value: field.values.map(encodeChoice).join(','),
        },
      ]
  }
}

/** Everybody chosen, and some of the others. */
function named(all: readonly Choice[], chosen: readonly string[], others: number): readonly Choice[] {
  const some = new Set(all.filter((choice) => !chosen.includes(choice.value)).slice(0, others))
  return all.filter((choice) => some.has(choice) || chosen.includes(choice.value))
}

function choices(
  all: readonly Choice[],
  length: number,
  encode: (value: string) => string = encodeChoice,
): Element[] {
  return all.map((choice) => ({
    title:
      shorten(plainWords(choice.hint ? `${choice.label} (${choice.hint})` : choice.label), length) || ' ',
    value: encode(choice.value),
  }))
}

/** Teams joins the values of a multiple choice with commas: none may hold one. */
export function encodeChoice(value: string): string {
  return value.replace(/[%,;]/g, encodeURIComponent)
}

/** Undoes {@link encodeChoice}. */
export function decodeChoice(value: string): string {
  return value.replace(/%(25|2C|3B)/g, decodeURIComponent)
}

/** Suffixes by which the wire tells a field's kind when values come back without their form. */
export const dateSuffix = '::date'
export const timeSuffix = '::time'
export const manySuffix = '::many'

/** A card with one button that opens the form: what a typed command gets, for only a press may open a dialog. */
export function openFormCard(title: string, token: string): AdaptiveCard {
  return adaptiveCard(
    [
      heading(title),
      ...words('Press the button to open the form. It is yours alone.'),
      {
        type: 'ActionSet',
        actions: [
          {
            type: 'Action.Submit',
            title: 'Open the form',
            style: 'positive',
            data: { ...wireData({ kind: 'open', token }), msteams: { type: 'task/fetch' } },
          },
        ],
      },
    ],
    title,
  )
}
