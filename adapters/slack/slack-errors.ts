import { type ErrorCode, RemembrancerError } from '../../src/errors.js'

/** Slack's `error` codes that mean our token no longer works. */
const tokenRefused = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'org_login_required',
  'not_allowed_token_type',
])

const notFound = new Set([
  'channel_not_found',
  'not_in_channel',
  'message_not_found',
  'thread_not_found',
  'user_not_found',
  'users_not_found',
  'view_not_found',
  'not_found',
  'user_not_visible',
  'user_not_in_channel',
])

const unavailable = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'external_channel_migrating',
  'accesslimited',
])

/** Slack's refusal of a call as our error. `needed` names the scope when one is missing. */
export function refusal(method: string, error: string, needed: string | undefined): RemembrancerError {
  if (error === 'missing_scope' || error === 'no_permission')
    return new RemembrancerError(
      'SLACK_SCOPE_MISSING',
      `The Slack app lacks ${needed === undefined ? 'a scope' : `"${needed}"`} needed for ${method}.`,
    )
  return new RemembrancerError(codeOf(error), `Slack refused ${method}: ${error}.`)
}

function codeOf(error: string): ErrorCode {
  if (tokenRefused.has(error)) return 'SLACK_TOKEN_REFUSED'
  if (notFound.has(error)) return 'PLATFORM_NOT_FOUND'
  if (unavailable.has(error)) return 'PLATFORM_UNAVAILABLE'
  return 'PLATFORM_REFUSED'
}

/** Slack's own error code behind one of our errors, e.g. `already_in_channel`. */
export function slackCode(error: unknown): string | undefined {
  if (!(error instanceof RemembrancerError)) return undefined
  return /^Slack refused [\w.]+: (\w+)\.$/.exec(error.message)?.[1]
}
