import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DetectMessage, detect, initialState, step } from '../../src/detection/index.js'

const message = (text: string, i = 0): DetectMessage => ({
  id: `m${i}`,
  speaker: `P${i % 5}`,
  at: i * 1000,
  text,
})
/** Generous on a busy machine; what is ruled out is a crawl, not a slow day. */
const soon = 400
const timed = (run: () => void): number => {
  const before = process.cpuUsage()
  run()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 1000
}
detect([message('warm up, go ahead')])

const nasty: [string, string][] = [
  ['a 40,000-character message', 'we should go ahead with it. '.repeat(1500).slice(0, 40_000)],
  ['a 40,000-character word', 'a'.repeat(40_000)],
  ['a thousand emoji', '👍'.repeat(1000)],
  [
    'a thousand different emoji',
    Array.from({ length: 1000 }, (_, i) => String.fromCodePoint(0x1f300 + (i % 700))).join(''),
  ],
  ['right-to-left text', 'אנחנו מסכימים עם האפשרות השנייה '.repeat(200)],
  ['bidi controls', '\u202eko oga\u202c go ahead\u2066\u2069'.repeat(300)],
  ['combining marks', `ok${'\u0301\u0323\u0336'.repeat(8000)}`],
  ['a base64 blob', Buffer.from('remembrancer'.repeat(2500)).toString('base64')],
  ['quotes without end', '"'.repeat(20_000)],
  ['a ladder of quotes', '> '.repeat(15_000)],
  ['angle brackets', '<'.repeat(30_000)],
  ['colons', ':'.repeat(30_000)],
  ['money without end', '£1,'.repeat(10_000)],
  ['dashes and apostrophes', "-'".repeat(15_000)],
  ['text built to make a regular expression crawl', `${'a '.repeat(15_000)}!`],
  ['broken surrogates', '\ud83d'.repeat(10_000)],
]

describe('bad input', () => {
  it.each(nasty)('reads %s in bounded time and says nothing of it', (_, text) => {
    const spent = timed(() => {
      expect(detect([message(text)]).filter((s) => s.wouldNudge)).toEqual([])
    })
    expect(spent).toBeLessThan(soon)
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 12 }), (texts) => {
        for (const s of detect(texts.map(message))) {
          expect(s.confidence).toBeGreaterThanOrEqual(0)
          expect(s.confidence).toBeLessThanOrEqual(1)
          expect(s.summary.length).toBeLessThanOrEqual(200)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('takes any speakers, times and threads', () => {
    const any = fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      speaker: fc.string({ unit: 'binary', maxLength: 30 }),
      at: fc.integer({ min: 0, max: 2 ** 41 }),
      text: fc.constantFrom('ok', 'go ahead', 'shall we?', 'agreed, option 2 please', '', '👍'),
      deleted: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (messages) => {
        detect(messages)
      }),
      { numRuns: 150 },
    )
  })

  it('does not storm when 10,000 messages come in a minute', () => {
    const lines = ['go go go', 'approved', 'yes', 'do it', '+1', 'agreed', '👍', 'ok']
    const flood = Array.from({ length: 10_000 }, (_, i) => ({
      ...message(lines[i % lines.length] ?? '', i),
      at: i * 6,
    }))
    expect(detect(flood).filter((s) => s.wouldNudge).length).toBeLessThan(100)
  })

  it('remembers no more after 4,000 messages than after 400', () => {
    const size = (n: number): number => {
      let state = initialState()
      for (let i = 0; i < n; i++)
        state = step(state, {
          ...message(`point ${i}: shall we go with ${i}?`, i),
          speaker: `Person${i % 600}`,
        }).state
      const held = state.discussions.reduce((sum, d) => sum + d.recent.length + d.firings.length, 0)
      return held + state.book.size
    }
    const early = size(400)
    expect(size(4000)).toBeLessThanOrEqual(early + 400 + 64 + 100)
    expect(size(4000)).toBeLessThan(1000)
  })

  it('keeps few discussions of many threads', () => {
    let state = initialState()
    for (let i = 0; i < 500; i++) state = step(state, { ...message('shall we?', i), threadId: `t${i}` }).state
    expect(state.discussions.length).toBeLessThanOrEqual(24)
  })
})
