/** Remembers when a channel or a whole platform may be used again. Measured by a clock that never jumps. */
export interface Throttle {
  /** Milliseconds until it may be used; 0 = now. */
  wait(name: string): number
  /** Not again for this long (never shortens a longer wait). */
  hold(name: string, ms: number): void
  /** Names that must wait now. */
  held(): string[]
  /** Milliseconds until the first of them is free; undefined when none waits. */
  next(): number | undefined
}

/** Creates an empty throttle. */
export function createThrottle(clock: () => number = () => performance.now()): Throttle {
  const until = new Map<string, number>()
  const wait = (name: string): number => Math.max(0, (until.get(name) ?? 0) - clock())
  function held(): string[] {
    for (const name of until.keys()) if (wait(name) === 0) until.delete(name)
    return [...until.keys()]
  }
  return {
    wait,
    hold(name, ms) {
      if (ms > wait(name)) until.set(name, clock() + ms)
    },
    held,
    next() {
      const waits = held().map(wait)
      return waits.length === 0 ? undefined : Math.min(...waits)
    },
  }
}
