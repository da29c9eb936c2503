import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localInput, parseLocalInput } from '../../src/decisions/index.js'

const iso = (text: string, zone: string): string | undefined => parseLocalInput(text, zone)?.toISOString()

describe('local time in forms', () => {
  test('is read and written in summer and winter', () => {
    expect(localInput(new Date('2026-07-01T12:00:00Z'), 'Europe/London')).toBe('2026-07-01T13:00')
    expect(iso('2026-07-01T13:00', 'Europe/London')).toBe('2026-07-01T12:00:00.000Z')
    expect(iso('2026-12-01T13:00', 'Europe/London')).toBe('2026-12-01T13:00:00.000Z')
    expect(iso('2026-07-01T13:00', 'Pacific/Auckland')).toBe('2026-07-01T01:00:00.000Z')
    expect(iso('2026-12-01T13:00', 'Pacific/Auckland')).toBe('2026-12-01T00:00:00.000Z')
    expect(iso('2026-07-01T13:00', 'America/New_York')).toBe('2026-07-01T17:00:00.000Z')
    expect(iso('2026-12-01T13:00', 'America/New_York')).toBe('2026-12-01T18:00:00.000Z')
  })

  test('an hour that occurs twice means the first', () => {
    expect(iso('2026-10-25T01:30', 'Europe/London')).toBe('2026-10-25T00:30:00.000Z')
    expect(iso('2026-11-01T01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z')
    expect(iso('2026-04-05T02:30', 'Pacific/Auckland')).toBe('2026-04-04T13:30:00.000Z')
  })

  test('an hour that does not occur means the time the clocks jumped to', () => {
    for (const [text, zone, jumped] of [
      ['2026-03-29T01:30', 'Europe/London', '2026-03-29T02:30'],
      ['2026-03-08T02:30', 'America/New_York', '2026-03-08T03:30'],
      ['2026-09-27T02:30', 'Pacific/Auckland', '2026-09-27T03:30'],
    ] as const) {
      const read = parseLocalInput(text, zone)
      expect(read && localInput(read, zone)).toBe(jumped)
    }
  })

  test('midnight is 00:00, never 24:00', () => {
    expect(localInput(new Date('2026-12-01T00:00:00Z'), 'Europe/London')).toBe('2026-12-01T00:00')
  })

  test('what is no such time is refused', () => {
    for (const text of [
      '',
      'tomorrow',
      '2026-02-30T10:00',
      '2026-13-01T10:00',
      '2026-01-01T24:00',
      '2026-01-01',
    ])
      expect(parseLocalInput(text, 'Europe/London')).toBeUndefined()
  })

  test('every whole minute is read back as itself, save in an hour that occurs twice', () => {
    const zones = ['Europe/London', 'Pacific/Auckland', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham']
    const minutes = fc.integer({ min: Date.UTC(2024, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 })
    fc.assert(
      fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
        const instant = new Date(minute * 60_000)
        const read = parseLocalInput(localInput(instant, zone), zone)
        expect(read && localInput(read, zone)).toBe(localInput(instant, zone))
        expect([0, 3_600_000]).toContain(instant.getTime() - (read?.getTime() ?? 0))
      }),
    )
  })
})
