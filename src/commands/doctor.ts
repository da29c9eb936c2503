import { listSetAside, openGaps } from '../delivery/index.js'
import { loadEnvironment } from '../environment.js'
import { RemembrancerError } from '../errors.js'
import type { ChatPlatform, DoctorFinding } from '../platform/index.js'
import { configuredPlatforms, isRealPlatform, platformModules } from '../platforms.js'
import type { InstallationKind } from '../storage/index.js'
import type { Command, CommandContext } from './index.js'
import { parseOptions } from './options.js'

/** Looks for what an operator should mend, and says how. */
export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor [PLATFORM] [--sandbox]',
  summary: 'Check settings, platforms, deliveries and events set aside, and say the fix.',
  async run(context) {
    const { values, positionals } = parseOptions(context.args, { sandbox: { type: 'boolean' } })
    const kind = values.sandbox ? 'sandbox' : context.usual
    const wanted = positionals[0]
    const findings: (DoctorFinding & { about: string })[] = []
    const platforms = await checkedPlatforms(context, kind)
    const held = platforms.filter((platform) => wanted === undefined || platform.name === wanted)
    const isRunning = wanted === undefined || held.length > 0
    for (const platform of isRunning ? held : [await configuredSince(context, wanted)])
      for (const finding of await platform.doctor()) findings.push({ about: platform.name, ...finding })
    if (!isRunning) findings.push({ about: wanted, ...notStartedWith })
    if (wanted === undefined) findings.push(...(await worldFindings(context, kind)))
    for (const { about, check, ok, detail, fix } of findings) {
      context.out(`${ok ? 'ok  ' : 'FIX '} ${about}: ${check}: ${detail}\n`)
      if (!ok && fix) context.out(`     ${fix}\n`)
    }
    return findings.every((finding) => finding.ok) ? 0 : 3
  },
}

async function checkedPlatforms(context: CommandContext, kind: InstallationKind): Promise<ChatPlatform[]> {
  const { world } = await context.world(kind)
  if (world.platforms.length > 0 || kind === 'sandbox') return [...world.platforms]
  return await Promise.all(
    (await configuredPlatforms(context.env)).map((module) => module.create(context.env)),
  )
}

const notStartedWith: DoctorFinding = {
  check: 'running',
  ok: false,
  detail: 'The program that runs was started without these settings.',
  fix: 'Stop it and start it again with npm start.',
}

/** A platform set up in .env after the program was started: its settings can be checked all the same. */
async function configuredSince(context: CommandContext, wanted: string): Promise<ChatPlatform> {
  if (!isRealPlatform(wanted))
    throw new RemembrancerError('USAGE', `There is no platform "${wanted.slice(0, 20)}" to set up.`)
  const module = await platformModules[wanted]()
  // Not context.env: a running program has laid the .env of its own start under it, and blank lines there would win.
  const env = loadEnvironment(process.env, context.cwd)
  if (module.isConfigured(env)) return await module.create(env)
  const [first] = module.settings
  throw new RemembrancerError(
    'CONFIG_INVALID',
    `The platform "${wanted}" is not configured: ${first?.key ?? 'its first setting'} is not set.`,
  )
}

async function worldFindings(
  context: CommandContext,
  kind: InstallationKind,
): Promise<(DoctorFinding & { about: string })[]> {
  const { world } = await context.world(kind)
  const { database } = world
  const aside = await listSetAside(database)
  const unreadable = await listSetAside(database, { status: 'unreadable' })
  const gaps = await openGaps(database)
  const failed = await database.prisma.outboxPost.count({ where: { status: 'failed' } })
  const counts = await world.inbox.counts()
  const finding = (check: string, ok: boolean, detail: string, fix: string) => ({
    about: world.kind,
    check,
    ok,
    detail,
    fix,
  })
  return [
    finding('database', true, database.embedded ? 'embedded, open' : 'PostgreSQL, open', ''),
    finding(
      'inbox',
      counts.pending < 1000,
      `${counts.pending} waiting`,
      'If this number grows, look at the log for the cause.',
    ),
    finding(
      'events set aside',
      aside.length === 0,
      `${aside.length}${aside.length > 0 ? `, newest: ${aside[0]?.id} ${aside[0]?.kind} (${aside[0]?.error ?? ''})` : ''}`,
      'Run npx remembrancer replay after the cause is mended.',
    ),
    finding('payloads not understood', true, `${unreadable.length} kept`, ''),
    finding(
      'gaps',
      gaps.length === 0,
      `${gaps.length} open`,
      'They close by themselves once the platform answers; the status page names them.',
    ),
    finding(
      'posts given up',
      failed === 0,
      `${failed}`,
      'Check that the bot may still post there; the status page names them.',
    ),
  ]
}
