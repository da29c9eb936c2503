/**
 * How fast signed Slack events get through the HTTP door: verification, parsing, the commit given by the caller, and
 * the acknowledgement; beside a bare Bolt HTTPReceiver with an empty listener in the same run.
 */
import { createHmac } from 'node:crypto'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as bolt from '../adapters/slack/bolt.js'
import { createSlackPlatform } from '../adapters/slack/platform.js'
import type { PlatformHost } from '../src/platform/index.js'
import { benchTalk } from './bench-talk.js'

export interface SlackBenchOptions {
  /** The commit under test; without one nothing is written, and only the adapter is measured. */
  readonly accept?: PlatformHost['accept']
  /** Length of each measurement. */
  readonly seconds?: number
  /** How often both are measured, in turn; the median ratio counts. */
  readonly rounds?: number
  /** Requests in flight when measuring the greatest rate. */
  readonly inFlight?: number
  /** Rate at which acknowledgements are timed, and for how long. */
  readonly steadyPerSecond?: number
  readonly steadySeconds?: number
  /** Called when the steady rate begins, and when it has ended. */
  readonly onSteady?: (when: 'begins' | 'ended') => Promise<void>
}

export interface SlackBenchResult {
  /** Events a second of a bare Bolt HTTPReceiver that does nothing with them. */
  readonly barePerSecond: number
  readonly adapterPerSecond: number
  readonly ratio: number
  /** Acknowledgement times at the steady rate. */
  readonly steady: {
    readonly perSecond: number
    readonly p50Ms: number
    readonly p99Ms: number
    readonly failed: number
  }
}

/**
 * What the bench demands, on PostgreSQL: half of the bare receiver's rate at the least, and of a hundred acknowledgements
 * the slowest well within Slack's three seconds, so that a busy machine keeps them too.
 */
export const slackTargets = { ratio: 0.5, p99Ms: 250 } as const

export const benchTenant = 'T0'
/** Channels and people the messages come from: a department's busy hour, not one room shouting. */
export const benchChannels: readonly string[] = Array.from({ length: 200 }, (_, n) => `C${n}`)
export const benchPeople: readonly string[] = Array.from({ length: 60 }, (_, n) => `U${n}`)

const secret = 'bench-signing-secret'

/** Runs the comparison. Needs no network: the Web API it would ask for names is served here too. */
export async function benchSlackIngest(options: SlackBenchOptions = {}): Promise<SlackBenchResult> {
  const { seconds = 3, rounds = 5, inFlight = 64, steadyPerSecond = 500 } = options
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const api = await listen(answerApi)
  const bare = await listen(bareReceiver())
  const platform = createSlackPlatform({
    bolt,
    settings: { botToken: 'xoxb-bench', signingSecret: secret, apiUrl: `${api.url}/api/` },
  })
  const adapter = await listen((req, res) => platform.webhook?.handle(req, res))
  await platform.start(hostFor(options.accept ?? (async () => undefined)))
  try {
    // Both are warmed up, and each is measured in turn, so that neither profits from the other's warm code.
    for (const door of [bare, adapter]) await flatOut(`${door.url}/slack/events`, agent, inFlight, 1)
    const measured: { bare: number; adapter: number }[] = []
    for (let round = 0; round < rounds; round += 1)
      measured.push({
        bare: await flatOut(`${bare.url}/slack/events`, agent, inFlight, seconds),
        adapter: await flatOut(`${adapter.url}/slack/events`, agent, inFlight, seconds),
      })
    await options.onSteady?.('begins')
    const steady = await atRate(
      `${adapter.url}/slack/events`,
      agent,
      steadyPerSecond,
      options.steadySeconds ?? seconds,
    )
    await options.onSteady?.('ended')
    return {
      barePerSecond: median(measured.map((round) => round.bare)),
      adapterPerSecond: median(measured.map((round) => round.adapter)),
      ratio: median(measured.map((round) => round.adapter / round.bare)),
      steady,
    }
  } finally {
    await platform.stop()
    agent.destroy()
    for (const door of [api, bare, adapter]) door.close()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function bareReceiver(): (req: IncomingMessage, res: ServerResponse) => void {
  const receiver = new bolt.HTTPReceiver({ signingSecret: secret })
  const app = new bolt.App({
    receiver,
    authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0BOT' }),
    ignoreSelf: false,
    convoStore: false,
  })
  app.event('message', async () => undefined)
  return receiver.requestListener
}

function hostFor(accept: PlatformHost['accept']): PlatformHost {
  const silent = () => undefined
  return {
    accept,
    interact: async () => ({ kind: 'closed' }),
    reportGap: async () => undefined,
    now: () => new Date(),
    log: { info: silent, warn: silent, error: silent },
    dataDir: '/nonexistent',
    publicUrl: 'http://localhost:3000',
  }
}

/** Just enough of the Web API: who we are, and everybody's name. */
function answerApi(req: IncomingMessage, res: ServerResponse): void {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => void chunks.push(chunk))
  req.on('end', () => {
    const method = (req.url ?? '').split('/').at(-1) ?? ''
    const id = new URLSearchParams(Buffer.concat(chunks).toString()).get('user') ?? 'U0'
    const name = `Official ${id}`
    const user = { id, team_id: benchTenant, name, real_name: name, profile: {} }
    const answers: Record<string, unknown> = {
      'auth.test': {
        ok: true,
        team_id: benchTenant,
        user_id: 'U0BOT',
        bot_id: 'B0',
        url: 'https://x.slack.com/',
      },
      'users.info': { ok: true, user },
      'users.conversations': { ok: true, channels: [] },
    }
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(answers[method] ?? { ok: false, error: 'unknown_method' }))
  })
}

