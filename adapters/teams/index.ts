/**
 * Microsoft Teams behind the port. Owns everything that knows Teams: verification of requests, parsing, cards and
 * dialogs, the Bot Connector and the little of Microsoft Graph it reads, and the app package. Imports the port and the
 * registry of errors only; Microsoft's SDK is touched in `sdk.ts` alone and loaded only when Teams is configured.
 */
import type { PlatformModule } from '../../src/platform/index.js'
import { packageCommand } from './package/command.js'
import { isLoopbackHost, isTeamsConfigured, readTeamsSettings, teamsSettingDocs } from './settings.js'

/** The module the composition root loads. */
export const teamsModule: PlatformModule = {
  name: 'teams',
  isConfigured: isTeamsConfigured,
  async create(env) {
    const settings = readTeamsSettings(env)
    const { createTeamsPlatform } = await import('./platform.js')
    return createTeamsPlatform({ settings, listensOnLoopbackOnly: listensOnLoopbackOnly(env) })
  },
  commands: [packageCommand],
  settings: teamsSettingDocs,
}

/**
 * WEBHOOK_HOST is the one address that is not loopback by itself: the pages never listen elsewhere. It must be named
 * to count: a default may change, and this decides whether strangers can knock. HOST is nobody's setting: some shells
 * export it with the machine's name.
 */
function listensOnLoopbackOnly(env: NodeJS.ProcessEnv): boolean {
  return isLoopbackHost((env.WEBHOOK_HOST ?? '').trim())
}
