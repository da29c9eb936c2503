import { RemembrancerError } from '../../src/errors.js'
import type { LocalTime } from './date-order.js'

const quarterMs = 15 * 60_000
const dayMs = 86_400_000
const cacheSize = 20_000

/** Turns local times of one zone into instants. */
export interface Zone {
  /**
   * @param local what the phone showed
   * @param previous the instant of the line before: settles the hour that a change of clocks repeats
   */
  toUtc(local: LocalTime, previous: number): number
}

/**
 * Opens an IANA time zone.
 * @throws RemembrancerError USAGE when there is none of that name
 */
export function openZone(name: string): Zone {
  const format = formatFor(name)
  const known = new Map<number, readonly number[]>()

  /** Milliseconds the zone is ahead of UTC at an instant. */
  const offsetAt = (instant: number): number => {
    const parts = new Map(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]))
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
    return local - Math.floor(instant / 1000) * 1000
  }
  /** Offsets under which a local time exists, earlier instant first; in the gap of spring, the one before it. */
  const offsetsFor = (local: number): readonly number[] => {
    const quarter = Math.floor(local / quarterMs)
    const held = known.get(quarter)
    if (held) return held
    const before = offsetAt(local - dayMs)
    const after = offsetAt(local + dayMs)
    const valid = [...new Set([before, after])].filter((offset) => offsetAt(local - offset) === offset)
    const found = valid.length > 0 ? valid.sort((a, b) => b - a) : [before]
    if (known.size >= cacheSize) known.clear()
    known.set(quarter, found)
    return found
  }
  return {
    toUtc(local, previous) {
      const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second)
      const instants = offsetsFor(asUtc).map((offset) => asUtc - offset)
      const [first = asUtc, second] = instants
      return second !== undefined && first < previous && second - previous < dayMs ? second : first
    },
  }
}

function formatFor(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new RemembrancerError('USAGE', `There is no time zone called ${name.slice(0, 60)}.`, { cause })
  }
}
