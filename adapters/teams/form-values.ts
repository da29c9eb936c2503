import type { Field, Form, FormValues } from '../../src/platform/index.js'
import { dateSuffix, decodeChoice, manySuffix, timeSuffix } from './render-form.js'

/** Inputs of a dialog as the core expects them: one string a field, several for checkboxes and people. */
export function readFormValues(inputs: Readonly<Record<string, unknown>>): FormValues {
  const values: Record<string, string | string[]> = {}
  for (const [id, value] of Object.entries(inputs)) {
    if (id === 'verb' || id === 'msteams' || typeof value !== 'string') continue
    if (id.endsWith(timeSuffix)) continue
    if (id.endsWith(manySuffix)) values[id.slice(0, -manySuffix.length)] = splitChoices(value)
    else if (id.endsWith(dateSuffix)) {
      const name = id.slice(0, -dateSuffix.length)
      values[name] = dateTime(value, inputs[`${name}${timeSuffix}`])
    } else values[id] = value
  }
  return values
}

function splitChoices(value: string): string[] {
  return value
    .split(/[,;]/)
    .filter((one) => one !== '')
    .map(decodeChoice)
}

/** A date without a time stays a date: the core's field check says what is missing. */
function dateTime(date: string, time: unknown): string {
  if (date === '') return ''
  return typeof time === 'string' && time !== '' ? `${date}T${time.slice(0, 5)}` : date
}

/**
 * A form with what somebody typed put back into its fields: shown again with errors, nothing is lost.
 * @param nameOf names of people picked who are not among the form's own choices
 */
export function withTyped(form: Form, values: FormValues, nameOf: (id: string) => string): Form {
  return { ...form, fields: form.fields.map((field) => typedField(field, values[field.name], nameOf)) }
}

function typedField(
  field: Field,
  typed: string | readonly string[] | undefined,
  nameOf: (id: string) => string,
): Field {
  if (typed === undefined) return field
  const many = typeof typed === 'string' ? [typed].filter((one) => one !== '') : typed
  if (field.type === 'checkboxes') return { ...field, values: many }
  if (field.type === 'people') {
    const known = new Set(field.choices.map((choice) => choice.value))
    const added = many.filter((id) => !known.has(id)).map((id) => ({ value: id, label: nameOf(id) }))
    return { ...field, values: many, choices: [...field.choices, ...added] }
  }
  return { ...field, value: typeof typed === 'string' ? typed : (typed[0] ?? '') }
}
