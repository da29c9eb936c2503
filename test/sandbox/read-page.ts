import type { SeenCard, SeenForm } from '../contract/harness.js'

/** Reads the sandbox's own HTML back: cards and forms as a person sees them. Knows only the markup of its templates. */

/** A card with the place of each of its buttons. */
export interface PageCard extends SeenCard {
  readonly places: ReadonlyMap<string, string>
  readonly onlyYou: boolean
}

const entities: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}
const decoded = (text: string) =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (found) => entities[found] ?? found)
const words = (html: string) =>
  decoded(html.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/[ \t\n]+/g, ' ')
    .trim()

/** Cards in a list of the page: `timeline` or `thread`. */
export function cardsIn(html: string, list: 'timeline' | 'thread' = 'timeline'): PageCard[] {
  const inside = html.split(`id="sb-${list}"`)[1]?.split('</ol>')[0] ?? ''
  return inside
    .split('<li class="sb-item ')
    .slice(1)
    .filter((part) => part.startsWith('sb-item--post'))
    .map(readCard)
}

function readCard(part: string): PageCard {
  const id = /^[^"]*" id="(?:item|thread)-([^"]+)"/.exec(part)?.[1] ?? ''
  const card = part.slice(part.indexOf('<div class="sb-card">'))
  const heading = /<h2[^>]*>([\s\S]*?)<\/h2>/.exec(card)
  const places = new Map<string, string>()
  for (const form of card.matchAll(/<form [\s\S]*?<\/form>/g)) {
    const place = /name="place" value="([^"]+)"/.exec(form[0])?.[1] ?? ''
    places.set(words(/<button[^>]*>([\s\S]*?)<\/button>/.exec(form[0])?.[1] ?? ''), place)
  }
  const rest = card.replace(heading?.[0] ?? '', '').replaceAll(/<form [\s\S]*?<\/form>/g, '')
  return {
    id,
    heading: words(heading?.[1] ?? ''),
    text: words(rest.split('<details class="sb-actions"')[0] ?? ''),
    buttons: [...places.keys()],
    places,
    onlyYou: part.includes('Only you can see this'),
  }
}

/** The open form of the page, with where it is sent. */
export interface PageForm extends SeenForm {
  readonly openId: string
  readonly action: string
}

/** The form that stands open on a page, if any. */
export function formIn(html: string): PageForm | undefined {
  const form = /<form class="sb-form"[\s\S]*?<\/form>/.exec(html)?.[0]
  if (!form) return undefined
  const fields = form
    .split('<div data-field="')
    .slice(1)
    .map((part) => {
      const name = part.slice(0, part.indexOf('"'))
      const error = /govuk-error-message">([\s\S]*?)<\/p>/.exec(part)?.[1]
      const label = /<(?:label|legend)[^>]*>([\s\S]*?)<\/(?:label|legend)>/.exec(part)?.[1] ?? ''
      return {
        name,
        label: words(label),
        value: valueIn(part),
        ...(error !== undefined && { error: words(error).replace(/^Error: /, '') }),
      }
    })
  const problem = /govuk-error-summary__body">\s*<p>([\s\S]*?)<\/p>/.exec(form)?.[1]
  return {
    openId: /name="open" value="([^"]+)"/.exec(form)?.[1] ?? '',
    action: decoded(/action="([^"]+)"/.exec(form)?.[1] ?? ''),
    title: words(/<h2[^>]*>([\s\S]*?)<\/h2>/.exec(form)?.[1] ?? ''),
    ...(problem !== undefined && { problem: words(problem) }),
    fields,
  }
}

function valueIn(part: string): string | readonly string[] {
  const area = /<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(part)
  if (area) return decoded(area[1] ?? '')
  const options = [...part.matchAll(/<option value="([^"]*)"( selected)?/g)]
  if (options.length > 0) return decoded(options.find((option) => option[2])?.[1] ?? '')
  const inputs = [...part.matchAll(/<input[^>]*>/g)].map((match) => match[0])
  const value = (input: string) => decoded(/ value="([^"]*)"/.exec(input)?.[1] ?? '')
  if (inputs.some((input) => input.includes('type="checkbox"')))
    return inputs.filter((input) => input.includes(' checked')).map(value)
  if (inputs.some((input) => input.includes('type="radio"')))
    return value(inputs.find((input) => input.includes(' checked')) ?? '')
  return value(inputs[0] ?? '')
}
