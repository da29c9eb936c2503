import type { Policy } from '../config/index.js'
import { localInput, parseLocalInput } from '../decisions/index.js'

type QuietHours = Policy['nudges']['quietHours']

/** The local day of an instant, `YYYY-MM-DD`. */
export function localDay(at: Date, timeZone: string): string {
  return localInput(at, timeZone).slice(0, 10)
}

/** Whether an instant lies in quiet hours. */
export function isQuiet(at: Date, quiet: QuietHours): boolean {
  const local = localInput(at, quiet.timeZone)
  const weekday = new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay()
  if (!quiet.weekends && (weekday === 0 || weekday === 6)) return true
  const time = local.slice(11)
  if (quiet.from === quiet.to) return false
  return quiet.from < quiet.to ? time >= quiet.from && time < quiet.to : time >= quiet.from || time < quiet.to
}

/** The first instant not before `at` outside quiet hours, to the minute. */
export function afterQuietHours(at: Date, quiet: QuietHours): Date {
  if (!isQuiet(at, quiet)) return at
  const day = localDay(at, quiet.timeZone)
  for (let ahead = 0; ahead <= 8; ahead++) {
    const date = new Date(Date.parse(`${day}T12:00:00Z`) + ahead * 86_400_000).toISOString().slice(0, 10)
    const opens = parseLocalInput(`${date}T${quiet.to}`, quiet.timeZone)
    if (opens && opens >= at && !isQuiet(opens, quiet)) return opens
  }
  return at
}
