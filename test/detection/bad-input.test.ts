import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DetectMessage, detect, initialState, signals, step } from '../../src/detection/index.js'
import { languageNamed } from '../../src/detection/language.js'
import { normalise, tokenise } from '../../src/detection/text.js'

const english = languageNamed('en')

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
  ['a word that never ends as a pattern would have it', `${'a'.repeat(39_999)}!`],
  ['spaces before a word', `${' '.repeat(39_999)}x`],
  ['empty lines', '\n'.repeat(40_000)],
  ['lines of nothing but quotation marks', '>\n'.repeat(20_000)],
  ['characters that normalise into eighteen', '\ufdfa'.repeat(40_000)],
  ['broken surrogates', '\ud83d'.repeat(10_000)],
  ['NUL', '\u0000'.repeat(40_000)],
]

describe('bad input', () => {
  it.each(nasty)('reads %s in bounded time and says nothing of it', (_, text) => {
    const spent = timed(() => {
      expect(detect([message(text)]).filter((s) => s.wouldNudge)).toEqual([])
    })
    expect(spent).toBeLessThan(soon)
  })

  it.each(nasty)('explains a decision amid %s in bounded time and length', (_, text) => {
    const talk = [
      message(`Do we extend the shelter contract for £40k? ${text}`),
      message('Approved, go ahead', 1),
      message(`on it ${text}`, 2),
      message(text, 3),
    ]
    const spent = timed(() => {
      const found = detect(talk, { nudgeThreshold: 0.02 })
      expect(found.length).toBeGreaterThan(0)
      for (const { because, summary } of found) {
        expect(because.length).toBeLessThan(500)
        expect(summary.length).toBeLessThanOrEqual(200)
        expect(Buffer.from(because).toString()).toBe(because)
        expect(because).not.toContain('\u0000')
      }
    })
    expect(spent).toBeLessThan(soon)
  })

  it('reads a page of a pasted document and nothing between its head and its tail', () => {
    const paste = (middle: string): string => `${'we could '.repeat(250)}${middle}${' or not'.repeat(200)}`
    expect(normalise(paste('x'.repeat(40_000))).length).toBeLessThan(3100)
    expect(tokenise(paste(' go ahead'.repeat(5000)), english)).toEqual(
      tokenise(paste(' never'.repeat(5000)), english),
    )
    expect(tokenise('a '.repeat(20_000), english).tokens.length).toBeLessThanOrEqual(400)
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
      id: fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.constantFrom('__proto__', 'constructor')),
      speaker: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.constantFrom('__proto__', 'toString', '', '\u202eKaren', 'Ann '.repeat(9000)),
      ),
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

  it('holds to what stands now, however often messages are edited, deleted and said out of order', () => {
    const said = fc.constantFrom(
      'Do we extend the shelter contract for £40k?',
      'Approved, go ahead',
      'on it, raising the PO',
      'lunch?',
      'agreed, 3pm works',
    )
    const event = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      speaker: fc.constantFrom('Karen', 'Director Hale', 'Ben'),
      at: fc.integer({ min: 0, max: 600_000 }),
      text: said,
      deleted: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        let state = initialState({ nudgeThreshold: 0.05 })
        const standing = new Map<string, DetectMessage>()
        for (const e of events) {
          state = step(state, e).state
          if (e.deleted) standing.delete(e.id)
          else standing.set(e.id, e)
          const found = signals(state)
          expect(new Set(found.map((s) => `${s.kind} ${s.key}`)).size).toBe(found.length)
          for (const s of found)
            for (const id of [s.at, s.from, s.to, ...s.evidence]) expect(standing.has(id), id).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  const floods: [string, string[]][] = [
    ['assent', ['go go go', 'approved', 'yes', 'do it', '+1', 'agreed', '👍', 'ok']],
    [
      'decisions',
      [
        'Do we approve the £40k for the shelter?',
        'Approved, go ahead, cap it at £40k',
        'on it, raising the PO',
      ],
    ],
    ['options', ['options are A or B. pros and cons?', 'A is cheaper but slower', 'on the other hand B']],
    ['moves elsewhere', ['moving this to whatsapp, will add you', 'not on here, use my private gmail']],
  ]
  it.each(floods)('does not storm when 10,000 messages of %s come in a minute', (_, lines) => {
    const flood = Array.from({ length: 10_000 }, (_, i) => ({
      ...message(lines[i % lines.length] ?? '', i),
      at: i * 6,
    }))
    expect(detect(flood).filter((s) => s.wouldNudge).length).toBeLessThan(4)
  })

  it('remembers no more after 4,000 messages than after 400', () => {
    const size = (n: number): number => {
      let state = initialState()
      for (let i = 0; i < n; i++)
        state = step(state, {
          ...message(`point ${i}: shall we go with ${i}?`, i),
          // Letters alone: figures are no part of a name, and all would be called the same.
          speaker: `Person ${[...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`,
        }).state
      const held = state.discussions.reduce((sum, d) => sum + d.recent.length + d.firings.length, 0)
      return held + state.book.page.size + state.book.bound.size
    }
    const early = size(400)
    expect(size(4000)).toBeLessThanOrEqual(early + 400 + 64 + 100)
    expect(size(4000)).toBeLessThan(1000)
  })

  it('keeps no more signals of a discussion than later messages can change', () => {
    let state = initialState({ nudgeThreshold: 0.02 }, true)
    const lines = [
      'Do we approve the £40k for the shelter?',
      'Approved, go ahead',
      'on it',
      ...Array(12).fill('lunch?'),
    ]
    for (let i = 0; i < 1500; i++)
      state = step(state, { ...message(lines[i % lines.length] ?? '', i), at: i * 60_000 }).state
    expect(signals(state).length).toBeGreaterThan(20)
    expect(signals(state).length).toBeLessThanOrEqual(32)
  })

  it('keeps few discussions of many threads', () => {
    let state = initialState()
    for (let i = 0; i < 500; i++) state = step(state, { ...message('shall we?', i), threadId: `t${i}` }).state
    expect(state.discussions.length).toBeLessThanOrEqual(24)
  })
})
