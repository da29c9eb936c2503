import { expect, test, vi } from 'vitest'
import { readPolicy } from '../../src/config/index.js'
import { createPipeline } from '../../src/pipeline.js'
import type { ChatEvent } from '../../src/platform/index.js'
import { openTestDatabase } from '../support/database.js'

const detector = vi.hoisted(() => ({ turn: 0, steps: new Map<number, number>() }))
vi.mock('../../src/detection/index.js', async (original) => {
  const real = await original<typeof import('../../src/detection/index.js')>()
  return {
    ...real,
    step(state: Parameters<typeof real.step>[0]) {
      const until = performance.now() + 3
      while (performance.now() < until);
      detector.steps.set(detector.turn, (detector.steps.get(detector.turn) ?? 0) + 1)
      return { state, changed: [], withdrawn: [] }
    },
  }
})

test('a long run of messages is read in short stretches, so that acknowledgements do not wait for it', async () => {
  const opened = await openTestDatabase('embedded')
  const now = new Date('2026-11-16T10:00:00Z')
  // Imports need no registration, and are read like everything else.
  const said = (n: number): ChatEvent => ({
    kind: 'message-posted',
    platform: 'slack',
    tenant: 'T1',
    conversation: 'C1',
    message: `m${String(n).padStart(3, '0')}`,
    at: new Date(now.getTime() + n * 1000).toISOString(),
    source: 'import',
    author: { id: 'U1', name: 'Tamsin Vale' },
    text: 'The gauge at Mere Street reads four metres.',
  })
  const pipeline = createPipeline({ policy: readPolicy(undefined), now: () => now })
  let ended = false
  const turning = (async () => {
    for (; !ended; detector.turn += 1) await new Promise((resolve) => setImmediate(resolve))
  })()
  try {
    for (const from of [0, 100]) {
      const events = Array.from({ length: 100 }, (_, n) => said(from + n))
      await opened.database.transaction((tx) =>
        pipeline(
          tx,
          events.map((event, n) => ({ id: BigInt(from + n), event, receivedAt: now })),
        ),
      )
    }
  } finally {
    ended = true
    await turning
    await opened.close()
  }
  const stretches = [...detector.steps.values()]
  expect(stretches.reduce((sum, steps) => sum + steps, 0)).toBe(200)
  expect(Math.max(...stretches)).toBeLessThan(10)
}, 60_000)
