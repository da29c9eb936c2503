/**
 * Measures the parts side by side in one run and prints ratios, which hold from machine to machine where numbers do not.
 *   npm run bench [detection|delivery|slack]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Policy, readPolicy } from '../src/config/index.js'
import { ensurePrivateOffice, register, resolveGroup } from '../src/groups/index.js'
import { createLogger } from '../src/log.js'
import { resolvePeople } from '../src/people/index.js'
import { type Database, openDatabase } from '../src/storage/index.js'
import { createWorld } from '../src/world.js'
import { startPostgres } from '../test/support/postgres.js'
import { benchDelivery } from './bench-delivery.js'
import { benchDetection } from './bench-detection.js'
import { benchChannels, benchPeople, benchSlackIngest, benchTenant, slackTargets } from './bench-slack.js'

const parts = { detection: benchDetection, delivery: benchDelivery, slack: benchSlack } as const
const wanted = process.argv[2]
const verdicts: Verdict[] = []

for (const [name, bench] of Object.entries(parts)) {
  if (wanted !== undefined && wanted !== name) continue
  console.log(`\n${name}`)
  console.table(await bench())
}
for (const { text, reached } of verdicts) console.log(`${reached ? 'reached' : 'NOT REACHED'}: ${text}`)
process.exit(verdicts.every(({ reached }) => reached) ? 0 : 1)

/**
 * Signed Slack events into the real inbox, durably, while the pipeline captures them, follows discussions and detects;
 * beside a bare Bolt receiver. Says whether the targets are reached, and ends with 1 when not.
 */
async function benchSlack(): Promise<object[]> {
  const postgres = await startPostgres({ settings: { fsync: 'on' } })
  if (!postgres) console.log('PostgreSQL not found: measured on the embedded database.')
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-bench-'))
  const database = await openDatabase({
    kind: 'official',
    dataDir,
    ...(postgres ? { url: postgres.url } : {}),
  })
  const policy = readPolicy(undefined)
  const world = await createWorld({
    kind: 'official',
    database,
    platforms: [],
    policy,
    dataDir,
    publicUrl: 'http://localhost',
    log: createLogger('error'),
    now: () => new Date(),
    ring: false,
  })
  await world.start()
  try {
    await registerBenchChannels(database, policy)
    const done: Record<'begins' | 'ended', PipelineCounts | undefined> = {
      begins: undefined,
      ended: undefined,
    }
    const measured = await benchSlackIngest({
      accept: (envelopes) => world.inbox.accept(envelopes),
      steadySeconds: 15,
      onSteady: async (when) => {
        done[when] = await pipelineCounts(database)
      },
    })
    const { barePerSecond, adapterPerSecond, ratio, steady } = measured
    console.log(
      `While acknowledgements were timed at ${steady.perSecond}/s: ${pipelineWork(done.begins, done.ended)}`,
    )
    verdicts.push(
      verdict(
        `${Math.round(ratio * 100)} % of bare Bolt (wanted: ${slackTargets.ratio * 100} % or more)`,
        ratio >= slackTargets.ratio,
      ),
      verdict(
        `p99 ${steady.p99Ms.toFixed(1)} ms, ${steady.failed} failed (wanted: under ${slackTargets.p99Ms} ms, none)`,
        steady.p99Ms < slackTargets.p99Ms && steady.failed === 0,
      ),
      verdict(
        'capture and detection worked meanwhile',
        (done.ended?.signals ?? 0) > 0 && (done.ended?.messages ?? 0) > (done.begins?.messages ?? 0),
      ),
    )
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

interface Verdict {
  readonly text: string
  readonly reached: boolean
}

function verdict(text: string, reached: boolean): Verdict {
  return { text, reached }
}

/** The channels are official groups, so that what is said in them is kept, followed and read. */
async function registerBenchChannels(database: Database, policy: Policy): Promise<void> {
  const now = new Date()
  const scope = { platform: 'slack' as const, tenant: benchTenant }
  await database.transaction(async (tx) => {
    const refs = benchPeople.map((id) => ({ ref: { id, name: `Official ${id}` }, at: now }))
    const administrator = (await resolvePeople(tx, scope, refs)).values().next().value
    if (administrator === undefined) throw new Error('Nobody to administer the channels')
    const privateOffice = await ensurePrivateOffice(
      tx,
      { ...scope, name: 'Private office', official: 'The Secretary of State', room: 'C-office' },
      policy,
      now,
    )
    for (const externalId of benchChannels) {
      const { group } = await resolveGroup(tx, { ...scope, externalId }, now)
      const values = {
        purpose: 'Flood response',
        businessNeed: 'Minutes matter',
        administrators: [administrator],
        privateOffice,
        recordsOfficer: undefined,
        reviewDate: new Date(now.getTime() + 90 * 86_400_000).toISOString().slice(0, 10),
        dryRun: false,
      }
      await register(tx, group, values, administrator, policy, now)
    }
  })
}

interface PipelineCounts {
  readonly messages: number
  readonly signals: number
  readonly waiting: number
}

async function pipelineCounts({ prisma }: Database): Promise<PipelineCounts> {
  const [messages, signals, waiting] = await Promise.all([
    prisma.message.count(),
    prisma.signal.count(),
    prisma.inboxEvent.count({ where: { status: 'pending' } }),
  ])
  return { messages, signals, waiting }
}

function pipelineWork(before: PipelineCounts | undefined, after: PipelineCounts | undefined): string {
  if (before === undefined || after === undefined) return 'nothing was counted.'
  return `${after.messages - before.messages} messages kept, ${after.signals - before.signals} signals seen, ${before.waiting} events waiting at the beginning and ${after.waiting} at the end.`
}
