import type { Field, Form, FormValues } from '../platform/index.js'
import { joinLocal, splitLocal, type TypedInstant } from './when.js'

/** A field as the form macro draws it. */
export interface FieldView {
  readonly field: Field
  readonly id: string
  /** Element the error summary links to. */
  readonly focus: string
  readonly error: string | undefined
  /** Boxes of a date, or of a date and time. */
  readonly typed: TypedInstant | undefined
}

/** A neutral form as the pages draw it with GOV.UK components. */
export interface FormView {
  readonly title: string
  readonly intro: readonly string[]
  readonly submitLabel: string
  readonly problem: string | undefined
  readonly fields: readonly FieldView[]
  readonly errorList: readonly { readonly text: string; readonly href: string }[]
  readonly pager: Form['pager']
}

/**
 * Prepares a form for drawing.
 * @param errors by field name; an error of a field that is not shown stands in the summary alone
 */
export function formView(form: Form, errors: Readonly<Record<string, string>> = {}): FormView {
  const fields = form.fields.map((field): FieldView => {
    const dated = field.type === 'date' || field.type === 'date-time'
    return {
      field,
      id: field.name,
      focus: dated ? `${field.name}-day` : field.name,
      error: errors[field.name] ?? field.error,
      typed: dated ? splitLocal(field.value ?? '') : undefined,
    }
  })
  const shown = new Set(fields.map((field) => field.id))
  const errorList = [
    ...fields.flatMap(({ error, focus }) =>
      error === undefined ? [] : [{ text: error, href: `#${focus}` }],
    ),
    ...Object.entries(errors).flatMap(([name, text]) => (shown.has(name) ? [] : [{ text, href: '#form' }])),
  ]
  return {
    title: form.title,
    intro: form.intro ?? [],
    submitLabel: form.submitLabel,
    problem: form.problem,
    fields,
    errorList,
    pager: form.pager,
  }
}

/** A posted body: one string a key, or several. */
export type PostedBody = Readonly<Record<string, string | readonly string[]>>

/** Values of a neutral form from what a browser posts: boxes of dates joined, unticked boxes empty. */
export function formValues(form: Form, body: PostedBody): FormValues {
  const one = (name: string): string => {
    const given = body[name]
    return typeof given === 'string' ? given : (given?.[0] ?? '')
  }
  return Object.fromEntries(
    form.fields.map((field): [string, string | readonly string[]] => {
      switch (field.type) {
        case 'date':
        case 'date-time':
          return [field.name, joinLocal(boxes(field.name, one, field.type === 'date-time'))]
        case 'checkboxes':
          return [field.name, several(body[field.name])]
        case 'people':
          return [field.name, field.multiple ? several(body[field.name]) : one(field.name)]
        case 'text':
        case 'textarea':
          // Browsers send line ends as CRLF; people did not type those.
          return [field.name, one(field.name).replaceAll('\r\n', '\n')]
        default:
          return [field.name, one(field.name)]
      }
    }),
  )
}

function boxes(name: string, one: (key: string) => string, timed: boolean): Partial<TypedInstant> {
  return {
    day: one(`${name}-day`),
    month: one(`${name}-month`),
    year: one(`${name}-year`),
    ...(timed ? { time: one(`${name}-time`) } : {}),
  }
}

function several(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined || given === '' ? [] : typeof given === 'string' ? [given] : given
}
