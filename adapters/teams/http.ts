import { RemembrancerError } from '../../src/errors.js'

/** Answer of a service, body parsed as JSON where it is JSON. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** What the adapter's clients share: the way out, the clock, and patience. */
export interface HttpContext {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  readonly timeoutMs: number
}

/**
 * One request. Redirects are refused (a bearer token never follows one).
 * @throws RemembrancerError PLATFORM_UNAVAILABLE when there is no answer in time
 */
export async function request(
  http: HttpContext,
  service: string,
  url: string,
  init: RequestInit,
): Promise<HttpAnswer> {
  try {
    const response = await http.fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(http.timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parseJson(text) }
  } catch (cause) {
    throw new RemembrancerError('PLATFORM_UNAVAILABLE', `${service} did not answer${whyNot(cause)}.`, {
      cause,
    })
  }
}

/** What the system says of a request that got no answer: ENOTFOUND, ECONNREFUSED, a certificate that is not trusted. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'TimeoutError') return ' in time'
  const { cause } = error
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : ''
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `Retry-After` in milliseconds: seconds or a date, as RFC 9110 allows both. */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}

/** The service's own error code (never its message, which may quote content). */
export function serviceCode(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('error' in body)) return ''
  const error = body.error
  if (typeof error === 'string') return error.slice(0, 60)
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code.slice(0, 60) : ''
}

/** What a refusal means for the core: try later, never again, or gone. */
export function failure(service: string, answer: HttpAnswer, now: Date): RemembrancerError {
  const code = serviceCode(answer.body)
  const what = `${service} answered ${answer.status}${code ? ` (${code})` : ''}.`
  const after = retryAfterMs(answer.headers, now)
  const later = after === undefined ? {} : { retryAfterMs: after }
  if (answer.status === 401) return new RemembrancerError('TEAMS_TOKEN_REFUSED', what)
  if (answer.status === 404 || answer.status === 410) return new RemembrancerError('PLATFORM_NOT_FOUND', what)
  // 412: the Bot Connector asks for a retry when an activity collides with another on the same conversation.
  if (answer.status === 429 || answer.status === 412 || answer.status === 408 || answer.status >= 500)
    return new RemembrancerError('PLATFORM_UNAVAILABLE', what, later)
  return new RemembrancerError('PLATFORM_REFUSED', what)
}
