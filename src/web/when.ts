import { localInput, parseLocalInput } from '../decisions/index.js'

/** A date and time as typed into four boxes. Kept exactly as typed, so that nothing is lost when it is wrong. */
export interface TypedInstant {
  readonly day: string
  readonly month: string
  readonly year: string
  readonly time: string
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/** The boxes for an instant in a time zone. */
export function typedInstant(at: Date, timeZone: string): TypedInstant {
  return splitLocal(localInput(at, timeZone))
}

/** The boxes for a local text `YYYY-MM-DDTHH:MM`, or whatever was composed from boxes before. */
export function splitLocal(text: string): TypedInstant {
  const match = /^([^-]*)-([^-]*)-([^T]*)(?:T(.*))?$/s.exec(text)
  if (!match) return { day: '', month: '', year: '', time: '' }
  const [, year = '', month = '', day = '', time = ''] = match
  const plain = (part: string): string => (/^\d+$/.test(part) ? String(Number(part)) : part)
  return { year, month: plain(month), day: plain(day), time }
}

/**
 * Local text from the boxes: `YYYY-MM-DD`, with `THH:MM` when there is a time box. Takes month names, `9.30`, `0930`
 * and `2:30pm` as people write them; what cannot be understood stays as typed, for the error beside it.
 */
export function joinLocal(typed: Partial<TypedInstant>): string {
  const clean = (part: string | undefined): string => (part ?? '').trim().replaceAll('-', ' ').slice(0, 20)
  const year = clean(typed.year)
  const named = months.indexOf(clean(typed.month).toLowerCase().slice(0, 3))
  const month =
    /^[a-z]{3,9}$/i.test(clean(typed.month)) && named >= 0 ? String(named + 1) : clean(typed.month)
  const two = (part: string): string => (/^\d$/.test(part) ? `0${part}` : part)
  const date = `${year}-${two(month)}-${two(clean(typed.day))}`
  return typed.time === undefined ? date : `${date}T${clockTime(clean(typed.time))}`
}

/** The instant the boxes mean in a time zone; undefined when it is no real date and time. */
export function instantOf(typed: TypedInstant, timeZone: string): Date | undefined {
  return parseLocalInput(joinLocal(typed), timeZone)
}

function clockTime(text: string): string {
  const match = /^(\d{1,2})[:.]?(\d{2})?\s*([ap])?\.?(?:m\.?)?$/i.exec(text)
  if (!match || (match[2] === undefined && match[3] === undefined)) return text
  const half = match[3]?.toLowerCase()
  const given = Number(match[1])
  if (half !== undefined && (given < 1 || given > 12)) return text
  const hour = half === undefined ? given : (given % 12) + (half === 'p' ? 12 : 0)
  return `${String(hour).padStart(2, '0')}:${match[2] ?? '00'}`
}
