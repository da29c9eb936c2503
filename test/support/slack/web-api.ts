import { checkArguments, decodeBody } from './arguments.js'
import { type MethodContext, Refusal } from './method-context.js'
import { methodSpecs } from './method-specs.js'
import { methods } from './methods.js'

type Json = Record<string, unknown>

/** One call of the Web API as it came. */
export interface RecordedCall {
  readonly method: string
  readonly args: Json
  readonly answer: Json
  readonly at: number
}

/** A failure to be produced instead of an answer. */
export interface Failure {
  readonly method: string
  /** HTTP status; 429 carries `retryAfter`. Without one, `error` is Slack's own code under status 200. */
  readonly status?: number
  readonly error?: string
  readonly retryAfter?: number
  /** The connection breaks after the method took effect. */
  readonly breakAfter?: boolean
  times: number
}

export interface WebApi {
  readonly calls: RecordedCall[]
  /** What a strict reader of Slack's pages would object to. */
  readonly violations: string[]
  readonly failures: Failure[]
  answer(method: string, headers: { contentType: string; authorization: string }, body: string): ApiAnswer
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json | undefined
  readonly breakConnection?: boolean
}

export interface WebApiOptions {
  readonly botToken: string
  readonly appToken: string
  readonly context: MethodContext
  /** False where a test wants to see bursts answered. */
  readonly enforceRates: boolean
}

/** Errors that say "you sent something wrong", as opposed to "the world is otherwise than you think". */
const mistakes = new Set([
  'invalid_blocks',
  'invalid_arguments',
  'invalid_metadata_format',
  'msg_blocks_too_long',
  'invalid_limit',
  'invalid_types',
  'no_text',
  'invalid_cursor',
])

/** Posts in one channel that a short burst may hold. Slack gives no number: small, so that a habit shows. */
const burst = 3

/** The Web API: token, scopes, rate limits and arguments are checked before a method's handler sees the call. */
export function createWebApi(options: WebApiOptions): WebApi {
  const { context } = options
  const calls: RecordedCall[] = []
  const violations: string[] = []
  const failures: Failure[] = []
  const windows = new Map<string, number[]>()
  const bursts = new Map<string, { readonly left: number; readonly at: number }>()

  function answer(
    method: string,
    headers: { contentType: string; authorization: string },
    body: string,
  ): ApiAnswer {
    const scopeHeaders = {
      'x-oauth-scopes': [...context.scopes].join(','),
      date: new Date(context.world.clock.now()).toUTCString(),
    }
    const failure = failures.find((each) => each.method === method && each.times > 0)
    if (failure !== undefined) {
      failure.times -= 1
      if (failure.breakAfter !== true) return fail(failure, scopeHeaders)
      run(method, headers, body)
      return { status: 200, headers: {}, body: undefined, breakConnection: true }
    }
    const limited = rateLimit(method) ?? channelLimit(method, decodeBody(headers.contentType, body))
    if (limited !== undefined) return limited
    return { status: 200, headers: scopeHeaders, body: run(method, headers, body) }
  }

  function fail(failure: Failure, headers: Readonly<Record<string, string>>): ApiAnswer {
    const wait: Record<string, string> =
      failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) }
    const status = failure.status ?? 200
    return {
      status,
      headers: { ...headers, ...wait },
      body: { ok: false, error: failure.error ?? 'internal_error' },
    }
  }

  /** https://docs.slack.dev/apis/web-api/rate-limits: 429 with Retry-After in seconds. */
  function rateLimit(method: string): ApiAnswer | undefined {
    const perMinute = methodSpecs[method]?.perMinute
    if (perMinute === undefined || !options.enforceRates) return undefined
    const now = context.world.clock.now()
    const window = (windows.get(method) ?? []).filter((at) => at > now - 60_000)
    if (window.length < perMinute) {
      windows.set(method, [...window, now])
      return undefined
    }
    windows.set(method, window)
    violations.push(`${method}: more than ${perMinute} calls in a minute`)
    return comeBackIn(Math.ceil(((window[0] ?? now) + 60_000 - now) / 1000))
  }

  /**
   * "chat.postMessage generally allows posting one message per second per channel", with short bursts over that.
   * @see https://docs.slack.dev/apis/web-api/rate-limits
   */
  function channelLimit(method: string, args: Json): ApiAnswer | undefined {
    if (method !== 'chat.postMessage' || !options.enforceRates) return undefined
    const channel = String(args.channel)
    const now = context.world.clock.now()
    const { left, at } = bursts.get(channel) ?? { left: burst, at: now }
    const allowed = Math.min(burst, left + Math.max(0, now - at) / 1000)
    if (allowed >= 1) {
      bursts.set(channel, { left: allowed - 1, at: now })
      return undefined
    }
    bursts.set(channel, { left: allowed, at: now })
    violations.push(`${method}: more than one message a second in ${channel}`)
    return comeBackIn(Math.ceil(1 - allowed))
  }

  function comeBackIn(seconds: number): ApiAnswer {
    return {
      status: 429,
      headers: { 'retry-after': String(Math.max(1, seconds)) },
      body: { ok: false, error: 'ratelimited' },
    }
  }

  function run(method: string, headers: { contentType: string; authorization: string }, body: string): Json {
    const raw = decodeBody(headers.contentType, body)
    let result: Json
    try {
      result = { ok: true, ...dispatch(method, raw, headers.authorization) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (mistakes.has(error.code))
        violations.push(
          `${method}: ${error.code} ${JSON.stringify(error.extra)} (${methodSpecs[method]?.doc ?? ''})`,
        )
      result = { ok: false, error: error.code, ...error.extra }
    }
    calls.push({ method, args: raw, answer: result, at: context.world.clock.now() })
    return result
  }

  function dispatch(method: string, raw: Json, authorization: string): Json {
    const spec = methodSpecs[method]
    const handler = methods[method]
    if (spec === undefined || handler === undefined) {
      violations.push(`${method}: not a method this app should call`)
      throw new Refusal('unknown_method')
    }
    checkToken(method, raw, authorization)
    const missing = spec.scopes?.find((scope) => !context.scopes.has(scope))
    if (missing !== undefined)
      throw new Refusal('missing_scope', { needed: missing, provided: [...context.scopes].join(',') })
    const { args, problems } = checkArguments(spec, raw)
    if (problems.length > 0)
      throw new Refusal('invalid_arguments', { response_metadata: { messages: problems } })
    return handler(args, context)
  }

  /** https://docs.slack.dev/authentication/tokens: app-level tokens open sockets, bot tokens do all else. */
  function checkToken(method: string, raw: Json, authorization: string): void {
    const token = authorization.replace(/^Bearer /, '') || String(raw.token ?? '')
    if (token === '') throw new Refusal('not_authed')
    const wanted = method === 'apps.connections.open' ? options.appToken : options.botToken
    if (token === wanted) return
    const otherKind = token === options.appToken || token === options.botToken
    throw new Refusal(otherKind ? 'not_allowed_token_type' : 'invalid_auth')
  }

  return { calls, violations, failures, answer }
}
