/**
 * Commands of the command line that need the database. Each runs either in its own process or inside the running
 * program that was handed the command; it sees the same context in both.
 */
import type { Settings } from '../config/index.js'
import { RemembrancerError } from '../errors.js'
import type { InstallationKind } from '../storage/index.js'
import type { World } from '../world.js'
import { doctor } from './doctor.js'
import { importFile } from './import-file.js'
import { checkpoint, exportTo, verify } from './ledger.js'
import { replay } from './replay.js'

/** What a command may use. */
export interface CommandContext {
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  readonly args: readonly string[]
  /** Folder that paths are relative to. */
  readonly cwd: string
  /** Opens, or reaches, the world of a kind. */
  world(kind: InstallationKind): Promise<{ world: World; address: string }>
  /** The world meant when the command does not say: official records where there are any, else the sandbox. */
  readonly usual: InstallationKind
  out(text: string): void
  err(text: string): void
  /** True when the output is a terminal whose line can be redrawn. */
  readonly tty: boolean
}

/** A command: what it is called, what it does, and doing it (returns the exit status). */
export interface Command {
  readonly name: string
  readonly usage: string
  readonly summary: string
  run(context: CommandContext): Promise<number>
}

/** Every command that needs the database. */
export const databaseCommands: readonly Command[] = [importFile, verify, checkpoint, exportTo, replay, doctor]

/** The command of that name. @throws RemembrancerError USAGE when there is none */
export function commandNamed(name: string): Command {
  const command = databaseCommands.find((candidate) => candidate.name === name)
  if (!command) throw new RemembrancerError('USAGE', `There is no command "${name.slice(0, 40)}".`)
  return command
}
