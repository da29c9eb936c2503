/**
 * The wiring of adapters: the only place (beside the entry points) where the program knows them by name. Each is
 * loaded only when asked for, so that a platform that is not configured costs nothing.
 */
import type { ImportModule, PlatformModule } from './platform/index.js'

/** Chat platforms, by folder name under `adapters/`. */
export const platformModules: Readonly<Record<'slack' | 'teams' | 'sandbox', () => Promise<PlatformModule>>> =
  {
    slack: async () => (await import('../adapters/slack/index.js')).slackModule,
    teams: async () => (await import('../adapters/teams/index.js')).teamsModule,
    sandbox: async () => (await import('../adapters/sandbox/index.js')).sandboxModule,
  }

/** Imports, by folder name under `adapters/`. */
export const importModules: Readonly<Record<'whatsapp' | 'slack-export', () => Promise<ImportModule>>> = {
  whatsapp: async () => (await import('../adapters/whatsapp/index.js')).whatsappModule,
  'slack-export': async () => (await import('../adapters/slack-export/index.js')).slackExportModule,
}

/** Platforms that the environment may configure; the sandbox needs no settings. */
const realPlatforms = ['slack', 'teams'] as const

/** Whether a word of the command line names a platform that can be configured. */
export function isRealPlatform(name: string | undefined): name is (typeof realPlatforms)[number] {
  return realPlatforms.some((real) => real === name)
}

/** Real platforms that the environment configures, without loading their heavy parts. */
export async function configuredPlatforms(env: NodeJS.ProcessEnv): Promise<PlatformModule[]> {
  const modules: PlatformModule[] = []
  for (const name of realPlatforms) {
    const module = await platformModules[name]()
    if (module.isConfigured(env)) modules.push(module)
  }
  return modules
}
