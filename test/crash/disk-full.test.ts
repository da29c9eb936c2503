import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../delivery/fakes.js'
import { createRandom } from '../ledger/random.js'
import { createFeed, type Model, settle, startProgram } from './harness.js'
import { compareWithModel } from './model.js'
import type { FromProgram } from './protocol.js'

/** A small file system of our own; only root may mount one. */
function mountSmall(folder: string, megabytes: number): boolean {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return false
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status === 0
}

test('a full disk: what is not committed is not acknowledged, and all converges once there is room', async ({
  skip,
}) => {
  const mount = mkdtempSync(join(tmpdir(), 'remembrancer-full-'))
  if (!mountSmall(mount, 160)) {
    rmSync(mount, { recursive: true })
    skip('needs root, to mount a small file system')
    return
  }
  const platformFolder = mkdtempSync(join(tmpdir(), 'remembrancer-full-platform-'))
  const place = { folder: join(mount, 'data'), platformFolder }
  mkdirSync(place.folder)
  const model: Model = { owed: new Set(), periods: 0 }
  const feed = createFeed(model, createRandom(1))
  try {
    const child = startProgram(place, model)
    let ready = false
    child.on('message', (message: FromProgram) => {
      if (message.type === 'ready') ready = true
      if (message.type === 'accepted') feed.acknowledged(message.call)
    })
    await until(() => ready, 60_000)
    for (let n = 0; n < 20; n++) feed.send(child, [feed.nextNumber()])
    await until(() => feed.waiting() === 0, 20_000)

    const { bavail, bsize } = statfsSync(mount)
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 256 * 1024)))
    for (let n = 0; n < 100; n++)
      feed.send(child, [feed.nextNumber()], randomBytes(40_000).toString('base64'))
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(feed.waiting()).toBeGreaterThan(0)

    rmSync(join(mount, 'ballast'))
    // It may have stayed up or ended; a sudden end is the harder case.
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended
    await settle(startProgram(place, model), feed)
    const report = await compareWithModel(model, place)
    expect(report.problems).toEqual([])
    expect(report.events).toBe(120)
  } finally {
    spawnSync('umount', ['-l', mount])
    for (const left of [mount, platformFolder]) rmSync(left, { recursive: true, force: true })
  }
}, 240_000)
