import { createPrivateKey, createSign, randomUUID, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import { failure, type HttpContext, request, serviceCode } from './http.js'
import type { TeamsCredential } from './settings.js'

/** Gives access tokens by scope. */
export interface TokenSource {
  /** A token valid for at least five more minutes; undefined when authentication is off. */
  get(scope: string): Promise<string | undefined>
  /** Drops a token that was refused. */
  forget(scope: string): void
}

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })
const earlyMs = 5 * 60_000

interface Held {
  readonly token: string
  readonly until: number
}

/**
 * Client-credentials tokens of the bot, cached until five minutes before they end; concurrent askers share one request.
 * @param options where to ask and how to prove who we are
 */
export function createTokenSource(options: {
  readonly tokenUrl: string
  readonly appId: string
  readonly credential: TeamsCredential
  readonly http: HttpContext
}): TokenSource {
  const { http, credential } = options
  const held = new Map<string, Held>()
  const asking = new Map<string, Promise<Held>>()

  async function ask(scope: string): Promise<Held> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: options.appId,
      scope,
      ...proof(credential, options.appId, options.tokenUrl, http.now()),
    })
    const answer = await request(http, 'The token endpoint', options.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
    if (answer.status === 400 || answer.status === 401)
      throw new RemembrancerError(
        'TEAMS_TOKEN_REFUSED',
        `The token endpoint refused the bot’s credentials (${serviceCode(answer.body) || answer.status}).`,
      )
    if (answer.status !== 200) throw failure('The token endpoint', answer, http.now())
    const parsed = answerSchema.safeParse(answer.body)
    if (!parsed.success)
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'The token endpoint answered without a token.')
    const lifetime = parsed.data.expires_in * 1000
    const until = http.now().getTime() + Math.max(lifetime - earlyMs, lifetime / 2)
    return { token: parsed.data.access_token, until }
  }

  return {
    async get(scope) {
      if (credential.kind === 'none') return undefined
      const known = held.get(scope)
      if (known && known.until > http.now().getTime()) return known.token
      let pending = asking.get(scope)
      if (!pending) {
        pending = ask(scope).finally(() => asking.delete(scope))
        asking.set(scope, pending)
      }
      const fresh = await pending
      held.set(scope, fresh)
      return fresh.token
    },
    forget(scope) {
      held.delete(scope)
    },
  }
}

function proof(
  credential: TeamsCredential,
  appId: string,
  tokenUrl: string,
  now: Date,
): Record<string, string> {
  if (credential.kind === 'password') return { client_secret: credential.password }
  if (credential.kind === 'none') return {}
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion(credential.pem, appId, tokenUrl, now),
  }
}

/** RFC 7523 assertion, as Entra asks for it: RS256, `x5t` = SHA-1 and `x5t#S256` = SHA-256 of the certificate. */
function clientAssertion(pem: string, appId: string, tokenUrl: string, now: Date): string {
  try {
    const certificate = new X509Certificate(pem)
    const hash = (hex: string) => Buffer.from(hex.replaceAll(':', ''), 'hex').toString('base64url')
    const header = {
      alg: 'RS256',
      typ: 'JWT',
      x5t: hash(certificate.fingerprint),
      'x5t#S256': hash(certificate.fingerprint256),
    }
    const seconds = Math.floor(now.getTime() / 1000)
    const payload = {
      aud: tokenUrl,
      iss: appId,
      sub: appId,
      jti: randomUUID(),
      nbf: seconds - 60,
      exp: seconds + 600,
    }
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${encode(header)}.${encode(payload)}`
    const signature = createSign('RSA-SHA256').update(signed).sign(createPrivateKey(pem))
    return `${signed}.${signature.toString('base64url')}`
  } catch (cause) {
    throw new RemembrancerError(
      'CONFIG_INVALID',
      'TEAMS_CERTIFICATE_FILE does not hold a private key and its certificate.',
      { cause },
    )
  }
}
