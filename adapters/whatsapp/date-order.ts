import { RemembrancerError } from '../../src/errors.js'
import type { DateOrder } from '../../src/platform/index.js'
import type { Heading } from './heading.js'

/** A date and time as the phone showed it, without zone. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

interface Reading {
  bad: number
  /** Steps back of more than a day: the right order has few or none. */
  back: number
  previous: number
}

interface Tally {
  readonly sample: Heading
  count: number
  readonly readings: Readonly<Record<DateOrder, Reading>>
  /** True once day-first and month-first disagree about a date. */
  differs: boolean
}

const dayMs = 86_400_000
/** A few headings quoted inside messages must not decide for the whole file. */
const tolerated = (bad: number, count: number): boolean => bad * 50 <= count

/** Reads a heading's date in a given order; undefined when there is no such day. */
export function localTime(heading: Heading, order: DateOrder): LocalTime | undefined {
  const [a, b, c] = heading.date
  const [year, month, day] =
    heading.year === 'first' || order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b]
  const full = year < 100 ? 2000 + year : year > 2400 ? year - 543 : year
  if (full < 2009 || month < 1 || month > 12 || day < 1 || day > daysIn(full, month)) return undefined
  return {
    year: full,
    month,
    day,
    hour: heading.hour,
    minute: heading.minute,
    second: heading.second,
  }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/**
 * Weighs every heading of a file to settle how it writes dates. Constant memory: one tally for each way of writing
 * headings, of which there are few.
 */
export class DateSurvey {
  readonly #tallies = new Map<string, Tally>()

  add(heading: Heading): void {
    const tally = this.#tally(heading)
    tally.count++
    const first = this.#weigh(tally, 'dmy', heading)
    const second = this.#weigh(tally, 'mdy', heading)
    this.#weigh(tally, 'ymd', heading)
    if (first !== second) tally.differs = true
  }

  /**
   * The file's way of writing headings, and its order of dates.
   * @param wanted what the operator said, for files that leave it open
   * @throws RemembrancerError IMPORT_DATES_AMBIGUOUS, IMPORT_NOT_RECOGNISED
   */
  decide(name: string, wanted: DateOrder | undefined): { dialect: string; order: DateOrder } {
    const [dialect, tally] = [...this.#tallies].sort((a, b) => b[1].count - a[1].count)[0] ?? []
    if (dialect === undefined || tally === undefined)
      throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${name} holds no messages in WhatsApp's form.`)
    return { dialect, order: orderOf(tally, name, wanted) }
  }

  #tally(heading: Heading): Tally {
    const held = this.#tallies.get(heading.dialect)
    if (held) return held
    const blank = (): Reading => ({ bad: 0, back: 0, previous: Number.NEGATIVE_INFINITY })
    const readings = { dmy: blank(), mdy: blank(), ymd: blank() }
    const made: Tally = { sample: heading, count: 0, readings, differs: false }
    this.#tallies.set(heading.dialect, made)
    return made
  }

  #weigh(tally: Tally, order: DateOrder, heading: Heading): number | undefined {
    const reading = tally.readings[order]
    const local = localTime(heading, order)
    if (!local) {
      reading.bad++
      return undefined
    }
    const at = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second)
    if (at < reading.previous - dayMs) reading.back++
    reading.previous = at
    return at
  }
}

function orderOf({ sample, count, readings, differs }: Tally, name: string, wanted?: DateOrder): DateOrder {
  const fits = (order: DateOrder): boolean => tolerated(readings[order].bad, count)
  if (sample.year === 'first') {
    if (fits('ymd')) return 'ymd'
    throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${name} holds dates that do not exist.`)
  }
  if (wanted !== undefined && (wanted !== 'ymd' || sample.year === 'short')) {
    if (fits(wanted)) return wanted
    throw new RemembrancerError('IMPORT_DATES_AMBIGUOUS', `Dates in ${name} cannot be read as ${wanted}.`)
  }
  const possible = (['dmy', 'mdy'] as const).filter(fits)
  const only = possible[0]
  if (only === undefined) {
    if (sample.year === 'short' && fits('ymd')) return 'ymd'
    throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${name} holds dates that do not exist.`)
  }
  if (possible.length === 1 || !differs) return only
  // No language writes the month first with points or dashes when the year comes last.
  if (sample.separator !== '/') return 'dmy'
  const { dmy, mdy } = readings
  if (mdy.back >= 1 && dmy.back * 5 < mdy.back) return 'dmy'
  if (dmy.back >= 1 && mdy.back * 5 < dmy.back) return 'mdy'
  throw new RemembrancerError(
    'IMPORT_DATES_AMBIGUOUS',
    `Dates in ${name} can be read day first or month first.`,
  )
}
