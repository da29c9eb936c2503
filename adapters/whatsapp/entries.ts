import { longestText } from './body.js'
import type { Heading } from './heading.js'
import type { Line } from './lines.js'

/** A heading with all its lines, or a line that belongs to none. */
export type Entry =
  | {
      readonly kind: 'entry'
      readonly heading: Heading
      /** Text after the heading, continuation lines joined by line feeds. */
      readonly text: string
      /** Lines beyond the longest message. */
      readonly dropped: readonly number[]
      readonly line: number
      readonly bytes: number
    }
  | { readonly kind: 'stray'; readonly line: number; readonly bytes: number }

interface Open {
  readonly heading: Heading
  readonly line: number
  readonly texts: string[]
  readonly dropped: number[]
  length: number
}

/**
 * Gathers lines into entries.
 * @param headingOf reads a line as a heading of this file's own way of writing, or says undefined
 */
export async function* readEntries(
  lines: AsyncIterable<Line>,
  headingOf: (text: string) => Heading | undefined,
): AsyncGenerator<Entry> {
  let open: Open | undefined
  let bytes = 0
  for await (const line of lines) {
    bytes = line.bytes
    const heading = headingOf(line.text)
    if (heading) {
      if (open) yield finished(open, bytes)
      open = { heading, line: line.number, texts: [heading.rest], dropped: [], length: heading.rest.length }
    } else if (!open) {
      if (line.text.trim() !== '') yield { kind: 'stray', line: line.number, bytes }
    } else if (open.length + line.text.length > longestText) {
      open.dropped.push(line.number)
    } else {
      open.texts.push(line.text)
      open.length += line.text.length + 1
    }
  }
  if (open) yield finished(open, bytes)
}

function finished(open: Open, bytes: number): Entry {
  // Exports end messages with empty lines at times; they say nothing.
  const text = open.texts.join('\n').trimEnd()
  return { kind: 'entry', heading: open.heading, text, dropped: open.dropped, line: open.line, bytes }
}
