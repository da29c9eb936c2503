import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import type { SettingDoc } from '../../src/platform/index.js'

/** Settings of the environment, in the order of .env.example. Defaults are Microsoft's public cloud. */
export const teamsSettingDocs: readonly SettingDoc[] = [
  { key: 'TEAMS_APP_ID', summary: 'Application (client) id of the bot’s Entra registration' },
  { key: 'TEAMS_APP_PASSWORD', summary: 'Client secret of the registration', secret: true },
  {
    key: 'TEAMS_CERTIFICATE_FILE',
    summary: 'Instead of a secret: PEM file with private key and certificate registered in Entra',
  },
  { key: 'TEAMS_TENANT_ID', summary: 'Directory (tenant) id; activities of any other tenant are refused' },
  {
    key: 'TEAMS_AUTH',
    summary: 'off = accept unsigned requests, for a local emulator only; needs WEBHOOK_HOST on loopback',
    default: 'on',
  },
  {
    key: 'TEAMS_GRAPH',
    summary: 'off = never call Microsoft Graph (no history, no initiator of membership changes)',
    default: 'on',
  },
  {
    key: 'TEAMS_GRAPH_POLL_MINUTES',
    summary: 'How often membership changes are reconciled through Graph',
    default: '15',
  },
  {
    key: 'TEAMS_OPENID_METADATA_URL',
    summary: 'Where the keys of incoming tokens are published',
    default: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  },
  {
    key: 'TEAMS_TOKEN_ISSUER',
    summary: 'Issuer of incoming tokens',
    default: 'https://api.botframework.com',
  },
  {
    key: 'TEAMS_TOKEN_URL',
    summary: 'Token endpoint; {tenant} stands for TEAMS_TENANT_ID',
    default: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  },
  {
    key: 'TEAMS_BOT_SCOPE',
    summary: 'Scope asked for when calling the Bot Connector',
    default: 'https://api.botframework.com/.default',
  },
  { key: 'TEAMS_GRAPH_URL', summary: 'Microsoft Graph', default: 'https://graph.microsoft.com/v1.0' },
  {
    key: 'TEAMS_SERVICE_URL',
    summary: 'Bot Connector used before any activity has named one',
    default: 'https://smba.trafficmanager.net/teams/',
  },
  {
    key: 'TEAMS_SERVICE_HOSTS',
    summary: 'Hosts a serviceUrl may name, separated by commas: our token is sent there and nowhere else',
    default:
      'smba.trafficmanager.net,smba.infra.gcc.teams.microsoft.com,smba.infra.gov.teams.microsoft.us,smba.infra.dod.teams.microsoft.us',
  },
  {
    key: 'TEAMS_WEB_URL',
    summary: 'Teams’ own web address, for links to messages',
    default: 'https://teams.microsoft.com',
  },
  {
    key: 'TEAMS_ALLOW_HTTP_LOOPBACK',
    summary: 'on = service addresses may be http on loopback (stand-ins and emulators only)',
    default: 'off',
  },
]

const loopbackHosts = ['localhost', '127.0.0.1', '::1', '[::1]']

