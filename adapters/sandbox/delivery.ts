import type { Envelope, Logger } from '../../src/platform/index.js'

/** Hands events to the inbox in order and again until it takes them: at least once, whatever crashes. */
export interface Delivery {
  /** Puts a line's envelope at the end of the queue. */
  enqueue(line: number, envelope: Envelope): void
  /** Tries to hand over all that waits; resolves when this try is over, whether the inbox took it or not. */
  attempt(): Promise<void>
  /** How many envelopes wait. */
  waiting(): number
  /** Stops trying again; what waits is delivered at the next start. */
  stop(): Promise<void>
}

const batchSize = 200
const firstPauseMs = 250
const longestPauseMs = 5000

/**
 * @param accept the inbox
 * @param accepted called with the last line taken: written down, so that it is not delivered again after a restart
 */
export function createDelivery(options: {
  readonly accept: (envelopes: readonly Envelope[]) => Promise<void>
  readonly accepted: (throughLine: number) => void
  readonly log: Logger
}): Delivery {
  const queue: { readonly line: number; readonly envelope: Envelope }[] = []
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let pauseMs = firstPauseMs
  let stopped = false

  async function run(): Promise<void> {
    clearTimeout(timer)
    while (queue.length > 0 && !stopped) {
      const batch = queue.slice(0, batchSize)
      try {
        await options.accept(batch.map(({ envelope }) => envelope))
      } catch (error) {
        options.log.warn(
          { waiting: queue.length, error: String(error) },
          'The inbox did not take the sandbox’s events',
        )
        timer = setTimeout(() => void attempt(), pauseMs)
        timer.unref()
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
        return
      }
      pauseMs = firstPauseMs
      queue.splice(0, batch.length)
      options.accepted(batch.at(-1)?.line ?? 0)
    }
  }

  async function attempt(): Promise<void> {
    // An attempt under way may have read the queue before the caller's event was in it: wait, then look again.
    await running
    if (queue.length === 0 || stopped) return
    running ??= run().finally(() => {
      running = undefined
    })
    await running
  }

  return {
    enqueue(line, envelope) {
      queue.push({ line, envelope })
    },
    attempt,
    waiting: () => queue.length,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
