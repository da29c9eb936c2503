/**
 * The composition root, as a table of contents: settings → database → platforms → world → pages → schedule. Official
 * records and the sandbox's fiction are composed apart and share nothing but the process.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { join, resolve } from 'node:path'
import { readPolicy, type Settings } from './config/index.js'
import { requireLanguage } from './detection/index.js'
import { listen, listenWebhooks } from './listen.js'
import { createLogger } from './log.js'
import type { ChatPlatform, Logger } from './platform/index.js'
import { configuredPlatforms, platformModules } from './platforms.js'
import { seedSandbox } from './sandbox-seed.js'
import { type InstallationKind, openDatabase } from './storage/index.js'
import { createWeb } from './web/index.js'
import { type PlatformTrouble, readStatus } from './web/status.js'
import { createWorld, type World } from './world.js'

/** A world with its pages. */
export interface OpenWorld {
  readonly world: World
  readonly address: string
  close(): Promise<void>
}

/** Everything that runs in this process. */
export interface App {
  readonly settings: Settings
  readonly primary: OpenWorld
  /** The world of that kind, opened when it is not yet. */
  world(kind: InstallationKind): Promise<OpenWorld>
  stop(): Promise<void>
}

/** What kind of world the program shows first: the sandbox only while nothing real is configured. */
export function primaryKind(settings: Settings, realPlatforms: number): InstallationKind {
  return realPlatforms > 0 || settings.sandbox === 'off' ? 'official' : 'sandbox'
}

/** Folder of a world's data. */
export function worldFolder(settings: Settings, kind: InstallationKind): string {
  return kind === 'sandbox' ? join(resolve(settings.dataDir), 'sandbox') : resolve(settings.dataDir)
}

/** Whether the embedded database of a world has been made. */
export function hasEmbeddedData(settings: Settings, kind: InstallationKind): boolean {
  return existsSync(join(worldFolder(settings, kind), 'db', 'PG_VERSION'))
}

/**
 * Starts everything the settings ask for.
 * @throws RemembrancerError for every foreseeable failure; what was begun is stopped
 */
