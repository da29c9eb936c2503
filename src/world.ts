/**
 * One world: a database, the platforms that feed it, and everything that turns in between. Official records and the
 * sandbox's fiction are two worlds that share nothing.
 */
import { randomUUID } from 'node:crypto'
import type { Policy } from './config/index.js'
import {
  backfillGaps,
  createHeartbeat,
  createInbox,
  createJobs,
  createLaneRunner,
  createOutbox,
  describeFailure,
  failureCode,
  type Inbox,
  recordGap,
} from './delivery/index.js'
import { tellOfUndelivered } from './groups/index.js'
import { noteInstallation, storeClockOffset, storedClockOffset } from './installation.js'
import { answerInteraction, type InteractionWorld } from './interactions/index.js'
import { createSequencer, openSigner, type Signer } from './ledger/index.js'
import { releaseNudges } from './nudges/index.js'
import { createPageActs, type PageActs } from './page-acts.js'
import { createPipeline } from './pipeline.js'
import type {
  ChatPlatform,
  Interaction,
  InteractionReply,
  Logger,
  PlatformHost,
  PlatformName,
} from './platform/index.js'
import { createSchedule } from './schedule/index.js'
import type { Database, InstallationKind } from './storage/index.js'

export interface WorldOptions {
  readonly kind: InstallationKind
  readonly database: Database
  readonly platforms: readonly ChatPlatform[]
  readonly policy: Policy
  /** Folder of this world: keys, adapters' own files. */
  readonly dataDir: string
  readonly publicUrl: string
  readonly log: Logger
  readonly ledgerKeyFile?: string
  /** Code of the language the groups write; English when absent. */
  readonly language?: string
  /** Real time; tests give their own. */
  now(): Date
  random?(): number
  /** False: nothing rings by itself (tests ring by hand). */
  readonly ring?: boolean
}

/** A running world. */
export interface World extends PageActs {
  readonly kind: InstallationKind
  readonly database: Database
  readonly policy: Policy
  readonly publicUrl: string
  readonly platforms: readonly ChatPlatform[]
  readonly inbox: Inbox
  readonly signer: Signer
  now(): Date
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when everything taken in is applied, due nudges are released, posts delivered and the ledger chained. */
  settle(): Promise<void>
  /** Runs every job that is due now, as the schedule would. */
  ringNow(): Promise<void>
  /** Chains what waits and signs the ledger's head. */
  signHead(): Promise<void>
  interact(interaction: Interaction): Promise<InteractionReply>
}

const hourMs = 3_600_000

/**
 * Puts a world together; nothing runs before `start`.
 * @throws RemembrancerError LEDGER_KEY_UNUSABLE
 */
