import { randomUUID } from 'node:crypto'
import type { Policy } from '../config/index.js'
import type { SignalChange, SignalRow } from '../decisions/index.js'
import { enqueueUpdate } from '../delivery/index.js'
import type { GroupRow } from '../groups/index.js'
import { peopleById } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import { nudgeCard } from './cards.js'
import { isSureEnough, nudgePolicyFor } from './policies.js'
import { afterQuietHours, localDay } from './quiet-hours.js'

/**
 * Plans nudges for signals that appeared: one a matter and person, due after the settling pause and quiet hours.
 * Nothing is posted here; `releaseNudges` posts what is due and still true.
 */
export async function planNudges(
  tx: Tx,
  group: GroupRow,
  changes: readonly SignalChange[],
  policy: Policy,
  now: Date,
): Promise<void> {
  if (!policy.nudges.enabled || group.registration === null) return
  for (const { what, signal } of changes) {
    if (what === 'withdrawn' || !worthNudging(signal, policy, now)) continue
    const nudge = nudgePolicyFor(signal.kind)
    if (!nudge) continue
    const concerned = nudge.recipients(
      signal,
      await authorOf(tx, signal, signal.atMessage),
      await authorOf(tx, signal, openingOf(signal)),
    )
    const people = await peopleById(tx, concerned)
    const pause = nudge.waits ? policy.nudges.waitSeconds * 1000 : 0
    const dueAt = afterQuietHours(new Date(now.getTime() + pause), policy.nudges.quietHours)
    const data = concerned
      .filter((id) => people.get(id)?.bot === false)
      .map((personId) => ({
        id: randomUUID(),
        signalId: signal.id,
        groupId: group.id,
        personId,
        outcome: 'waiting',
        dueAt,
        day: localDay(dueAt, policy.nudges.quietHours.timeZone),
        createdAt: now,
      }))
    await tx.nudge.createMany({ data, skipDuplicates: true })
  }
}

function worthNudging(signal: SignalRow, policy: Policy, now: Date): boolean {
  if (!isSureEnough(signal, policy) || signal.backlog || signal.state !== 'open') return false
  const kind = signal.kind as keyof Policy['nudges']['kinds']
  if (policy.nudges.kinds[kind] !== true) return false
  return now.getTime() - signal.settledAt.getTime() <= policy.nudges.notOlderThanHours * 3_600_000
}

/**
 * A decision that is taken back, sharpened or confirmed later is one decision with its final content: cards that wait
 * for an answer say what it says now.
 */
export async function refreshNudges(
  tx: Tx,
  group: GroupRow,
  changes: readonly SignalChange[],
  publicUrl: string,
  now: Date,
): Promise<void> {
  for (const { what, signal } of changes) {
    if (what !== 'changed' || signal.state !== 'open' || !nudgePolicyFor(signal.kind)) continue
    const waiting = await tx.nudge.findMany({
      where: { signalId: signal.id, outcome: 'posted', answer: null },
    })
    for (const { id, outboxId, shared } of waiting) {
      if (outboxId === null) continue
      await enqueueUpdate(tx, {
        key: `nudge-refresh:${id}:${signal.atMessage}`,
        replaces: outboxId,
        card: await nudgeCard(tx, { id, shared }, signal, group, publicUrl),
        purpose: 'nudge',
        at: now,
      })
    }
  }
}

/** The message a matter began to show at: its key, without the kind that tells apart what one message showed. */
function openingOf(signal: SignalRow): string {
  const suffix = `:${signal.kind}`
  return signal.key.endsWith(suffix) ? signal.key.slice(0, -suffix.length) : signal.key
}

async function authorOf(tx: Tx, signal: SignalRow, message: string): Promise<string | null> {
  const row = await tx.message.findUnique({
    where: { groupId_externalId: { groupId: signal.groupId, externalId: message } },
    select: { authorId: true },
  })
  return row?.authorId ?? null
}
