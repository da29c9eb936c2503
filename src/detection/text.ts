import type { Language } from './language.js'

/** Only this much of a message is read, so that a pasted document costs no more than a page. */
const headLength = 2000
const tailLength = 1000
const maxTokens = 400
const longestWord = 40

/** A message cut into lower-case tokens; `classes[i]` names the class of `tokens[i]` where it has one, else ''. */
export interface TokenisedText {
  readonly tokens: readonly string[]
  readonly classes: readonly string[]
  /** Whether a clause (1) or a sentence (2) starts at the token, else 0. */
  readonly starts: readonly number[]
  readonly quoted: boolean
  readonly exclamations: number
}

const emojiNames = new Map<number, string>([
  [0x1f44d, ':thumbsup:'],
  [0x1f44c, ':ok:'],
  [0x1f197, ':ok:'],
  [0x1fae1, ':ok:'],
  [0x2705, ':check:'],
  [0x2714, ':check:'],
  [0x2611, ':check:'],
  [0x1f64f, ':pray:'],
  [0x1f64c, ':clap:'],
  [0x1f44f, ':clap:'],
  [0x1f389, ':party:'],
  [0x1f680, ':party:'],
  [0x2764, ':heart:'],
  [0x1f602, ':joy:'],
  [0x1f923, ':joy:'],
  [0x1f605, ':joy:'],
  [0x1f642, ':smile:'],
  [0x1f600, ':smile:'],
  [0x1f4af, ':100:'],
  [0x1f44e, ':thumbsdown:'],
  [0x1f61e, ':sad:'],
  [0x1f622, ':sad:'],
])
const shortcodes = new Map<string, string>([
  ['+1', ':thumbsup:'],
  ['thumbsup', ':thumbsup:'],
  ['white_check_mark', ':check:'],
  ['heavy_check_mark', ':check:'],
  ['ok_hand', ':ok:'],
  ['pray', ':pray:'],
  ['clap', ':clap:'],
  ['raised_hands', ':clap:'],
  ['tada', ':party:'],
  ['rocket', ':party:'],
  ['joy', ':joy:'],
  ['heart', ':heart:'],
  ['smile', ':smile:'],
  ['100', ':100:'],
  ['-1', ':thumbsdown:'],
])

/** The part of a message that is read: NFKC, first 2,000 and last 1,000 characters, no zero-width or bidi controls. */
export function normalise(text: string): string {
  let part =
    text.length > headLength + tailLength ? `${text.slice(0, headLength)} ${text.slice(-tailLength)}` : text
  for (let i = 0; i < part.length; i++) {
    if (part.charCodeAt(i) > 126) {
      part = part
        .normalize('NFKC')
        .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\ufe0e|\ufe0f/g, '')
        .replace(/[\u2018\u2019\u02bc\u2032]/g, "'")
        .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
        .replace(/[\u2010-\u2015]/g, '-')
      break
    }
  }
  return part
}

/** Takes out what is quoted: lines behind ">", and spans of four words or more in double quotes. */
export function stripQuotes(text: string): { text: string; quoted: boolean } {
  const hasLines = text.includes('>')
  const first = text.indexOf('"')
  if (!hasLines && first < 0) return { text, quoted: false }
  let quoted = false
  let body = text
  if (hasLines) {
    const kept: string[] = []
    for (const line of text.split('\n')) {
      const start = line.trimStart()
      if (start.startsWith('>') || start.startsWith('&gt;')) quoted = true
      else kept.push(line)
    }
    if (quoted) body = kept.join('\n')
  }
  const parts = body.split('"')
  if (parts.length > 2) {
    let out = parts[0] ?? ''
    for (let i = 1; i < parts.length; i += 2) {
      const inside = parts[i] ?? ''
      const long = wordCount(inside) >= 4
      if (long && i + 1 < parts.length) {
        quoted = true
        out += ` <quote> ${parts[i + 1] ?? ''}`
      } else out += ` ${inside} ${parts[i + 1] ?? ''}`
    }
    body = out
  }
  return { text: body, quoted }
}

