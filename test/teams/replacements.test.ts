import { expect, test } from 'vitest'
import { createReplacements } from '../../adapters/teams/replacements.js'
import { RemembrancerError } from '../../src/errors.js'
import type { Card } from '../../src/platform/index.js'

const receipt = { conversation: 'c', message: 'm' }
const card: Card = { heading: 'Set aside', summary: 'Set aside' }

/** Replaces one card at a Teams that first refuses `refusals` times, each asking for so much patience. */
async function replacing(refusals: number, retryAfterMs?: number) {
  const waits: number[] = []
  const warned: unknown[] = []
  let left = refusals
  let replaced = 0
  const none = () => {}
  const replacements = createReplacements({
    async put() {
      left -= 1
      if (left >= 0)
        throw new RemembrancerError(
          'PLATFORM_UNAVAILABLE',
          'Busy.',
          retryAfterMs === undefined ? {} : { retryAfterMs },
        )
      replaced += 1
    },
    sleep: async (ms) => void waits.push(ms),
    log: () => ({ info: none, warn: (fields) => void warned.push(fields.code), error: none }),
  })
  await replacements.eventually(receipt, card)
  return { waits, warned, replaced }
}

test('a card is tried again after longer and longer waits, and given up after five', async () => {
  expect(await replacing(2)).toEqual({ waits: [2000, 4000], warned: [], replaced: 1 })
  expect(await replacing(9)).toEqual({
    waits: [2000, 4000, 8000, 16_000],
    warned: ['PLATFORM_UNAVAILABLE'],
    replaced: 0,
  })
})

test('when Teams asks for more patience it is given, as long as somebody may still look at the card', async () => {
  expect(await replacing(1, 90_000)).toEqual({ waits: [90_000], warned: [], replaced: 1 })
  expect(await replacing(1, 3_600_000)).toEqual({ waits: [], warned: ['PLATFORM_UNAVAILABLE'], replaced: 0 })
})
