import { expect, test } from 'vitest'
import { readPolicy } from '../../src/config/index.js'
import { membersAt, membershipLog } from '../../src/membership/index.js'
import { createPipeline } from '../../src/pipeline.js'
import type { ChatEvent } from '../../src/platform/index.js'
import { describeEachDatabase } from '../support/database.js'

describeEachDatabase('programs in a group', (each) => {
  test('stay in the log while rosters show them, and are not counted among its people', async () => {
    const now = new Date('2026-11-16T12:00:00Z')
    const base = { platform: 'slack', tenant: 'T1', conversation: 'C1' } as const
    const bot = { id: 'B1', name: 'Gauge feed', bot: true }
    const nadia = { id: 'U1', name: 'Nadia Rahman' }
    const events: ChatEvent[] = [
      { ...base, kind: 'member-joined', person: bot, at: '2026-11-16T09:00:00Z', source: 'event' },
      {
        ...base,
        kind: 'roster-observed',
        members: [bot, nadia],
        at: '2026-11-16T10:00:00Z',
        source: 'roster-check',
      },
    ]
    const pipeline = createPipeline({ policy: readPolicy(undefined), now: () => now })
    const { prisma } = each.database()
    await each.database().transaction((tx) =>
      pipeline(
        tx,
        events.map((event, index) => ({ id: BigInt(index), event, receivedAt: now })),
      ),
    )
    const { id } = await prisma.group.findFirstOrThrow()
    const log = await membershipLog(prisma, id)
    expect(log.map((line) => `${line.person.fullName} ${line.kind}`)).toEqual([
      'Gauge feed joined',
      'Nadia Rahman present when first seen',
    ])
    expect((await membersAt(prisma, id)).map((member) => member.fullName)).toEqual(['Nadia Rahman'])
  })
})
