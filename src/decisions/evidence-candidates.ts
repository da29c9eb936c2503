import type { Tx } from '../storage/index.js'
import type { MessageRow } from '../transcript/index.js'
import type { SignalRow } from './signals.js'

/**
 * Messages that may be evidence of a decision, oldest first: those of the signal or around a message, with a few before
 * and after; the group's newest where there is neither.
 */
export async function candidateMessages(
  tx: Tx,
  groupId: string,
  signal: SignalRow | undefined,
  around: string | undefined,
  now: Date,
): Promise<MessageRow[]> {
  const anchors = signal ? [signal.fromMessage, signal.toMessage, ...signal.evidence] : around ? [around] : []
  const known = await tx.message.findMany({
    where: { groupId, externalId: { in: anchors }, postedAt: { not: null } },
    orderBy: { orderKey: 'asc' },
  })
  const first = known[0]
  const last = known.at(-1)
  const visible = { groupId, automatic: false, postedAt: { not: null } }
  if (!first || !last) {
    const newest = await tx.message.findMany({
      where: { ...visible, postedAt: { lte: now } },
      orderBy: { orderKey: 'desc' },
      take: 20,
    })
    return newest.reverse()
  }
  const inside = await tx.message.findMany({
    where: { ...visible, orderKey: { gte: first.orderKey, lte: last.orderKey } },
    orderBy: { orderKey: 'asc' },
    take: 80,
  })
  const before = await tx.message.findMany({
    where: { ...visible, orderKey: { lt: first.orderKey } },
    orderBy: { orderKey: 'desc' },
    take: signal ? 3 : 10,
  })
  const after = await tx.message.findMany({
    where: { ...visible, orderKey: { gt: last.orderKey } },
    orderBy: { orderKey: 'asc' },
    take: signal ? 3 : 10,
  })
  return [...before.reverse(), ...inside, ...after]
}
