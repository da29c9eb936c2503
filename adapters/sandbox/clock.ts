/** Days and hours in the department's time zone, daylight saving included. */

/** The department's time zone. */
export const zone = 'Europe/London'

interface LocalDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
})

function localFields(at: Date): Readonly<Record<string, number>> {
  return Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
}

/** Minutes by which local time is ahead of UTC at an instant. */
function offsetMinutes(at: Date): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = localFields(at)
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.round((asUtc - Math.floor(at.getTime() / 1000) * 1000) / 60_000)
}

/** The instant of a local day and minute. */
export function instantOf({ year, month, day }: LocalDay, minute: number): Date {
  const guess = Date.UTC(year, month - 1, day, 0, minute)
  const first = new Date(guess - offsetMinutes(new Date(guess)) * 60_000)
  return new Date(guess - offsetMinutes(first) * 60_000)
}

/** The local minute of `days` after the local day of `at`. */
export function daysAfter(at: Date, days: number, minute: number): Date {
  const { year = 0, month = 1, day = 1 } = localFields(at)
  const moved = new Date(Date.UTC(year, month - 1, day + days))
  return instantOf(
    { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() },
    minute,
  )
}

/** Days since Monday of the local week: 0 is Monday. */
export function weekday(at: Date): number {
  const { year = 0, month = 1, day = 1 } = localFields(at)
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7
}

/** The next Monday at a local minute that lies after `at`. */
export function nextMonday(at: Date, minute: number): Date {
  const thisWeek = daysAfter(at, -weekday(at), minute)
  return thisWeek > at ? thisWeek : daysAfter(at, 7 - weekday(at), minute)
}
