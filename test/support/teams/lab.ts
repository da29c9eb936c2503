import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTeamsPlatform, type TeamsPlatform } from '../../../adapters/teams/platform.js'
import { readTeamsSettings, type TeamsSettings } from '../../../adapters/teams/settings.js'
import { createFakeHost, type FakeHost } from '../fake-host.js'
import { type Activities, createActivities, type Json } from './activities.js'
import { type ConnectorService, startConnector } from './connector.js'
import { type GraphService, startGraph } from './graph.js'
import { botScope, type Login, startLogin } from './login.js'
import { signToken } from './tokens.js'
import { createWorld, type Room, type TeamRoom, type User, type World } from './world.js'

/** What the bot answered over HTTP. */
export interface Delivered {
  readonly status: number
  readonly body: unknown
}

/** A tenant with the adapter in it, all on loopback. */
export interface Lab {
  readonly world: World
  readonly login: Login
  readonly connector: ConnectorService
  readonly graph: GraphService
  readonly settings: TeamsSettings
  readonly platform: TeamsPlatform
  readonly host: FakeHost
  readonly activities: Activities
  readonly address: string
  readonly team: TeamRoom
  /** The team's channel "Operations". */
  readonly room: Room
  readonly people: { readonly member: User; readonly other: User; readonly outsider: User }
  claims(changes?: Readonly<Record<string, unknown>>): Json
  token(changes?: Readonly<Record<string, unknown>>): string
  /** Posts an activity to the bot with a genuine token, or this one; resolves with its answer. */
  send(activity: Json, options?: { token?: string | undefined; body?: string }): Promise<Delivered>
  /** As `send`, but resolves when the work after the answer is done too. */
  deliver(activity: Json, options?: { token?: string | undefined; body?: string }): Promise<Delivered>
  /** Rules of Microsoft's services the adapter broke. */
  violations(): string[]
  /** Starts the adapter again over the same files. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Settings a test may change. */
export interface LabOptions {
  readonly env?: Readonly<Record<string, string>>
  /** False = the app is not installed in the team yet. */
  readonly installed?: boolean
  /** Has the adapter look by itself, this long after a change of members; otherwise only when told to. */
  readonly lookAfterMs?: number
}

const secret = 'stand-in secret'

/** Starts the stand-ins, the adapter, and a server for its webhook. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const world = createWorld()
  const member = world.addUser('Tamsin Vale')
  const other = world.addUser('Idris Bell')
  const third = world.addUser('Nia Ford')
  const outsider = world.addUser('Ola Park')
  const team = world.addTeam('Flood response', [member, other, third])
  const room = world.addChannel(team, 'Operations')

  let graphScope = ''
  const login = await startLogin({
    appId: world.appId,
    tenant: world.tenant,
    secret,
    scopes: () => [botScope, graphScope],
  })
  const connector = await startConnector(world, login)
  const graph = await startGraph(world, () => login)
  graphScope = `${graph.origin}/.default`
  const activities = createActivities(world, connector.serviceUrl)

  const settings = readTeamsSettings({
    TEAMS_APP_ID: world.appId,
    TEAMS_APP_PASSWORD: secret,
    TEAMS_TENANT_ID: world.tenant,
    TEAMS_OPENID_METADATA_URL: login.metadataUrl,
    TEAMS_TOKEN_URL: login.tokenUrl,
    TEAMS_GRAPH_URL: graph.graphUrl,
    TEAMS_SERVICE_URL: connector.serviceUrl,
    TEAMS_SERVICE_HOSTS: new URL(connector.serviceUrl).host,
    TEAMS_ALLOW_HTTP_LOOPBACK: 'on',
    ...options.env,
  })
  const host = await createFakeHost()
  const create = () =>
    createTeamsPlatform({
      settings,
      listensOnLoopbackOnly: true,
      schedule: options.lookAfterMs !== undefined,
      ...(options.lookAfterMs === undefined ? {} : { lookAfterMs: options.lookAfterMs }),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5))),
    })
  let platform = create()
  await platform.start(host)
  const server = createServer((request, response) => platform.webhook?.handle(request, response))
  const address = await listen(server)

  const claims = (changes: Readonly<Record<string, unknown>> = {}) => {
    const seconds = Math.floor(host.now().getTime() / 1000)
    return {
      iss: 'https://api.botframework.com',
      aud: world.appId,
      serviceurl: connector.serviceUrl,
      nbf: seconds - 60,
      exp: seconds + 3600,
      ...changes,
    }
  }
  const token = (changes?: Readonly<Record<string, unknown>>) => signToken(login.key, claims(changes))

  async function send(
    activity: Json,
    how: { token?: string | undefined; body?: string } = {},
  ): Promise<Delivered> {
    const bearer = 'token' in how ? how.token : token()
    const response = await fetch(`${address}/api/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: how.body ?? JSON.stringify(activity),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  const deliver: Lab['deliver'] = async (activity, how) => {
    const delivered = await send(activity, how)
    await platform.idle()
    return delivered
  }

  const lab: Lab = {
    world,
    login,
    connector,
    graph,
    settings,
    get platform() {
      return platform
    },
    host,
    activities,
    address,
    team,
    room,
    people: { member, other, outsider },
    claims,
    token,
    send,
    deliver,
    violations: () => [...login.violations, ...connector.violations, ...graph.violations],
    async restart() {
      await platform.stop()
      platform = create()
      await platform.start(host)
    },
    async stop() {
      await platform.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await Promise.all([login.stop(), connector.stop(), graph.stop()])
      await host.close()
    },
  }
  const general = world.rooms.get(team.id)
  if (general && options.installed !== false)
    await deliver(activities.members(general, 'membersAdded', [activities.bot], member))
  return lab
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
