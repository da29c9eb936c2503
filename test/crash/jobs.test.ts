import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/index.js'
import { createRandom, seedOf } from '../ledger/random.js'
import { createServerDatabase } from '../support/database.js'

const program = fileURLToPath(new URL('./jobs-program.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const periods = 200
const mostKills = process.env.CI ? 40 : 10

test.runIf(process.env.TEST_DATABASE_URL)(
  'five processes, killed at random, do the work of each of 200 periods once',
  async () => {
    const seed = seedOf('CRASH_SEED')
    const random = createRandom(seed)
    const fresh = await createServerDatabase(process.env.TEST_DATABASE_URL ?? '')
    const database = await openDatabase({ kind: 'sandbox', url: fresh.url, poolSize: 2 })
    const living = new Set<ChildProcess>()
    let finished = 0
    let kills = 0
    const begin = (): void => {
      const child = spawn(process.execPath, ['--import', 'tsx', program], {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, NODE_OPTIONS: '', CRASH_URL: fresh.url, CRASH_PERIODS: String(periods) },
      })
      living.add(child)
      child.once('exit', (code) => {
        living.delete(child)
        if (code === 0) finished += 1
      })
    }
    try {
      await database.prisma.$executeRaw`CREATE TABLE crash_effect (key text NOT NULL, attempt text NOT NULL)`
      while (finished === 0 || living.size > 0) {
        if (finished === 0) while (living.size < 5) begin()
        await new Promise((resolve) => setTimeout(resolve, 100 + random.below(700)))
        const victim = [...living][random.below(5)]
        if (finished > 0 || kills >= mostKills || !victim || (await done(database)) === 0) continue
        victim.kill('SIGKILL')
        kills += 1
      }
      const rows = await database.prisma.$queryRaw<{ key: string }[]>`SELECT key FROM crash_effect`
      expect(rows, `seed ${seed}`).toHaveLength(periods)
      expect(new Set(rows.map((row) => row.key)).size).toBe(periods)
      expect(await done(database)).toBe(periods)
      expect(kills).toBeGreaterThan(0)
    } finally {
      for (const child of living) child.kill('SIGKILL')
      await database.close()
      await fresh.drop()
    }
  },
  180_000,
)

async function done(database: Awaited<ReturnType<typeof openDatabase>>): Promise<number> {
  return await database.prisma.jobRun.count({ where: { status: 'done' } })
}
