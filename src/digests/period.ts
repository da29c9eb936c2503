import { localInput, parseLocalInput } from '../decisions/index.js'

/** When an office wants its digest. */
export interface DigestSchedule {
  readonly timeZone: string
  /** 1 = Monday … 7 = Sunday */
  readonly digestDay: number
  /** `HH:MM`, local */
  readonly digestTime: string
}

/** A week's digest: its name, when it is due, and the stretch it covers (local days, daylight saving included). */
export interface DigestPeriod {
  readonly key: string
  readonly from: Date
  readonly dueAt: Date
}

const dayMs = 86_400_000

/** The newest period due at or before `now`. */
export function duePeriod(schedule: DigestSchedule, now: Date): DigestPeriod {
  const today = new Date(`${localInput(now, schedule.timeZone).slice(0, 10)}T12:00:00Z`)
  const weekday = ((today.getUTCDay() + 6) % 7) + 1
  const back = (weekday - schedule.digestDay + 7) % 7
  const date = new Date(today.getTime() - back * dayMs)
  const dueAt = instantOf(schedule, date)
  return dueAt <= now ? period(schedule, date) : period(schedule, new Date(date.getTime() - 7 * dayMs))
}

/** The period a week before. */
export function previousPeriod(schedule: DigestSchedule, current: DigestPeriod): DigestPeriod {
  const local = new Date(`${localInput(current.dueAt, schedule.timeZone).slice(0, 10)}T12:00:00Z`)
  return period(schedule, new Date(local.getTime() - 7 * dayMs))
}

function period(schedule: DigestSchedule, date: Date): DigestPeriod {
  return {
    key: isoWeek(date),
    dueAt: instantOf(schedule, date),
    from: instantOf(schedule, new Date(date.getTime() - 7 * dayMs)),
  }
}

function instantOf(schedule: DigestSchedule, date: Date): Date {
  const instant = parseLocalInput(
    `${date.toISOString().slice(0, 10)}T${schedule.digestTime}`,
    schedule.timeZone,
  )
  if (!instant) throw new Error(`no such local time: ${schedule.digestTime}`)
  return instant
}

/** ISO 8601 week of a date, `2026-W47`. */
export function isoWeek(date: Date): string {
  const thursday = new Date(date.getTime() + (4 - (((date.getUTCDay() + 6) % 7) + 1)) * dayMs)
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const week = Math.floor((thursday.getTime() - yearStart) / dayMs / 7) + 1
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}
