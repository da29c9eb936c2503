import { RemembrancerError } from '../../src/errors.js'
import type { Clock } from './clock.js'

/**
 * Requests a minute that Slack's tiers allow at least.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
const tier = { two: 20, three: 50, four: 100 } as const

/** The tier each method we call belongs to, from its reference page. */
export const methodLimits: Readonly<Record<string, number>> = {
  'auth.test': 200,
  'chat.postMessage': 200,
  'chat.postEphemeral': tier.four,
  'chat.update': tier.three,
  'chat.getPermalink': 200,
  'conversations.history': tier.three,
  'conversations.replies': tier.three,
  'conversations.info': tier.three,
  'conversations.list': tier.two,
  'conversations.members': tier.four,
  'conversations.open': tier.three,
  'conversations.join': tier.three,
  'conversations.invite': tier.three,
  'users.conversations': tier.three,
  'users.info': tier.four,
  'users.list': tier.two,
  'views.open': tier.four,
  'views.update': tier.four,
  'views.publish': tier.four,
}

/** Posting to one channel: one message a second. */
const channelIntervalMs = 1000
const minute = 60_000

export interface Limiter {
  /**
   * Waits for a turn, at most `budgetMs`.
   * @throws RemembrancerError PLATFORM_UNAVAILABLE with `retryAfterMs` when the turn comes later than that
   */
  turn(method: string, channel: string | undefined, budgetMs: number): Promise<void>
  /** Slack asked us to keep off a method for a while. */
  holdOff(method: string, ms: number): void
}

/**
 * Keeps every method below its tier over any minute, and posts to one channel a second apart, so that Slack rarely
 * has to refuse. Turns are reserved in order of asking.
 */
export function createLimiter(clock: Clock): Limiter {
  const windows = new Map<string, number[]>()
  const channels = new Map<string, number>()
  const heldUntil = new Map<string, number>()

  function nextTurn(method: string, channel: string | undefined, now: number): number {
    const limit = methodLimits[method] ?? tier.two
    const window = (windows.get(method) ?? []).filter((at) => at > now - minute)
    windows.set(method, window)
    const crowded = window.length >= limit ? (window[window.length - limit] ?? now) + minute + 1 : now
    const sameChannel = channel === undefined ? now : (channels.get(channel) ?? 0) + channelIntervalMs
    return Math.max(now, crowded, sameChannel, heldUntil.get(method) ?? 0)
  }

  function reserve(method: string, channel: string | undefined, at: number): void {
    windows.get(method)?.push(at)
    if (channel === undefined) return
    channels.set(channel, at)
    if (channels.size > 20_000)
      for (const [key, last] of channels) if (last < at - minute) channels.delete(key)
  }

  return {
    async turn(method, channel, budgetMs) {
      const now = clock.now()
      const at = nextTurn(method, channel, now)
      const wait = at - now
      if (wait > budgetMs)
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', `Slack's rate limit for ${method} is reached.`, {
          retryAfterMs: wait,
        })
      reserve(method, channel, at)
      if (wait > 0) await clock.sleep(wait)
    },
    holdOff(method, ms) {
      heldUntil.set(method, Math.max(heldUntil.get(method) ?? 0, clock.now() + ms))
    },
  }
}
