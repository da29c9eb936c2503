import type { PlatformName } from './events.js'
import type { CommandName } from './port.js'

/** How people type a command where they are: Teams has no slash commands, there the bot is spoken to by its name. */
export function asTyped(platform: PlatformName, command: CommandName): string {
  if (platform === 'teams') return `@Remembrancer ${command}`
  return command === 'help' || command === 'send-digest' ? `/remembrancer ${command}` : `/${command}`
}
