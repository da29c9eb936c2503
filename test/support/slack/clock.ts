import type { Clock } from '../../../adapters/slack/clock.js'

/** A clock that runs `factor` times as fast as the machine's, so that minutes of Slack's pass in seconds of ours. */
export function scaledClock(factor: number, start = Date.now()): Clock {
  const began = performance.now()
  return {
    now: () => start + (performance.now() - began) * factor,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms / factor))),
  }
}

/** A clock that moves only when told; sleeping moves it. */
export function handClock(start = Date.now()): Clock & { advance(ms: number): void } {
  let at = start
  return {
    now: () => at,
    async sleep(ms) {
      at += Math.max(0, ms)
    },
    advance(ms) {
      at += ms
    },
  }
}
