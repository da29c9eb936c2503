import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import type { SettingDoc } from '../../src/platform/index.js'

/** What the operator sets for Slack, validated. */
export interface SlackSettings {
  readonly botToken: string
  /** HTTP requests are verified with it; absent in Socket Mode only. */
  readonly signingSecret?: string
  /** App-level token: Socket Mode when given. */
  readonly appToken?: string
  /** Base address of the Web API, with a trailing slash. */
  readonly apiUrl: string
}

/** Slack's settings for `.env.example`, in order. */
export const slackSettingDocs: readonly SettingDoc[] = [
  { key: 'SLACK_BOT_TOKEN', summary: 'Bot token of the Slack app (xoxb-…).', secret: true },
  {
    key: 'SLACK_SIGNING_SECRET',
    summary: 'Signing secret of the Slack app: proves that requests to /slack/events come from Slack.',
    secret: true,
  },
  {
    key: 'SLACK_APP_TOKEN',
    summary:
      'App-level token (xapp-…). When given, events come by Socket Mode and no public address is needed.',
    secret: true,
  },
  {
    key: 'SLACK_API_URL',
    summary: 'Base address of the Web API; GovSlack has its own.',
    default: 'https://slack.com/api/',
  },
]

const keys = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'] as const

/** True when any Slack secret is set: the operator means Slack, even if something is still missing. */
export function slackIsConfigured(env: NodeJS.ProcessEnv): boolean {
  return keys.some((key) => (env[key] ?? '').trim() !== '')
}

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

const apiUrl = z
  .string()
  .url()
  .transform((value) => (value.endsWith('/') ? value : `${value}/`))
  .refine((value) => {
    const url = new URL(value)
    return url.protocol === 'https:' || loopbackHosts.has(url.hostname)
  }, 'must be https (http is allowed on loopback only)')

/**
 * Reads and validates the settings.
 * @throws RemembrancerError SLACK_CONFIG_INCOMPLETE naming what is missing, CONFIG_INVALID naming what is malformed
 */
export function readSlackSettings(env: NodeJS.ProcessEnv): SlackSettings {
  const botToken = (env.SLACK_BOT_TOKEN ?? '').trim()
  const signingSecret = (env.SLACK_SIGNING_SECRET ?? '').trim()
  const appToken = (env.SLACK_APP_TOKEN ?? '').trim()
  if (botToken === '') throw incomplete('SLACK_BOT_TOKEN is not set.')
  if (appToken === '' && signingSecret === '')
    throw incomplete('Neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN is set.')
  if (!botToken.startsWith('xoxb-')) throw invalid('SLACK_BOT_TOKEN must be a bot token (xoxb-…).')
  if (appToken !== '' && !appToken.startsWith('xapp-'))
    throw invalid('SLACK_APP_TOKEN must be an app-level token (xapp-…).')
  const address = apiUrl.safeParse((env.SLACK_API_URL ?? '').trim() || 'https://slack.com/api/')
  if (!address.success) throw invalid('SLACK_API_URL must be an https address.')
  return {
    botToken,
    ...(signingSecret !== '' ? { signingSecret } : {}),
    ...(appToken !== '' ? { appToken } : {}),
    apiUrl: address.data,
  }
}

function incomplete(what: string): RemembrancerError {
  return new RemembrancerError('SLACK_CONFIG_INCOMPLETE', what)
}

function invalid(what: string): RemembrancerError {
  return new RemembrancerError('CONFIG_INVALID', what)
}
