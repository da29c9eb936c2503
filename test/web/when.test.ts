import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paginate } from '../../src/web/paging.js'
import { instantOf, joinLocal, splitLocal, typedInstant } from '../../src/web/when.js'

test('times are understood as people write them', () => {
  for (const [time, read] of [
    ['9:30', '09:30'],
    ['9.30', '09:30'],
    ['0930', '09:30'],
    ['2:30pm', '14:30'],
    ['12 am', '00:00'],
    ['12pm', '12:00'],
    ['4 p.m.', '16:00'],
    ['23:59', '23:59'],
  ] as const)
    expect(joinLocal({ day: '1', month: 'february', year: '2026', time }), time).toBe(`2026-02-01T${read}`)
})

test('what cannot be understood stays as typed and is no instant', () => {
  for (const time of ['', '25:00', 'noon', '13pm', '9', '9:3'])
    expect(instantOf({ day: '1', month: '2', year: '2026', time }, 'Europe/London'), time).toBeUndefined()
  expect(splitLocal(joinLocal({ day: '31', month: 'Smarch', year: '26', time: 'tea' }))).toEqual({
    day: '31',
    month: 'Smarch',
    year: '26',
    time: 'tea',
  })
})

test('an instant put into the boxes comes out the same, whatever the zone', () => {
  const minute = fc.integer({ min: 0, max: 50 * 365 * 1440 }).map((count) => new Date(count * 60_000))
  fc.assert(
    fc.property(minute, fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns'), (at, zone) => {
      const back = instantOf(typedInstant(at, zone), zone)
      // An hour that occurs twice means the first.
      expect([0, 3_600_000]).toContain(at.getTime() - (back?.getTime() ?? Number.NaN))
    }),
  )
})

test('pagination always shows the first, the last and the neighbours', () => {
  const shown = paginate('/x', { search: 'a&b', office: undefined }, 5, 250)
  expect(shown.items.map((item) => item.number ?? '…')).toEqual([1, '…', 4, 5, 6, '…', 10])
  expect(shown.items[0]?.href).toBe('/x?search=a%26b')
  expect(shown.next?.href).toBe('/x?search=a%26b&page=6')
  expect(paginate('/x', {}, 1, 0).several).toBe(false)
})
