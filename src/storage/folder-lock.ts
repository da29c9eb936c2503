import { randomUUID } from 'node:crypto'
import {
  closeSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'

const owner = z.object({ pid: z.number(), host: z.string(), nonce: z.string() })
const freshMs = 30_000

/** An exclusive hold on a data folder. */
export interface FolderLock {
  release(): void
}

/**
 * Takes a data folder for this process alone: two processes on one embedded database silently lose each other's
 * rows. On Linux the kernel holds the lock (an abstract socket named after the folder, gone with the process, so
 * nothing is left after `kill -9`); a lock file beside it serves other systems and processes in other containers.
 * @throws RemembrancerError DATA_DIR_IN_USE
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = realpathSync(folder)
  const inUse = (): RemembrancerError =>
    new RemembrancerError('DATA_DIR_IN_USE', `Another process is using the data folder ${folder}.`)
  const kernel = process.platform === 'linux' ? await kernelLock(path) : undefined
  if (kernel === 'taken') throw inUse()
  const file = join(path, 'lock')
  const nonce = randomUUID()
  if (!takeFile(file, nonce, kernel !== undefined)) {
    kernel?.close()
    throw inUse()
  }
  const touch = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date())
    } catch {
      // The folder may be gone in tests; the kernel lock still holds.
    }
  }, freshMs / 3)
  touch.unref()
  return {
    release() {
      clearInterval(touch)
      if (readOwner(file)?.nonce === nonce) rmSync(file, { force: true })
      kernel?.close()
    },
  }
}

async function kernelLock(path: string): Promise<Server | 'taken'> {
  const { dev, ino } = statSync(path)
  const server = createServer((socket) => socket.destroy())
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve('taken') : reject(error),
    )
    server.listen(`\0remembrancer-${dev}-${ino}`, () => {
      server.unref()
      resolve(server)
    })
  })
}

function takeFile(file: string, nonce: string, kernelHeld: boolean): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, JSON.stringify({ pid: process.pid, host: hostname(), nonce }))
      closeSync(handle)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = readOwner(file)
    if (holder && isAlive(holder, file, kernelHeld)) return false
    // Stale: move it away under a name of our own, so that two takers cannot both delete the other's new lock.
    const aside = `${file}.${nonce}`
    try {
      renameSync(file, aside)
      const moved = readOwner(aside)
      rmSync(aside, { force: true })
      if (moved && holder && moved.nonce !== holder.nonce) return false
    } catch {
      // Another taker moved it first: look again.
    }
  }
  return false
}

function isAlive(holder: z.infer<typeof owner>, file: string, kernelHeld: boolean): boolean {
  if (holder.host !== hostname()) return Date.now() - statSync(file).mtimeMs < freshMs
  // On the same host the kernel has already said that nobody else holds the folder.
  if (kernelHeld || holder.pid === process.pid) return false
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readOwner(file: string): z.infer<typeof owner> | undefined {
  try {
    return owner.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
