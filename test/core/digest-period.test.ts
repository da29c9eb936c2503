import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { duePeriod, duePeriods, isoWeek, previousPeriod } from '../../src/digests/index.js'
import { describeEachDatabase } from '../support/database.js'

const london = { timeZone: 'Europe/London', digestDay: 1, digestTime: '09:00' }
const shown = (schedule: typeof london, now: string) => {
  const { key, from, dueAt } = duePeriod(schedule, new Date(now))
  return [key, from.toISOString(), dueAt.toISOString()]
}

describe('the week of a digest', () => {
  test('is the newest one that is due', () => {
    const week47 = ['2026-W47', '2026-11-09T09:00:00.000Z', '2026-11-16T09:00:00.000Z']
    const week48 = ['2026-W48', '2026-11-16T09:00:00.000Z', '2026-11-23T09:00:00.000Z']
    expect(shown(london, '2026-11-23T08:59:59Z')).toEqual(week47)
    expect(shown(london, '2026-11-23T09:00:00Z')).toEqual(week48)
    expect(shown(london, '2026-11-29T23:00:00Z')).toEqual(week48)
  })

  test('begins and ends at the local hour when the clocks change within it', () => {
    expect(shown(london, '2026-03-30T10:00:00Z')).toEqual([
      '2026-W14',
      '2026-03-23T09:00:00.000Z',
      '2026-03-30T08:00:00.000Z',
    ])
    expect(shown(london, '2026-10-26T10:00:00Z')).toEqual([
      '2026-W44',
      '2026-10-19T08:00:00.000Z',
      '2026-10-26T09:00:00.000Z',
    ])
  })

  test('is due on the other side of the world by its own calendar', () => {
    const auckland = { timeZone: 'Pacific/Auckland', digestDay: 5, digestTime: '07:30' }
    expect(shown(auckland, '2026-11-19T18:30:00Z')[2]).toBe('2026-11-19T18:30:00.000Z')
    expect(shown(auckland, '2026-11-19T18:29:00Z')[2]).toBe('2026-11-12T18:30:00.000Z')
  })

  test('is numbered as ISO 8601 numbers weeks, over the end of the year too', () => {
    const weeks = ['2026-12-28', '2027-01-03', '2027-01-04', '2024-12-30', '2021-01-03', '2020-12-31']
    expect(weeks.map((day) => isoWeek(new Date(`${day}T12:00:00Z`)))).toEqual([
      '2026-W53',
      '2026-W53',
      '2027-W01',
      '2025-W01',
      '2020-W53',
      '2020-W53',
    ])
  })

  test('follows on the one before without a gap or an overlap, for years', () => {
    for (const timeZone of ['Europe/London', 'Pacific/Auckland', 'America/New_York']) {
      const schedule = { timeZone, digestDay: 7, digestTime: '02:30' }
      let period = duePeriod(schedule, new Date('2029-01-01T00:00:00Z'))
      const keys = new Set<string>()
      for (let week = 0; week < 160; week++) {
        const before = previousPeriod(schedule, period)
        expect(before.dueAt).toEqual(period.from)
        keys.add(period.key)
        period = before
      }
      expect(keys.size).toBe(160)
    }
  })
})

describeEachDatabase('weeks that are due', (each) => {
  const office = async (createdAt: string): Promise<string> => {
    const id = randomUUID()
    await each.database().prisma.privateOffice.create({
      data: {
        id,
        name: `Office ${id}`,
        official: 'The Minister',
        platform: 'sandbox',
        tenant: 'local',
        room: 'office',
        ...london,
        createdAt: new Date(createdAt),
      },
    })
    return id
  }
  const due = async (id: string, now: string) =>
    (await duePeriods(each.database(), id, new Date(now))).map((period) => period.key)
  const posted = async (id: string, period: string | null) => {
    const at = new Date('2026-11-23T09:00:00Z')
    await each.database().prisma.digest.create({
      data: { id: randomUUID(), privateOfficeId: id, period, from: at, to: at, content: {}, createdAt: at },
    })
  }

  test('are none before the office existed', async () => {
    const id = await office('2026-11-23T09:00:00Z')
    expect(await due(id, '2026-11-29T12:00:00Z')).toEqual([])
    expect(await due(id, '2026-11-30T09:00:00Z')).toEqual(['2026-W49'])
  })

  test('are those missed since the last one posted, oldest first', async () => {
    const id = await office('2026-01-01T09:00:00Z')
    await posted(id, '2026-W46')
    expect(await due(id, '2026-11-24T12:00:00Z')).toEqual(['2026-W47', '2026-W48'])
  })

  test('are at most four after a long absence', async () => {
    const id = await office('2026-01-01T09:00:00Z')
    expect(await due(id, '2026-11-24T12:00:00Z')).toEqual(['2026-W45', '2026-W46', '2026-W47', '2026-W48'])
  })

  test('are not used up by digests sent on request', async () => {
    const id = await office('2026-11-17T09:00:00Z')
    await posted(id, null)
    expect(await due(id, '2026-11-24T12:00:00Z')).toEqual(['2026-W48'])
  })
})
