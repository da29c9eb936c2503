import type { IncomingMessage, ServerResponse } from 'node:http'
import { RemembrancerError } from '../../src/errors.js'
import type { PlatformHost } from '../../src/platform/index.js'
import { type Activity, tenantOf } from './activity.js'
import type { Directory } from './directory.js'
import { checkActivity, type Refusal, type TokenClaims, verifyToken } from './guard.js'
import type { KeyStore } from './keys.js'
import { parseActivity, readActivity } from './parse.js'
import type { InvokeAnswer } from './sdk.js'
import { isLoopbackHost, type TeamsSettings } from './settings.js'

/** Bodies above this are refused unread: Teams’ own limits are far below. */
export const bodyLimit = 1024 * 1024

/** What the front door needs. */
export interface WebhookParts {
  readonly settings: TeamsSettings
  readonly host: PlatformHost
  readonly keys: KeyStore
  readonly directory: Directory
  /** Answers an invoke in the response. */
  invoke(activity: Activity, raw: string): Promise<InvokeAnswer>
  /** Looks at a message that is already kept, after Teams has its answer. */
  message(activity: Activity, raw: string): void
  /** Called with every activity that was kept or answered. */
  seen(activity: Activity): void
}

/** A request turned away before anything of it was kept. */
class TurnedAway extends Error {
  readonly status: number

  constructor(status: number, reason: string) {
    super(reason)
    this.status = status
  }
}

/** Handles POSTs to `/api/messages`: verify, commit, acknowledge; in that order. */
export function createWebhook(parts: WebhookParts): (req: IncomingMessage, res: ServerResponse) => void {
  const complain = createComplaints(parts.host)
  return (req, res) => {
    handle(req, res, parts).catch((error: unknown) => {
      if (error instanceof TurnedAway) {
        complain(error.message, error.status)
        return end(req, res, error.status)
      }
      // Not acknowledged: Teams delivers it again.
      const code = error instanceof RemembrancerError ? error.code : 'unexpected'
      parts.host.log.error({ code, error: nameOf(error) }, 'A Teams activity could not be taken')
      end(req, res, code === 'PLATFORM_UNAVAILABLE' ? 503 : 500)
    })
  }
}

async function handle(req: IncomingMessage, res: ServerResponse, parts: WebhookParts): Promise<void> {
  if (req.method !== 'POST') {
    res.setHeader('allow', 'POST')
    throw new TurnedAway(405, 'not a POST')
  }
  const claims = await authenticate(req, parts)
  const raw = await readBody(req)
  const payload = parseJson(raw)
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new TurnedAway(400, 'the body is not a JSON object')
  const refusal = checkActivity(payload, claims, parts.settings)
  if (refusal) throw new TurnedAway(401, refusal.reason)
  const activity = readActivity(payload)
  const tenant = activity ? tenantOf(activity) : undefined
  if (parts.settings.auth && tenant !== undefined && tenant !== parts.settings.tenantId)
    throw new TurnedAway(403, 'an activity of another tenant')

  const envelope = parseActivity(activity, raw, parts.directory.context(parts.host.now()))
  if (envelope) await parts.host.accept([envelope])
  if (!activity) return end(req, res, 200)
  parts.seen(activity)
  if (activity.type === 'invoke') {
    const answer = await parts.invoke(activity, raw)
    return end(req, res, answer.status, answer.body)
  }
  end(req, res, 200)
  if (activity.type === 'message') parts.message(activity, raw)
}

/** Claims of a genuine token; undefined when authentication is off and the caller is this machine. */
async function authenticate(req: IncomingMessage, parts: WebhookParts): Promise<TokenClaims | undefined> {
  const { settings, keys, host } = parts
  if (!settings.auth) {
    const ends = [req.socket.localAddress, req.socket.remoteAddress]
    if (ends.every((address) => isLoopbackHost((address ?? '').replace(/^::ffff:/, '')))) return undefined
    throw new TurnedAway(403, 'TEAMS_AUTH is off and the caller is not this machine')
  }
  const verdict: TokenClaims | Refusal = await verifyToken(req.headers.authorization, {
    appId: settings.appId,
    issuer: settings.tokenIssuer,
    keys,
    now: host.now(),
  })
  if ('reason' in verdict) throw new TurnedAway(401, verdict.reason)
  return verdict
}

async function readBody(req: IncomingMessage): Promise<string> {
  if (Number(req.headers['content-length'] ?? 0) > bodyLimit)
    throw new TurnedAway(413, 'the body is too large')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    const part = Buffer.from(chunk as Uint8Array)
    size += part.length
    if (size > bodyLimit) throw new TurnedAway(413, 'the body is too large')
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function end(req: IncomingMessage, res: ServerResponse, status: number, body?: unknown): void {
  if (res.writableEnded) return
  res.statusCode = status
  // What was not read is not waited for.
  if (!req.complete) res.setHeader('connection', 'close')
  if (body === undefined) {
    res.end()
    return
  }
  res.setHeader('content-type', 'application/json; charset=utf-8')
  res.end(JSON.stringify(body))
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** Anyone may knock, so a refusal is written down at most once a minute for each reason, with how many there were. */
function createComplaints(host: PlatformHost): (reason: string, status: number) => void {
  const counts = new Map<string, { count: number; at: number }>()
  return (reason, status) => {
    const now = host.now().getTime()
    const known = counts.get(reason) ?? { count: 0, at: Number.NEGATIVE_INFINITY }
    known.count += 1
    if (now - known.at >= 60_000) {
      host.log.warn({ reason, status, count: known.count }, 'A request to the Teams address was refused')
      known.count = 0
      known.at = now
    }
    counts.set(reason, known)
  }
}
