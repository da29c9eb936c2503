import { describe, expect, it } from 'vitest'
import { type DetectMessage, detect, type Signal } from '../../src/detection/index.js'

type Line = [speaker: string, text: string, replyTo?: number]
const talk = (...lines: Line[]): DetectMessage[] =>
  lines.map(([speaker, text, replyTo], i) => ({
    id: `m${i}`,
    speaker,
    at: i * 60_000,
    text,
    ...(replyTo === undefined ? {} : { replyTo: `m${replyTo}` }),
  }))
/** Doubts too: what is looked at here is how they are explained, not whether they are worth a nudge. */
const decisions = (...lines: Line[]): Signal[] =>
  detect(talk(...lines), { nudgeThreshold: 0.05 }).filter((s) => s.kind === 'decision')
const only = (...lines: Line[]): Signal => {
  const found = decisions(...lines)
  expect(found).toHaveLength(1)
  return found[0] as Signal
}

const asks: Line = [
  'Karen',
  'Minister, we need a steer on the flood grant by noon: option 1 is a flat £500, option 2 is a means test. Which one?',
]
const rules: Line = ['Minister Okafor', 'Option 2 pls, and cap it at £2m']

describe('why a decision is thought one', () => {
  it('says who asked for a choice, who answered what, and that nobody objected', () => {
    const { because } = only(asks, rules, ['Tom', 'lift is out again'])
    expect(because).toBe(
      'Karen asked for a choice; Minister Okafor answered “Option 2 pls, and cap it at £2m”; nobody objected.',
    )
  })

  it('does not take silence that has had no time for assent', () => {
    expect(only(asks, rules).because).toMatch(/; nobody has answered yet\.$/)
  })

  it('names all who went along, and quotes who did not instead of judging', () => {
    const { because } = only(
      asks,
      rules,
      ['Yusuf', 'agreed'],
      ['Ana', 'I disagree, 2 will take months to set up'],
      ['Karen', 'Thanks, will tell the councils now'],
    )
    expect(because).toMatch(
      /; Yusuf and Karen went along, but Ana wrote “I disagree, 2 will take months to set up”\.$/,
    )
  })

  it.each(["I don't agree", 'not sure I agree with that', 'he never approved that', 'agreed?'])(
    'does not count "%s" as going along',
    (text) => {
      expect(only(asks, rules, ['Yusuf', text]).because).not.toContain('Yusuf went along')
    },
  )

  it('passes over arrangements that lie between the matter and its settling', () => {
    const { from, because } = only(
      ['Teresa', 'That leaves no officer on capital grants. Could Declan act up?'],
      ['Padraig', 'he ran the whole Athlone call in the spring'],
      ['Padraig', 'also I have a spare seat to Tullamore tomorrow'],
      ['Teresa', 'me pls, 7.15?'],
      ['Orla', "Right so, we're agreed. Declan acts up from Monday, full allowance"],
      ['Teresa', 'great'],
    )
    expect(from).toBe('m0')
    expect(because).toContain('Could Declan act up?”')
    expect(because).not.toContain('7.15')
  })

  it('does not make a question to somebody else the one that was answered', () => {
    const { because } = only(
      [
        'Anneliese',
        'what if anyone who sends a bank statement gets the charge back, up to 50, no complaint needed',
      ],
      ['Magda', 'Sukhdev any problem?'],
      ['Sukhdev', 'none from me under 50'],
      [
        'Director Hale',
        "Good, then let's do that from today: charges back up to 50. Magda please put it in the guidance",
      ],
      ['Magda', 'on it'],
    )
    expect(because).not.toContain('Sukhdev any problem')
  })

  it('names the one who ruled, not the one who set about it', () => {
    for (const s of decisions(
      ['Maeve', 'their application came at 12.20, it is lovely too'],
      ['Deirdre', 'Rules are rules, leave it out, same for anyone else after 12. Write them a decent letter'],
      ['Maeve', 'will do Deirdre'],
    )) {
      expect(s.decidedBy).toBe('Deirdre')
      expect(s.because).toContain('Deirdre settled it with “Rules are rules')
    }
  })

  it('names the one who says yes to a proposal', () => {
    const { decidedBy, askedBy } = only(
      ['Jo', 'Quote for the boiler is £14,200. I propose we take it, Helen are you ok with that?'],
      ['Helen', 'Approved, go ahead'],
      ['Jo', 'on it'],
    )
    expect({ decidedBy, askedBy }).toEqual({ decidedBy: 'Helen', askedBy: 'Jo' })
  })
})

describe('words put into mouths', () => {
  it('never quotes as somebody’s words the lines they quoted', () => {
    const { because, summary } = only(asks, [
      'Minister Okafor',
      '> option 1 is the flat one, I would pay it to everybody\nOption 2 pls, cap it at £2m',
    ])
    expect(because).toContain('Minister Okafor answered “Option 2 pls, cap it at £2m”')
    expect(summary).not.toContain('everybody')
  })

  it('lets no mark turn the sentence round, no control into it, and no name run on', () => {
    const evil = `Karen\u202e\u0000\u0007${'x'.repeat(500)}`
    const { because } = only(
      [evil, `${asks[1]}\u202e`],
      ['Minister Okafor', 'Option 2 pls\u2066 \u0000go ahead'],
    )
    expect(because).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    expect(because.length).toBeLessThan(400)
    expect(because).toMatch(/^Karenx+…/)
  })

  it('speaks of somebody where there is no name, and keeps the name as it is for the record', () => {
    const { because, decidedBy } = only(asks, ['', 'Option 2 pls, go ahead and cap it at £2m'])
    expect(decidedBy).toBe('')
    expect(because).toContain('Somebody answered')
  })

  it('never cuts through a character, which no database would take', () => {
    for (let pad = 40; pad < 80; pad++) {
      const found = decisions(asks, [
        'Minister Okafor',
        `Option 2 pls ${'a'.repeat(pad)}👍👍👍 go ahead with option 2`,
      ])
      for (const { because, summary } of found) {
        // A half of a pair does not survive the way to UTF-8 and back.
        for (const text of [because, summary]) expect(Buffer.from(text).toString()).toBe(text)
      }
    }
  })
})
