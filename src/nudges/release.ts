import type { Policy } from '../config/index.js'
import type { SignalRow } from '../decisions/index.js'
import { enqueuePost } from '../delivery/index.js'
import { administratorsOf, type GroupRow, groupById } from '../groups/index.js'
import { accountsOf } from '../people/index.js'
import type { Capabilities, PlatformName, PostTarget } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { nudgeCard } from './cards.js'
import { isSureEnough, nudgePolicyFor } from './policies.js'
import { isQuiet, localDay } from './quiet-hours.js'

/** What releasing needs to know of the world. */
export interface ReleaseOptions {
  readonly policy: Policy
  readonly now: Date
  readonly publicUrl: string
  capabilities(platform: PlatformName): Capabilities | undefined
}

type NudgeRow = Awaited<ReturnType<Tx['nudge']['findMany']>>[number]
type Verdict =
  | { readonly post: PostTarget }
  | {
      readonly withhold:
        | 'dry-run'
        | 'budget'
        | 'muted'
        | 'left-the-group'
        | 'not-on-platform'
        | 'in-thread'
        | 'answered'
    }

/**
 * Posts nudges that are due and still true: the signal is open, the person is in the group and has not muted it,
 * budgets allow it, and the group is not in dry run.
 * @returns how many were posted
 */
export async function releaseNudges(database: Database, options: ReleaseOptions): Promise<number> {
  // What fell due before the night and was held up (the program was down) waits for the morning too.
  if (isQuiet(options.now, options.policy.nudges.quietHours)) return 0
  const due = await database.prisma.nudge.findMany({
    where: { outcome: 'waiting', dueAt: { lte: options.now } },
    orderBy: { dueAt: 'asc' },
    take: 200,
    select: { id: true },
  })
  let posted = 0
  for (const { id } of due) {
    const done = await database.transaction((tx) => releaseOne(tx, id, options))
    if (done) posted++
  }
  return posted
}

async function releaseOne(tx: Tx, id: string, options: ReleaseOptions): Promise<boolean> {
  // The conditional update claims the row: another process releasing the same nudge finds nothing.
  const { count } = await tx.nudge.updateMany({
    where: { id, outcome: 'waiting' },
    data: { outcome: 'withheld', why: 'answered' },
  })
  if (count === 0) return false
  const nudge = await tx.nudge.findUniqueOrThrow({ where: { id } })
  const signal = await tx.signal.findUniqueOrThrow({ where: { id: nudge.signalId } })
  const group = await groupById(tx, nudge.groupId)
  if (!group) return false
  const verdict = await judge(tx, nudge, signal, group, options)
  if ('withhold' in verdict) {
    await tx.nudge.update({ where: { id }, data: { why: verdict.withhold } })
    return false
  }
  const shared = verdict.post.kind === 'group'
  const outboxId = await enqueuePost(tx, {
    key: `nudge:${id}`,
    platform: group.platform,
    tenant: group.tenant,
    target: verdict.post,
    card: await nudgeCard(tx, { id, shared }, signal, group, options.publicUrl),
    purpose: 'nudge',
    at: options.now,
  })
  const day = localDay(options.now, options.policy.nudges.quietHours.timeZone)
  await tx.nudge.update({ where: { id }, data: { outcome: 'posted', why: null, outboxId, day, shared } })
  return true
}

async function judge(
  tx: Tx,
  nudge: NudgeRow,
  signal: SignalRow,
  group: GroupRow,
  options: ReleaseOptions,
): Promise<Verdict> {
  const { policy, now } = options
  const limits = policy.nudges
  if (signal.state !== 'open' || !isSureEnough(signal, policy) || !nudgePolicyFor(signal.kind))
    return { withhold: 'answered' }
  if (group.registration?.dryRun) return { withhold: 'dry-run' }
  const muted = await tx.mute.findUnique({
    where: { groupId_personId: { groupId: group.id, personId: nudge.personId } },
  })
  if (muted) return { withhold: 'muted' }
  // Its card quotes messages. Who was never seen to join may still be there: not every platform tells.
  const stays = await tx.membership.findMany({
    where: { groupId: group.id, personId: nudge.personId },
    select: { until: true },
  })
  if (stays.length > 0 && stays.every((stay) => stay.until !== null)) return { withhold: 'left-the-group' }
  const day = localDay(now, limits.quietHours.timeZone)
  const today = await tx.nudge.findMany({
    where: { groupId: group.id, day, outcome: 'posted' },
    select: { signalId: true, shared: true },
  })
  const matters = new Set(today.map((row) => row.signalId))
  const administrators = await administratorsOf(tx, group.id)
  if (!matters.has(signal.id) && matters.size >= limits.perGroupPerDay) return { withhold: 'budget' }
  const ofPerson = await tx.nudge.count({ where: { personId: nudge.personId, day, outcome: 'posted' } })
  if (ofPerson >= limits.perPersonPerDay && !administrators.includes(nudge.personId))
    return { withhold: 'budget' }
  const account = (await accountsOf(tx, group, [nudge.personId])).get(nudge.personId)
  if (account === undefined) return { withhold: 'not-on-platform' }
  const post = placeOf(account, signal, group, options)
  // What stands in the thread is seen by everybody concerned: a second copy would only be noise.
  const stands = post.kind === 'group' && today.some((row) => row.signalId === signal.id && row.shared)
  return stands ? { withhold: 'in-thread' } : { post }
}

function placeOf(account: string, signal: SignalRow, group: GroupRow, options: ReleaseOptions): PostTarget {
  const place = options.policy.nudges.place
  // Off-channel words go to their author alone, whatever the policy: nobody is shown up in public.
  if (place === 'thread' && signal.kind !== 'off-channel')
    return { kind: 'group', conversation: group.externalId, thread: signal.atMessage }
  if (place === 'ephemeral' && options.capabilities(group.platform)?.ephemeralMessages)
    return { kind: 'ephemeral', conversation: group.externalId, person: account }
  return { kind: 'person', person: account }
}
