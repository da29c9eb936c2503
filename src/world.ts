/**
 * One world: a database, the platforms that feed it, and everything that turns in between. Official records and the
 * sandbox's fiction are two worlds that share nothing.
 */
import { createHash, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Policy } from './config/index.js'
import { loadDraft, openedOnPage, setAside } from './decisions/index.js'
import {
  backfillGaps,
  createHeartbeat,
  createInbox,
  createJobs,
  createLaneRunner,
  createOutbox,
  type Inbox,
  recordGap,
} from './delivery/index.js'
import { postDigest, refreshDigests } from './digests/index.js'
import { isRemembrancerError, RemembrancerError } from './errors.js'
import { groupById, tellOfUndelivered } from './groups/index.js'
import {
  answerInteraction,
  type InteractionWorld,
  joinOnceRegistered,
  mayRecord,
  mayRegister,
  submitDecision,
  submitRegistration,
} from './interactions/index.js'
import { append, createSequencer, currentCheckpoint, openSigner, type Signer } from './ledger/index.js'
import { closeNudges, releaseNudges } from './nudges/index.js'
import { createPipeline } from './pipeline.js'
import type {
  ChatPlatform,
  FormValues,
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
  /** Real time; tests give their own. */
  now(): Date
  random?(): number
  /** False: nothing rings by itself (tests ring by hand). */
  readonly ring?: boolean
}

/** A running world. */
export interface World {
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
  sendDigestNow(officeId: string, by: string | undefined): Promise<string>
  submitDecision(
    draftId: string,
    personId: string,
  ): Promise<{ reference: string; id: string } | { errors: Record<string, string> }>
  submitRegistration(
    groupId: string,
    values: FormValues,
    personId: string,
  ): Promise<{ errors?: Record<string, string> }>
  setAside(signalId: string, personId: string): Promise<void>
  ledgerSummary(): Promise<{ entries: number; checkpoint?: { seq: string; at: Date; hash: string } }>
}

const hourMs = 3_600_000

/**
 * Puts a world together; nothing runs before `start`.
 * @throws RemembrancerError LEDGER_KEY_UNUSABLE
 */
export async function createWorld(options: WorldOptions): Promise<World> {
  const { database, policy, log, publicUrl } = options
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
    apply: createPipeline({ policy, now, publicUrl }),
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
    tenants: served,
    log,
    onGaps: () => void backfill(),
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
        void backfill().catch(() => undefined)
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
              await database.prisma.installation.update({
                where: { id: 1 },
                data: { clockOffsetMs: BigInt(clockOffset) },
              })
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

    async sendDigestNow(officeId, by) {
      const id = await postDigest(database, officeId, undefined, by, { policy, now: now(), publicUrl })
      wake()
      return id
    },

    async submitDecision(draftId, personId) {
      const result = await database.transaction(async (tx) => {
        const draft = await loadDraft(tx, draftId, openedOnPage)
        const group = draft ? await groupById(tx, draft.groupId) : undefined
        if (!draft || !group) throw new RemembrancerError('NOT_FOUND', 'This form is no longer open.')
        if (await mayRecord(tx, group, personId))
          return { errors: { recordedBy: 'Choose someone who may record decisions of this group' } }
        const timeZone = group.registration?.privateOffice.timeZone ?? policy.digest.timeZone
        return await submitDecision(tx, interactions, {
          draft,
          group,
          personId,
          now: now(),
          settings: { timeZone, maxChoices: 100 },
        })
      })
      wake()
      return result
    },

    async submitRegistration(groupId, values, personId) {
      const result = await database.transaction(async (tx) => {
        const group = await groupById(tx, groupId)
        if (!group) throw new RemembrancerError('NOT_FOUND', 'There is no such group.')
        if (await mayRegister(tx, group, personId))
          return {
            errors: {
              registeredBy: 'Only members may register a group, and only its administrators may change that',
            },
          }
        return await submitRegistration(tx, interactions, group, values, personId, now())
      })
      wake()
      if (!result.errors)
        await joinOnceRegistered(interactions, groupId).catch((error: unknown) =>
          log.warn(
            { code: isRemembrancerError(error) ? error.code : 'unknown' },
            'a registered group could not be joined',
          ),
        )
      return result
    },

    async setAside(signalId, personId) {
      await database.transaction(async (tx) => {
        const signal = await tx.signal.findUnique({ where: { id: signalId } })
        const group = signal ? await groupById(tx, signal.groupId) : undefined
        if (!signal || !group)
          throw new RemembrancerError('NOT_FOUND', 'There is no such unrecorded decision.')
        if (signal.state !== 'open') return
        await closeNudges(
          tx,
          await setAside(tx, signalId, 'not-a-decision', personId, now()),
          group,
          'not-a-decision',
          now(),
        )
        await refreshDigests(tx, signalId, publicUrl, now())
      })
      wake()
    },

    async ledgerSummary() {
      const newest = await database.prisma.ledgerEntry.findFirst({
        orderBy: { seq: 'desc' },
        select: { seq: true },
      })
      const checkpoint = await currentCheckpoint(database)
      return {
        entries: Number(newest?.seq ?? 0),
        ...(checkpoint
          ? {
              checkpoint: { seq: String(checkpoint.seq), at: new Date(checkpoint.at), hash: checkpoint.hash },
            }
          : {}),
      }
    },
  }
}

async function storedClockOffset(database: Database): Promise<number> {
  const row = await database.prisma.installation.findUnique({ where: { id: 1 } })
  return Number(row?.clockOffsetMs ?? 0)
}

/** The first start, and every change of policy, is written down. */
async function noteInstallation(
  database: Database,
  kind: InstallationKind,
  policy: Policy,
  at: Date,
): Promise<void> {
  const hash = createHash('sha256')
    .update(canonicalize(policy) ?? '')
    .digest('hex')
  await database.transaction(async (tx) => {
    const last = await tx.policyVersion.findFirst({ orderBy: { at: 'desc' } })
    if (last?.hash === hash) return
    if (!last) await append(tx, { kind: 'installation-created', installation: kind, at: at.toISOString() })
    const { count } = await tx.policyVersion.createMany({
      data: [{ hash, content: JSON.parse(JSON.stringify(policy)), at }],
      skipDuplicates: true,
    })
    if (count === 0) await tx.policyVersion.update({ where: { hash }, data: { at } })
    await append(tx, {
      kind: 'policy-changed',
      policyHash: hash,
      ...(last ? { previous: last.hash } : {}),
      at: at.toISOString(),
    })
  })
}
