/* One of several processes that hear the same bells. It goes through the periods until it is killed or all are done. */
import { randomUUID } from 'node:crypto'
import { createJobs } from '../../src/delivery/index.js'
import { openDatabase } from '../../src/storage/index.js'

const url = process.env.CRASH_URL ?? ''
const periods = Number(process.env.CRASH_PERIODS)
const database = await openDatabase({ kind: 'sandbox', url, poolSize: 4 })
const jobs = createJobs(database, { now: () => new Date(), processId: randomUUID(), leaseMs: 400 })
process.on('disconnect', () => process.exit(1))

for (let left = true; left; ) {
  left = false
  for (let period = 0; period < periods; period++) {
    const outcome = await jobs.run('digest', String(period), async (claim) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
      await database.transaction(async (tx) => {
        // No unique key here on purpose: work done twice must show.
        await tx.$executeRaw`INSERT INTO crash_effect (key, attempt) VALUES (${String(period)}, ${String(claim.attempt)})`
        await claim.complete(tx)
      })
    })
    if (outcome === 'busy') left = true
  }
}
await database.close()
process.exit(0)
