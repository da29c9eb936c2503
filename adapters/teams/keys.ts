import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import { failure, type HttpContext, request } from './http.js'

/** A public key of the token issuer and the channels it may speak for. */
export interface SigningKey {
  readonly key: KeyObject
  readonly endorsements: readonly string[]
}

/** The issuer's published keys. */
export interface KeyStore {
  /** The key of this id, or undefined when the issuer does not publish it. Rejects when it cannot be asked. */
  find(kid: string): Promise<SigningKey | undefined>
}

const metadataSchema = z.object({ jwks_uri: z.url() })
const jwksSchema = z.object({
  keys: z.array(
    z.object({
      kid: z.string(),
      kty: z.string(),
      n: z.string().optional(),
      e: z.string().optional(),
      endorsements: z.array(z.string()).nullish(),
    }),
  ),
})

// Microsoft asks connectors to refresh the keys daily; an unknown id may be a new key, but strangers can name any
// id they like, so that reason to ask is good for once in five minutes.
const dayMs = 24 * 3_600_000
const unknownMs = 5 * 60_000

/** Reads OpenID metadata and JWKS, and caches them. */
export function createKeyStore(metadataUrl: string, http: HttpContext): KeyStore {
  let keys = new Map<string, SigningKey>()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    const metadata = metadataSchema.safeParse(await get(metadataUrl))
    if (!metadata.success) throw unusable()
    const url = metadata.data.jwks_uri
    // The keys decide whom we believe: never over plain http unless the metadata itself was allowed to be.
    if (!url.startsWith('https:') && !metadataUrl.startsWith('http:')) throw unusable()
    const jwks = jwksSchema.safeParse(await get(url))
    if (!jwks.success) throw unusable()
    const fresh = new Map<string, SigningKey>()
    for (const jwk of jwks.data.keys) {
      if (jwk.kty !== 'RSA' || jwk.n === undefined || jwk.e === undefined) continue
      const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: jwk.n, e: jwk.e } })
      fresh.set(jwk.kid, { key, endorsements: jwk.endorsements ?? [] })
    }
    keys = fresh
    readAt = http.now().getTime()
  }

  async function get(url: string): Promise<unknown> {
    const answer = await request(http, 'The OpenID metadata', url, { method: 'GET' })
    if (answer.status !== 200) throw failure('The OpenID metadata', answer, http.now())
    return answer.body
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    async find(kid) {
      const age = http.now().getTime() - readAt
      if (age > dayMs) {
        // Yesterday's keys are better than none while the issuer cannot be reached.
        await refresh().catch((error: unknown) => {
          if (keys.size === 0) throw error
        })
      } else if (!keys.has(kid) && age > unknownMs) await refresh()
      return keys.get(kid)
    },
  }
}

function unusable(): RemembrancerError {
  return new RemembrancerError('PLATFORM_UNAVAILABLE', 'The OpenID metadata names no usable keys.')
}
