import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import { type Account, accountSchema } from './activity.js'
import { failure, type HttpContext, request } from './http.js'
import { isAllowedServiceUrl, type TeamsSettings } from './settings.js'
import type { TokenSource } from './token.js'
import { type AdaptiveCard, cardAttachment } from './wire.js'

/** Where a call goes: the serviceUrl Teams gave us for that conversation. */
export type ServiceUrl = string

/** The calls of the Bot Connector we make, each over plain HTTP: the SDK's own client hides Retry-After. */
export interface Connector {
  /** Posts into an existing conversation (`;messageid=` of a thread's root included, if in a thread). */
  send(service: ServiceUrl, conversation: string, activity: OutgoingActivity): Promise<string>
  /** Starts a new post in a channel. */
  sendToChannel(
    service: ServiceUrl,
    channel: string,
    activity: OutgoingActivity,
  ): Promise<{ message: string; conversation: string }>
  update(
    service: ServiceUrl,
    conversation: string,
    message: string,
    activity: OutgoingActivity,
  ): Promise<void>
  /** Opens (or finds again) the bot's personal chat with somebody. */
  openPersonal(service: ServiceUrl, person: string): Promise<string>
  /** Everyone in a conversation, all pages; in a channel this is the roster of its team. */
  members(service: ServiceUrl, conversation: string): Promise<Account[]>
  /** One member by Teams or Entra id; undefined when they are not there. */
  member(service: ServiceUrl, conversation: string, id: string): Promise<Account | undefined>
  /** Standard channels of a team; the first, unnamed one is General. */
  channels(service: ServiceUrl, team: string): Promise<{ id: string; name: string; type: string }[]>
  team(service: ServiceUrl, team: string): Promise<{ groupId: string | undefined; name: string | undefined }>
}

/** A message with one card. */
export interface OutgoingActivity {
  readonly summary: string
  readonly card: AdaptiveCard
  readonly outboxId?: string
}

const idSchema = z.object({ id: z.string().min(1) })
const createdSchema = z.object({ id: z.string().min(1), activityId: z.string().optional() })
const membersSchema = z.object({
  members: z.array(accountSchema),
  continuationToken: z.string().nullish(),
})
const channelsSchema = z.object({
  conversations: z.array(
    z.object({ id: z.string(), name: z.string().nullish(), type: z.string().nullish() }),
  ),
})
const teamSchema = z.object({ name: z.string().nullish(), aadGroupId: z.string().nullish() })

const name = 'The Bot Connector'
/** Page size of the roster: Microsoft allows 50 to 500. */
const pageSize = 500

/** Creates the client. Our token goes to allowed hosts only, whatever serviceUrl is asked for. */
export function createConnector(options: {
  readonly settings: TeamsSettings
  readonly tokens: TokenSource
  readonly http: HttpContext
}): Connector {
  const { settings, tokens, http } = options

  async function call(
    service: ServiceUrl,
    method: string,
    path: string,
    body?: unknown,
    again = true,
  ): Promise<unknown> {
    if (!isAllowedServiceUrl(service, settings))
      throw new RemembrancerError('PLATFORM_REFUSED', 'A serviceUrl is on a host that is not allowed.')
    const token = await tokens.get(settings.botScope)
    const answer = await request(http, name, `${service.replace(/\/+$/, '')}/v3/${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.status === 401 && again) {
      // A token may be revoked before it ends: once more with a fresh one.
      tokens.forget(settings.botScope)
      return call(service, method, path, body, false)
    }
    if (answer.status < 200 || answer.status > 299) throw failure(name, answer, http.now())
    return answer.body
  }

  function read<T>(schema: z.ZodType<T>, body: unknown): T {
    const parsed = schema.safeParse(body)
    if (!parsed.success)
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', `${name} answered in a shape we do not know.`)
    return parsed.data
  }

  const at = encodeURIComponent
  const bot = { id: `28:${settings.appId}` }

  return {
    async send(service, conversation, activity) {
      const path = `conversations/${at(conversation)}/activities/${randomUUID()}`
      const body = { ...message(activity), from: bot, conversation: { id: conversation } }
      return read(idSchema, await call(service, 'POST', path, body)).id
    },
    async sendToChannel(service, channel, activity) {
      const body = {
        isGroup: true,
        bot,
        tenantId: settings.tenantId,
        channelData: { channel: { id: channel }, tenant: { id: settings.tenantId } },
        activity: { ...message(activity), from: bot },
      }
      const created = read(createdSchema, await call(service, 'POST', 'conversations', body))
      const root = /;messageid=([^;]+)/.exec(created.id)?.[1]
      const posted = created.activityId ?? root
      if (posted === undefined)
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', `${name} did not say what it posted.`)
      return { message: posted, conversation: created.id }
    },
    async update(service, conversation, id, activity) {
      const body = { ...message(activity), id, from: bot, conversation: { id: conversation } }
      await call(service, 'PUT', `conversations/${at(conversation)}/activities/${at(id)}`, body)
    },
    async openPersonal(service, person) {
      const body = {
        isGroup: false,
        bot,
        members: [{ id: person }],
        tenantId: settings.tenantId,
        channelData: { tenant: { id: settings.tenantId } },
      }
      return read(createdSchema, await call(service, 'POST', 'conversations', body)).id
    },
    async members(service, conversation) {
      const all: Account[] = []
      let next = ''
      do {
        const path = `conversations/${at(conversation)}/pagedmembers?pageSize=${pageSize}${next}`
        const page = read(membersSchema, await call(service, 'GET', path))
        all.push(...page.members)
        next = page.continuationToken ? `&continuationToken=${at(page.continuationToken)}` : ''
      } while (next !== '')
      return all
    },
    async member(service, conversation, id) {
      try {
        const path = `conversations/${at(conversation)}/members/${at(id)}`
        return read(accountSchema, await call(service, 'GET', path))
      } catch (error) {
        if (error instanceof RemembrancerError && /^PLATFORM_(NOT_FOUND|REFUSED)$/.test(error.code))
          return undefined
        throw error
      }
    },
    async channels(service, team) {
      const found = read(channelsSchema, await call(service, 'GET', `teams/${at(team)}/conversations`))
      return found.conversations.map((one) => ({
        id: one.id,
        name: one.name ?? 'General',
        type: (one.type ?? 'standard').toLowerCase(),
      }))
    },
    async team(service, team) {
      const found = read(teamSchema, await call(service, 'GET', `teams/${at(team)}`))
      return { groupId: found.aadGroupId ?? undefined, name: found.name ?? undefined }
    },
  }
}

function message(activity: OutgoingActivity) {
  return {
    type: 'message',
    summary: activity.summary,
    attachments: [cardAttachment(activity.card)],
    ...(activity.outboxId === undefined ? {} : { channelData: { remembrancer: activity.outboxId } }),
  }
}
