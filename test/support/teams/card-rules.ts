import { createRequire } from 'node:module'
import { dig } from './service.js'

interface Library {
  SerializationContext: new (
    version?: unknown,
  ) => { eventCount: number; getEventAt(at: number): { message: string } }
  AdaptiveCard: new () => {
    parse(json: unknown, context: unknown): void
    validateProperties(): { validationEvents: { message: string }[] }
  }
  Versions: { v1_5: unknown }
}
const library: Library = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js')

/**
 * What Microsoft's own `adaptivecards` library warns of in a card, read whole, as it is sent.
 * @param version as which the library reads it: its own choice where nothing is said, or strictly as 1.5
 */
export function libraryWarnings(card: unknown, version?: 'v1_5'): string[] {
  const context = new library.SerializationContext(version && library.Versions[version])
  const read = new library.AdaptiveCard()
  read.parse(card, context)
  const warnings = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message)
  return [...warnings, ...read.validateProperties().validationEvents.map((event) => event.message)]
}

/**
 * What Teams asks of an Adaptive Card beyond being JSON. Sources: the schema explorer (adaptivecards.io/explorer),
 * "Cards reference" and "Universal Actions for Adaptive Cards" on learn.microsoft.com/microsoftteams/platform.
 */
const elements: Readonly<Record<string, readonly string[]>> = {
  TextBlock: ['text'],
  RichTextBlock: ['inlines'],
  Container: ['items'],
  ActionSet: ['actions'],
  'Input.Text': ['id', 'label'],
  'Input.Date': ['id', 'label'],
  'Input.Time': ['id', 'label'],
  'Input.ChoiceSet': ['id', 'label', 'choices'],
}

/** Rules a card breaks, and what Microsoft's library warns of; none for a card Teams takes. */
export function cardProblems(card: unknown): string[] {
  const problems: string[] = []
  if (dig(card, 'type') !== 'AdaptiveCard') return ['not an AdaptiveCard']
  // Teams supports 1.5 for cards sent by bots.
  if (dig(card, 'version') !== '1.5') problems.push('version must be 1.5')
  if (!nonEmpty(dig(card, 'fallbackText'))) problems.push('fallbackText is missing')
  const ids = new Set<string>()
  for (const element of list(dig(card, 'body'))) walk(element, ids, problems)
  if (list(dig(card, 'body')).length === 0) problems.push('body is empty')
  return [...problems, ...libraryWarnings(card)]
}

function walk(element: unknown, ids: Set<string>, problems: string[]): void {
  const type = String(dig(element, 'type'))
  const required = elements[type]
  if (!required) {
    problems.push(`element ${type} is not known`)
    return
  }
  for (const key of required) {
    const value = dig(element, key)
    if (value === undefined || value === '') problems.push(`${type} lacks ${key}`)
  }
  const id = dig(element, 'id')
  if (typeof id === 'string') {
    if (ids.has(id)) problems.push(`id ${id} is used twice`)
    ids.add(id)
  }
  for (const item of list(dig(element, 'items'))) walk(item, ids, problems)
  for (const inline of list(dig(element, 'inlines')))
    if (dig(inline, 'type') !== 'TextRun' || !nonEmpty(dig(inline, 'text')))
      problems.push('an inline must be a TextRun with text')
  const actions = list(dig(element, 'actions'))
  // "A maximum of six primary actions": cards reference, Adaptive Card in Teams.
  if (actions.length > 6) problems.push('more than six actions in a row')
  if (type === 'ActionSet' && actions.length === 0) problems.push('an ActionSet without actions')
  for (const action of actions) checkAction(action, problems)
  const tap = dig(element, 'selectAction')
  if (tap !== undefined) checkAction(tap, problems)
  if (type === 'Input.ChoiceSet') checkChoices(element, problems)
}

function checkAction(action: unknown, problems: string[]): void {
  const type = dig(action, 'type')
  if (!nonEmpty(dig(action, 'title'))) problems.push('an action without title')
  if (type === 'Action.OpenUrl') {
    if (!/^https?:\/\//.test(String(dig(action, 'url')))) problems.push('OpenUrl needs an http(s) url')
  } else if (type === 'Action.Execute') {
    if (!nonEmpty(dig(action, 'verb'))) problems.push('Action.Execute needs a verb')
  } else if (type === 'Action.Submit') {
    if (typeof dig(action, 'data') !== 'object') problems.push('Action.Submit needs data')
  } else problems.push(`action ${String(type)} is not known`)
}

function checkChoices(element: unknown, problems: string[]): void {
  const choices = list(dig(element, 'choices'))
  if (choices.length === 0 && dig(element, 'choices.data') === undefined)
    problems.push('a ChoiceSet without choices')
  const values = choices.map((choice) => String(dig(choice, 'value')))
  if (choices.some((choice) => !nonEmpty(dig(choice, 'title')))) problems.push('a choice without title')
  // Values of a multiple choice come back joined with commas.
  if (dig(element, 'isMultiSelect') === true && values.some((value) => value.includes(',')))
    problems.push('a choice value holds a comma')
  if (new Set(values).size !== values.length) problems.push('two choices have one value')
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function nonEmpty(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
