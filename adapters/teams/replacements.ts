import { isRemembrancerError } from '../../src/errors.js'
import type { Card, Logger, PostReceipt } from '../../src/platform/index.js'

/** Replacing cards that are already posted: each card's replacements in order, so that an older one never wins. */
export interface Replacements {
  /** Replaces a card, after any replacement of the same card that is still on its way. */
  now(receipt: PostReceipt, card: Card): Promise<void>
  /** Replaces a card, trying again later while nothing newer has replaced it; a refusal is logged. */
  eventually(receipt: PostReceipt, card: Card): Promise<void>
  /** Ends the waiting between tries. */
  stop(): void
}

const tries = 5
const shortestWaitMs = 2000
/** Whoever is asked to wait longer gives up: nobody looks at the card any more. */
const longestWaitMs = 10 * 60_000

/** What is known of a card while a replacement is on its way or waits for its next try. */
interface Turn {
  newest: number
  busy: number
  last: Promise<void>
}

/**
 * Creates them.
 * @param parts `put` replaces the card at Teams; `sleep` waits between tries
 */
export function createReplacements(parts: {
  readonly put: (receipt: PostReceipt, card: Card) => Promise<void>
  readonly sleep: (ms: number) => Promise<void>
  readonly log: () => Logger
}): Replacements {
  const turns = new Map<string, Turn>()
  let stop: () => void = () => {}
  let stopped = false
  const stopping = new Promise<void>((resolve) => {
    stop = () => {
      stopped = true
      resolve()
    }
  })

  /** Keeps the order of one card's replacements for as long as any is under way. */
  async function inTurn(
    receipt: PostReceipt,
    work: (turn: Turn, number: number) => Promise<void>,
  ): Promise<void> {
    const key = `${receipt.conversation}|${receipt.message}`
    const turn = turns.get(key) ?? { newest: 0, busy: 0, last: Promise.resolve() }
    turns.set(key, turn)
    turn.newest += 1
    turn.busy += 1
    try {
      await work(turn, turn.newest)
    } finally {
      turn.busy -= 1
      if (turn.busy === 0) turns.delete(key)
    }
  }

  function put(turn: Turn, receipt: PostReceipt, card: Card): Promise<void> {
    const done = turn.last.then(() => parts.put(receipt, card))
    turn.last = done.catch(() => undefined)
    return done
  }

  async function tryOn(turn: Turn, number: number, receipt: PostReceipt, card: Card): Promise<void> {
    for (let attempt = 1; turn.newest === number; attempt += 1) {
      try {
        return await put(turn, receipt, card)
      } catch (error) {
        if (!isRemembrancerError(error)) throw error
        // Never sooner than Teams asks.
        const wait = error.retryAfterMs ?? shortestWaitMs * 2 ** (attempt - 1)
        const isLast = attempt === tries || wait > longestWaitMs || stopped
        if (error.code !== 'PLATFORM_UNAVAILABLE' || isLast)
          return parts.log().warn({ code: error.code }, 'A card could not be replaced for everyone')
        await Promise.race([parts.sleep(wait), stopping])
      }
    }
  }

  return {
    now: (receipt, card) => inTurn(receipt, (turn) => put(turn, receipt, card)),
    eventually: (receipt, card) => inTurn(receipt, (turn, number) => tryOn(turn, number, receipt, card)),
    stop: () => stop(),
  }
}
