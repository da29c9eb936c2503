/**
 * Measures the parts side by side in one run and prints ratios, which hold from machine to machine where numbers do not.
 *   npm run bench [detection|delivery|slack]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPolicy } from '../src/config/index.js'
import { createLogger } from '../src/log.js'
import { openDatabase } from '../src/storage/index.js'
import { createWorld } from '../src/world.js'
import { startPostgres } from '../test/support/postgres.js'
import { benchDelivery } from './bench-delivery.js'
import { benchDetection } from './bench-detection.js'
import { benchSlackIngest } from './bench-slack.js'

const parts = { detection: benchDetection, delivery: benchDelivery, slack: benchSlack } as const
const wanted = process.argv[2]

for (const [name, bench] of Object.entries(parts)) {
  if (wanted !== undefined && wanted !== name) continue
  console.log(`\n${name}`)
  console.table(await bench())
}
process.exit(0)

/** Signed Slack events into the real inbox, durably, with the pipeline working on them; beside a bare Bolt receiver. */
async function benchSlack(): Promise<object[]> {
  const postgres = await startPostgres({ settings: { fsync: 'on' } })
  if (!postgres) console.log('PostgreSQL not found: measured on the embedded database.')
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-bench-'))
  const database = await openDatabase({
    kind: 'official',
    dataDir,
    ...(postgres ? { url: postgres.url } : {}),
  })
  const world = await createWorld({
    kind: 'official',
    database,
    platforms: [],
    policy: readPolicy(undefined),
    dataDir,
    publicUrl: 'http://localhost',
    log: createLogger('error'),
    now: () => new Date(),
    ring: false,
  })
  await world.start()
  try {
    const { barePerSecond, adapterPerSecond, ratio, steady } = await benchSlackIngest({
      accept: (envelopes) => world.inbox.accept(envelopes),
    })
    return [
      { name: 'bare Bolt HTTPReceiver, empty listener', perSecond: Math.round(barePerSecond), ratio: 1 },
      { name: 'verify, commit, acknowledge', perSecond: Math.round(adapterPerSecond), ratio },
      {
        name: `acknowledgement at ${steady.perSecond}/s: p50 ${steady.p50Ms.toFixed(1)} ms, p99 ${steady.p99Ms.toFixed(1)} ms, failed ${steady.failed}`,
      },
    ]
  } finally {
    await world.stop()
    await postgres?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
