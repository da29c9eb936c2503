/*
 * The real delivery and ledger rooms in a process of their own, with an apply() small enough to be compared with a
 * model. The harness feeds it, kills it, and starts it again.
 */
import { randomUUID } from 'node:crypto'
import {
  type Apply,
  backfillGaps,
  createHeartbeat,
  createInbox,
  createJobs,
  createLaneRunner,
  createOutbox,
  enqueuePost,
  enqueueUpdate,
} from '../../src/delivery/index.js'
import { append, createSequencer, openSigner } from '../../src/ledger/index.js'
import type { Logger } from '../../src/platform/index.js'
import { openDatabase } from '../../src/storage/index.js'
import { createFilePlatform } from './file-platform.js'
import {
  causesPost,
  causesUpdate,
  type FromProgram,
  idOf,
  type ProgramSettings,
  type ToProgram,
} from './protocol.js'

const settings = JSON.parse(process.env.CRASH_SETTINGS ?? '{}') as ProgramSettings
const verbose = process.env.CRASH_VERBOSE === '1'
const say = (level: string) => (fields: Record<string, unknown>, message: string) => {
  if (verbose) console.error(process.pid, level, message, JSON.stringify(fields))
}
const log: Logger = { info: say('info'), warn: say('warn'), error: say('error') }
const now = (): Date => new Date()
const tell = (message: FromProgram): void => void process.send?.(message)

const database = await openDatabase({
  kind: 'sandbox',
  ...(settings.url === undefined ? { dataDir: settings.folder } : { url: settings.url, poolSize: 12 }),
})
await database.session((client) =>
  client.query('CREATE TABLE IF NOT EXISTS crash_effect (key text NOT NULL, attempt text NOT NULL)'),
)
const platform = createFilePlatform(settings.platformFolder ?? settings.folder)
const processId = randomUUID()

const apply: Apply = async (tx, events) => {
  for (const { event } of events) {
    if (event.kind !== 'message-posted') continue
    const n = Number(event.message.slice(1))
    const at = now()
    // No unique key here on purpose: a doubled effect must show.
    await tx.$executeRaw`INSERT INTO crash_effect (key, attempt) VALUES (${event.message}, ${processId})`
    await append(tx, {
      kind: 'signal-detected',
      signal: idOf(n),
      group: idOf(0),
      signalKind: 'decision',
      at: at.toISOString(),
    })
    if (!causesPost(n)) continue
    const card = { heading: `Nudge ${n}`, summary: 'Nudge' }
    const target = { kind: 'group', conversation: event.conversation } as const
    const place = { platform: event.platform, tenant: event.tenant, target }
    const replaces = await enqueuePost(tx, { key: `post|${n}`, ...place, card, purpose: 'nudge', at })
    if (!causesUpdate(n)) continue
    const after = { ...card, heading: `Recorded ${n}` }
    await enqueueUpdate(tx, { key: `update|${n}`, replaces, card: after, purpose: 'nudge', at })
  }
}

const lanes = createLaneRunner(database, {
  apply,
  now,
  log,
  maxAttempts: 5,
  batchSize: 20,
  parallel: 3,
  pollMs: 100,
})
const outbox = createOutbox(database, {
  platform: (name) => (name === 'sandbox' ? platform : undefined),
  now,
  random: Math.random,
  log,
  policy: { giveUpAfterMs: 3_600_000, maxBackoffMs: 1_000 },
  onGaveUp: async () => undefined,
  // The platform is a file: what a dead process sent is there at once, or never.
  takeOverAfterMs: 0,
  pollMs: 50,
})
const signer = await openSigner({ dataDir: settings.folder })
const sequencer = createSequencer(database, { now, log, signer, pollMs: 50 })
const inbox = createInbox(database, { now, log, onCommitted: () => lanes.wake() })
const jobs = createJobs(database, { now, processId, leaseMs: 300 })
const heartbeat = createHeartbeat(database, {
  now,
  processId,
  everyMs: 100,
  tenants: () => [{ platform: 'sandbox', tenant: 'local' }],
})

const tick = async (period: number): Promise<string> =>
  await jobs
    .run('tick', String(period), (claim) =>
      database.transaction(async (tx) => {
        await tx.$executeRaw`INSERT INTO crash_effect (key, attempt) VALUES (${`job${period}`}, ${processId})`
        await claim.complete(tx)
      }),
    )
    .catch(() => 'failed')

async function catchUp(until: number): Promise<void> {
  const left = new Set(Array.from({ length: until }, (_, period) => String(period)))
  while (left.size > 0) {
    for (const period of await jobs.missed('tick', [...left])) await tick(Number(period))
    const missed = new Set(await jobs.missed('tick', [...left]))
    for (const period of left) if (!missed.has(period)) left.delete(period)
    if (left.size > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const fill = () =>
  backfillGaps(database, {
    platform: () => platform,
    accept: (envelopes) => inbox.accept(envelopes),
    now,
    log,
  })

let rung = settings.periods
process.on('message', (message: ToProgram) => {
  if (message.type === 'accept') {
    const envelopes = message.events.map((event) => ({ raw: JSON.stringify(event), events: [event] }))
    inbox.accept(envelopes).then(
      () => tell({ type: 'accepted', call: message.call }),
      () => undefined,
    )
  } else if (message.type === 'ring') {
    rung = Math.max(rung, message.period + 1)
    void tick(message.period)
  } else if (message.type === 'settle') void settle()
  else void stop()
})

async function settle(): Promise<void> {
  await heartbeat.stop()
  await fill()
  await catchUp(rung)
  await lanes.idle()
  await outbox.idle()
  await sequencer.settle()
  tell({ type: 'settled' })
}

async function stop(): Promise<void> {
  await lanes.stop()
  await outbox.stop()
  await sequencer.stop()
  await database.close()
  process.exit(0)
}

process.on('disconnect', () => process.exit(1))
await heartbeat.start()
lanes.start()
outbox.start()
sequencer.start()
tell({ type: 'ready' })
await fill()
