import { expect, test } from 'vitest'
import { seedOf } from '../ledger/random.js'
import { createServerDatabase, engines } from '../support/database.js'
import { crashRun } from './harness.js'

/*
 * A few deaths with every run of the tests, many in CI, as many as asked for with CRASH_KILLS or
 * `node --import tsx test/crash/run.ts --kills 2000`. CRASH_SEED replays a run.
 */
const full = { embedded: 40, postgresql: 100 }

for (const engine of engines()) {
  const kills = Number(process.env.CRASH_KILLS ?? (process.env.CI ? full[engine] : 6))
  test(
    `${kills} sudden deaths lose nothing and double nothing (${engine})`,
    async () => {
      const seed = seedOf('CRASH_SEED')
      console.log(`crash harness, ${engine}: CRASH_SEED=${seed}`)
      const server = process.env.TEST_DATABASE_URL
      const fresh = engine === 'postgresql' && server ? await createServerDatabase(server) : undefined
      try {
        const report = await crashRun({ kills, seed, ...(fresh ? { url: fresh.url } : {}) })
        expect(report.problems, `seed ${seed}`).toEqual([])
        expect(report.events).toBeGreaterThan(0)
      } finally {
        await fresh?.drop()
      }
    },
    120_000 + kills * 15_000,
  )
}
