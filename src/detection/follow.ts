import { groupCount } from './cues.js'
import { block, slot } from './feature-names.js'
import { minutesLog, overlap } from './measures.js'
import { accepts, complies, group, has, puts } from './moves.js'
import type { MessageView } from './view.js'

/** How many messages after a candidate may still change its score. */
export const lookAhead = 4
const replyBlock = block('reply')
const afterBlock = block('after')

/**
 * Adds what the next messages (at most four) did with the candidate. Rewrites only its own slots, so it may be called again.
 * @param asker who had asked what the candidate answers: their taking it up closes the matter
 */
export function followFeatures(
  out: Float32Array,
  view: MessageView,
  asker: string | undefined,
  later: readonly MessageView[],
): void {
  out.fill(0, replyBlock, afterBlock + groupCount)
  const repliers = new Set<string>()
  let first: MessageView | undefined
  let accepted = 0
  let committed = 0
  let complied = 0
  let taken = 0
  let echoed = 0
  let seen = 0
  let thankful = 0
  for (const other of later) {
    if (seen === lookAhead) break
    seen++
    if (other.speaker === view.speaker) {
      for (const g of other.present) out[afterBlock + g] = 1
      continue
    }
    const toThem = other.replyTo === view.id || other.addressees.includes(view.speaker)
    const weight = toThem ? 1 : other.addressees.length > 0 || other.replyTo !== undefined ? 0.3 : 0.8
    for (const g of other.present) out[replyBlock + g] = Math.min(2, (out[replyBlock + g] as number) + weight)
    if (weight <= 0.5) continue
    repliers.add(other.speaker)
    first ??= other
    const doing = complies(other)
    const accepting = accepts(other)
    if (has(other, group.thanks) && !accepting && other.length < 6) thankful = 1
    if (accepting) accepted = Math.max(accepted, weight)
    if (has(other, group.commit)) committed = Math.max(committed, weight)
    if (doing) complied = Math.max(complied, weight)
    if (other.speaker === asker) taken = Math.max(taken, doing ? 1 : accepting ? 0.7 : 0)
    if (!other.endsAsking) echoed = Math.max(echoed, overlap(view.words, other.words))
  }
  const answers = view.endsAsking ? 0 : taken
  out[slot['replies-seen']] = seen / lookAhead
  out[slot['replies-by-others']] = repliers.size > 0 ? 1 : 0
  out[slot.repliers] = repliers.size / 2
  out[slot['reply-ends-asking']] = first?.endsAsking ? 1 : 0
  out[slot['reply-accepts']] = accepted
  out[slot['reply-commits']] = committed
  out[slot['reply-complies']] = complied
  out[slot['reply-echoes']] = echoed
  out[slot['order-complied-with']] = Math.max(complied, 0.7 * accepted) * (out[slot['plain-order']] as number)
  out[slot['title-rules-complied-with']] =
    Math.max(complied, 0.7 * accepted) * (out[slot['title-rules']] as number)
  out[slot['asker-takes-up']] = answers
  out[slot['asker-takes-up-matter']] = answers * (out[slot['asked-matter']] as number)
  out[slot['put-and-accepted']] = puts(view) ? accepted : 0
  out[slot['matter-taken-up']] = view.endsAsking ? 0 : view.matter * Math.max(accepted, committed)
  out[slot['settling-taken-up']] = (out[slot['own-settles']] as number) * Math.max(accepted, committed)
  out[slot['reply-thanks-only']] = thankful > 0 && accepted === 0 && committed === 0 ? 1 : 0
  out[slot['minutes-to-reply']] = first ? minutesLog(first.at - view.at) : 0
}
