import type { PlatformName } from './events.js'
import type { AdapterCommand, ChatPlatform } from './port.js'

/** How the composition root loads a platform: cheap to ask whether it is configured, costly parts imported lazily. */
export interface PlatformModule {
  readonly name: PlatformName
  /** True when the environment names enough settings that the operator means this platform. */
  isConfigured(env: NodeJS.ProcessEnv): boolean
  /** Validates settings and creates the platform. Throws RemembrancerError with the missing setting. */
  create(env: NodeJS.ProcessEnv): Promise<ChatPlatform>
  readonly commands: readonly AdapterCommand[]
  /** Settings for .env.example, in order. */
  readonly settings: readonly SettingDoc[]
}

/** One documented setting of the environment. */
export interface SettingDoc {
  readonly key: string
  readonly summary: string
  readonly default?: string
  readonly secret?: boolean
}
