type Json = Record<string, unknown>
/** Takes one problem found. */
export type Problems = (what: string) => void

/** Reports unknown and missing fields of a thing. */
export function checkShape(thing: Json, shape: readonly string[], at: Problems): void {
  const known = new Set(['type', ...shape.map((field) => field.replace('!', ''))])
  for (const key of Object.keys(thing))
    if (!known.has(key)) at(`${String(thing.type)} has unknown field ${key}`)
  for (const field of shape)
    if (field.endsWith('!') && thing[field.slice(0, -1)] === undefined)
      at(`${String(thing.type)} lacks ${field.slice(0, -1)}`)
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
export function checkText(
  text: unknown,
  types: readonly string[],
  max: number,
  where: string,
  at: Problems,
): void {
  if (typeof text !== 'object' || text === null) return void at(`${where} is not a text object`)
  const json = text as Json
  if (!types.includes(String(json.type))) return void at(`${where} must be ${types.join(' or ')}`)
  checkShape(json, json.type === 'plain_text' ? ['text!', 'emoji'] : ['text!', 'verbatim'], at)
  if (typeof json.text !== 'string' || json.text.length < 1)
    return void at(`${where} must be more than 0 characters`)
  if (json.text.length > max) at(`${where} must be less than ${max + 1} characters (${json.text.length})`)
  if (json.emoji !== undefined && typeof json.emoji !== 'boolean') at(`${where}.emoji is not a boolean`)
}

/** Fields and places of each element. https://docs.slack.dev/reference/block-kit/block-elements */
const elements: Readonly<Record<string, { fields: readonly string[]; in: readonly string[] }>> = {
  button: {
    fields: ['text!', 'action_id', 'url', 'value', 'style', 'confirm', 'accessibility_label'],
    in: ['section', 'actions'],
  },
  overflow: { fields: ['options!', 'action_id', 'confirm'], in: ['section', 'actions'] },
  plain_text_input: {
    fields: [
      'action_id',
      'initial_value',
      'multiline',
      'min_length',
      'max_length',
      'dispatch_action_config',
      'focus_on_load',
      'placeholder',
    ],
    in: ['input'],
  },
  datepicker: {
    fields: ['action_id', 'initial_date', 'confirm', 'focus_on_load', 'placeholder'],
    in: ['section', 'actions', 'input'],
  },
  timepicker: {
    fields: ['action_id', 'initial_time', 'confirm', 'focus_on_load', 'placeholder', 'timezone'],
    in: ['section', 'actions', 'input'],
  },
  static_select: {
    fields: [
      'action_id',
      'options',
      'option_groups',
      'initial_option',
      'confirm',
      'focus_on_load',
      'placeholder',
    ],
    in: ['section', 'actions', 'input'],
  },
  multi_static_select: {
    fields: [
      'action_id',
      'options',
      'option_groups',
      'initial_options',
      'confirm',
      'max_selected_items',
      'focus_on_load',
      'placeholder',
    ],
    in: ['section', 'input'],
  },
  users_select: {
    fields: ['action_id', 'initial_user', 'confirm', 'focus_on_load', 'placeholder'],
    in: ['section', 'actions', 'input'],
  },
  multi_users_select: {
    fields: ['action_id', 'initial_users', 'confirm', 'max_selected_items', 'focus_on_load', 'placeholder'],
    in: ['section', 'input'],
  },
  radio_buttons: {
    fields: ['action_id', 'options!', 'initial_option', 'confirm', 'focus_on_load'],
    in: ['section', 'actions', 'input'],
  },
  checkboxes: {
    fields: ['action_id', 'options!', 'initial_options', 'confirm', 'focus_on_load'],
    in: ['section', 'actions', 'input'],
  },
}

/** Checks one interactive element in its place. */
export function checkElement(element: unknown, place: string, surface: string, at: Problems): void {
  if (typeof element !== 'object' || element === null) return void at('element is not an object')
  const json = element as Json
  const rule = elements[String(json.type)]
  if (rule === undefined) return void at(`unsupported element: ${String(json.type)}`)
  if (!rule.in.includes(place)) at(`${String(json.type)} is not allowed in ${place}`)
  checkShape(json, rule.fields, at)
  const id = json.action_id
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 255))
    at('action_id is not 1 to 255 characters')
  if (json.type === 'button') checkButton(json, at)
  if (json.type === 'plain_text_input') checkInputText(json, at)
  if (json.initial_date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(String(json.initial_date)))
    at('initial_date is not YYYY-MM-DD')
  if (json.initial_time !== undefined && !/^\d{2}:\d{2}$/.test(String(json.initial_time)))
    at('initial_time is not HH:mm')
  checkUsers(json, at)
  if ('options' in json || 'option_groups' in json || String(json.type).includes('static_select'))
    checkChoices(json, at)
  void surface
}