let counter = 0
const threads = new Map<string, { readonly ts: string; readonly user: string }>()
/** What people say next: some begin a matter, most go on with it, half of them in its thread. */
function nextBody(): string {
  counter += 1
  const ts = `${Math.floor(Date.now() / 1000)}.${String(counter % 1_000_000).padStart(6, '0')}`
  const channel = benchChannels[counter % benchChannels.length] ?? ''
  const round = Math.floor(counter / benchChannels.length)
  const user = benchPeople[(counter * 7 + round) % benchPeople.length] ?? ''
  const turn = benchTalk(counter % benchChannels.length, round)
  if (turn.begins) threads.set(channel, { ts, user })
  const thread = counter % 2 === 0 && !turn.begins ? threads.get(channel) : undefined
  return JSON.stringify({
    token: 'bench',
    type: 'event_callback',
    team_id: benchTenant,
    context_team_id: benchTenant,
    context_enterprise_id: null,
    api_app_id: 'A0',
    event_id: `Ev${counter}`,
    event_time: Math.floor(Date.now() / 1000),
    is_ext_shared_channel: false,
    event_context: `4-${counter}`,
    authorizations: [
      {
        enterprise_id: null,
        team_id: benchTenant,
        user_id: 'U0BOT',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'message',
      client_msg_id: `00000000-0000-4000-8000-${String(counter).padStart(12, '0')}`,
      channel,
      channel_type: 'channel',
      team: benchTenant,
      user,
      text: turn.text,
      blocks: [
        {
          type: 'rich_text',
          block_id: 'b1',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: turn.text }] }],
        },
      ],
      ...(thread === undefined ? {} : { thread_ts: thread.ts, parent_user_id: thread.user }),
      ts,
      event_ts: ts,
    },
  })
}

function send(url: string, agent: Agent): Promise<boolean> {
  const body = nextBody()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      },
    })
    outgoing.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
    outgoing.on('error', () => resolve(false))
    outgoing.end(body)
  })
}

async function flatOut(url: string, agent: Agent, inFlight: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000
  let acknowledged = 0
  const worker = async () => {
    while (performance.now() < end) if (await send(url, agent)) acknowledged += 1
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  return Math.round(acknowledged / ((performance.now() - began) / 1000))
}

async function atRate(
  url: string,
  agent: Agent,
  perSecond: number,
  seconds: number,
): Promise<SlackBenchResult['steady']> {
  const times: number[] = []
  const pending: Promise<void>[] = []
  let failed = 0
  const began = performance.now()
  const total = perSecond * seconds
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - began) / 1000) * perSecond))
    for (; sent < due; sent += 1) {
      const start = performance.now()
      pending.push(
        send(url, agent).then((ok) => {
          if (ok) times.push(performance.now() - start)
          else failed += 1
        }),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await Promise.all(pending)
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99), failed }
}

interface Door {
  readonly url: string
  close(): void
}

async function listen(handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<Door> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
