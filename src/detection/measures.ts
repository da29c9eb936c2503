/** Time between two messages, so that seconds, minutes and days all count. */
export const minutesLog = (ms: number): number => Math.log1p(Math.min(Math.max(ms / 60000, 0), 3000)) / 3

/** How many words two messages share, at most five, in thirds. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0
  let shared = 0
  for (const word of a) if (b.includes(word)) shared++
  return Math.min(shared, 5) / 3
}