function checkButton(json: Json, at: Problems): void {
  checkText(json.text, ['plain_text'], 75, 'button.text', at)
  if (
    json.value !== undefined &&
    (typeof json.value !== 'string' || json.value === '' || json.value.length > 2000)
  )
    at('button.value is not 1 to 2000 characters')
  if (json.style !== undefined && json.style !== 'primary' && json.style !== 'danger')
    at('button.style is wrong')
  if (json.url !== undefined && String(json.url).length > 3000) at('button.url is over 3000 characters')
}

function checkInputText(json: Json, at: Problems): void {
  const max = json.max_length
  if (max !== undefined && (typeof max !== 'number' || max < 1 || max > 3000))
    at('max_length is not 1 to 3000')
  const value = json.initial_value
  if (value === undefined) return
  if (typeof value !== 'string' || value.length > (typeof max === 'number' ? max : 3000))
    at('initial_value is too long')
}

function checkUsers(json: Json, at: Problems): void {
  const users = [...(Array.isArray(json.initial_users) ? json.initial_users : []), json.initial_user].filter(
    (user) => user !== undefined,
  )
  for (const user of users)
    if (!/^[UW][A-Z0-9]+$/.test(String(user))) at(`initial user ${String(user)} is not a user id`)
}

function checkChoices(json: Json, at: Problems): void {
  const groups = json.option_groups
  if ((json.options === undefined) === (groups === undefined))
    return void at('needs options or option_groups, not both')
  const most = json.type === 'checkboxes' || json.type === 'radio_buttons' ? 10 : 100
  const all: Json[] = []
  const lists = groups === undefined ? [json.options] : (groups as Json[]).map((group) => group.options)
  if (groups !== undefined) {
    if (!Array.isArray(groups) || groups.length < 1 || groups.length > 100)
      at('option_groups must be 1 to 100')
    for (const group of groups as Json[]) checkText(group.label, ['plain_text'], 75, 'option_group.label', at)
  }
  for (const list of lists) {
    if (!Array.isArray(list) || list.length < 1 || list.length > most) {
      at(`options must be 1 to ${most} (${Array.isArray(list) ? list.length : 'none'})`)
      continue
    }
    all.push(...(list as Json[]))
  }
  for (const option of all) checkOption(option, json, at)
  const values = all.map((option) => option.value)
  if (new Set(values).size !== values.length) at('option values are not unique')
  const initial = [
    ...(Array.isArray(json.initial_options) ? json.initial_options : []),
    json.initial_option,
  ].filter((option) => option !== undefined)
  if (Array.isArray(json.initial_options) && json.initial_options.length === 0) at('initial_options is empty')
  for (const option of initial as Json[]) {
    const twin = all.find((each) => each.value === option.value)
    // "must exactly match one of the options"
    if (twin === undefined || canonical(twin) !== canonical(option)) at('an initial option matches no option')
  }
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
function checkOption(option: Json, owner: Json, at: Problems): void {
  const rich = owner.type === 'checkboxes' || owner.type === 'radio_buttons'
  checkText(option.text, rich ? ['plain_text', 'mrkdwn'] : ['plain_text'], 75, 'option.text', at)
  if (typeof option.value !== 'string' || option.value === '' || option.value.length > 150)
    at('option.value is not 1 to 150 characters')
  if (option.description !== undefined)
    checkText(
      option.description,
      rich ? ['plain_text', 'mrkdwn'] : ['plain_text'],
      75,
      'option.description',
      at,
    )
}

/** JSON with sorted keys: equal whatever the order of fields. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b))
  return `{${entries.map(([key, item]) => `${key}:${canonical(item)}`).join()}}`
}
