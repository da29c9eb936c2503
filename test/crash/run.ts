/*
 * node --import tsx test/crash/run.ts [--kills 2000] [--engine embedded|postgresql] [--seed 1]
 *
 * The crash harness by itself, for long runs. PostgreSQL is that of TEST_DATABASE_URL, or one of its own.
 */
import { parseArgs } from 'node:util'
import { createServerDatabase } from '../support/database.js'
import { startPostgres } from '../support/postgres.js'
import { crashRun } from './harness.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    engine: { type: 'string', default: 'postgresql' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const server =
  values.engine === 'embedded' || process.env.TEST_DATABASE_URL ? undefined : await startPostgres()
const address = process.env.TEST_DATABASE_URL ?? server?.url
const fresh = values.engine !== 'embedded' && address ? await createServerDatabase(address) : undefined
console.log(`seed ${values.seed}`)
try {
  const report = await crashRun({
    kills: Number(values.kills),
    seed: Number(values.seed),
    progress: (line) => console.log(line),
    ...(fresh ? { url: fresh.url } : {}),
  })
  console.log(JSON.stringify(report, null, 2))
  process.exitCode = report.problems.length === 0 ? 0 : 1
} finally {
  await fresh?.drop()
  await server?.stop()
}
