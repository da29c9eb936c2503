import { describe, expect, test } from 'vitest'
import { readPolicy } from '../../src/config/index.js'
import { afterQuietHours, isQuiet, localDay } from '../../src/nudges/index.js'

const quiet = readPolicy(undefined).nudges.quietHours
const held = (iso: string, hours = quiet): string => afterQuietHours(new Date(iso), hours).toISOString()

describe('quiet hours', () => {
  test('run over midnight', () => {
    expect(isQuiet(new Date('2026-11-17T19:59:00Z'), quiet)).toBe(false)
    expect(isQuiet(new Date('2026-11-17T20:00:00Z'), quiet)).toBe(true)
    expect(isQuiet(new Date('2026-11-18T03:00:00Z'), quiet)).toBe(true)
    expect(isQuiet(new Date('2026-11-18T07:30:00Z'), quiet)).toBe(false)
  })

  test('hold what is said in the evening until the morning', () => {
    expect(held('2026-11-17T22:15:00Z')).toBe('2026-11-18T07:30:00.000Z')
    expect(held('2026-11-18T05:00:00Z')).toBe('2026-11-18T07:30:00.000Z')
    expect(held('2026-11-18T12:34:56Z')).toBe('2026-11-18T12:34:56.000Z')
  })

  test('hold what is said from Friday night over the weekend until Monday morning', () => {
    expect(held('2026-11-20T21:00:00Z')).toBe('2026-11-23T07:30:00.000Z')
    expect(held('2026-11-21T12:00:00Z')).toBe('2026-11-23T07:30:00.000Z')
    expect(held('2026-11-21T12:00:00Z', { ...quiet, weekends: true })).toBe('2026-11-21T12:00:00.000Z')
  })

  test('keep to local time when the clocks change', () => {
    expect(held('2026-03-29T22:00:00Z')).toBe('2026-03-30T06:30:00.000Z')
    expect(held('2026-10-25T22:00:00Z')).toBe('2026-10-26T07:30:00.000Z')
  })

  test('can lie within one day, or be switched off', () => {
    const lunch = { ...quiet, from: '12:00', to: '13:00', weekends: true }
    expect(held('2026-11-17T12:30:00Z', lunch)).toBe('2026-11-17T13:00:00.000Z')
    expect(held('2026-11-17T20:30:00Z', lunch)).toBe('2026-11-17T20:30:00.000Z')
    expect(isQuiet(new Date('2026-11-17T23:00:00Z'), { ...quiet, from: '09:00', to: '09:00' })).toBe(false)
  })

  test('hold what is said on Saturday until Monday begins when there are no hours at all, only weekends', () => {
    const weekendsOnly = { ...quiet, from: '09:00', to: '09:00' }
    const opens = new Date(held('2026-11-21T12:00:00Z', weekendsOnly))
    expect(isQuiet(opens, weekendsOnly)).toBe(false)
  })

  test('hold for the weekend when quiet hours lie within the day', () => {
    const lunch = { ...quiet, from: '12:00', to: '13:00' }
    expect(isQuiet(new Date(held('2026-11-21T15:00:00Z', lunch)), lunch)).toBe(false)
  })

  test('the day of a budget is the local one', () => {
    expect(localDay(new Date('2026-06-30T23:30:00Z'), 'Europe/London')).toBe('2026-07-01')
  })
})
