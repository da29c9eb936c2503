import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The real program in a process of its own. */
export interface RunningProgram {
  readonly address: string
  readonly dataDir: string
  readonly child: ChildProcess
  /** Everything it has printed. */
  output(): string
  /** Runs the real command line against the same data folder. */
  cli(args: readonly string[], input?: string): { status: number | null; stdout: string; stderr: string }
  /** Ends it as an operator would. @returns its exit status */
  stop(options?: { keep?: boolean }): Promise<number | null>
  kill(): Promise<void>
}

const clean = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const { SLACK_BOT_TOKEN, TEAMS_APP_ID, DATABASE_URL, SANDBOX, ...rest } = env
  return rest
}

/** Runs the command line once, without a program running. */
export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
  cwd?: string,
): { status: number | null; stdout: string; stderr: string } {
  const script = resolve('scripts/remembrancer.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...clean(process.env), LOG_LEVEL: 'error', ...env },
    encoding: 'utf8',
    input: input ?? '',
    maxBuffer: 64 * 1024 * 1024,
  })
  return { status, stdout, stderr }
}

/**
 * Starts the program as `npm start` does, on ports the system chooses.
 * @throws with its output when it ends before it says where to look
 */
export async function startProgram(
  env: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<RunningProgram> {
  const dataDir = folder ?? mkdtempSync(join(tmpdir(), 'remembrancer-'))
  const settings = {
    DATA_DIR: dataDir,
    PORT: '0',
    SECOND_PORT: '0',
    WEBHOOK_PORT: '0',
    WEBHOOK_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...env,
  }
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--import', 'tsx', 'src/main.ts'], {
    env: { ...clean(process.env), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)))
  const address = await new Promise<string>((resolve, reject) => {
    const look = setInterval(() => {
      const found = /Open (http:\/\/localhost:\d+)/.exec(printed)?.[1]
      if (!found) return
      clearInterval(look)
      resolve(found)
    }, 50)
    void ended.then((status) => {
      clearInterval(look)
      reject(new Error(`ended with ${status}: ${printed}`))
    })
  })
  return {
    address,
    dataDir,
    child,
    output: () => printed,
    cli: (args, input) => runCommand(args, { DATA_DIR: dataDir, ...env }, input),
    async stop(options = {}) {
      if (child.exitCode === null) child.kill('SIGTERM')
      const status = await ended
      if (!options.keep) rmSync(dataDir, { recursive: true, force: true })
      return status
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
