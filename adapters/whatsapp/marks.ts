/** Marks WhatsApp writes around names, times and notices to keep the writing direction; they carry no meaning. */
const directionMarks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
/** All of them but the right-to-left mark, which people writing Arabic or Hebrew use themselves. */
const hiddenInText = /[\u200e\u202a-\u202e\u2066-\u2069\ufeff]/g
const anySpace = /[\u00a0\u2007\u2009\u202f\t ]+/g
const quotes = /[“”„‟«»"] ?/g

/** Left-to-right mark: the iPhone writes it before what WhatsApp itself says. */
export const leftToRight = '\u200e'

/** A name, number or heading without direction marks and with plain single spaces. */
export function plainName(text: string): string {
  return text.replace(directionMarks, '').replace(anySpace, ' ').trim()
}

/** What a person wrote, without marks that could disguise what follows them. */
export function plainText(text: string): string {
  return text.replace(hiddenInText, '')
}

/** A notice with straight quotes and apostrophes, so that one wording covers every keyboard. */
export function plainNotice(text: string): string {
  return plainName(text).replace(/[’‘ʼ]/g, "'").replace(quotes, straightQuote).replace(/\.$/, '').trimEnd()
}

function straightQuote(found: string): string {
  // « name »: French sets a space inside its quotation marks.
  return found.startsWith('«') || !found.endsWith(' ') ? '"' : '" '
}
