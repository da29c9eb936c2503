import { dateInWords, daysLeftToRecord } from '../decisions/index.js'
import { daysLeftInWords } from '../digests/index.js'
import type { Card, CardList, InteractionReply } from '../platform/index.js'
import { helpCard } from './commands.js'
import type { Asked, InteractionOf } from './context.js'

const listed = 10

/** The person's own view: what concerns them, and what they administer. */
export async function answerHome(asked: Asked<InteractionOf<'home'>>): Promise<InteractionReply> {
  const { tx, personId, world, now } = asked
  const mine = await tx.nudge.findMany({
    where: { personId, outcome: 'posted', OR: [{ answer: null }, { answer: 'meeting' }] },
    select: { signalId: true },
  })
  const signals = await tx.signal.findMany({
    where: { id: { in: mine.map((nudge) => nudge.signalId) }, kind: 'decision', state: 'open' },
    orderBy: { settledAt: 'asc' },
  })
  const administered = await tx.groupAdministrator.findMany({
    where: { personId },
    select: { groupId: true },
  })
  const groups = await tx.group.findMany({
    where: {
      id: { in: [...new Set([...signals.map((s) => s.groupId), ...administered.map((a) => a.groupId)])] },
    },
    include: { registration: true },
  })
  const names = new Map(groups.map((group) => [group.id, group.name]))
  const open = await tx.signal.groupBy({
    by: ['groupId'],
    where: {
      groupId: { in: administered.map((row) => row.groupId) },
      kind: 'decision',
      state: 'open',
      wouldNudge: true,
      backlog: false,
    },
    _count: true,
  })
  const lists: CardList[] = [
    {
      title: 'Decisions waiting for you',
      items: signals.slice(0, listed).map((signal) => ({
        text: signal.summary,
        detail: `${names.get(signal.groupId) ?? ''} – ${daysLeftInWords(daysLeftToRecord(signal.settledAt, now, world.policy.recording.limitDays))}`,
        buttons: [
          { label: 'Record', action: 'signal.record', value: signal.id, opensForm: true },
          { label: 'Not a decision', action: 'signal.set-aside', value: signal.id },
        ],
      })),
      total: signals.length,
    },
    {
      title: 'Groups you administer',
      items: administered.slice(0, listed).map(({ groupId }) => {
        const count = open.find((row) => row.groupId === groupId)?._count ?? 0
        const review = groups.find((group) => group.id === groupId)?.registration?.reviewDate
        return {
          text: names.get(groupId) ?? '',
          detail: `${count} unrecorded; ${review ? `review by ${dateInWords(review, 'UTC')}` : 'no review date'}`,
          link: { label: 'Open', url: `${world.publicUrl}/groups/${groupId}` },
        }
      }),
      total: administered.length,
    },
  ]
  const card: Card = {
    heading: 'Remembrancer',
    summary: 'Your unrecorded decisions and the groups you administer',
    text: signals.length === 0 ? ['Nothing is waiting for you.'] : [],
    lists: [
      ...lists.filter((list) => list.items.length > 0),
      ...(helpCard(asked.interaction.platform).lists ?? []),
    ],
  }
  return { kind: 'card', card }
}
