/**
 * A strict stand-in of Slack for tests: real HTTP on loopback for the Web API and the Events API, Socket Mode over
 * WebSocket. It is written against Slack's documentation, not against our client; each rule names its page. What a
 * strict reader would object to in our calls is collected in `violations`, which tests assert to be empty.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../../adapters/slack/clock.js'
import { checkBlocks } from './block-kit.js'
import { scaledClock } from './clock.js'
import { type Delivered, EventsOut, httpSender } from './delivery.js'
import type { MethodContext } from './method-context.js'
import { createPeople, type People } from './people.js'
import { createScreens, type Screens } from './screens.js'
import { SocketServer } from './sockets.js'
import { createWebApi, type WebApi } from './web-api.js'
import { createWorld, type World } from './world.js'

type Json = Record<string, unknown>

export interface StandInOptions {
  readonly clock?: Clock
  readonly scopes?: readonly string[]
  /** Event types the app subscribes to; all when absent. */
  readonly subscriptions?: readonly string[]
  readonly mode?: 'http' | 'socket'
  readonly retries?: boolean
  readonly enterprise?: string
  readonly enforceRates?: boolean
}

export interface SlackStandIn {
  readonly world: World
  readonly people: People
  readonly screens: Screens
  readonly events: EventsOut
  readonly api: WebApi
  readonly violations: string[]
  readonly sockets: SocketServer
  readonly settings: { botToken: string; signingSecret: string; appToken: string; apiUrl: string }
  /** Where events are sent in HTTP mode. */
  requestUrl: string
  /** Sends a body as Slack would, with these headers instead of the right ones. */
  sendRaw(body: string, headers?: Record<string, string>, contentType?: string): Promise<Delivered>
  /** Wraps an event as the Events API does. */
  wrap(event: Json): Json
  /** Sends `app_rate_limited`, which has no inner event. */
  emitRaw(body: Json): void
  /** Answers nothing at all while true. */
  down: boolean
  stop(): Promise<void>
}

const botToken = 'xoxb-stand-in'
const appToken = 'xapp-stand-in'
const signingSecret = 'a-signing-secret-of-the-stand-in'

