import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from '../../src/storage/index.js'

const holder = fileURLToPath(new URL('./hold-folder.ts', import.meta.url))

describe('the lock of a data folder', () => {
  let folder = ''
  let children: ChildProcess[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remembrancer-lock-'))
  })
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    children = []
    rmSync(folder, { recursive: true, force: true })
  })

  /** A process of its own that takes the folder; resolves with what it says. */
  async function other(): Promise<{ child: ChildProcess; says: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', holder, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const says = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
    )
    return { child, says }
  }
  const owner = (more: object = {}): string =>
    JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'another', ...more })
  const taken = async (): Promise<string> => {
    try {
      const lock = await lockFolder(folder)
      lock.release()
      return 'free'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  test('refuses a second process, in words', async () => {
    const lock = await lockFolder(folder)
    expect((await other()).says).toMatch(/^DATA_DIR_IN_USE: .*Stop the other process/)
    lock.release()
  })

  test('refuses the same process a second time', async () => {
    const lock = await lockFolder(folder)
    expect(await taken()).toBe('DATA_DIR_IN_USE')
    lock.release()
  })

  test('is free again after release, and leaves nothing behind', async () => {
    const lock = await lockFolder(folder)
    lock.release()
    expect(readdirSync(folder)).toEqual([])
    expect(await taken()).toBe('free')
  })

  test('is gone with a process that is killed', async () => {
    const { child, says } = await other()
    expect(says).toBe('held')
    expect(await taken()).toBe('DATA_DIR_IN_USE')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    expect(existsSync(join(folder, 'lock'))).toBe(true)
    expect(await taken()).toBe('free')
  })

  test('passes over a stale file, of a process that is no more or that nobody can read', async () => {
    for (const stale of [owner({ pid: 2 ** 22 + 1 }), owner(), '', 'half a li', '{"pid":"x"}']) {
      writeFileSync(join(folder, 'lock'), stale)
      expect(await taken()).toBe('free')
    }
  })

  test('respects a file that a process on another machine keeps fresh, and passes over one it let go stale', async () => {
    writeFileSync(join(folder, 'lock'), owner({ host: 'elsewhere' }))
    expect(await taken()).toBe('DATA_DIR_IN_USE')
    const minuteAgo = new Date(Date.now() - 60_000)
    utimesSync(join(folder, 'lock'), minuteAgo, minuteAgo)
    expect(await taken()).toBe('free')
  })

  test('is one lock however the folder is written', async () => {
    const lock = await lockFolder(join(folder, '.', 'x', '..')).catch(() => lockFolder(`${folder}/./`))
    expect(await taken()).toBe('DATA_DIR_IN_USE')
    lock.release()
  })
})
