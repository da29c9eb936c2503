// Marks that turn the writing direction could make a quoted message read as something else; control characters have
// no place in a card at all.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g

/**
 * Words for a TextRun, where Adaptive Cards know no Markdown. Only `{{DATE(…)}}` would still be rewritten there:
 * an invisible space keeps its braces apart.
 */
export function plainWords(text: string): string {
  return text.replace(invisible, '').replaceAll('{{', '{\u200b{')
}

/** Words for a TextBlock, where Adaptive Cards read a subset of Markdown: every mark of it escaped. */
export function escapeMarkdown(text: string): string {
  return plainWords(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]~<>&|]/g, '\\$&')
    .replace(/^(\s*)([#+-])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2')
}

/** At most `max` characters, cut between words where one is near, marked with an ellipsis. */
export function shorten(text: string, max: number): string {
  const letters = Array.from(text)
  if (letters.length <= max) return text
  const head = letters.slice(0, Math.max(1, max - 1)).join('')
  const space = head.lastIndexOf(' ')
  return `${(space > 0 && space > head.length - 30 ? head.slice(0, space) : head).trimEnd()}…`
}

/** Bytes of a value on the wire. */
export function wireSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
