/**
 * The sandbox: a chat in the browser with a fictional department, its people and a story of a flood. A full platform
 * behind the port, so that the whole of Remembrancer can be seen and tested without any account. Owns its log of
 * everything said in it (`sandbox.jsonl` in its data folder) and the pages under `/sandbox`.
 */
import type { PlatformModule } from '../../src/platform/index.js'
import { createSandboxPlatform } from './platform.js'

export {
  type Cast,
  type CastPerson,
  type CastRoom,
  type SandboxRegistration,
  sandboxCast,
  sandboxDirectory,
  sandboxRegistrations,
} from './cast.js'
export { createSandboxPlatform, type SandboxPlatform } from './platform.js'
export { type StoryExpectations, type StoryStep, story, storyExpectations } from './story.js'
export type { PlayOptions, StoryProgress } from './story-player.js'

const anyOtherPlatform = ['SLACK_BOT_TOKEN', 'TEAMS_APP_ID'] as const

/** How the composition root loads the sandbox: on when asked for, and by itself when no other platform is set. */
export const sandboxModule: PlatformModule = {
  name: 'sandbox',
  isConfigured(env) {
    const asked = env.SANDBOX?.trim().toLowerCase()
    if (asked === undefined || asked === '') return anyOtherPlatform.every((key) => !env[key])
    return ['on', 'true', '1', 'yes'].includes(asked)
  },
  async create() {
    return createSandboxPlatform()
  },
  commands: [],
  settings: [
    {
      key: 'SANDBOX',
      summary:
        'A chat in the browser with fictional officials: on or off. Keeps its data in a folder of its own.',
      default: 'on when no other platform is configured',
    },
  ],
}
