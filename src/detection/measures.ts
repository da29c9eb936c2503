/** Time between two messages, so that seconds, minutes and days all count. */
export const minutesLog = (ms: number): number => Math.log1p(Math.min(Math.max(ms / 60000, 0), 3000)) / 3

/** How many words of one message stand in the other, at most five, in thirds. Both in rising order. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  let shared = 0
  let j = 0
  for (let i = 0; i < a.length && shared < 5; i++) {
    const word = a[i] as number
    while (j < b.length && (b[j] as number) < word) j++
    if (j === b.length) break
    if (b[j] === word) shared++
  }
  return shared / 3
}
