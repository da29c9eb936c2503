import { errorRegistry, isRemembrancerError } from '../../src/errors.js'
import type { DoctorFinding } from '../../src/platform/index.js'
import { requiredScopes } from './manifest.js'
import type { SlackSettings } from './settings.js'
import { maxSkewSeconds } from './verify.js'

export interface DoctorParts {
  readonly settings: SlackSettings
  readonly now: () => Date
  /** What the running adapter knows; all undefined when it is not running. */
  readonly running: {
    readonly skewSeconds: number | undefined
    readonly lastReceived: number | undefined
    readonly socketsUp: number | undefined
    /** Why Slack refuses the app-level token it took before. */
    readonly socketsRefused: string | undefined
    /** Since when our own posts have not come back as events. */
    readonly silence: number | undefined
  }
}

/** Checks token, scopes, the way events come, their arrival and the clock, each with its fix. */
export async function examine(parts: DoctorParts): Promise<readonly DoctorFinding[]> {
  const token = await checkToken(parts)
  return [...token, await checkDoor(parts), checkArrival(parts)]
}

const appTokenFix = errorRegistry.SLACK_APP_TOKEN_REFUSED

interface Probe {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly scopes: readonly string[]
  readonly date: Date | undefined
}

/** One plain call, because the clock and the scopes stand in the answer's headers. */
async function probe(parts: DoctorParts, method: string, token: string): Promise<Probe> {
  const response = await fetch(`${parts.settings.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  })
  const body: unknown = await response.json().catch(() => ({}))
  const date = response.headers.get('date')
  return {
    status: response.status,
    body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {},
    scopes: (response.headers.get('x-oauth-scopes') ?? '').split(',').map((scope) => scope.trim()),
    date: date === null ? undefined : new Date(date),
  }
}

async function checkToken(parts: DoctorParts): Promise<DoctorFinding[]> {
  let answer: Probe
  try {
    answer = await probe(parts, 'auth.test', parts.settings.botToken)
  } catch {
    const fix = 'Check that this machine may reach SLACK_API_URL over https, and any proxy.'
    return [{ check: 'reachable', ok: false, detail: `${parts.settings.apiUrl} does not answer.`, fix }]
  }
  const reachable = { check: 'reachable', ok: true, detail: `${parts.settings.apiUrl} answers.` }
  const { body } = answer
  if (body.ok !== true) {
    const fix = 'Reinstall the Slack app and copy its bot token to SLACK_BOT_TOKEN.'
    const detail = `Slack refuses the token: ${String(body.error ?? answer.status)}.`
    return [reachable, { check: 'bot token', ok: false, detail, fix }]
  }
  const who = `bot of workspace ${String(body.team)} (${String(body.team_id)})`
  return [
    reachable,
    { check: 'bot token', ok: true, detail: `The token is that of the ${who}.` },
    checkScopes(answer.scopes),
    checkClock(answer.date, parts),
  ]
}

function checkScopes(scopes: readonly string[]): DoctorFinding {
  const missing = requiredScopes.filter((scope) => !scopes.includes(scope))
  if (missing.length === 0)
    return { check: 'scopes', ok: true, detail: `All ${requiredScopes.length} scopes are granted.` }
  return {
    check: 'scopes',
    ok: false,
    detail: `The Slack app lacks ${missing.join(', ')}.`,
    fix: 'Add them under OAuth & Permissions in the Slack app and reinstall it.',
  }
}

function checkClock(date: Date | undefined, parts: DoctorParts): DoctorFinding {
  const check = 'clock'
  const skew =
    date === undefined || Number.isNaN(date.getTime())
      ? parts.running.skewSeconds
      : (parts.now().getTime() - date.getTime()) / 1000
  if (skew === undefined) return { check, ok: true, detail: 'Slack gave no time to compare with.' }
  const ok = Math.abs(skew) < 60
  const detail = `This machine’s clock differs from Slack’s by ${Math.round(Math.abs(skew))} seconds.`
  const fix = `Set the clock by NTP: requests more than ${maxSkewSeconds / 60} minutes off are refused as replays.`
  return ok ? { check, ok, detail } : { check, ok, detail, fix }
}

async function checkDoor(parts: DoctorParts): Promise<DoctorFinding> {
  const { appToken, signingSecret } = parts.settings
  if (appToken === undefined) {
    const detail = `Events come by HTTP to /slack/events on WEBHOOK_PORT${signingSecret === undefined ? '' : ', signed'}.`
    return { check: 'events', ok: signingSecret !== undefined, detail }
  }
  try {
    const answer = await probe(parts, 'apps.connections.open', appToken)
    if (answer.body.ok === true)
      return { check: 'events', ok: true, detail: 'Socket Mode: Slack opens connections for this app.' }
    return {
      check: 'events',
      ok: false,
      detail: `Slack refuses Socket Mode: ${String(answer.body.error ?? answer.status)}.`,
      fix: appTokenFix,
    }
  } catch (error) {
    const detail = isRemembrancerError(error) ? error.message : 'Slack does not answer.'
    return {
      check: 'events',
      ok: false,
      detail,
      fix: 'Check that this machine may reach SLACK_API_URL.',
    }
  }
}

/** Whether events come, as far as that is known without asking anybody. */
export function checkArrival({ running, now }: DoctorParts): DoctorFinding {
  const check = 'arrivals'
  if (running.socketsRefused !== undefined)
    return {
      check,
      ok: false,
      detail: `Slack refuses the app-level token it took before: ${running.socketsRefused}. ${running.socketsUp === 0 ? 'No event comes.' : 'Events come only until Slack closes the last connection.'}`,
      fix: appTokenFix,
    }
  if (running.socketsUp === 0)
    return {
      check,
      ok: false,
      detail: 'No Socket Mode connection stands.',
      fix: 'Check the network; it reconnects by itself.',
    }
  if (running.silence !== undefined)
    return {
      check,
      ok: false,
      detail: `No event for ${minutesSince(running.silence, now)} minutes, though the bot has posted since: its posts do not come back.`,
      fix: 'Slack may have switched the subscription off: turn it on again under Event Subscriptions in the Slack app. Over HTTP, check that Slack reaches /slack/events.',
    }
  if (running.lastReceived === undefined)
    return {
      check,
      ok: true,
      detail:
        'No event has been received by this process yet: write something in a channel the bot is in, and look again.',
    }
  const minutes = minutesSince(running.lastReceived, now)
  return { check, ok: true, detail: `The last event came ${minutes} minutes ago.` }
}

function minutesSince(instant: number, now: () => Date): number {
  return Math.round((now().getTime() - instant) / 60_000)
}
