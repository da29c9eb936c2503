import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { RemembrancerError } from '../../../src/errors.js'
import type { AdapterCommand } from '../../../src/platform/index.js'
import { manifestVersions } from './manifest.js'

const options = [
  ['--out FILE', 'where to write the package (remembrancer-teams.zip)'],
  ['--host NAME', 'public name of the pages, for the links about the app (taken from PUBLIC_URL)'],
  ['--developer NAME', 'who publishes it: your department, at most 32 characters (Remembrancer)'],
  ['--app-version VERSION', 'for an update: a higher version than the one Teams has (1.0.0)'],
  [
    '--manifest-version VERSION',
    `version of the app schema: ${manifestVersions.join(' or ')} (${manifestVersions[0]})`,
  ],
] as const
const knownOptions = options.map(([option]) => option.split(' ')[0] ?? '')
const usage = `teams package ${options.map(([option]) => `[${option}]`).join(' ')}`

/** `remembrancer teams package`: writes the app package a tenant administrator uploads to Teams. */
export const packageCommand: AdapterCommand = {
  name: 'teams package',
  summary: 'Write the Teams app package (zip) for your tenant.',
  options,
  async run(args, env, out) {
    const wanted = readOptions(args, env)
    const { buildPackage } = await import('./zip.js')
    const zip = await buildPackage(wanted)
    try {
      await writeFile(wanted.out, zip)
    } catch (cause) {
      throw new RemembrancerError(
        'USAGE',
        'The file of --out cannot be written: name one in a folder that is there and yours.',
        { cause },
      )
    }
    out(`Wrote ${wanted.out}.`)
    out('Upload it in the Teams admin centre under Teams apps > Manage apps; docs/teams.md has the steps.')
    return 0
  },
}

function readOptions(args: readonly string[], env: NodeJS.ProcessEnv) {
  const given = new Map<string, string>()
  for (let index = 0; index < args.length; index += 2) {
    const key = args[index] ?? ''
    const value = args[index + 1]
    if (!knownOptions.includes(key) || !value) throw new RemembrancerError('USAGE', `Usage: ${usage}.`)
    given.set(key, value)
  }
  const appId = (env.TEAMS_APP_ID ?? '').trim()
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(appId))
    throw new RemembrancerError('TEAMS_CONFIG_INCOMPLETE', 'TEAMS_APP_ID is missing or is not an id.')
  const host = given.get('--host') ?? hostOf(env.PUBLIC_URL)
  if (host === undefined || !/^[a-z0-9.-]+\.[a-z]{2,}$/i.test(host))
    throw new RemembrancerError(
      'USAGE',
      'Say with --host under which public name people reach the pages (chat.example.gov.uk).',
    )
  const manifestVersion = given.get('--manifest-version') ?? manifestVersions[0]
  if (!manifestVersions.some((version) => version === manifestVersion))
    throw new RemembrancerError('USAGE', `--manifest-version is one of ${manifestVersions.join(', ')}.`)
  const appVersion = given.get('--app-version')
  if (appVersion !== undefined && !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(appVersion))
    throw new RemembrancerError('USAGE', '--app-version is three numbers with points between them (1.0.1).')
  return {
    appId: appId.toLowerCase(),
    host,
    ...(appVersion === undefined ? {} : { appVersion }),
    manifestVersion,
    developer: given.get('--developer') ?? 'Remembrancer',
    out: path.resolve(given.get('--out') ?? 'remembrancer-teams.zip'),
  }
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined
}