/** Every scope of the app; tests take away. */
export const allScopes = [
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

/** Starts a stand-in with an empty workspace. */
export async function createSlackStandIn(options: StandInOptions = {}): Promise<SlackStandIn> {
  const clock = options.clock ?? scaledClock(1)
  const world = createWorld(clock, options.enterprise === undefined ? {} : { enterprise: options.enterprise })
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const baseUrl = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const sockets = new SocketServer(clock, http)
  let requestUrl = ''
  const sender = httpSender(() => requestUrl, signingSecret, clock)
  const events = new EventsOut({
    clock,
    retries: options.retries === true,
    attempt: async (body, retry) => {
      if (options.mode === 'socket') return (await sockets.send('events_api', body, retry?.num)) !== undefined
      const headers: Record<string, string> =
        retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason }
      return (await sender.send(JSON.stringify(body), 'application/json', headers)).ok
    },
  })
  const context: MethodContext = {
    world,
    scopes: new Set(options.scopes ?? allScopes),
    emit: (event) => {
      if (subscribed(event, options.subscriptions) && botSees(event, world)) events.emit(wrap(event))
    },
    socketUrl: () => `${baseUrl().replace('http', 'ws')}/link/?ticket=${world.nextId('t')}`,
    baseUrl,
  }
  const api = createWebApi({ botToken, appToken, context, enforceRates: options.enforceRates !== false })
  const people = createPeople(context)
  const screens = createScreens({ world, violations: api.violations, baseUrl, deliver })

  function wrap(event: Json): Json {
    return {
      token: 'deprecated',
      team_id: world.team,
      context_team_id: world.team,
      context_enterprise_id: world.enterprise ?? null,
      api_app_id: world.bot.appId,
      event,
      type: 'event_callback',
      event_id: world.nextId('Ev'),
      event_time: Math.floor(clock.now() / 1000),
      authorizations: [
        {
          enterprise_id: world.enterprise ?? null,
          team_id: world.team,
          user_id: world.bot.userId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: world.channels.get(String(event.channel))?.shared ?? false,
    }
  }

  async function deliver(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Delivered> {
    if (options.mode === 'socket') {
      const answer = await sockets.send(kind, payload)
      const body = answer === undefined || Object.keys(answer).length === 0 ? '' : JSON.stringify(answer)
      return {
        ok: answer !== undefined,
        status: answer === undefined ? 0 : 200,
        body,
        timedOut: answer === undefined,
      }
    }
    const fields =
      kind === 'slash_commands' ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) }
    return sender.send(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded')
  }

  const standIn: SlackStandIn = {
    world,
    people,
    screens,
    events,
    api,
    violations: api.violations,
    sockets,
    settings: { botToken, signingSecret, appToken, apiUrl: `${baseUrl()}/api/` },
    get requestUrl() {
      return requestUrl
    },
    set requestUrl(url: string) {
      requestUrl = url
    },
    sendRaw: (body, headers, contentType = 'application/json') => sender.send(body, contentType, headers),
    wrap,
    emitRaw: (body) => events.emit(body),
    down: false,
    async stop() {
      await events.idle()
      sockets.close()
      await close(http)
    },
  }
  http.on('request', (request, response) => {
    if (standIn.down) return void request.socket.destroy()
    void serve(request, response, standIn)
  })
  return standIn
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  standIn: SlackStandIn,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  const url = request.url ?? ''
  if (url.startsWith('/response/'))
    return void respondedTo(url.slice('/response/'.length), body, response, standIn)
  const method = /^\/api\/([\w.]+)$/.exec(url)?.[1]
  if (method === undefined || request.method !== 'POST') return void response.writeHead(404).end()
  const answer = standIn.api.answer(
    method,
    {
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization ?? '',
    },
    body,
  )
  if (answer.breakConnection === true) return void request.socket.destroy()
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  response.end(JSON.stringify(answer.body))
}

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: five times within thirty minutes. */
function respondedTo(id: string, body: string, response: ServerResponse, standIn: SlackStandIn): void {
  const { world, violations } = standIn
  const place = world.responseUrls.get(id)
  if (place === undefined || place.uses >= 5 || world.clock.now() - place.at > 30 * 60_000)
    return void response.writeHead(404).end('used_url')
  place.uses += 1
  const json = JSON.parse(body) as Json
  if (json.blocks !== undefined)
    violations.push(...checkBlocks(json.blocks, 'message').map((problem) => `response_url: ${problem}`))
  const before = world.whispers.findIndex((whisper) => whisper.message.ts === place.message)
  const whisper = { user: place.user, channel: place.channel, message: { ...json, ts: place.message } }
  if (json.replace_original === true && before >= 0) world.whispers[before] = whisper
  else
    world.whispers.push({
      user: place.user,
      channel: place.channel,
      message: { ...json, ts: world.nextTs() },
    })
  response.writeHead(200).end('ok')
}

function subscribed(event: Json, subscriptions: readonly string[] | undefined): boolean {
  if (subscriptions === undefined) return true
  if (event.type !== 'message') return subscriptions.includes(String(event.type))
  const names: Record<string, string> = { channel: 'channels', group: 'groups', im: 'im', mpim: 'mpim' }
  return subscriptions.includes(`message.${names[String(event.channel_type)] ?? ''}`)
}

/** An app gets messages and memberships only of conversations it is in: https://docs.slack.dev/reference/events/message.channels */
function botSees(event: Json, world: World): boolean {
  const type = String(event.type)
  if (type !== 'message' && !type.startsWith('member_')) return true
  return world.channels.get(String(event.channel))?.members.has(world.bot.userId) === true
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
