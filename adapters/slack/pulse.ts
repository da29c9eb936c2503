import type { Clock } from './clock.js'

/**
 * Slack switches a subscription off when too few deliveries succeed, and tells only by email. We notice by our own
 * posts: each comes back as an event; when one does not and nothing else has come since, events are not arriving.
 */
export interface Pulse {
  posted(channel: string, ts: string): void
  received(message: { channel: string; ts: string } | undefined): void
  lastReceived(): number | undefined
  /** Since when events seem not to arrive. */
  silence(): number | undefined
  /** The same, told once for each silence. */
  silentSince(): number | undefined
}

/** Slack's last retry comes after about six minutes. */
const patienceMs = 7 * 60_000

export function createPulse(clock: Clock): Pulse {
  const awaited = new Map<string, number>()
  let last: number | undefined
  let told = false
  return {
    posted(channel, ts) {
      awaited.set(`${channel}|${ts}`, clock.now())
      if (awaited.size > 1000) for (const [oldest] of awaited) return void awaited.delete(oldest)
    },
    received(message) {
      last = clock.now()
      told = false
      if (message !== undefined) awaited.delete(`${message.channel}|${message.ts}`)
    },
    lastReceived: () => last,
    silence,
    silentSince() {
      if (told) return undefined
      const since = silence()
      told = since !== undefined
      return since
    },
  }

  function silence(): number | undefined {
    const now = clock.now()
    for (const [key, at] of awaited) {
      if (last !== undefined && last > at) awaited.delete(key)
      else if (now - at > patienceMs) return last ?? at
    }
    return undefined
  }
}
