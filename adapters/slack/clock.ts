import { setTimeout as sleep } from 'node:timers/promises'

/** Time as the adapter uses it; tests inject their own. */
export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}

/** The machine's clock. A pending sleep does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => sleep(ms, undefined, { ref: false }),
}
