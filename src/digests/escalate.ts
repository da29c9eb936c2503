import type { Policy } from '../config/index.js'
import { daysLeftToRecord } from '../decisions/index.js'
import { enqueuePost } from '../delivery/index.js'
import type { PlatformName } from '../platform/index.js'
import type { Database } from '../storage/index.js'
import { daysLeftInWords } from './card.js'

const dayMs = 86_400_000

/**
 * Tells the senior official of each private office, once a decision, that the limit nears and nobody has recorded it.
 * @returns how many escalations were written
 */
export async function escalate(
  database: Database,
  policy: Policy,
  now: Date,
  publicUrl: string,
): Promise<number> {
  const offices = await database.prisma.privateOffice.findMany({
    where: { escalationAccount: { not: null } },
  })
  const { limitDays, escalateDaysBefore } = policy.recording
  const oldestUnwarned = new Date(now.getTime() - (limitDays - escalateDaysBefore) * dayMs)
  let written = 0
  for (const office of offices) {
    const groups = await database.prisma.group.findMany({
      where: { registration: { privateOfficeId: office.id, dryRun: false } },
      select: { id: true, name: true },
    })
    const nearing = await database.prisma.signal.findMany({
      where: {
        groupId: { in: groups.map((group) => group.id) },
        kind: 'decision',
        state: 'open',
        wouldNudge: true,
        backlog: false,
        settledAt: { lte: oldestUnwarned, gt: new Date(now.getTime() - (limitDays + 30) * dayMs) },
      },
      orderBy: { settledAt: 'asc' },
      take: 100,
    })
    for (const signal of nearing) {
      const key = `escalation:${signal.id}`
      if (await database.prisma.outboxPost.findUnique({ where: { key }, select: { id: true } })) continue
      const left = daysLeftInWords(daysLeftToRecord(signal.settledAt, now, limitDays))
      const group = groups.find((candidate) => candidate.id === signal.groupId)
      await database.transaction((tx) =>
        enqueuePost(tx, {
          key,
          platform: office.platform as PlatformName,
          tenant: office.tenant,
          target: { kind: 'person', person: office.escalationAccount ?? '' },
          card: {
            heading: 'A decision is still not on the record',
            summary: `A decision in ${group?.name ?? 'a group'} is not recorded: ${left}`,
            text: [signal.summary],
            facts: [
              { label: 'Group', value: group?.name ?? '' },
              { label: 'Time', value: left },
              { label: 'Private office', value: office.name },
            ],
            buttons: [
              {
                label: 'Record it',
                action: 'signal.record',
                value: signal.id,
                style: 'primary',
                opensForm: true,
              },
            ],
            links: [{ label: 'All unrecorded decisions', url: `${publicUrl}/unrecorded` }],
            footer: 'Sent once for each decision, because you answer for this private office.',
          },
          purpose: 'escalation',
          at: now,
        }),
      )
      written++
    }
  }
  return written
}
