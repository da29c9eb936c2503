import type { Clock } from '../../../adapters/slack/clock.js'
import { signature } from './sign.js'

type Json = Record<string, unknown>

/** How one delivery went. */
export interface Delivered {
  readonly ok: boolean
  readonly status: number
  readonly body: string
  /** True when the app gave no answer within Slack's three seconds. */
  readonly timedOut: boolean
}

/** Slack gives an app three seconds: https://docs.slack.dev/apis/events-api/#responding */
export const patienceMs = 3000
/** "we'll retry nearly immediately, then after 1 minute, then after 5 minutes": https://docs.slack.dev/apis/events-api/#retries */
export const retryAfterMs = [0, 60_000, 300_000] as const

export interface HttpSender {
  /** Signs and posts a body as Slack does. `headers` may override any of them, to forge. */
  send(body: string, contentType: string, headers?: Record<string, string>): Promise<Delivered>
}

/** Sends requests to the app over HTTP, signed with the signing secret. */
export function httpSender(url: () => string, signingSecret: string, clock: Clock): HttpSender {
  return {
    async send(body, contentType, headers = {}) {
      const timestamp = String(Math.floor(clock.now() / 1000))
      const controller = new AbortController()
      const timer = setTimeout(() => controller.abort(), patienceMs)
      try {
        const response = await fetch(url(), {
          method: 'POST',
          body,
          signal: controller.signal,
          headers: {
            'content-type': contentType,
            'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
            'x-slack-request-timestamp': timestamp,
            'x-slack-signature': signature(signingSecret, timestamp, body),
            ...headers,
          },
        })
        const text = await response.text()
        return { ok: response.status === 200, status: response.status, body: text, timedOut: false }
      } catch {
        return { ok: false, status: 0, body: '', timedOut: controller.signal.aborted }
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** One event on its way to the app. */
export interface EventDelivery {
  readonly body: Json
  acknowledged: boolean
  attempts: number
}

export interface EventsOptions {
  readonly clock: Clock
  /** Tries to hand over once; true when acknowledged. */
  readonly attempt: (body: Json, retry: { num: number; reason: string } | undefined) => Promise<boolean>
  /** Retry by itself at once, after one and after five minutes. */
  readonly retries: boolean
}

/** The Events API's side of delivery: order is not guaranteed, an event may come twice, retries are three. */
export class EventsOut {
  readonly sent: EventDelivery[] = []
  private pending: Promise<unknown>[] = []
  private held: EventDelivery[] | undefined
  /** Sends each event twice. */
  duplicates = false

  constructor(private readonly options: EventsOptions) {}

  /** Holds events back until `release`, which sends them in the order it is given. */
  hold(): void {
    this.held = []
  }

  async release(order: (events: EventDelivery[]) => EventDelivery[] = (events) => events): Promise<void> {
    const events = order(this.held ?? [])
    this.held = undefined
    for (const event of events) await this.deliver(event)
  }

  emit(body: Json): void {
    const event: EventDelivery = { body, acknowledged: false, attempts: 0 }
    this.sent.push(event)
    if (this.held !== undefined) {
      this.held.push(event)
      return
    }
    this.track(this.deliver(event))
    if (this.duplicates) this.track(this.deliver(event))
  }

  /** Delivers the last event once more. */
  async again(): Promise<void> {
    const last = this.sent.at(-1)
    if (last !== undefined) await this.once(last, { num: 1, reason: 'http_timeout' })
  }

  /** Resolves when everything sent so far was acknowledged or given up. */
  async idle(): Promise<void> {
    while (this.pending.length > 0) {
      const waiting = this.pending
      this.pending = []
      await Promise.allSettled(waiting)
    }
  }

  private track(work: Promise<unknown>): void {
    this.pending.push(work)
  }

  private async deliver(event: EventDelivery): Promise<void> {
    if (await this.once(event, undefined)) return
    if (!this.options.retries) return
    for (const [index, wait] of retryAfterMs.entries()) {
      await this.options.clock.sleep(wait)
      if (await this.once(event, { num: index + 1, reason: 'http_error' })) return
    }
  }

  private async once(
    event: EventDelivery,
    retry: { num: number; reason: string } | undefined,
  ): Promise<boolean> {
    event.attempts += 1
    const ok = await this.options.attempt(event.body, retry)
    if (ok) event.acknowledged = true
    return ok
  }
}
