const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/**
 * Words of an HTML message body as people read them: lines kept, quotes and list marks shown, markup gone. Every
 * pattern stops at the next angle bracket, so that no body, however odd, takes long.
 */
export function htmlToText(html: string): string {
  const text = withoutScripts(html.replace(/[\r\n]+/g, ' '))
    .replace(/<(?:img|emoji)\b[^<>]*>/gi, altText)
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<li\b[^<>]*>/gi, '\n- ')
    .replace(/<td\b[^<>]*>/gi, '\t')
    .replace(/<\/?(p|div|blockquote|h[1-6]|ul|ol|tr|table|pre|hr)\b[^<>]*>/gi, '\n')
    .replace(/<\/?[a-zA-Z][^<>]*>/g, '')
  return tidy(decodeEntities(text))
}

function altText(tag: string): string {
  const at = tag.indexOf('alt="')
  return at < 0 ? '' : tag.slice(at + 5, tag.indexOf('"', at + 5))
}

/** Scripts and styles are nobody's words. One that is never closed takes the rest with it, as in a browser. */
function withoutScripts(html: string): string {
  const kept: string[] = []
  const opening = /<(script|style)\b/gi
  let from = 0
  for (let match = opening.exec(html); match; match = opening.exec(html)) {
    kept.push(html.slice(from, match.index))
    const closing = new RegExp(`</${match[1]}\\s*>`, 'gi')
    closing.lastIndex = opening.lastIndex
    if (!closing.exec(html)) return kept.join('')
    from = closing.lastIndex
    opening.lastIndex = from
  }
  kept.push(html.slice(from))
  return kept.join('')
}

/** HTML character references of a text, resolved once. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, dec, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole
    const code = dec !== undefined ? Number(dec) : Number.parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll('\u00a0', ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}
