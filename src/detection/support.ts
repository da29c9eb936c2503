/** How many messages either side of a candidate may bear it out. */
export const supportReach = 3
/** From which log-odds on a neighbour counts at all. */
const heard = -2.5
const share = 0.3
const most = 1.2
/** The same person settling it twice says less than somebody else joining in. */
const sameSpeaker = 0.5

/** A message with the log-odds it has on its own; minus infinity where it makes no settling move. */
export interface Heard {
  readonly speaker: string
  readonly margin: number
}

/**
 * What the messages round a candidate add to its log-odds: matters are often settled by several half-hearted words
 * ("fine by me", "ok", "yep") none of which would carry it alone.
 * @param around the messages in their order, the candidate among them
 * @param at place of the candidate in `around`
 */
export function supportOf(around: readonly Heard[], at: number): number {
  const own = around[at]
  if (!own) return 0
  let sum = 0
  const last = Math.min(around.length - 1, at + supportReach)
  for (let i = Math.max(0, at - supportReach); i <= last; i++) {
    const other = around[i]
    if (i === at || !other || other.margin <= heard) continue
    sum += (other.margin - heard) * (other.speaker === own.speaker ? sameSpeaker : 1)
  }
  return Math.min(most, sum * share)
}
