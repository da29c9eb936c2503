import { createHmac, timingSafeEqual } from 'node:crypto'

/** Slack signs with the second of sending; older or later than this is refused (replay). */
export const maxSkewSeconds = 5 * 60

/** Slack's own payloads stay far below this; anything larger is refused before it is read to the end. */
export const maxBodyBytes = 1024 * 1024

export type Verdict =
  | { readonly ok: true; readonly skewSeconds: number }
  | { readonly ok: false; readonly reason: 'unsigned' | 'expired' | 'forged' }

/** The signature Slack puts on a request: `v0=` and the hex HMAC-SHA256 of `v0:timestamp:body`. */
export function signature(secret: string, timestamp: string, body: Buffer | string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`
}

/**
 * Decides whether a request comes from Slack and is fresh. Pure: the clock comes in.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifyRequest(request: {
  readonly secret: string
  readonly timestamp: string | string[] | undefined
  readonly signature: string | string[] | undefined
  readonly body: Buffer
  readonly now: Date
}): Verdict {
  const { timestamp, signature: given } = request
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'unsigned' }
  if (typeof given !== 'string' || request.secret === '') return { ok: false, reason: 'unsigned' }
  const skewSeconds = request.now.getTime() / 1000 - Number(timestamp)
  if (Math.abs(skewSeconds) > maxSkewSeconds) return { ok: false, reason: 'expired' }
  const expected = Buffer.from(signature(request.secret, timestamp, request.body))
  const actual = Buffer.from(given)
  const same = expected.length === actual.length && timingSafeEqual(expected, actual)
  return same ? { ok: true, skewSeconds } : { ok: false, reason: 'forged' }
}
