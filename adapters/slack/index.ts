/**
 * Slack behind the port: HTTP Events API or Socket Mode through Bolt, chosen by configuration. Owns everything that
 * knows Slack's payloads, Block Kit and Web API; imports nothing of the program but the port and the error registry.
 * Bolt itself is loaded only when the platform is created.
 */
import type { PlatformModule } from '../../src/platform/index.js'
import { manifestCommand } from './manifest.js'
import { readSlackSettings, slackIsConfigured, slackSettingDocs } from './settings.js'

export const slackModule: PlatformModule = {
  name: 'slack',
  isConfigured: slackIsConfigured,
  async create(env) {
    const settings = readSlackSettings(env)
    const [bolt, { createSlackPlatform }] = await Promise.all([import('./bolt.js'), import('./platform.js')])
    return createSlackPlatform({ settings, bolt })
  },
  commands: [manifestCommand],
  settings: slackSettingDocs,
}
