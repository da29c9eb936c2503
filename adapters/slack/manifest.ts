import { readFile } from 'node:fs/promises'
import { RemembrancerError } from '../../src/errors.js'
import type { AdapterCommand } from '../../src/platform/index.js'
import { eventsPath } from './http.js'

const placeholder = 'https://remembrancer.example/slack/events'

/** The scopes the manifest asks for; a token that lacks one of them cannot do all we promise. */
export const requiredScopes = [
  'channels:history',
  'channels:join',
  'channels:read',
  'channels:write.invites',
  'chat:write',
  'commands',
  'groups:history',
  'groups:read',
  'groups:write.invites',
  'im:history',
  'im:write',
  'mpim:history',
  'mpim:read',
  'users:read',
  'users:read.email',
] as const

/**
 * The manifest for one customer. With an address, Slack sends there; without one, the app uses Socket Mode, and the
 * lines that name an address go.
 */
export function manifestFor(template: string, url: string | undefined): string {
  if (url !== undefined) return template.replaceAll(placeholder, `${publicAddress(url)}${eventsPath}`)
  return template
    .split('\n')
    .filter((line) => !line.includes(placeholder))
    .join('\n')
    .replace('socket_mode_enabled: false', 'socket_mode_enabled: true')
}

function publicAddress(url: string): string {
  let address: URL
  try {
    address = new URL(url)
  } catch {
    throw new RemembrancerError('USAGE', `"${url}" is not an address.`)
  }
  if (address.protocol !== 'https:')
    throw new RemembrancerError('USAGE', 'Slack sends to https addresses only.')
  const path = address.pathname.replace(/\/+$/, '').replace(new RegExp(`${eventsPath}$`), '')
  return `${address.origin}${path}`
}

/** Anything but the one option is refused: misspelt, it would quietly give the manifest for Socket Mode. */
function wantedUrl(args: readonly string[]): string | undefined {
  const [first, second, ...more] = args
  if (first === undefined) return undefined
  const inline = first.startsWith('--url=') ? first.slice('--url='.length) : undefined
  if (inline !== undefined && second === undefined) return inline
  if (first === '--url' && second !== undefined && more.length === 0) return second
  if (first === '--url' && second === undefined)
    throw new RemembrancerError('USAGE', '--url needs an address.')
  throw new RemembrancerError('USAGE', 'slack manifest takes --url and an address, or nothing.')
}

/** `slack manifest [--url https://…]`: prints the app manifest to paste into Slack. */
export const manifestCommand: AdapterCommand = {
  name: 'slack manifest',
  summary: 'Print the Slack app manifest.',
  options: [
    ['--url ADDRESS', 'public https address that Slack sends to; without it the app uses Socket Mode'],
  ],
  async run(args, _env, out) {
    const url = wantedUrl(args)
    const template = await readFile(new URL('./manifest.yaml', import.meta.url), 'utf8')
    for (const line of manifestFor(template, url).trimEnd().split('\n')) out(line)
    return 0
  },
}
