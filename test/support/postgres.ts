import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'

/** A PostgreSQL of our own on loopback, thrown away afterwards. */
export interface TestPostgres {
  /** Address of its `postgres` database, with rights to create others. */
  readonly url: string
  readonly port: number
  /** Ends the server as a power cut would; `start` brings it back with its data. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops the server and removes its data. */
  stop(): Promise<void>
}

/** Folder of the newest PostgreSQL binaries on this machine, or undefined where there are none. */
export function findPostgres(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [process.env.PG_BIN, ...versions.map((version) => join(root, version, 'bin'))]
  return folders.find((folder) => folder !== undefined && existsSync(join(folder, 'initdb')))
}

/**
 * Makes a cluster in a temporary folder and starts it on a spare loopback port. PostgreSQL refuses root, so under
 * root it runs as `postgres` or `nobody`. Flushing is off: these tests end our program, not the server's machine.
 * @returns undefined when there are no binaries
 */
export async function startPostgres(
  options: { folder?: string; settings?: Readonly<Record<string, string>> } = {},
): Promise<TestPostgres | undefined> {
  const bin = findPostgres()
  if (bin === undefined) return undefined
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'remembrancer-pg-'))
  const user = unprivileged()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['--encoding=UTF8', '--locale=C', '--auth=trust', '--no-sync', '-U', 'postgres', '-D', data],
    { ...user, cwd: folder, stdio: 'ignore' },
  )
  const port = await sparePort()
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const settings = { fsync: 'off', max_connections: '200', shared_buffers: '64MB', ...options.settings }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = spawn(
      join(bin ?? '', 'postgres'),
      ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...args],
      { ...user, cwd: folder, stdio: 'ignore' },
    )
    await answering(url)
  }
  async function end(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await ended
  }
  await start()
  return {
    url,
    port,
    start,
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const uid = Number(execFileSync('id', ['-u', name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      const gid = Number(execFileSync('id', ['-g', name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid, gid }
    } catch {
      // No such user here: try the next.
    }
  }
  return undefined
}

async function sparePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No spare port')
  return address.port
}

async function answering(url: string): Promise<void> {
  const limit = Date.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('SELECT 1')
      await client.end()
      return
    } catch (error) {
      await client.end().catch(() => undefined)
      if (Date.now() > limit) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

// Run by itself it prints the address and stays until it is told to end.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startPostgres()
  if (!server) {
    console.error('No PostgreSQL binaries found.')
    process.exit(2)
  }
  console.log(server.url)
  const stop = (): void => void server.stop().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
