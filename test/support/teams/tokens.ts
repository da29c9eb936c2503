import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** An RSA key pair with the id under which it is (or is not) published. */
export interface TestKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Channels it may speak for. */
  readonly endorsements: readonly string[]
}

/** Makes a key pair. */
export function makeKey(kid: string, endorsements: readonly string[] = ['msteams']): TestKey {
  return { kid, endorsements, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT signed with RS256, unless told to lie about it. */
export function signToken(
  key: TestKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header })}.${encode(claims)}`
  const signature = createSign('RSA-SHA256').update(signed).sign(key.privateKey)
  return `${signed}.${signature.toString('base64url')}`
}

/** A token that says `alg: none` and has no signature worth the name. */
export function unsignedToken(kid: string, claims: Readonly<Record<string, unknown>>): string {
  return `${encode({ alg: 'none', typ: 'JWT', kid })}.${encode(claims)}.AAAA`
}

/** The classic confusion: HS256 with the public key as secret. */
export function hmacToken(key: TestKey, claims: Readonly<Record<string, unknown>>): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid: key.kid })}.${encode(claims)}`
  const secret = key.publicKey.export({ type: 'spki', format: 'pem' })
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
