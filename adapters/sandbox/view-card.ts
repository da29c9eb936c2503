import type { Button, Card, CardList, Choice, Field } from '../../src/platform/index.js'
import type { OpenForm } from './records.js'
import { hrefOf } from './view-address.js'
import type { World } from './world.js'

/** Cards and forms as values for the templates. Nothing is cut away: what is long is folded, with how much there is. */

const shownItems = 8
const shownCharacters = 1200

/** A card with its long parts folded and its buttons knowing their place. */
export function cardView(card: Card) {
  const { shown, folded } = foldText(card.text ?? [])
  return {
    heading: card.heading,
    text: shown,
    moreText: folded,
    quotes: card.quotes ?? [],
    facts: card.facts ?? [],
    lists: (card.lists ?? []).map(listView),
    buttons: buttonsView(card.buttons, (index) => `b${index}`),
    links: card.links ?? [],
    footer: card.footer,
  }
}

function foldText(paragraphs: readonly string[]): { shown: string[]; folded: string[] } {
  const shown: string[] = []
  const folded: string[] = []
  let room = shownCharacters
  for (const paragraph of paragraphs) {
    if (folded.length === 0 && paragraph.length <= room) shown.push(paragraph)
    else if (folded.length === 0 && room > 100) {
      const cut = paragraph.lastIndexOf(' ', room)
      const at = cut > 0 ? cut : room
      shown.push(`${paragraph.slice(0, at)} …`)
      folded.push(paragraph.slice(at).trimStart())
    } else folded.push(paragraph)
    room -= paragraph.length
  }
  return { shown, folded }
}

function listView(list: CardList, listIndex: number) {
  const items = list.items.map(({ text, detail, link, buttons }, index) => ({
    text,
    detail,
    link,
    buttons: buttonsView(buttons, (place) => `l${listIndex}.${index}.${place}`),
  }))
  // One item alone is not worth folding.
  const cut = items.length > shownItems + 1 ? shownItems : items.length
  const beyond = Math.max(0, (list.total ?? items.length) - items.length)
  return {
    title: list.title,
    items: items.slice(0, cut),
    folded: items.slice(cut),
    beyond,
    more: list.more,
  }
}

function buttonsView(buttons: readonly Button[] | undefined, place: (index: number) => string) {
  return (buttons ?? []).map(({ label, style }, index) => ({ label, style, place: place(index) }))
}

/** A form with every person of the department to choose from in its fields for people. */
export function formView(world: World, person: string, { id: openId, form, room }: OpenForm) {
  const errors = form.fields.flatMap(({ name, error }) =>
    error === undefined ? [] : [{ text: error, href: `#f-${name}` }],
  )
  return {
    openId,
    action: `${hrefOf(person, room)}/form`,
    title: form.title,
    intro: form.intro ?? [],
    problem: form.problem,
    submitLabel: form.submitLabel,
    fields: form.fields.map((field) => fieldView(world, field)),
    pager: form.pager,
    errors,
  }
}

function fieldView(world: World, field: Field) {
  const { name, label, hint, required, error, refreshes } = field
  const common = {
    name,
    id: `f-${name}`,
    label: required ? label : `${label} (optional)`,
    hint,
    required,
    error,
    refreshes,
  }
  switch (field.type) {
    case 'people': {
      const { type, values, multiple } = field
      const known = [...world.state.people.values()].map(
        ({ id, name: text, title }): Choice => ({ value: id, label: text, hint: title }),
      )
      const missing = field.choices.filter(({ value }) => !known.some((choice) => choice.value === value))
      return { ...common, type, values, choices: [...known, ...missing], multiple }
    }
    case 'checkboxes': {
      const { type, values, choices } = field
      return { ...common, type, values, choices }
    }
    case 'radios':
    case 'select': {
      const { type, value = '', choices } = field
      return { ...common, type, value, choices }
    }
    case 'date':
    case 'date-time': {
      const { type, value = '' } = field
      return { ...common, type, value }
    }
    default: {
      const { type, value = '', maxLength } = field
      return { ...common, type, value, maxLength }
    }
  }
}
