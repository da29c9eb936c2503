import { randomUUID } from 'node:crypto'
import { type Call, fault, type Service, startService } from './service.js'
import { makeKey, type TestKey } from './tokens.js'

/** Stand-in of login.botframework.com and login.microsoftonline.com: published keys, and tokens for the bot. */
export interface Login extends Service {
  readonly key: TestKey
  readonly metadataUrl: string
  readonly tokenUrl: string
  /** Publishes these keys instead. */
  publish(...keys: TestKey[]): void
  /** Scope a token was given for, while it is valid. */
  scopeOf(authorization: string | undefined): string | undefined
  revokeAll(): void
  /** How many tokens were asked for. */
  asked(): number
}

export const botScope = 'https://api.botframework.com/.default'

/** Starts it for one bot. */
export async function startLogin(options: {
  appId: string
  tenant: string
  secret: string
  scopes: () => readonly string[]
}): Promise<Login> {
  const key = makeKey('key-1')
  let published: TestKey[] = [key]
  const tokens = new Map<string, string>()
  let asked = 0

  const service = await startService((call, violate) => {
    const path = call.url.pathname
    // https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication ("Bot
    // Connector to bot", steps 2 and 3): the metadata document names the JWKS; each key lists the channels it endorses.
    if (path === '/v1/.well-known/openidconfiguration')
      return {
        status: 200,
        body: { issuer: 'https://api.botframework.com', jwks_uri: `${service.origin}/v1/.well-known/keys` },
      }
    if (path === '/v1/.well-known/keys')
      return {
        status: 200,
        body: {
          keys: published.map((one) => ({
            ...one.publicKey.export({ format: 'jwk' }),
            kid: one.kid,
            use: 'sig',
            endorsements: one.endorsements,
          })),
        },
      }
    if (path === `/${options.tenant}/oauth2/v2.0/token`) return token(call, violate)
    violate(`login: nothing at ${path}`)
    return fault(404, 'NotFound')
  })

  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
  function token(call: Call, violate: (rule: string) => void) {
    asked += 1
    if (call.method !== 'POST') violate('token: must be a POST')
    if (!call.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      violate('token: body must be form-encoded')
    const form = new URLSearchParams(call.text)
    if (form.get('grant_type') !== 'client_credentials')
      violate('token: grant_type must be client_credentials')
    if (form.get('client_id') !== options.appId || form.get('client_secret') !== options.secret)
      return { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } }
    const scope = form.get('scope') ?? ''
    if (!options.scopes().includes(scope)) {
      violate(`token: unknown scope ${scope}`)
      return { status: 400, body: { error: 'invalid_scope' } }
    }
    const value = `token.${randomUUID()}.${scope.length}`
    tokens.set(value, scope)
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: value } }
  }

  return Object.assign(service, {
    key,
    metadataUrl: `${service.origin}/v1/.well-known/openidconfiguration`,
    tokenUrl: `${service.origin}/{tenant}/oauth2/v2.0/token`,
    publish(...keys: TestKey[]) {
      published = keys
    },
    scopeOf: (authorization: string | undefined) => tokens.get((authorization ?? '').replace(/^Bearer /, '')),
    revokeAll: () => tokens.clear(),
    asked: () => asked,
  })
}
