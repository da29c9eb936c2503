import type { webApi } from '@slack/bolt'
import { z } from 'zod'
import { isRemembrancerError, RemembrancerError } from '../../src/errors.js'
import type { Clock } from './clock.js'
import { createLimiter } from './limiter.js'
import { refusal } from './slack-errors.js'

/** How patient a call may be, and whether it may be sent twice. */
export interface CallOptions {
  /** Longest wait for a rate limit and for retries together. */
  readonly budgetMs?: number
  /** Posting is not: after a broken connection the post may or may not be there. */
  readonly repeatable?: boolean
  /** Posts to one channel are spaced. */
  readonly channel?: string
}

/** Slack's Web API as the rest of the adapter sees it. */
export interface SlackApi {
  /** Calls a method and validates the answer. Throws RemembrancerError, never anything else. */
  call<T>(
    method: string,
    args: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): Promise<T>
  /** Every page of a cursor-paged method. */
  pages<T>(
    method: string,
    args: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): AsyncGenerator<T>
}

const attempts = 3
const defaultBudgetMs = 60_000

/** Answer of a method of which only success matters. */
export const done = z.looseObject({ ok: z.literal(true) })

const cursor = z.looseObject({
  response_metadata: z.looseObject({ next_cursor: z.string().nullish() }).nullish(),
})

export interface ApiOptions {
  readonly token: string
  readonly apiUrl: string
  readonly clock: Clock
  readonly logger: webApi.Logger
  readonly timeoutMs?: number
}

/**
 * A client over Bolt's WebClient. The WebClient's own retries (30 minutes by default) are off: a handler that must
 * answer in three seconds cannot hang on them. Ours are few, bounded by the caller's budget, and never repeat a post.
 */
export function createApi(web: typeof webApi, options: ApiOptions): SlackApi {
  const { clock } = options
  const limiter = createLimiter(clock)
  const client = new web.WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    maxRequestConcurrency: 20,
    timeout: options.timeoutMs ?? 10_000,
    logger: options.logger,
  })

  async function attempt(method: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    try {
      return await client.apiCall(method, { ...args })
    } catch (error) {
      throw translate(web, method, error)
    }
  }

  async function call<T>(
    method: string,
    args: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    { budgetMs = defaultBudgetMs, repeatable = true, channel }: CallOptions = {},
  ): Promise<T> {
    const deadline = clock.now() + budgetMs
    for (let tries = 1; ; tries += 1) {
      await limiter.turn(method, channel, deadline - clock.now())
      try {
        return readAnswer(method, await attempt(method, args), schema)
      } catch (error) {
        const pause = pauseBeforeRetry(error, tries, repeatable)
        if (isRateLimit(error)) limiter.holdOff(method, error.retryAfterMs ?? 1000)
        if (pause === undefined || tries >= attempts || clock.now() + pause > deadline) throw error
        await clock.sleep(pause)
      }
    }
  }

  async function* pages<T>(
    method: string,
    args: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): AsyncGenerator<T> {
    let next: string | undefined
    do {
      const raw = await call(
        method,
        next === undefined ? args : { ...args, cursor: next },
        z.looseObject({}),
        options,
      )
      yield readAnswer(method, raw, schema)
      next = cursor.parse(raw).response_metadata?.next_cursor || undefined
    } while (next !== undefined)
  }

  return { call, pages }
}

function readAnswer<T>(method: string, answer: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new RemembrancerError(
    'PLATFORM_REFUSED',
    `Slack's answer to ${method} is not in the documented shape (${parsed.error.issues[0]?.path.join('.') ?? ''}).`,
  )
}

/** A rate limit says when to come back: then nothing was done, and even a post may be repeated. */
function isRateLimit(error: unknown): error is RemembrancerError {
  return isRemembrancerError(error, 'PLATFORM_UNAVAILABLE') && error.retryAfterMs !== undefined
}

function pauseBeforeRetry(error: unknown, tries: number, repeatable: boolean): number | undefined {
  if (!isRemembrancerError(error, 'PLATFORM_UNAVAILABLE')) return undefined
  if (isRateLimit(error)) return error.retryAfterMs
  if (!repeatable) return undefined
  return 200 * 2 ** tries * (0.75 + Math.random() / 2)
}

function translate(web: typeof webApi, method: string, error: unknown): RemembrancerError {
  if (isRemembrancerError(error)) return error
  if (error instanceof web.WebAPIPlatformError) {
    const needed = (error.data as { needed?: unknown }).needed
    return refusal(method, error.data.error, typeof needed === 'string' ? needed : undefined)
  }
  if (error instanceof web.WebAPIRateLimitedError)
    return new RemembrancerError('PLATFORM_UNAVAILABLE', `Slack limits the rate of ${method}.`, {
      retryAfterMs: Math.max(1, error.retryAfter) * 1000,
      cause: error,
    })
  if (error instanceof web.WebAPIHTTPError)
    return new RemembrancerError(
      'PLATFORM_UNAVAILABLE',
      `Slack answered ${method} with status ${error.statusCode}.`,
    )
  // The cause of a network failure names hosts and ports, never what was sent.
  return new RemembrancerError('PLATFORM_UNAVAILABLE', `Slack could not be reached for ${method}.`, {
    cause: error,
  })
}
