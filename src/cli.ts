/** The command line: `npx remembrancer …`. Work that needs the database goes to the running program if there is one. */
import { resolve } from 'node:path'
import { type Command, type CommandContext, commandNamed, databaseCommands } from './commands/index.js'
import { type App, hasEmbeddedData, openWorldAlone, pagesAddress, primaryKind } from './compose.js'
import { readSettings, type Settings } from './config/index.js'
import { type ControlOutput, type ControlRequest, handOver } from './control/index.js'
import { loadEnvironment } from './environment.js'
import { RemembrancerError } from './errors.js'
import type { AdapterCommand } from './platform/index.js'
import { configuredPlatforms, isRealPlatform, platformModules } from './platforms.js'
import { reportFailure } from './report-failure.js'
import type { InstallationKind } from './storage/index.js'
import type { World } from './world.js'

const out = (text: string): void => void process.stdout.write(text)
const err = (text: string): void => void process.stderr.write(text)

/**
 * Runs one command.
 * @returns the exit status: 0 done, 1 a foreseeable failure, 2 usage, 3 the check found something, 70 unexpected
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  try {
    if (name === undefined || name === 'help' || asksForHelp([name])) return await help()
    if (asksForHelp(rest) || (rest.length === 0 && isRealPlatform(name)))
      return await helpAbout(name, rest[0])
    if (name === 'start') {
      await import('./main.js')
      return await new Promise<number>(() => undefined)
    }
    if (name === 'detect') return await detect(rest)
    const adapterCommand = await findAdapterCommand(args)
    const env = loadEnvironment(process.env, process.cwd())
    if (adapterCommand)
      return await adapterCommand.command.run(adapterCommand.rest, env, (line) => out(`${line}\n`))
    const command = commandNamed(name)
    return await runDatabaseCommand(command, rest, env)
  } catch (error) {
    const status = reportFailure(error)
    return error instanceof RemembrancerError && error.code === 'USAGE' ? 2 : status
  }
}

/** Runs a command that was handed to the running program. */
export async function runHandedOver(
  app: App,
  env: NodeJS.ProcessEnv,
  request: ControlRequest,
  output: ControlOutput,
): Promise<number> {
  const { settings } = app
  return await commandNamed(request.command).run({
    settings,
    env,
    args: request.args,
    cwd: request.cwd,
    usual: usualKind(settings, app.primary.world.kind),
    world: async (kind) => await app.world(kind),
    out: output.out,
    err: output.err,
    tty: request.tty ?? false,
  })
}

async function runDatabaseCommand(command: Command, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const settings = readSettings(env)
  const tty = process.stderr.isTTY ?? false
  const request = { command: command.name, args, cwd: process.cwd(), tty }
  const handed = await handOver(resolve(settings.dataDir), request, { out, err })
  if (handed !== undefined) return handed
  const primary = primaryKind(settings, (await configuredPlatforms(env)).length)
  const open = new Map<InstallationKind, World>()
  const context: CommandContext = {
    settings,
    env,
    args,
    cwd: process.cwd(),
    usual: usualKind(settings, primary),
    async world(kind) {
      const isPrimary = kind === primary
      const held = open.get(kind) ?? (await openWorldAlone(settings, kind, isPrimary, { ring: false }))
      if (!open.has(kind)) await held.start()
      open.set(kind, held)
      return { world: held, address: pagesAddress(settings, isPrimary) }
    },
    out,
    err,
    tty,
  }
  try {
    return await command.run(context)
  } finally {
    for (const world of open.values()) await world.stop()
  }
}

/** Official records where there are any, else the first world. */
function usualKind(settings: Settings, primary: InstallationKind): InstallationKind {
  return primary === 'official' || hasEmbeddedData(settings, 'official') ? 'official' : 'sandbox'
}

async function detect(args: readonly string[]): Promise<number> {
  const [option, language = 'en', ...rest] = args
  if (rest.length > 0 || (option !== undefined && (option !== '--language' || args.length < 2)))
    throw new RemembrancerError(
      'USAGE',
      'detect takes no other argument than --language and reads standard input: npx remembrancer detect < discussions.jsonl',
    )
  const { detectStream } = await import('./detection/index.js')
  const { bad } = await detectStream(process.stdin, process.stdout, process.stderr, { language })
  return bad > 0 ? 3 : 0
}

async function findAdapterCommand(
  args: readonly string[],
): Promise<{ command: AdapterCommand; rest: readonly string[] } | undefined> {
  const [platform, name] = args
  if (!isRealPlatform(platform)) return undefined
  const module = await platformModules[platform]()
  const command = module.commands.find((candidate) => candidate.name === `${platform} ${name ?? ''}`)
  if (!command)
    throw new RemembrancerError('USAGE', `There is no command "${platform} ${(name ?? '').slice(0, 20)}".`)
  return { command, rest: args.slice(2) }
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

/** A command as help shows it, its options in lines of their own where it lists them. */
interface Explained {
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly options?: AdapterCommand['options']
}

async function everyCommand(): Promise<Explained[]> {
  const modules = await Promise.all([platformModules.slack(), platformModules.teams()])
  return [
    { name: 'start', usage: 'start', summary: 'Run the program (the same as npm start).' },
    ...databaseCommands,
    {
      name: 'detect',
      usage: 'detect [--language en] < discussions.jsonl',
      summary:
        'Run the detector over discussions, one a line of JSON, and print what it found, one a line (docs/detector.md).',
    },
    ...modules.flatMap((module) =>
      module.commands.map((command) => ({
        ...command,
        usage: [command.name, ...command.options.map(([option]) => `[${option}]`)].join(' '),
      })),
    ),
  ]
}

async function help(): Promise<number> {
  out('Remembrancer: the active administrator of official group chats\n\n')
  for (const { usage, summary } of await everyCommand())
    out(`  npx remembrancer ${usage}\n      ${summary}\n`)
  return 0
}

/**
 * Explains one command, or all of a platform's.
 * @throws RemembrancerError USAGE when there is none
 */
async function helpAbout(name: string, second: string | undefined): Promise<number> {
  const asked = [name, second].filter((word) => word !== undefined && !asksForHelp([word])).join(' ')
  const found = (await everyCommand()).filter(
    (command) => [name, asked].includes(command.name) || command.name.startsWith(`${asked} `),
  )
  if (found.length === 0) throw new RemembrancerError('USAGE', `There is no command "${asked.slice(0, 40)}".`)
  for (const { usage, summary, options } of found) {
    out(`npx remembrancer ${usage}\n    ${summary}\n`)
    for (const [option, meaning] of options ?? []) out(`\n    ${option}\n        ${meaning}\n`)
  }
  return 0
}
