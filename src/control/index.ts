/**
 * The control socket: the embedded database belongs to one process, so while the program runs, commands that need
 * the database hand their work to it through a socket in its data folder instead of failing on the lock.
 */

import { createHash } from 'node:crypto'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'

const request = z.object({
  command: z.string().max(40),
  args: z.array(z.string().max(4096)).max(40),
  cwd: z.string().max(4096),
  columns: z.number().int().optional(),
  tty: z.boolean().optional(),
})
/** A command handed over. */
export type ControlRequest = z.infer<typeof request>

const answer = z.union([
  z.object({ out: z.string() }),
  z.object({ err: z.string() }),
  z.object({ exit: z.number().int() }),
])

/** What a handed-over command writes to. */
export interface ControlOutput {
  out(text: string): void
  err(text: string): void
}

// Socket paths are limited to about 100 bytes: a deep data folder gets one in the temporary folder instead.
function socketPath(dataDir: string): string {
  const inside = join(resolve(dataDir), 'control.sock')
  if (process.platform === 'win32') return `\\\\.\\pipe\\remembrancer-${digest(resolve(dataDir))}`
  return Buffer.byteLength(inside) < 100
    ? inside
    : join(tmpdir(), `remembrancer-${digest(resolve(dataDir))}.sock`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/** Answers commands handed over by the command line of the same user. */
export async function listenForCommands(
  dataDir: string,
  handle: (request: ControlRequest, output: ControlOutput) => Promise<number>,
): Promise<{ close(): Promise<void> }> {
  const path = socketPath(dataDir)
  if (process.platform !== 'win32') rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).once('line', (line) => void serve(socket, line, handle))
  })
  const mask = process.umask(0o077)
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(path, () => done())
  }).finally(() => process.umask(mask))
  if (process.platform !== 'win32') chmodSync(path, 0o600)
  return {
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
      rmSync(path, { force: true })
    },
  }
}

async function serve(
  socket: Socket,
  line: string,
  handle: (request: ControlRequest, output: ControlOutput) => Promise<number>,
): Promise<void> {
  const write = (message: z.infer<typeof answer>): void => void socket.write(`${JSON.stringify(message)}\n`)
  let exit = 2
  try {
    exit = await handle(request.parse(JSON.parse(line)), {
      out: (out) => write({ out }),
      err: (err) => write({ err }),
    })
  } catch (error) {
    write({
      err: `${error instanceof RemembrancerError ? error.line() : 'The command failed in the running program.'}\n`,
    })
    // The same exit status as a command that finds no running program.
    exit = error instanceof RemembrancerError ? (error.code === 'USAGE' ? 2 : 1) : 70
  }
  write({ exit })
  socket.end()
}

/**
 * Hands a command to the program that runs on this data folder.
 * @returns its exit status, or undefined when no program runs there
 */
export async function handOver(
  dataDir: string,
  command: ControlRequest,
  output: ControlOutput,
): Promise<number | undefined> {
  const path = socketPath(dataDir)
  if (process.platform !== 'win32' && !existsSync(path)) return undefined
  const socket = createConnection(path)
  const connected = await new Promise<boolean>((done) => {
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
  if (!connected) return undefined
  socket.on('error', () => socket.destroy())
  socket.write(`${JSON.stringify(command)}\n`)
  let exit: number | undefined
  for await (const line of createInterface({ input: socket })) {
    const message = answer.parse(JSON.parse(line))
    if ('out' in message) output.out(message.out)
    else if ('err' in message) output.err(message.err)
    else exit = message.exit
  }
  if (exit === undefined)
    throw new RemembrancerError('NOT_RUNNING', 'The running program stopped before the command was done.')
  return exit
}
