import { verify } from 'node:crypto'
import { z } from 'zod'
import type { KeyStore } from './keys.js'
import { isAllowedServiceUrl, type TeamsSettings } from './settings.js'

/** What a genuine token says that matters to us. */
export interface TokenClaims {
  readonly serviceUrl: string
  /** Channels the signing key may speak for. */
  readonly endorsements: readonly string[]
}

/** Why a request is refused; never holds anything of its content. */
export interface Refusal {
  readonly reason: string
}

const skewSeconds = 300
const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string().min(1) })
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
  serviceurl: z.string().min(1),
})

/**
 * Checks the bearer token of a request from the Bot Connector as Microsoft's "Authentication with the Bot Connector
 * API" asks, and where the SDK is lax: only RS256, `exp` and `serviceurl` required, one issuer (never the emulator's).
 * @returns claims, or why not. Rejects only when the issuer's keys cannot be read.
 */
export async function verifyToken(
  authorization: string | undefined,
  options: { appId: string; issuer: string; keys: KeyStore; now: Date },
): Promise<TokenClaims | Refusal> {
  const match = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization ?? '')
  const [, head, body, signature] = match ?? []
  if (head === undefined || body === undefined || signature === undefined)
    return { reason: 'no bearer token in three parts' }
  const header = headerSchema.safeParse(decode(head))
  if (!header.success) return { reason: 'not signed with RS256 by a named key' }
  const claims = claimsSchema.safeParse(decode(body))
  if (!claims.success) return { reason: `claim ${claims.error.issues[0]?.path.join('.') ?? ''} missing` }
  const { iss, aud, exp, nbf, serviceurl } = claims.data
  if (iss !== options.issuer) return { reason: 'another issuer' }
  if (aud !== options.appId) return { reason: 'meant for another audience' }
  const seconds = options.now.getTime() / 1000
  if (exp < seconds - skewSeconds) return { reason: 'expired' }
  if (nbf !== undefined && nbf > seconds + skewSeconds) return { reason: 'not valid yet' }
  // Asked last of all, so that only tokens that could be genuine make us ask the issuer.
  const key = await options.keys.find(header.data.kid)
  if (!key) return { reason: 'signed with a key the issuer does not publish' }
  const genuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    key.key,
    Buffer.from(signature, 'base64url'),
  )
  if (!genuine) return { reason: 'the signature is forged' }
  return { serviceUrl: serviceurl, endorsements: key.endorsements }
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** The parts of an activity the guard looks at. */
export interface GuardedActivity {
  readonly channelId?: string | null | undefined
  readonly serviceUrl?: string | null | undefined
}

/**
 * Checks that the activity is what its token vouches for: same serviceUrl, a host we may send our token to, and a
 * channel the key is endorsed for.
 * @returns a refusal, or undefined when it may pass
 */
export function checkActivity(
  activity: GuardedActivity,
  claims: TokenClaims | undefined,
  settings: TeamsSettings,
): Refusal | undefined {
  if (!activity.serviceUrl) return { reason: 'the activity names no serviceUrl' }
  if (!isAllowedServiceUrl(activity.serviceUrl, settings))
    return { reason: 'the serviceUrl is on a host that is not allowed' }
  if (activity.channelId !== 'msteams') return { reason: 'not from Teams' }
  if (!claims) return undefined
  if (trim(claims.serviceUrl) !== trim(activity.serviceUrl))
    return { reason: 'the serviceUrl is not the one the token names' }
  if (claims.endorsements.length > 0 && !claims.endorsements.includes('msteams'))
    return { reason: 'the key is not endorsed for Teams' }
  return undefined
}

function trim(url: string): string {
  return url.replace(/\/+$/, '').toLowerCase()
}
