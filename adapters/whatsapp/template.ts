/** A wording with places, such as `{actor} added {people}`. */
export interface Template {
  /** Literals around the places: one more than there are places. */
  readonly literals: readonly string[]
  readonly places: readonly string[]
  /** The role a wording gives to the exporter without naming them ("Saliste del grupo"). */
  readonly exporterIs: 'actor' | 'person' | 'people' | undefined
}

/** Reads a wording of the data file; `|actor` at its end says whom it leaves unnamed. */
export function parseTemplate(wording: string): Template {
  const [pattern = '', role] = wording.split('|')
  const pieces = pattern.split(/[{}]/)
  return {
    literals: pieces.filter((_, index) => index % 2 === 0),
    places: pieces.filter((_, index) => index % 2 === 1),
    exporterIs: role === 'actor' || role === 'person' || role === 'people' ? role : undefined,
  }
}

/**
 * What stands in each place, or undefined when the text is worded otherwise. Runs in time linear in the text: each
 * literal is sought once, from left to right, and the last one from the end.
 */
export function matchTemplate(template: Template, text: string): Record<string, string> | undefined {
  const { literals, places } = template
  const first = literals[0] ?? ''
  const last = literals[literals.length - 1] ?? ''
  if (places.length === 0) return text === first ? {} : undefined
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return undefined
  const end = text.length - last.length
  const found: Record<string, string> = {}
  let from = first.length
  for (const [index, place] of places.entries()) {
    const next = literals[index + 1] ?? ''
    const isLast = index === places.length - 1
    const to = isLast ? end : text.indexOf(next, from + 1)
    if (to <= from || to > end) return undefined
    found[place] = text.slice(from, to)
    from = to + next.length
  }
  return found
}