function wordCount(text: string): number {
  let count = 0
  let inWord = false
  for (let i = 0; i < text.length; i++) {
    const space = text.charCodeAt(i) <= 32
    if (!space && !inWord) count++
    inWord = !space
  }
  return count
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57
const isLetter = (c: number): boolean =>
  (c >= 97 && c <= 122) ||
  (c >= 0xc0 && c < 0x2000 && c !== 0xd7 && c !== 0xf7) ||
  (c >= 0x2e80 && c < 0xd800) ||
  (c >= 0xf900 && c <= 0xfdff)
const isWordPart = (c: number): boolean => isLetter(c) || isDigit(c) || c === 39 || c === 45 || c === 95

/** Cuts a message into tokens. Cost is linear in the length read; never throws, whatever the text. */
export function tokenise(raw: string, language: Language): TokenisedText {
  const stripped = stripQuotes(normalise(raw))
  const text = stripped.text.toLowerCase()
  const tokens: string[] = []
  const classes: string[] = []
  const starts: number[] = []
  let exclamations = 0
  let boundary = 2
  let i = 0
  const push = (token: string, kind = ''): void => {
    tokens.push(token)
    classes.push(kind)
    starts.push(boundary)
    boundary = token === '?' ? 2 : 0
  }
  while (i < text.length && tokens.length < maxTokens) {
    const c = text.charCodeAt(i)
    if (c <= 32) {
      if (c === 10) boundary = 2
      i++
    } else if (isLetter(c)) i = word(text, i, language, push)
    else if (isDigit(c)) i = number(text, i, undefined, language, push)
    else if (c === 0xa3 || c === 36 || c === 0x20ac)
      i = isDigit(text.charCodeAt(i + 1)) ? number(text, i + 1, '<money>', language, push) : i + 1
    else if (
      (c === 43 || c === 45 || c === 61) &&
      (text.charCodeAt(i + 1) === 49 || text.charCodeAt(i + 1) === 48) &&
      !isWordPart(text.charCodeAt(i + 2))
    ) {
      push(text.slice(i, i + 2))
      i += 2
    } else if (c === 60) i = angle(text, i, push)
    else if (c === 58) i = colon(text, i, push)
    else if (c === 63) {
      if (tokens[tokens.length - 1] !== '?') push('?')
      i++
    } else if (c === 33) {
      exclamations++
      boundary = 2
      i++
    } else if (c === 35) {
      if (tokens[tokens.length - 1] !== '#') push('#')
      i++
    } else if (c > 0x2000) i = symbol(text, i, push)
    else {
      // . ends a sentence; , ; : ( - only a clause
      if (c === 46) boundary = 2
      else if (boundary === 0 && (c === 44 || c === 59 || c === 58 || c === 40 || c === 45)) boundary = 1
      i++
    }
  }
  return { tokens, classes, starts, quoted: stripped.quoted, exclamations }
}

type Push = (token: string, kind?: string) => void

function word(text: string, start: number, { dayWords, monthWords }: Language, push: Push): number {
  let end = start
  while (end < text.length && isWordPart(text.charCodeAt(end))) end++
  if (text.startsWith('://', end) || (text.startsWith('www.', start) && end - start === 3)) {
    while (end < text.length && text.charCodeAt(end) > 32) end++
    push('<url>')
    return end
  }
  let stop = end
  while (stop > start && (text.charCodeAt(stop - 1) === 39 || text.charCodeAt(stop - 1) === 45)) stop--
  if (stop - start > longestWord) push('<blob>')
  else if (stop > start) {
    const token = text.slice(start, stop)
    push(token, dayWords.has(token) ? '<day>' : monthWords.has(token) ? '<date>' : '')
  }
  return Math.max(end, start + 1)
}

function number(
  text: string,
  start: number,
  kind: '<money>' | undefined,
  language: Language,
  push: Push,
): number {
  let end = start
  while (end < text.length) {
    const c = text.charCodeAt(end)
    if (isDigit(c) || isLetter(c)) end++
    else if ((c === 46 || c === 44 || c === 58 || c === 47) && isDigit(text.charCodeAt(end + 1))) end++
    else break
  }
  const token = text.slice(start, end)
  if (token.length > longestWord) push('<blob>')
  else push(token, kind ?? numberClass(token, text.charCodeAt(end), language))
  return end
}

function numberClass(token: string, next: number, { figures }: Language): string {
  const endsWith = (ending: string): boolean => token.length > ending.length && token.endsWith(ending)
  if (token.includes(':') || figures.halves.some(endsWith)) return '<time>'
  if (token.includes('/') || figures.ordinals.some(endsWith)) return '<date>'
  if (figures.amounts.some(endsWith)) return '<money>'
  if (next === 37) return '<percent>'
  return '<num>'
}

function angle(text: string, start: number, push: Push): number {
  const end = text.indexOf('>', start)
  if (end < 0 || end - start > 300) return start + 1
  const inside = text.slice(start + 1, end)
  if (inside === 'url' || inside.startsWith('http') || inside.startsWith('mailto')) push('<url>')
  else if (inside === 'quote') push('<quote>')
  else if (inside.startsWith('@') || inside.startsWith('#') || inside.startsWith('!'))
    push('<name>', '<name>')
  else return start + 1
  return end + 1
}

function colon(text: string, start: number, push: Push): number {
  const end = text.indexOf(':', start + 1)
  if (end > start && end - start < 24) {
    const name = shortcodes.get(text.slice(start + 1, end))
    if (name) {
      push(name)
      return end + 1
    }
  }
  if (text.charCodeAt(start + 1) === 41) {
    push(':smile:')
    return start + 2
  }
  return start + 1
}

function symbol(text: string, start: number, push: Push): number {
  const code = text.codePointAt(start) ?? 0
  const width = code > 0xffff ? 2 : 1
  const name = emojiNames.get(code)
  if (name && text.codePointAt(start - width) !== code) push(name)
  return start + width
}
