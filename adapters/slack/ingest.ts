import { createHash } from 'node:crypto'
import type { ChatEvent, Envelope, PersonRef, PlatformHost } from '../../src/platform/index.js'
import type { Channels } from './channels.js'
import { type Identity, tenantOf } from './identity.js'
import { namesNeeded, type ParseContext, type Parsed, parseEvent } from './parse.js'
import { type EventCallback, eventCallback, instantOf, rateLimited, userEvent } from './payloads.js'
import type { People } from './people.js'

/** How long an event may wait for names before it is committed: well inside Slack's three seconds. */
const namesMs = 700

export interface IngestParts {
  readonly host: PlatformHost
  readonly people: People
  readonly channels: Channels
  identity(): Identity | undefined
  /** Somebody opened our App Home. */
  home(opened: { id: string; tenant: string; person: PersonRef }): void
  received(tenant: string, message: { channel: string; ts: string } | undefined): void
}

/**
 * Takes one verified payload of the Events API. Resolves once it is committed (or needs no keeping): only then may
 * Slack be told. Rejects when it could not be committed, so that Slack sends it again.
 */
export type Ingest = (body: unknown, raw: string) => Promise<void>

export function createIngest(parts: IngestParts): Ingest {
  const { host, people, channels } = parts

  return async function take(body, raw) {
    const limited = rateLimited.safeParse(body)
    if (limited.success) return reportRateLimit(limited.data)
    const parsed = eventCallback.safeParse(body)
    if (!parsed.success)
      return keepUnreadable(raw, 'not an event callback in the documented shape', undefined)
    const callback = parsed.data
    const tenant = tenantOf(callback) ?? parts.identity()?.tenant
    if (tenant === undefined) return keepUnreadable(raw, 'names no workspace', callback.event_id)
    parts.received(tenant, postIn(callback))
    if (callback.event.type === 'app_home_opened') return openHome(callback, tenant)
    if (callback.event.type === 'app_uninstalled' || callback.event.type === 'tokens_revoked')
      return installationLost(callback, tenant, raw)
    await keep(callback, tenant, raw)
  }

  async function keep(callback: EventCallback, tenant: string, raw: string): Promise<void> {
    const needed = namesNeeded(callback)
    await Promise.all([people.within(needed.people, namesMs), channels.within(needed.channels, namesMs)])
    const parsed = parseEvent(callback, context(callback, tenant))
    if (parsed.kind === 'unreadable') return keepUnreadable(raw, parsed.why, callback.event_id)
    if (parsed.kind === 'nothing') return
    await host.accept([{ raw, events: parsed.events }])
    learn(callback, parsed)
  }

  function context(callback: EventCallback, tenant: string): ParseContext {
    const identity = parts.identity()
    const installed = callback.authorizations?.[0]
    const botUserId = installed?.is_bot === true ? (installed.user_id ?? undefined) : undefined
    const self = {
      ...definedOnly('botUserId', identity?.botUserId ?? botUserId),
      ...definedOnly('botId', identity?.botId),
      ...definedOnly('appId', identity?.appId ?? callback.api_app_id),
    }
    const enterprise = identity?.enterprise ?? installed?.enterprise_id ?? callback.enterprise_id
    return {
      tenant,
      ...(typeof enterprise === 'string' ? { enterprise } : {}),
      self,
      person: people.known,
      channelName: (id) => channels.known(id)?.name,
      channelDetails: channels.known,
    }
  }

  async function keepUnreadable(raw: string, why: string, eventId: string | undefined): Promise<void> {
    host.log.warn({ platform: 'slack', why, eventId }, 'a Slack payload was kept unread')
    await host.accept([
      {
        raw,
        events: [],
        unreadable: why,
        fallbackKey: `slack|${eventId ?? createHash('sha256').update(raw).digest('hex')}`,
      },
    ])
  }

  /** Keeps our own picture current: who is who, and where we are. */
  function learn(callback: EventCallback, parsed: Extract<Parsed, { kind: 'events' }>): void {
    const changed = userEvent.safeParse(callback.event)
    for (const event of parsed.events) {
      if (event.kind === 'person-changed' && changed.success) people.remember(event.person)
      if (event.kind === 'bot-added') channels.joined(event.conversation)
      if (event.kind === 'bot-removed') channels.left(event.conversation)
      if (event.kind === 'group-renamed') channels.forget(event.conversation)
    }
  }

  async function reportRateLimit(limited: { team_id: string; minute_rate_limited: number }): Promise<void> {
    const from = new Date(limited.minute_rate_limited * 1000)
    const to = new Date(from.getTime() + 60_000)
    host.log.warn(
      { platform: 'slack', tenant: limited.team_id, from },
      'Slack held events back: over 30,000 an hour',
    )
    await host.reportGap({ platform: 'slack', tenant: limited.team_id, from, to, reason: 'rate-limited' })
  }

  function openHome(callback: EventCallback, tenant: string): void {
    const { user, tab } = callback.event as { user?: unknown; tab?: unknown }
    if (typeof user !== 'string' || (tab !== undefined && tab !== 'home')) return
    parts.home({
      id: `home:${callback.event_id ?? user}`,
      tenant,
      person: people.known(user) ?? { id: user },
    })
  }

  /** The app was removed from the workspace, or its bot token revoked: from now on we see nothing there. */
  async function installationLost(callback: EventCallback, tenant: string, raw: string): Promise<void> {
    if (callback.event.type === 'tokens_revoked' && !revokesBot(callback)) return
    const ts = callback.event.event_ts
    const at = ts !== undefined ? new Date(instantOf(ts)) : host.now()
    host.log.error(
      { platform: 'slack', tenant, event: callback.event.type, code: 'SLACK_TOKEN_REFUSED' },
      'the Slack app was uninstalled or its token revoked: reinstall it',
    )
    const events = channels.present().map(
      (conversation): ChatEvent => ({
        platform: 'slack',
        tenant,
        conversation,
        source: 'event',
        at: at.toISOString(),
        kind: 'bot-removed',
      }),
    )
    const envelope: Envelope = { raw, events }
    if (events.length > 0) await host.accept([envelope])
    await host.reportGap({ platform: 'slack', tenant, from: at, to: host.now(), reason: 'bot-absent' })
    for (const conversation of channels.present()) channels.left(conversation)
  }
}

function revokesBot(callback: EventCallback): boolean {
  const tokens = (callback.event as { tokens?: { bot?: unknown } }).tokens
  return Array.isArray(tokens?.bot) && tokens.bot.length > 0
}

/** The channel and ts of a plain message, to recognise the echo of our own posts. */
function postIn(callback: EventCallback): { channel: string; ts: string } | undefined {
  const { type, channel, ts } = callback.event as { type: string; channel?: unknown; ts?: unknown }
  return type === 'message' && typeof channel === 'string' && typeof ts === 'string'
    ? { channel, ts }
    : undefined
}

function definedOnly<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}
