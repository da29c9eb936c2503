import { peopleById, shownName } from '../people/index.js'
import type { Tx } from '../storage/index.js'

/** What was planned for one matter: to whom, and what became of it. Answers of single people are not shown. */
export interface NudgeLine {
  readonly id: string
  readonly signalId: string
  readonly kind: string
  readonly summary: string
  readonly because: string
  readonly to: string
  readonly outcome: string
  readonly why: string | null
  /** When it was sent; of those not sent, when it was or is due. */
  readonly at: Date
}

/**
 * One page of a group's nudges, newest first. Nudges about off-channel talk concern their author alone and are only
 * counted.
 */
export async function listNudges(
  tx: Tx,
  groupId: string,
  paging: { readonly page: number; readonly size: number },
): Promise<{ rows: NudgeLine[]; total: number; offChannel: number }> {
  const counted = await tx.$queryRaw<{ own: boolean; total: number }[]>`
    SELECT s.kind = 'off-channel' AS own, count(*)::int AS total
    FROM nudge n JOIN signal s ON s.id = n.signal_id WHERE n.group_id = ${groupId}::uuid GROUP BY 1`
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT n.id FROM nudge n JOIN signal s ON s.id = n.signal_id
    WHERE n.group_id = ${groupId}::uuid AND s.kind <> 'off-channel'
    ORDER BY n.day DESC, n.created_at DESC, n.id
    LIMIT ${paging.size} OFFSET ${(paging.page - 1) * paging.size}`
  const nudges = await tx.nudge.findMany({ where: { id: { in: ids.map((row) => row.id) } } })
  const posts = await tx.outboxPost.findMany({
    where: { id: { in: nudges.flatMap((nudge) => nudge.outboxId ?? []) } },
    select: { id: true, sentAt: true },
  })
  const signals = await tx.signal.findMany({ where: { id: { in: nudges.map((nudge) => nudge.signalId) } } })
  const people = await peopleById(
    tx,
    nudges.map((nudge) => nudge.personId),
  )
  const rows = ids.flatMap(({ id }): NudgeLine[] => {
    const nudge = nudges.find((one) => one.id === id)
    const signal = signals.find((one) => one.id === nudge?.signalId)
    if (!nudge || !signal) return []
    return [
      {
        id,
        signalId: signal.id,
        kind: signal.kind,
        summary: signal.summary,
        because: signal.because,
        to: shownName(people.get(nudge.personId)),
        outcome: nudge.outcome,
        why: nudge.why,
        at: posts.find((post) => post.id === nudge.outboxId)?.sentAt ?? nudge.dueAt,
      },
    ]
  })
  const total = (own: boolean): number => counted.find((row) => row.own === own)?.total ?? 0
  return { rows, total: total(false), offChannel: total(true) }
}
