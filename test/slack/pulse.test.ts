import { describe, expect, test } from 'vitest'
import { createPulse } from '../../adapters/slack/pulse.js'
import { handClock } from '../support/slack/clock.js'

const minute = 60_000

describe('noticing a subscription that Slack has switched off', () => {
  test('a post that comes back is a sign of life', () => {
    const clock = handClock(0)
    const pulse = createPulse(clock)
    pulse.posted('C1', '1.1')
    pulse.received({ channel: 'C1', ts: '1.1' })
    clock.advance(60 * minute)
    expect(pulse.silentSince()).toBeUndefined()
  })

  test('so is anything else that comes after it', () => {
    const clock = handClock(0)
    const pulse = createPulse(clock)
    pulse.posted('C1', '1.1')
    clock.advance(minute)
    pulse.received(undefined)
    clock.advance(60 * minute)
    expect(pulse.silentSince()).toBeUndefined()
  })

  test('a quiet time without posts of ours means nothing', () => {
    const clock = handClock(0)
    const pulse = createPulse(clock)
    pulse.received(undefined)
    clock.advance(600 * minute)
    expect(pulse.silentSince()).toBeUndefined()
  })

  test('a post that does not come back, with silence since, is told once, from the last that came', () => {
    const clock = handClock(0)
    const pulse = createPulse(clock)
    clock.advance(5 * minute)
    pulse.received(undefined)
    clock.advance(5 * minute)
    pulse.posted('C1', '1.1')
    clock.advance(6 * minute)
    expect(pulse.silentSince()).toBeUndefined()
    clock.advance(2 * minute)
    expect(pulse.silentSince()).toBe(5 * minute)
    expect(pulse.silentSince()).toBeUndefined()
  })
})