/** True for a host name or address that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return loopbackHosts.includes(host.toLowerCase()) || /^127(\.\d{1,3}){3}$/.test(host)
}

const fallback = (key: string) => teamsSettingDocs.find((doc) => doc.key === key)?.default ?? ''
const text = z.string().trim()
const onOff = (key: string) =>
  z.preprocess(
    (value) => (value === undefined || value === '' ? fallback(key) : value),
    z.enum(['on', 'off'], { error: `${key} must be on or off` }),
  )
const address = (key: string) =>
  z.preprocess(
    (value) => (value === undefined || value === '' ? fallback(key) : value),
    z.url({ protocol: /^https?$/, error: `${key} must be an http(s) address` }),
  )
const guid = (key: string) => text.regex(/^[0-9a-f-]{36}$/i, `${key} must be an id like 00000000-…`)

const environment = z.object({
  TEAMS_APP_ID: guid('TEAMS_APP_ID'),
  TEAMS_APP_PASSWORD: text.optional(),
  TEAMS_CERTIFICATE_FILE: text.optional(),
  TEAMS_TENANT_ID: guid('TEAMS_TENANT_ID'),
  TEAMS_AUTH: onOff('TEAMS_AUTH'),
  TEAMS_GRAPH: onOff('TEAMS_GRAPH'),
  TEAMS_GRAPH_POLL_MINUTES: z.preprocess(
    (value) => (value === undefined || value === '' ? fallback('TEAMS_GRAPH_POLL_MINUTES') : value),
    text
      .refine((value) => /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= 1440, {
        error: 'must be a whole number of minutes from 1 to 1440',
      })
      .transform(Number),
  ),
  TEAMS_OPENID_METADATA_URL: address('TEAMS_OPENID_METADATA_URL'),
  TEAMS_TOKEN_ISSUER: text.optional(),
  TEAMS_TOKEN_URL: text.optional(),
  TEAMS_BOT_SCOPE: text.optional(),
  TEAMS_GRAPH_URL: address('TEAMS_GRAPH_URL'),
  TEAMS_SERVICE_URL: address('TEAMS_SERVICE_URL'),
  TEAMS_SERVICE_HOSTS: text.optional(),
  TEAMS_WEB_URL: address('TEAMS_WEB_URL'),
  TEAMS_ALLOW_HTTP_LOOPBACK: onOff('TEAMS_ALLOW_HTTP_LOOPBACK'),
})

/** How the bot proves itself to the token endpoint. */
export type TeamsCredential =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'none' }

/** Everything the adapter needs to know, checked. */
export interface TeamsSettings {
  readonly appId: string
  readonly tenantId: string
  readonly credential: TeamsCredential
  /** False only for a local emulator: incoming requests are not signed and nothing outgoing carries a token. */
  readonly auth: boolean
  readonly graph: boolean
  readonly graphPollMinutes: number
  readonly openIdMetadataUrl: string
  readonly tokenIssuer: string
  readonly tokenUrl: string
  readonly botScope: string
  readonly graphUrl: string
  readonly serviceUrl: string
  readonly serviceHosts: readonly string[]
  readonly webUrl: string
  readonly allowHttpLoopback: boolean
}

/** True when the environment names enough that the operator means Teams. */
export function isTeamsConfigured(env: NodeJS.ProcessEnv): boolean {
  return ['TEAMS_APP_ID', 'TEAMS_APP_PASSWORD', 'TEAMS_CERTIFICATE_FILE', 'TEAMS_TENANT_ID'].some(
    (key) => (env[key] ?? '').trim() !== '',
  )
}

/**
 * Reads and checks the settings. An empty app id is refused: the SDK would take it to mean "no authentication".
 * @throws RemembrancerError TEAMS_CONFIG_INCOMPLETE or CONFIG_INVALID, naming the setting
 */
