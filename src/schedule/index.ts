/**
 * What happens by the clock. node-cron only rings; what must happen once a period is a row claimed by whoever comes
 * first, so that several processes, a missed week, or a process that dies change nothing.
 */
import cron, { type ScheduledTask } from 'node-cron'
import type { Policy } from '../config/index.js'
import { emptyCards, emptyPayloads, type Jobs } from '../delivery/index.js'
import { duePeriods, escalate, postDigest } from '../digests/index.js'
import { isRemembrancerError } from '../errors.js'
import type {
  ChatEvent,
  ChatPlatform,
  ConversationInfo,
  Envelope,
  Logger,
  PlatformName,
} from '../platform/index.js'
import type { Database } from '../storage/index.js'

export interface ScheduleOptions {
  readonly database: Database
  readonly policy: Policy
  readonly platforms: readonly ChatPlatform[]
  readonly jobs: Jobs
  readonly publicUrl: string
  readonly log: Logger
  now(): Date
  accept(envelopes: readonly Envelope[]): Promise<void>
  releaseNudges(): Promise<number>
  backfill(): Promise<void>
  wake(): void
}

export interface Schedule {
  start(): void
  stop(): Promise<void>
  /** Does all that is due now. */
  ringNow(): Promise<void>
  /** Asks platforms for the roster of groups that have never been checked. */
  checkNewRosters(): Promise<void>
}

const everyFiveSeconds = '*/5 * * * * *'
const everyMinute = '0 * * * * *'
const dayMs = 86_400_000
const retryRosterMs = 10 * 60_000

/** Creates the schedule of a world. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { database, policy, jobs, log, now } = options
  const tasks: ScheduledTask[] = []
  const noRosterUntil = new Map<string, number>()
  let ringing = Promise.resolve()

  function ring(work: () => Promise<void>): Promise<void> {
    ringing = ringing.then(work).catch((error: unknown) => {
      const code = isRemembrancerError(error) ? error.code : 'SCHEDULE_WAITING'
      log.warn(
        { code, name: error instanceof Error ? error.name : 'unknown' },
        'due work failed; it is tried again at the next ring',
      )
    })
    return ringing
  }

  async function often(): Promise<void> {
    await checkNewRosters()
    if ((await options.releaseNudges()) > 0) options.wake()
  }

  async function minutely(): Promise<void> {
    await digests()
    const day = now().toISOString().slice(0, 10)
    await jobs.run('escalation', day, async () => {
      if ((await escalate(database, policy, now(), options.publicUrl)) > 0) options.wake()
    })
    await jobs.run('retention', day, retention)
    await jobs.run('roster', day, checkAllRosters)
    await jobs.run('groups', now().toISOString().slice(0, 13), reconcileGroups)
    await options.backfill()
  }

  async function digests(): Promise<void> {
    const names = options.platforms.map((platform) => platform.name)
    const offices = await database.prisma.privateOffice.findMany({
      where: { platform: { in: names } },
      select: { id: true },
    })
    for (const { id } of offices)
      for (const period of await duePeriods(database, id, now()))
        await jobs.run(`digest:${id}`, period.key, async () => {
          await postDigest(database, id, period, undefined, {
            policy,
            now: now(),
            publicUrl: options.publicUrl,
          })
          options.wake()
        })
  }

  async function retention(): Promise<void> {
    const before = new Date(now().getTime() - policy.retention.rawPayloadDays * dayMs)
    const from = new Date(before.getTime() - 90 * dayMs)
    await emptyPayloads(database, { before, from })
    await emptyCards(database, { before })
    const answered = new Date(now().getTime() - policy.retention.interactionDays * dayMs)
    await database.prisma.answeredInteraction.deleteMany({ where: { at: { lt: answered } } })
    const old = new Date(now().getTime() - 90 * dayMs)
    await database.prisma.jobRun.deleteMany({ where: { status: 'done', finishedAt: { lt: old } } })
    await database.prisma.formDraft.deleteMany({ where: { at: { lt: answered } } })
  }

  async function checkNewRosters(): Promise<void> {
    const rows = await database.prisma.$queryRaw<
      { platform: PlatformName; tenant: string; external_id: string }[]
    >`
      SELECT platform, tenant, external_id FROM chat_group
      WHERE bot_present AND NOT archived AND NOT EXISTS (SELECT 1 FROM roster_check WHERE roster_check.group_id = chat_group.id)
      LIMIT 200`
    for (const row of rows) await checkRoster(row.platform, row.tenant, row.external_id)
  }

  /** Groups the bot was added to, or removed from, while nobody listened: platforms do not tell of these later. */
  async function reconcileGroups(): Promise<void> {
    for (const platform of options.platforms)
      for (const tenant of platform.tenants())
        try {
          for await (const found of platform.conversations(tenant))
            await reconcileGroup(platform.name, tenant, found)
        } catch (error) {
          log.warn(
            { code: isRemembrancerError(error) ? error.code : 'GROUPS_WAITING', platform: platform.name },
            'the list of groups could not be read',
          )
        }
  }

  async function reconcileGroup(
    platform: PlatformName,
    tenant: string,
    found: ConversationInfo,
  ): Promise<void> {
    const known = await database.prisma.group.findUnique({
      where: { platform_tenant_externalId: { platform, tenant, externalId: found.id } },
      select: { botPresent: true, botAt: true },
    })
    const believed = known?.botPresent === true && known.botAt !== null
    if (found.botPresent === believed || (!known && !found.botPresent)) return
    const base = {
      platform,
      tenant,
      conversation: found.id,
      at: now().toISOString(),
      source: 'backfill' as const,
    }
    const details = {
      name: found.name,
      visibility: found.visibility,
      ...(found.team === undefined ? {} : { team: found.team }),
    }
    const event: ChatEvent = found.botPresent
      ? { ...base, kind: 'bot-added', ...details }
      : { ...base, kind: 'bot-removed' }
    await options.accept([{ raw: JSON.stringify(event), events: [event] }])
  }

  async function checkAllRosters(): Promise<void> {
    for (let after = ''; ; ) {
      const page = await database.prisma.group.findMany({
        where: { botPresent: true, archived: false, ...(after === '' ? {} : { id: { gt: after } }) },
        orderBy: { id: 'asc' },
        take: 200,
      })
      for (const group of page)
        await checkRoster(group.platform as PlatformName, group.tenant, group.externalId)
      const last = page.at(-1)
      if (!last) return
      after = last.id
    }
  }

  async function checkRoster(name: PlatformName, tenant: string, conversation: string): Promise<void> {
    const platform = options.platforms.find((each) => each.name === name)
    const key = `${name}|${tenant}|${conversation}`
    if (!platform || (noRosterUntil.get(key) ?? 0) > Date.now()) return
    try {
      const envelope = await platform.roster(tenant, conversation)
      if (envelope) return await options.accept([envelope])
    } catch (error) {
      log.warn(
        { code: isRemembrancerError(error) ? error.code : 'ROSTER_WAITING', platform: name },
        'a roster could not be read',
      )
    }
    noRosterUntil.set(key, Date.now() + retryRosterMs)
  }

  return {
    start() {
      const settings = { noOverlap: true }
      tasks.push(cron.schedule(everyFiveSeconds, () => ring(often), settings))
      tasks.push(cron.schedule(everyMinute, () => ring(minutely), settings))
      void ring(reconcileGroups)
      void ring(often)
      void ring(minutely)
    },
    async stop() {
      for (const task of tasks.splice(0)) await task.destroy()
      await ringing
    },
    ringNow: () =>
      ring(async () => {
        await often()
        await minutely()
      }),
    checkNewRosters,
  }
}
