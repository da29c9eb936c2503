import { type AccountScope, accountsOf, resolvePeople } from '../people/index.js'
import type { Form, FormValues } from '../platform/index.js'
import type { Tx } from '../storage/index.js'

/** Rooms speak of persons, platforms of accounts: turns the people fields of a form into accounts. */
export async function withAccounts(tx: Tx, scope: AccountScope, form: Form): Promise<Form> {
  const persons = form.fields.flatMap((field) =>
    field.type === 'people' ? [...field.values, ...field.choices.map((choice) => choice.value)] : [],
  )
  if (persons.length === 0) return form
  const accounts = await accountsOf(tx, scope, persons)
  const account = (id: string): string[] => {
    const found = accounts.get(id)
    return found === undefined ? [] : [found]
  }
  return {
    ...form,
    fields: form.fields.map((field) =>
      field.type === 'people'
        ? {
            ...field,
            values: field.values.flatMap(account),
            choices: field.choices.flatMap((choice) =>
              account(choice.value).map((value) => ({ ...choice, value })),
            ),
          }
        : field,
    ),
  }
}

/** Turns accounts chosen in the named people fields back into persons. */
export async function withPersons(
  tx: Tx,
  scope: AccountScope,
  values: FormValues,
  names: readonly string[],
  now: Date,
): Promise<FormValues> {
  const chosen = (name: string): string[] => [values[name] ?? []].flat().filter((id) => id !== '')
  const accounts = names.flatMap(chosen)
  const people = await resolvePeople(
    tx,
    scope,
    accounts.map((id) => ({ ref: { id }, at: now })),
  )
  const translated = names.map((name) => [name, chosen(name).flatMap((id) => people.get(id) ?? [])] as const)
  return { ...values, ...Object.fromEntries(translated) }
}