export async function createWorld(options: WorldOptions): Promise<World> {
  const { database, policy, log, publicUrl } = options
  const { language = 'en' } = options
  const processId = randomUUID()
  const signer = await openSigner({
    dataDir: options.dataDir,
    ...(options.ledgerKeyFile ? { keyFile: options.ledgerKeyFile } : {}),
  })
  let clockOffset = options.kind === 'sandbox' ? await storedClockOffset(database) : 0
  const now = (): Date => new Date(options.now().getTime() + clockOffset)
  const byName = new Map(options.platforms.map((platform) => [platform.name, platform]))
  const platform = (name: PlatformName): ChatPlatform | undefined => byName.get(name)

  const lanes = createLaneRunner(database, {
    apply: createPipeline({ policy, now, publicUrl, detect: { language } }),
    now,
    log,
    maxAttempts: policy.delivery.maximumAttempts,
    batchSize: 500,
    parallel: 2,
    isIntakeBusy: () => inbox.waiting() > 4,
  })
  const inbox = createInbox(database, { now, log, onCommitted: wakeLanesSoon })
  // Many commits a second ring once: taking events in comes first, and a lane works better on several at a time.
  let ringing: NodeJS.Timeout | undefined
  function wakeLanesSoon(): void {
    if (ringing) return
    ringing = setTimeout(() => {
      ringing = undefined
      lanes.wake()
    }, 20)
  }
  const sequencer = createSequencer(database, { now, log, signer })
  const outbox = createOutbox(database, {
    platform,
    now,
    log,
    random: options.random ?? Math.random,
    policy: { giveUpAfterMs: policy.delivery.giveUpAfterHours * hourMs, maxBackoffMs: hourMs },
    onGaveUp: (tx, post) => tellOfUndelivered(tx, post, publicUrl, now()),
  })
  const jobs = createJobs(database, { now: options.now, processId, leaseMs: 60_000 })
  const served = () =>
    options.platforms
      .filter((each) => each.name !== 'sandbox')
      .flatMap((each) => each.tenants().map((tenant) => ({ platform: each.name, tenant })))
  const heartbeat = createHeartbeat(database, {
    now: options.now,
    processId,
    everyMs: 10_000,
    byItself: options.ring !== false,
    tenants: served,
    log,
    onGaps: backfillSoon,
  })
  const schedule = createSchedule({
    database,
    policy,
    platforms: options.platforms,
    jobs,
    now,
    publicUrl,
    log,
    accept: (envelopes) => inbox.accept(envelopes),
    releaseNudges: release,
    backfill,
    wake,
  })
  const interactions: InteractionWorld = {
    database,
    policy,
    publicUrl,
    now,
    platform,
    wake,
    accept: (envelopes) => inbox.accept(envelopes),
  }

  function wake(): void {
    lanes.wake()
    outbox.wake()
    sequencer.wake()
  }

  async function release(): Promise<number> {
    return await releaseNudges(database, {
      policy,
      now: now(),
      publicUrl,
      capabilities: (name) => platform(name)?.capabilities,
    })
  }

  async function backfill(): Promise<void> {
    await backfillGaps(database, { platform, accept: (envelopes) => inbox.accept(envelopes), now, log })
  }

  /** Nobody waits for it: what fails is written down here, and tried again at the next ring. */
  function backfillSoon(): void {
    backfill().catch((error: unknown) => {
      const fields = { code: failureCode(error), failure: describeFailure(error) }
      log.warn(fields, 'Gaps could not be looked at; it is tried again')
    })
  }

  async function settle(): Promise<void> {
    // Posts come back as events of their own, and events cause posts: a few turns until nothing is left.
    for (let turn = 0; turn < 4; turn++) {
      await lanes.idle()
      await schedule.checkNewRosters()
      await lanes.idle()
      await release()
      await outbox.idle()
    }
    await sequencer.settle()
  }

  function hostFor(each: ChatPlatform): PlatformHost {
    return {
      accept: (envelopes) =>
        inbox.accept(envelopes, { platform: each.name, tenant: each.tenants()[0] ?? 'unknown' }),
      interact: (interaction) => answerInteraction(interactions, interaction, log),
      async reportGap(gap) {
        await database.transaction((tx) => recordGap(tx, gap, now()))
        backfillSoon()
      },
      now,
      log,
      dataDir: options.dataDir,
      publicUrl,
      settled: settle,
      ...(options.kind === 'sandbox'
        ? {
            async setClock(to: Date) {
              clockOffset = to.getTime() - options.now().getTime()
              await storeClockOffset(database, clockOffset)
              await schedule.ringNow()
            },
          }
        : {}),
    }
  }

  return {
    kind: options.kind,
    database,
    policy,
    publicUrl,
    platforms: options.platforms,
    inbox,
    signer,
    now,
    settle,
    ringNow: () => schedule.ringNow(),
    signHead: () => sequencer.signHead(),
    interact: (interaction) => answerInteraction(interactions, interaction, log),
    ...createPageActs(interactions, log),

    async start() {
      await noteInstallation(database, options.kind, policy, now())
      lanes.start()
      sequencer.start()
      for (const each of options.platforms) await each.start(hostFor(each))
      outbox.start()
      await heartbeat.start()
      await backfill()
      if (options.ring !== false) schedule.start()
    },

    async stop() {
      await schedule.stop()
      await lanes.stop()
      await outbox.stop()
      for (const each of options.platforms) await each.stop()
      await sequencer.stop()
      // A planned stop leaves no unsigned tail; if it cannot be signed now, the next start does.
      await sequencer.signHead().catch(() => undefined)
      await heartbeat.stop()
      await database.close()
    },
  }
}
