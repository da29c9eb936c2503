import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from './config/index.js'

/**
 * The environment with `.env` of the working folder laid under it: what is set in the shell wins.
 * @throws RemembrancerError CONFIG_INVALID when .env is broken, naming the line
 */
export function loadEnvironment(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const file = join(folder, '.env')
  if (!existsSync(file)) return env
  return { ...parseEnvFile(readFileSync(file, 'utf8')), ...env }
}