export function readTeamsSettings(env: NodeJS.ProcessEnv): TeamsSettings {
  for (const key of ['TEAMS_APP_ID', 'TEAMS_TENANT_ID'])
    if ((env[key] ?? '').trim() === '')
      throw new RemembrancerError('TEAMS_CONFIG_INCOMPLETE', `${key} is missing or empty.`)
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RemembrancerError(
      'CONFIG_INVALID',
      `${issue?.path.join('.') ?? 'A Teams setting'}: ${issue?.message ?? 'is not valid'}.`,
    )
  }
  const data = parsed.data
  const auth = data.TEAMS_AUTH === 'on'
  const or = (value: string | undefined, key: string) => (value ? value : fallback(key))
  const settings: TeamsSettings = {
    appId: data.TEAMS_APP_ID,
    tenantId: data.TEAMS_TENANT_ID,
    credential: credential(data.TEAMS_APP_PASSWORD, data.TEAMS_CERTIFICATE_FILE, auth),
    auth,
    graph: auth && data.TEAMS_GRAPH === 'on',
    graphPollMinutes: data.TEAMS_GRAPH_POLL_MINUTES,
    openIdMetadataUrl: data.TEAMS_OPENID_METADATA_URL,
    tokenIssuer: or(data.TEAMS_TOKEN_ISSUER, 'TEAMS_TOKEN_ISSUER'),
    tokenUrl: or(data.TEAMS_TOKEN_URL, 'TEAMS_TOKEN_URL').replace('{tenant}', data.TEAMS_TENANT_ID),
    botScope: or(data.TEAMS_BOT_SCOPE, 'TEAMS_BOT_SCOPE'),
    graphUrl: data.TEAMS_GRAPH_URL.replace(/\/$/, ''),
    serviceUrl: data.TEAMS_SERVICE_URL,
    serviceHosts: or(data.TEAMS_SERVICE_HOSTS, 'TEAMS_SERVICE_HOSTS')
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
    webUrl: data.TEAMS_WEB_URL.replace(/\/$/, ''),
    allowHttpLoopback: data.TEAMS_ALLOW_HTTP_LOOPBACK === 'on' || !auth,
  }
  checkAddresses(settings)
  return settings
}

function credential(password: string | undefined, file: string | undefined, auth: boolean): TeamsCredential {
  // An emulator is never shown a real bot's credentials.
  if (!auth) return { kind: 'none' }
  if (file) return { kind: 'certificate', pem: readCertificate(file) }
  if (password) return { kind: 'password', password }
  throw new RemembrancerError(
    'TEAMS_CONFIG_INCOMPLETE',
    'Neither TEAMS_APP_PASSWORD nor TEAMS_CERTIFICATE_FILE is set.',
  )
}

/** The key and its certificate: what is no pair could only fail later, at the first word to anybody. */
function readCertificate(file: string): string {
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RemembrancerError('CONFIG_INVALID', 'TEAMS_CERTIFICATE_FILE cannot be read.', { cause })
  }
  if (isPair(pem)) return pem
  throw new RemembrancerError(
    'CONFIG_INVALID',
    'TEAMS_CERTIFICATE_FILE does not hold a private key and its certificate.',
  )
}

function isPair(pem: string): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem))
  } catch {
    return false
  }
}

function checkAddresses(settings: TeamsSettings): void {
  const named = {
    TEAMS_OPENID_METADATA_URL: settings.openIdMetadataUrl,
    TEAMS_TOKEN_URL: settings.tokenUrl,
    TEAMS_GRAPH_URL: settings.graphUrl,
    TEAMS_SERVICE_URL: settings.serviceUrl,
  }
  for (const [key, value] of Object.entries(named)) {
    if (!URL.canParse(value)) throw new RemembrancerError('CONFIG_INVALID', `${key} is not an address.`)
    if (!mayCall(new URL(value), settings.allowHttpLoopback))
      throw new RemembrancerError('CONFIG_INVALID', `${key} must be https.`)
  }
  if (settings.auth && !isAllowedServiceUrl(settings.serviceUrl, settings))
    throw new RemembrancerError(
      'CONFIG_INVALID',
      'TEAMS_SERVICE_URL is not on a host of TEAMS_SERVICE_HOSTS.',
    )
}

function mayCall(url: URL, allowHttpLoopback: boolean): boolean {
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && allowHttpLoopback && isLoopbackHost(url.hostname)
}

/** True when our token may be sent to this serviceUrl: https (or allowed loopback) on a listed host. */
export function isAllowedServiceUrl(
  serviceUrl: string,
  settings: Pick<TeamsSettings, 'serviceHosts' | 'allowHttpLoopback' | 'auth'>,
): boolean {
  if (!URL.canParse(serviceUrl)) return false
  const url = new URL(serviceUrl)
  if (url.username !== '' || url.password !== '') return false
  if (!mayCall(url, settings.allowHttpLoopback)) return false
  if (!settings.auth) return isLoopbackHost(url.hostname)
  return settings.serviceHosts.includes(url.hostname) || settings.serviceHosts.includes(url.host)
}
