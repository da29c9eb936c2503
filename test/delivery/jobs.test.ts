import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createJobs, type Jobs } from '../../src/delivery/index.js'
import { describeEachDatabase } from '../support/database.js'
import { createFakeClock } from './fakes.js'

describeEachDatabase('jobs', (each) => {
  let clock = createFakeClock()
  beforeEach(async () => {
    await each.empty()
    clock = createFakeClock()
  })
  const jobs = (processId: string = randomUUID()): Jobs =>
    createJobs(each.database(), { now: clock.now, processId, leaseMs: 60_000 })
  const left = async (period: string, by: string = randomUUID()): Promise<void> => {
    const at = clock.now()
    await each.database().prisma.jobRun.create({
      data: {
        job: 'digest',
        period,
        status: 'running',
        claimedBy: by,
        claimedAt: at,
        leaseUntil: new Date(at.getTime() + 60_000),
      },
    })
  }

  test('the work of a period is done once, however often it rings', async () => {
    let worked = 0
    const work = async (): Promise<void> => {
      worked += 1
    }
    expect(await jobs().run('digest', '2026-W44', work)).toBe('done')
    expect(await jobs().run('digest', '2026-W44', work)).toBe('already')
    expect(await jobs().run('digest', '2026-W45', work)).toBe('done')
    expect(worked).toBe(2)
  })

  test('many rings at once are one run', async () => {
    let worked = 0
    const all = [jobs(), jobs(), jobs()]
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, (_, n) =>
        all[each.engine === 'embedded' ? 0 : n % 3]?.run('digest', 'p', async () => {
          await new Promise((resolve) => setTimeout(resolve, 30))
          worked += 1
        }),
      ),
    )
    expect(worked).toBe(1)
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
  })

  test('work that fails is written down and tried again at the next ring', async () => {
    const one = jobs()
    const failing = one.run('digest', 'p', async () => {
      throw new TypeError('secret words')
    })
    await expect(failing).rejects.toThrow(TypeError)
    const row = await each.database().prisma.jobRun.findFirstOrThrow()
    expect(row).toMatchObject({ status: 'failed', error: expect.stringMatching(/^TypeError/) })
    expect(row.error).not.toContain('secret')
    const attempts: number[] = []
    expect(await one.run('digest', 'p', async (claim) => void attempts.push(claim.attempt))).toBe('done')
    expect(attempts).toEqual([2])
  })

  test('a period whose process died is taken over when its lease has ended', async () => {
    await left('p')
    const one = jobs()
    if (each.engine === 'postgresql') {
      expect(await one.run('digest', 'p', async () => undefined)).toBe('busy')
      clock.advance(60_000)
    }
    expect(await one.run('digest', 'p', async () => undefined)).toBe('done')
  })

  test('a clock set back by an hour does not keep a dead process’s period', async () => {
    await left('p')
    clock.advance(-3_600_000)
    expect(await jobs().run('digest', 'p', async () => undefined)).toBe('done')
  })

  test('effects and mark can be one transaction', async () => {
    const one = jobs()
    const database = each.database()
    const effect = { groupId: randomUUID(), personId: randomUUID(), at: clock.now() }
    const work = (fail: boolean) =>
      one.run('digest', 'p', (claim) =>
        database.transaction(async (tx) => {
          await tx.mute.create({ data: effect })
          await claim.complete(tx)
          if (fail) throw new Error('after the mark')
        }),
      )
    await expect(work(true)).rejects.toThrow()
    expect(await database.prisma.mute.count()).toBe(0)
    expect(await work(false)).toBe('done')
    expect(await database.prisma.mute.count()).toBe(1)
  })

  test('a process that was taken over cannot complete any more', async () => {
    const database = each.database()
    const run = jobs().run('digest', 'p', async (claim) => {
      await database.prisma.jobRun.updateMany({ data: { claimedBy: randomUUID(), attempts: 9 } })
      await database.transaction((tx) => claim.complete(tx))
    })
    await expect(run).rejects.toThrow(/taken this period over/)
    expect((await database.prisma.jobRun.findFirstOrThrow()).status).toBe('running')
  })

  test('what downtime left over is caught up, in order', async () => {
    const one = jobs()
    await one.run('digest', 'W45', async () => undefined)
    const worked: string[] = []
    const outcomes = await one.catchUp('digest', ['W44', 'W45', 'W46'], async (period) => {
      worked.push(period)
    })
    expect(worked).toEqual(['W44', 'W46'])
    expect([...outcomes.values()]).toEqual(['done', 'done'])
    expect(await one.missed('digest', ['W44', 'W45', 'W46'])).toEqual([])
  })
})
