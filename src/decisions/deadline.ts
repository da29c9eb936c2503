const dayMs = 86_400_000

/**
 * Whole days left until a decision must be recorded: a started day counts as a day, so that a decision is overdue in
 * words exactly when it is overdue in counts.
 * @returns 1 or more while there is time, 0 at the very limit, -1 or less once overdue
 */
export function daysLeftToRecord(settledAt: Date, now: Date, limitDays: number): number {
  const left = (settledAt.getTime() + limitDays * dayMs - now.getTime()) / dayMs
  return left >= 0 ? Math.ceil(left) : Math.floor(left)
}
