/** A background loop that can be woken, waited for and stopped. */
export interface Loop {
  start(): void
  /** Asks for a turn now. */
  wake(): void
  /** Resolves after a turn that began after this call has ended; rejects with what that turn threw. */
  turn(): Promise<void>
  /** Resolves when the turn under way has ended; no other begins. */
  stop(): Promise<void>
  readonly stopping: boolean
  /** Started and not stopped. */
  readonly running: boolean
}

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

/**
 * Runs `work` again and again: at once while it says `more`, when woken, and otherwise after `pollMs`. A turn that
 * throws is reported to `failed` and followed by a growing pause, so that a database that is away is not hammered.
 * @param work one turn; answers whether there is more to do at once, or the milliseconds until there will be
 */
export function createLoop(options: {
  work: () => Promise<boolean | number>
  failed: (error: unknown) => void
  pollMs: number
}): Loop {
  let running: Promise<void> | undefined
  let stopping = false
  let woken = false
  let interrupt: (() => void) | undefined
  let waiters: Waiter[] = []

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping) {
      woken = false
      const served = waiters
      waiters = []
      let pause = options.pollMs
      try {
        const more = await options.work()
        failures = 0
        for (const waiter of served) waiter.resolve()
        if (more === true) pause = 0
        else if (typeof more === 'number') pause = Math.max(0, Math.min(pause, more))
      } catch (error) {
        failures += 1
        for (const waiter of served) waiter.reject(error)
        options.failed(error)
        pause = Math.min(5_000, 50 * 2 ** Math.min(failures, 10))
        // A wake-up must not turn the pause into a busy loop.
        woken = false
      }
      if (!woken && !stopping && pause > 0) await sleep(pause)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    for (const waiter of waiters.splice(0)) waiter.resolve()
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms)
      interrupt = done
      function done(): void {
        clearTimeout(timer)
        interrupt = undefined
        resolve()
      }
    })
  }

  function wake(): void {
    woken = true
    interrupt?.()
  }

  return {
    start() {
      running ??= run()
    },
    wake,
    turn() {
      if (!running || stopping) return Promise.reject(new Error('The loop is not running'))
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject })
        wake()
      })
    },
    async stop() {
      stopping = true
      wake()
      await running
    },
    get stopping() {
      return stopping
    },
    get running() {
      return running !== undefined && !stopping
    },
  }
}
