const parts = (instant: Date, timeZone: string): Record<string, number> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
      .formatToParts(instant)
      .filter((part) => part.type !== 'literal')
      .map((part) => [part.type, Number(part.value)]),
  )

const two = (value: number | undefined): string => String(value ?? 0).padStart(2, '0')

/** An instant as people of a time zone read it: `YYYY-MM-DDTHH:MM`. */
export function localInput(instant: Date, timeZone: string): string {
  const { year, month, day, hour, minute } = parts(instant, timeZone)
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`
}

const dateWords = { day: 'numeric', month: 'long', year: 'numeric' } as const

/** The day of an instant in words: "24 November 2026". */
export function dateInWords(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...dateWords }).format(instant)
}

/** An instant in words: "24 November 2026, 09:27". */
export function timeInWords(instant: Date, timeZone: string): string {
  return `${dateInWords(instant, timeZone)}, ${localInput(instant, timeZone).slice(11)}`
}

/**
 * The instant people of a time zone mean by `YYYY-MM-DDTHH:MM`; undefined when it is no such time. An hour that
 * occurs twice (clocks going back) means the first; one that does not occur means the time the clocks jumped to.
 */
export function parseLocalInput(text: string, timeZone: string): Date | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})$/.exec(text.trim())
  if (!match) return undefined
  const [year, month, day, hour, minute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const wanted = Date.UTC(year, month - 1, day, hour, minute)
  const check = new Date(wanted)
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day || hour > 23 || minute > 59)
    return undefined
  const offsetAt = (instant: number): number => {
    const { year: y, month: m, day: d, hour: h, minute: min, second: s } = parts(new Date(instant), timeZone)
    return Date.UTC(y ?? 0, (m ?? 1) - 1, d ?? 1, h ?? 0, min ?? 0, s ?? 0) - instant
  }
  const candidates = [wanted - offsetAt(wanted - 86_400_000), wanted - offsetAt(wanted + 86_400_000)]
  const exact = candidates
    .filter((instant) => instant + offsetAt(instant) === wanted)
    .sort((a, b) => a - b)[0]
  return new Date(exact ?? Math.max(...candidates))
}
