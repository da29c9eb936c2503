import { keepFeedback, type SignalRow, setAside } from '../decisions/index.js'
import { enqueueUpdate } from '../delivery/index.js'
import { type GroupRow, groupById } from '../groups/index.js'
import { append } from '../ledger/index.js'
import type { Card } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { answeredNudgeCard } from './cards.js'

/** What a person can say to a nudge, other than recording. */
export type NudgeAnswer = 'meeting' | 'not-a-decision' | 'muted' | 'thanks'

/**
 * Keeps an answer to a nudge, in the ledger too, and returns the card that replaces it. "Not a decision" sets the
 * unrecorded decision aside and closes the same nudge for others; "Move to a meeting" leaves it open; "Not here
 * again" mutes that person in that group only.
 */
export async function answerNudge(
  tx: Tx,
  nudgeId: string,
  answer: NudgeAnswer,
  by: string,
  now: Date,
): Promise<Card> {
  const nudge = await tx.nudge.findUniqueOrThrow({ where: { id: nudgeId } })
  const signal = await tx.signal.findUniqueOrThrow({ where: { id: nudge.signalId } })
  const group = await groupById(tx, nudge.groupId)
  if (!group) throw new Error('nudge without a group')
  if (signal.state === 'recorded' && answer !== 'muted' && answer !== 'thanks') {
    const record = await tx.decisionRecord.findUnique({ where: { id: signal.recordId ?? '' } })
    return answeredNudgeCard(signal, group, 'recorded', record?.reference)
  }
  const first = nudge.answer === null
  if (first) {
    await tx.nudge.update({ where: { id: nudgeId }, data: { answer, answeredAt: now } })
    await append(tx, {
      kind: 'nudge-answered',
      nudge: nudgeId,
      signal: signal.id,
      by,
      answer,
      at: now.toISOString(),
    })
  }
  if (answer === 'muted')
    await tx.mute.createMany({
      data: [{ groupId: group.id, personId: nudge.personId, at: now }],
      skipDuplicates: true,
    })
  // "Not a decision" is kept where it sets the signal aside. A second press says nothing new.
  if (first && (answer === 'meeting' || answer === 'muted')) {
    const verdict = answer === 'meeting' ? 'moved-to-meeting' : answer
    await keepFeedback(tx, { groupId: group.id, signal, verdict, at: now })
  }
  if (answer === 'not-a-decision' && signal.state === 'open') {
    const aside = await setAside(tx, signal.id, 'not-a-decision', by, now)
    await closeNudges(tx, aside, group, 'not-a-decision', now, nudgeId)
  }
  return answeredNudgeCard(signal, group, answer)
}

/** Replaces every posted nudge about a signal by its outcome, so that nobody is asked twice. */
export async function closeNudges(
  tx: Tx,
  signal: SignalRow,
  group: GroupRow,
  outcome: 'recorded' | 'not-a-decision' | 'withdrawn',
  now: Date,
  except?: string,
  reference?: string,
): Promise<void> {
  await tx.nudge.updateMany({
    where: { signalId: signal.id, outcome: 'waiting' },
    data: { outcome: 'withheld', why: 'answered' },
  })
  const posted = await tx.nudge.findMany({ where: { signalId: signal.id, outcome: 'posted' } })
  for (const nudge of posted) {
    if (nudge.outboxId === null || nudge.id === except) continue
    await enqueueUpdate(tx, {
      key: `nudge-closed:${nudge.id}:${outcome}`,
      replaces: nudge.outboxId,
      card: answeredNudgeCard(signal, group, outcome, reference),
      purpose: 'nudge',
      at: now,
    })
  }
}