export async function startApp(settings: Settings, env: NodeJS.ProcessEnv): Promise<App> {
  const log = createLogger(settings.logLevel)
  const modules = await configuredPlatforms(env)
  const first = primaryKind(settings, modules.length)
  const open = new Map<InstallationKind, Promise<OpenWorld>>()
  const platformsOf = async (kind: InstallationKind): Promise<ChatPlatform[]> =>
    kind === 'official'
      ? await Promise.all(modules.map((module) => module.create(env)))
      : [await (await platformModules.sandbox()).create(env)]
  const world = (kind: InstallationKind): Promise<OpenWorld> => {
    const held = open.get(kind)
    if (held) return held
    const opening = openWorldWithPages(settings, kind, kind === first, platformsOf, log)
    open.set(kind, opening)
    opening.catch(() => open.delete(kind))
    return opening
  }
  let webhooks: Server | undefined
  async function stop(): Promise<void> {
    await new Promise<void>((done) => (webhooks ? webhooks.close(() => done()) : done()))
    for (const opening of open.values()) {
      const each = await opening.catch(() => undefined)
      await each?.close()
    }
  }
  try {
    const primary = await world(first)
    const second = first === 'official' ? settings.sandbox === 'on' : hasEmbeddedData(settings, 'official')
    if (second) await world(first === 'official' ? 'sandbox' : 'official')
    webhooks = await listenWebhooks(primary.world.platforms, settings)
    return { settings, primary, world, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

/** Opens the database of a world and puts the world together, without pages and without ringing: for commands. */
export async function openWorldAlone(
  settings: Settings,
  kind: InstallationKind,
  useUrl: boolean,
  options: { platforms?: readonly ChatPlatform[]; ring?: boolean; publicUrl?: string; log?: Logger } = {},
): Promise<World> {
  // Said whichever world is opened, not when the first official group is registered.
  requireLanguage(settings.detectionLanguage)
  const dataDir = worldFolder(settings, kind)
  const url = useUrl ? settings.databaseUrl : undefined
  const policy = readPolicy(resolve(settings.dataDir))
  const database = await openDatabase({ kind, dataDir, ...(url === undefined ? {} : { url }) })
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return await createWorld({
      kind,
      database,
      platforms: options.platforms ?? [],
      policy,
      dataDir,
      publicUrl: options.publicUrl ?? pagesAddress(settings, useUrl),
      log: options.log ?? createLogger(settings.logLevel),
      ...(settings.ledgerKeyFile && kind === 'official' ? { ledgerKeyFile: settings.ledgerKeyFile } : {}),
      ...(kind === 'official' ? { language: settings.detectionLanguage } : {}),
      now: () => new Date(),
      ...(options.ring === undefined ? {} : { ring: options.ring }),
    })
  } catch (error) {
    await database.close().catch(() => undefined)
    throw error
  }
}

/** Where the pages of a world are read: the first world at PORT, the other at SECOND_PORT. */
export function pagesAddress(settings: Settings, isPrimary: boolean): string {
  if (isPrimary && settings.publicUrl) return settings.publicUrl
  return `http://localhost:${isPrimary ? settings.port : settings.secondPort}`
}

async function openWorldWithPages(
  settings: Settings,
  kind: InstallationKind,
  isPrimary: boolean,
  platformsOf: (kind: InstallationKind) => Promise<ChatPlatform[]>,
  log: Logger,
): Promise<OpenWorld> {
  const platforms = await platformsOf(kind)
  const port = isPrimary ? settings.port : settings.secondPort
  // The port answers from the first moment, so that nobody hangs while the database opens.
  let route: RequestListener = (_request, response) => {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1', connection: 'close' })
    response.end('Starting\n')
  }
  const server = createServer((request, response) => route(request, response))
  // The port is taken before the database is opened: a port in use is said at once and nothing is begun.
  const address = await listen(server, port, '127.0.0.1', isPrimary ? 'PORT' : 'SECOND_PORT')
  const publicUrl = isPrimary && settings.publicUrl ? settings.publicUrl : address
  try {
    const world = await openWorldAlone(settings, kind, isPrimary, { platforms, publicUrl, log })
    try {
      if (kind === 'sandbox') await prepareSandbox(world)
      await world.start()
      const web = await createWeb({
        database: world.database,
        policy: world.policy,
        now: () => world.now(),
        kind,
        log,
        adapterPages: platforms.flatMap((platform) => platform.pages ?? []),
        sendDigestNow: world.sendDigestNow,
        submitDecision: world.submitDecision,
        submitRegistration: world.submitRegistration,
        setAside: world.setAside,
        ledger: { summary: world.ledgerSummary },
        status: () => readStatus(world.database.prisma, troublesOf(world.platforms)),
      })
      await web.ready()
      route = (request, response) => web.routing(request, response)
      const close = async (): Promise<void> => {
        server.closeAllConnections()
        await new Promise<void>((done) => server.close(() => done()))
        await web.close()
        await world.stop()
      }
      return { world, address: publicUrl, close }
    } catch (error) {
      await world.stop().catch(() => undefined)
      throw error
    }
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw error
  }
}

function troublesOf(platforms: readonly ChatPlatform[]): PlatformTrouble[] {
  return platforms.flatMap((platform) =>
    (platform.troubles?.() ?? []).map((finding) => ({ ...finding, platform: platform.name })),
  )
}

async function prepareSandbox(world: World): Promise<void> {
  const { sandboxDirectory, sandboxRegistrations } = await import('../adapters/sandbox/index.js')
  // Before the platform starts: the bot's first words in each group then say that it is registered, and by whom.
  await seedSandbox(world, {
    tenant: 'local',
    directory: sandboxDirectory,
    registrations: sandboxRegistrations,
  })
}
