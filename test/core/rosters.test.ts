import { expect, test } from 'vitest'
import { readPolicy } from '../../src/config/index.js'
import { byWhom, membersAt, membershipLog } from '../../src/membership/index.js'
import { createPipeline } from '../../src/pipeline.js'
import type { ChatEvent } from '../../src/platform/index.js'
import { describeEachDatabase } from '../support/database.js'

const base = { platform: 'teams', tenant: 'T1', conversation: '19:flood' } as const
const nadia = { id: 'U1', name: 'Nadia Rahman' }
const callum = { id: 'U2', name: 'Callum Fraser' }
const roster = (at: string, ...members: (typeof nadia)[]): ChatEvent => ({
  ...base,
  kind: 'roster-observed',
  source: 'roster-check',
  at,
  members,
})

describeEachDatabase('a roster read just before a change, by a clock that is ahead', (each) => {
  async function told(events: readonly ChatEvent[]) {
    await each.empty()
    const now = new Date('2026-11-18T12:00:00Z')
    const pipeline = createPipeline({ policy: readPolicy(undefined), now: () => now })
    for (const [index, event] of events.entries())
      await each.database().transaction((tx) => pipeline(tx, [{ id: BigInt(index), event, receivedAt: now }]))
    const { prisma } = each.database()
    const { id } = await prisma.group.findFirstOrThrow()
    const log = (await membershipLog(prisma, id)).filter((line) => line.person.fullName === callum.name)
    return {
      log: log.map((line) => `${line.kind} at ${line.at.toISOString()} by ${byWhom(line)}`),
      members: (await membersAt(prisma, id)).map((member) => member.fullName),
    }
  }
  // The bot's own event, and Graph's telling of the same change with the actor, a millisecond later.
  const added: ChatEvent[] = [
    { ...base, kind: 'member-joined', source: 'event', person: callum, at: '2026-11-16T10:00:00.000Z' },
    {
      ...base,
      kind: 'member-joined',
      source: 'backfill',
      person: callum,
      actor: nadia,
      at: '2026-11-16T10:00:00.001Z',
    },
  ]
  const left: ChatEvent[] = [
    {
      ...base,
      kind: 'member-left',
      how: 'departed',
      source: 'event',
      person: callum,
      at: '2026-11-16T10:00:00.000Z',
    },
    {
      ...base,
      kind: 'member-left',
      how: 'left',
      source: 'backfill',
      person: callum,
      actor: callum,
      at: '2026-11-16T10:00:00.001Z',
    },
  ]
  const before = '2026-11-15T10:00:00.000Z'

  for (const stale of ['2026-11-16T10:00:00.000Z', '2026-11-16T10:02:00.000Z']) {
    test(`tells of no departure and no return of whoever was added (dated ${stale})`, async () => {
      const [event, actor] = added as [ChatEvent, ChatEvent]
      const first = roster(before, nadia)
      const next = roster('2026-11-17T10:00:00.000Z', nadia, callum)
      const checked = roster(stale, nadia)
      const expected = {
        log: ['joined at 2026-11-16T10:00:00.000Z by Nadia Rahman'],
        members: [callum.name, nadia.name],
      }
      expect(await told([first, event, checked, actor, next])).toEqual(expected)
      expect(await told([first, checked, actor, next, event])).toEqual(expected)
      expect(await told([next, checked, event, first, actor])).toEqual({
        ...expected,
      })
    })

    test(`tells of no return of whoever left (dated ${stale})`, async () => {
      const [event, actor] = left as [ChatEvent, ChatEvent]
      const first = roster(before, nadia, callum)
      const next = roster('2026-11-17T10:00:00.000Z', nadia)
      const checked = roster(stale, nadia, callum)
      const expected = {
        log: [
          'present when first seen at 2026-11-15T10:00:00.000Z by not reported by the platform',
          'left at 2026-11-16T10:00:00.000Z by themselves',
        ],
        members: [nadia.name],
      }
      expect(await told([first, event, checked, actor, next])).toEqual(expected)
      expect(await told([first, checked, actor, next, event])).toEqual(expected)
    })
  }

  test('finds a day later that somebody was gone all the same', async () => {
    const [event] = added as [ChatEvent]
    const day = (n: number) => roster(`2026-11-1${n}T10:01:00.000Z`, nadia)
    const expected = {
      log: [
        'joined at 2026-11-16T10:00:00.000Z by not reported by the platform',
        'departed at 2026-11-17T10:01:00.000Z by not reported by the platform',
      ],
      members: [nadia.name],
    }
    expect(await told([day(5), event, day(6), day(7)])).toEqual(expected)
    expect(await told([day(7), day(6), day(5), event])).toEqual(expected)
  })
})
