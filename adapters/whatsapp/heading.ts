import { plainName } from './marks.js'

/** The date and time at the head of a message, as written. */
export interface Heading {
  /** How the file writes headings: all of one export are alike, so one that differs is quoted text. */
  readonly dialect: string
  readonly form: 'android' | 'ios'
  /** The three numbers of the date, in the order written. */
  readonly date: readonly [number, number, number]
  /** Where the year stands; `short` = two digits at either end. */
  readonly year: 'first' | 'last' | 'short'
  readonly separator: string
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** What follows the heading, untouched. */
  readonly rest: string
}

const longestHead = 48
const dateFirst =
  /^(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})(\D{1,16})(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(\D{0,20})$/u
/** What copying from WhatsApp in a browser gives. */
const timeFirst = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(\D{1,16})(\d{1,4})([./-]) ?(\d{1,2})\6 ?(\d{1,4})$/u

type Half = 'am' | 'pm' | 'night' | ''

const morning = new Set([
  'am',
  'ص',
  '上午',
  '凌晨',
  '早上',
  '清晨',
  '오전',
  '午前',
  'πμ',
  'pg',
  'vorm',
  'дп',
  'inthemorning',
])
const afternoon = new Set([
  'pm',
  'م',
  '下午',
  '中午',
  '晚上',
  '오후',
  '午後',
  'μμ',
  'ptg',
  'nachm',
  'пп',
  'intheafternoon',
  'intheevening',
])
/** Words some languages set between date and time, and the Bulgarian and Buddhist marks of a year. */
const between = new Set(['', 'klo', 'kl', 'à', 'at', 'um', 'às', 'alle', 'ore', 'o', 'a las', 'г', 'be', 'h'])

/**
 * Reads the heading of a line, or undefined when the line continues a message. Runs in time linear in 48 characters.
 */
export function readHeading(line: string): Heading | undefined {
  const start = firstVisible(line)
  const opening = line.charCodeAt(start)
  if (opening === 0x5b) {
    const close = line.indexOf(']', start)
    if (close < 0 || close - start > longestHead) return undefined
    return headingOf(
      'ios',
      line.slice(start + 1, close),
      line.slice(close + 1).replace(/^[ \u00a0\u202f]/, ''),
    )
  }
  if (!isDigit(opening)) return undefined
  const dash = line.indexOf(' - ', start)
  if (dash >= 0 && dash - start <= longestHead) {
    const heading = headingOf('android', line.slice(start, dash), line.slice(dash + 3))
    if (heading) return heading
  }
  // iPhones before 2017: no brackets, seconds, a colon.
  const colon = line.indexOf(': ', start)
  if (colon < 0 || colon - start > longestHead) return undefined
  const old = headingOf('ios', line.slice(start, colon), line.slice(colon + 2))
  return old?.dialect.endsWith('s') ? { ...old, dialect: `old ${old.dialect}` } : undefined
}

/** Whether an unfinished last line is a heading cut short: the file ends in the middle of one. */
export function isCutHeading(line: string): boolean {
  const head = plainName(line).slice(0, longestHead)
  return (
    /^\[?\d{1,4}([./-]) ?\d{1,2}\1 ?\d{2,4},? ?[\d:.]*( [ap]\.?m?\.?)?( -?)?$/i.test(head) && head.length >= 8
  )
}

function headingOf(form: Heading['form'], head: string, rest: string): Heading | undefined {
  const text = plainName(asciiDigits(head)).replaceAll('،', ',')
  const match = dateFirst.exec(text)
  if (match) {
    const [, a, separator, b, c, gap, hour, minute, second, tail] = match
    return build(form, 'd', [a, b, c], separator, [hour, minute, second], `${gap}|${tail}`, rest)
  }
  const swapped = timeFirst.exec(text)
  if (!swapped || form === 'android') return undefined
  const [, hour, minute, second, gap, a, separator, b, c] = swapped
  return build(form, 't', [a, b, c], separator, [hour, minute, second], `${gap}|`, rest)
}

function build(
  form: Heading['form'],
  order: 'd' | 't',
  date: readonly (string | undefined)[],
  separator = '',
  time: readonly (string | undefined)[],
  words: string,
  rest: string,
): Heading | undefined {
  const [a = '', b = '', c = ''] = date
  const year = a.length === 4 && c.length <= 2 ? 'first' : lastYear(a, c)
  const half = halfOfDay(words)
  if (year === undefined || half === undefined) return undefined
  // Program logs look much like the phone's form, but carry seconds; WhatsApp on Android never does.
  if (form === 'android' && time[2] !== undefined) return undefined
  const hour = hourOf(Number(time[0]), half)
  const minute = Number(time[1])
  const second = Number(time[2] ?? 0)
  if (hour === undefined || minute > 59 || second > 59) return undefined
  return {
    dialect: [
      form,
      order,
      separator,
      year,
      half === '' ? '24' : '12',
      time[2] === undefined ? 'm' : 's',
    ].join(' '),
    form,
    date: [Number(a), Number(b), Number(c)],
    year,
    separator,
    hour,
    minute,
    second,
    rest,
  }
}

function lastYear(a: string, c: string): 'last' | 'short' | undefined {
  if (a.length > 2) return undefined
  return c.length === 4 ? 'last' : c.length === 2 ? 'short' : undefined
}

/** `am`, `pm`, or '' for the 24-hour clock; undefined when a word says that this is no heading. */
function halfOfDay(words: string): Half | undefined {
  let half: Half = ''
  for (const part of words.split('|')) {
    const compact = part.toLowerCase().replace(/[.,]/g, '').trim()
    const word = compact.replaceAll(' ', '')
    for (const candidate of between.has(compact) ? [] : [lastWord(compact, word)]) {
      if (morning.has(candidate)) half = 'am'
      else if (afternoon.has(candidate)) half = 'pm'
      else if (candidate === 'atnight') half = 'night'
      else return undefined
    }
  }
  return half
}

/** `be 下午` → `下午`, `a m` → `am`. */
function lastWord(compact: string, word: string): string {
  if (morning.has(word) || afternoon.has(word) || word === 'atnight') return word
  const space = compact.indexOf(' ')
  return space > 0 && between.has(compact.slice(0, space))
    ? compact.slice(space + 1).replaceAll(' ', '')
    : word
}

function hourOf(hour: number, half: Half): number | undefined {
  if (half === '') return hour <= 23 ? hour : hour === 24 ? 0 : undefined
  if (hour > 12) return undefined
  const late = half === 'pm' || (half === 'night' && hour >= 6 && hour < 12)
  return (hour % 12) + (late ? 12 : 0)
}

function asciiDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => {
    const code = digit.charCodeAt(0)
    return String(code >= 0x966 ? code - 0x966 : code & 0xf)
  })
}

function firstVisible(line: string): number {
  let index = 0
  while (index < 8 && isMark(line.charCodeAt(index))) index++
  return index
}

function isMark(code: number): boolean {
  return code === 0x200e || code === 0x200f || code === 0xfeff || (code >= 0x202a && code <= 0x202e)
}

function isDigit(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x660 && code <= 0x669) ||
    (code >= 0x6f0 && code <= 0x6f9) ||
    (code >= 0x966 && code <= 0x96f)
  )
}
