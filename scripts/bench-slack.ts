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

export interface SlackBenchOptions {
  /** The commit under test; without one nothing is written, and only the adapter is measured. */
  readonly accept?: PlatformHost['accept']
  /** Length of each measurement. */
  readonly seconds?: number
  /** How often both are measured, in turn; the median ratio counts. */
  readonly rounds?: number
  /** Requests in flight when measuring the greatest rate. */
  readonly inFlight?: number
  /** Rate at which acknowledgements are timed. */
  readonly steadyPerSecond?: number
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

const secret = 'bench-signing-secret'
const channels = 20

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
    const steady = await atRate(`${adapter.url}/slack/events`, agent, steadyPerSecond, seconds)
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
  req.resume()
  const method = (req.url ?? '').split('/').at(-1)
  const user = { id: 'U1', team_id: 'T0', name: 'tamsin', real_name: 'Tamsin Vale', profile: {} }
  const answers: Record<string, unknown> = {
    'auth.test': { ok: true, team_id: 'T0', user_id: 'U0BOT', bot_id: 'B0', url: 'https://x.slack.com/' },
    'users.info': { ok: true, user },
    'users.conversations': { ok: true, channels: [] },
  }
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(answers[method ?? ''] ?? { ok: false, error: 'unknown_method' }))
}

let counter = 0
function nextBody(): string {
  counter += 1
  const ts = `${Math.floor(Date.now() / 1000)}.${String(counter % 1_000_000).padStart(6, '0')}`
  return JSON.stringify({
    type: 'event_callback',
    team_id: 'T0',
    api_app_id: 'A0',
    event_id: `Ev${counter}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: 'T0', user_id: 'U0BOT', is_bot: true }],
    event: {
      type: 'message',
      channel: `C${counter % channels}`,
      channel_type: 'channel',
      user: 'U1',
      text: `Message ${counter} &amp; <@U1>: shall we close the barrier at noon tomorrow?`,
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
