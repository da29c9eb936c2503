import { describe, expect, it } from 'vitest'
import {
  type DetectMessage,
  detect,
  initialState,
  type Signal,
  signals,
  step,
} from '../../src/detection/index.js'

const talk = (...lines: [speaker: string, text: string][]): DetectMessage[] =>
  lines.map(([speaker, text], i) => ({ id: `m${i}`, speaker, at: i * 60_000, text }))
const nudges = (messages: DetectMessage[]): Signal[] =>
  detect(messages).filter((s) => s.kind === 'decision' && s.wouldNudge)

const steer = talk(
  [
    'Karen',
    'Minister, we need a steer on the flood grant by noon: option 1 is a flat £500, option 2 is a means test',
  ],
  ['Yusuf', 'Treasury are happy with either'],
  ['Minister Okafor', 'Option 2 pls, and cap it at £2m'],
  ['Karen', 'Thanks, will tell the councils now'],
)

describe('what it finds', () => {
  it('finds a choice an official asked for and a minister made', () => {
    const found = nudges(steer)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ key: 'm2', at: 'm2', decidedBy: 'Minister Okafor', askedBy: 'Karen' })
  })

  it('explains itself in one sentence that names who asked, who answered and what came after', () => {
    const because = nudges(steer)[0]?.because ?? ''
    expect(because).toMatch(/^Karen asked/)
    expect(because).toContain('Minister Okafor answered')
    expect(because).toContain('Karen went along')
  })

  it('gives the messages that prove it, in order, and a draft of what was decided', () => {
    const signal = nudges(steer)[0]
    expect(signal?.evidence).toEqual(['m0', 'm2', 'm3'])
    expect(signal?.summary).toContain('Option 2')
    expect(signal?.summary.length).toBeLessThanOrEqual(200)
  })

  it('finds spending approved in passing', () => {
    const found = nudges(
      talk(
        [
          'Jo',
          'The boiler at the shelter has gone. Quote is £14,200, they can start Monday if we say yes by 5',
        ],
        ['Jo', 'Helen are you ok with that coming out of your budget?'],
        ['Helen', 'Approved, go ahead. Take it from the maintenance line and cap it at 15k'],
        ['Jo', 'Brilliant thank you, ringing them now'],
      ),
    )
    expect(found.map((s) => s.at)).toEqual(['m2'])
  })

  it.each<[string, [string, string][], string]>([
    [
      'an approval given to nobody’s question',
      [
        ['Priya', 'The contractor needs an answer on the extra £40,000 for the culvert repair by noon.'],
        ['Tom', 'It is within the contingency.'],
        ['Director Hale', 'We approve the extra £40,000'],
        ['Priya', 'Thanks, letting them know'],
      ],
      'm2',
    ],
    [
      'a choice in two words',
      [
        ['Ana', 'option 1 is the hotel, option 2 the sports hall'],
        ['SoS', 'option 2 pls'],
        ['Ana', 'ok booking'],
      ],
      'm1',
    ],
    [
      'an amount named',
      [
        [
          'Karen',
          'Minister, two options for the flood grant: £500 per house now or wait for the survey. Which?',
        ],
        ['Minister Okafor', '£500 now'],
        ['Karen', 'will do'],
      ],
      'm1',
    ],
    [
      'an order that is carried out',
      [
        ['Akello', 'RDC, the bridge at Kyoga is weak. Lorries are still passing'],
        ['RDC Mukasa', 'How weak'],
        ['Akello', 'engineer says not more than 5 tonnes'],
        ['RDC Mukasa', 'Close it to lorries from tonight. Put police both sides. Small cars can pass'],
        ['Akello', 'Yes sir, calling the DPC now'],
      ],
      'm3',
    ],
    [
      'a request refused',
      [
        ['Grace', 'Can we lend the hall to the food bank for the winter? free'],
        ['Amos', 'we did it last year'],
        ['Chair Odhiambo', 'No. Not while the roof leaks. Find them the annex instead'],
        ['Grace', 'ok, the annex. I will tell them'],
      ],
      'm2',
    ],
  ])('finds what somebody with a title rules: %s', (_, lines, at) => {
    expect(nudges(talk(...lines)).map((s) => s.at)).toEqual([at])
  })

  it.each<[string, [string, string][]]>([
    [
      'a meeting',
      [
        ['Karen', 'Minister, is 3pm ok for the flood call or shall we say 4?'],
        ['Minister Okafor', '3pm please'],
        ['Karen', 'will do'],
      ],
    ],
    [
      'being late',
      [
        ['Karen', 'Minister, we start in five minutes'],
        ['Minister Okafor', 'Start without me, please keep me a seat'],
        ['Karen', 'ok'],
      ],
    ],
    [
      'a look asked for',
      [
        ['Director Hale', 'Please take a look at the draft when you can'],
        ['Jo', 'will do'],
      ],
    ],
  ])('leaves alone what somebody with a title says about everyday things: %s', (_, lines) => {
    expect(nudges(talk(...lines))).toEqual([])
  })

  it('keeps a ruling on the next question apart, however soon it follows', () => {
    const found = nudges(
      talk(
        ['Rae', 'site is falling over. do we take it down or leave it limping?'],
        ['Director Hale', 'Take it down, holding page up now'],
        ['Rae', 'doing it'],
        ['Tom', 'and what do we tell the people who were due to apply today?'],
        ['Director Hale', 'Everyone due today gets until Friday 5pm. Use that on the phones from now'],
        ['Tom', 'on it, telling the team leads'],
      ),
    )
    expect(found.map((s) => s.at)).toEqual(['m1', 'm4'])
  })

  it('keeps two decisions in one discussion apart', () => {
    const found = nudges(
      talk(
        ['Rae', 'site is falling over. do we take it down or leave it limping?'],
        ['Director Hale', 'Take it down, holding page up now'],
        ['Rae', 'doing it'],
        ['Tom', 'page is up'],
        ['Rae', 'phones are at 90 in the queue'],
        ['Tom', 'ouch'],
        ['Rae', 'anyone got the supplier number'],
        ['Tom', 'pinned at the top'],
        ['Rae', 'next question, applications close at midnight. do we extend the deadline?'],
        ['Director Hale', 'Yes. Everyone gets until Friday 5pm, use that on the phones from now'],
        ['Rae', 'thank you, will put it on the page'],
      ),
    )
    expect(found.map((s) => s.at)).toEqual(['m1', 'm9'])
  })
})

describe('what it stays silent on', () => {
  const silent: [string, DetectMessage[]][] = [
    [
      'when to meet',
      talk(
        ['Ana', 'can we do the catch up at 3pm instead?'],
        ['Ben', 'agreed, 3pm works'],
        ['Ana', 'ok moved the invite'],
      ),
    ],
    ['thanks', talk(['Ana', 'sent you the slides'], ['Ben', 'thanks so much'], ['Ana', 'no problem'])],
    [
      'lunch',
      talk(['Ana', 'pizza or noodles?'], ['Ben', 'noodles it is, final decision'], ['Ana', 'approved lol']),
    ],
    [
      'looking at something',
      talk(
        ['Ana', 'could you review my branch when you have time?'],
        ['Ben', "sure, I'll take a look after lunch"],
        ['Ana', 'cheers'],
      ),
    ],
    [
      'an old minute',
      talk(
        ['Ana', '"AGREED that the retention period for site notes be seven years, action JT to amend"'],
        ['Ben', 'that is from 2019 though'],
      ),
    ],
    [
      'an open proposal',
      talk(
        ['Ana', 'maybe we should split the team one day'],
        ['Ben', 'hmm, not sure, let me think about it'],
      ),
    ],
    ['nothing at all', talk(['Ana', ''], ['Ben', '   '], ['Ana', '...'])],
  ]
  it.each(silent)('does not nudge about %s', (_, messages) => {
    expect(nudges(messages)).toEqual([])
  })

  it('notices business moving to a private phone, and says so only as that', () => {
    const found = detect(
      talk(
        ['Petra', 'someone leaked the visit note'],
        ['Louis', 'I have thoughts but not on here, this channel is searchable'],
        ['Petra', 'same. making a whatsapp group, will add you, put disappearing messages on'],
        ['Louis', 'ok'],
      ),
    )
    expect(found.map((s) => s.kind)).toContain('off-channel')
    expect(found.filter((s) => s.wouldNudge).map((s) => s.kind)).toEqual(['off-channel'])
    expect(found.some((s) => s.kind === 'decision')).toBe(false)
  })

  it('marks what was decided elsewhere as reported, never as taken here', () => {
    const found = detect(
      talk(
        ['Amara', 'box note back: SoS has agreed to option B, content for officials to proceed'],
        ['Neville', 'great, is there a signed copy'],
        ['Amara', 'in the folder, private office filed it'],
      ),
    )
    expect(found.filter((s) => s.wouldNudge)).toEqual([])
  })
})

describe('step by step', () => {
  const fold = (messages: readonly DetectMessage[]) => {
    let state = initialState()
    for (const message of messages) state = step(state, message).state
    return state
  }

  it('folds into the same signals as detect', () => {
    expect(signals(fold(steer))).toEqual(detect(steer))
  })

  it('does not change the state it was given, so that a step may be tried twice', () => {
    const before = fold(steer.slice(0, 3))
    const last = steer[3] as DetectMessage
    const once = step(before, last)
    const again = step(before, last)
    expect(again.changed).toEqual(once.changed)
    expect(signals(again.state)).toEqual(signals(once.state))
  })

  it('keeps the key of a decision once it was worth a nudge, while replies raise its confidence', () => {
    let state = initialState()
    const keys = new Set<string>()
    for (const message of steer) {
      const result = step(state, message)
      for (const s of result.changed) if (s.kind === 'decision' && s.wouldNudge) keys.add(s.key)
      state = result.state
    }
    expect([...keys]).toEqual(['m2'])
  })

  it('withdraws a decision whose message is deleted', () => {
    const result = step(fold(steer), { ...(steer[2] as DetectMessage), deleted: true })
    expect(result.withdrawn).toContain('m2')
    expect(signals(result.state).some((s) => s.key === 'm2' && s.kind === 'decision')).toBe(false)
  })

  it('withdraws a decision whose message is edited into none, and finds it when it is edited back', () => {
    const settling = steer[2] as DetectMessage
    const edited = step(fold(steer), { ...settling, text: 'Reading it on the train, back at four' })
    expect(edited.withdrawn).toContain('m2')
    const back = step(edited.state, settling)
    expect(back.changed.filter((s) => s.wouldNudge).map((s) => s.at)).toEqual(['m2'])
  })

  it('follows a thread apart from what is said around it', () => {
    const messages: DetectMessage[] = [
      {
        id: 'root',
        speaker: 'Karen',
        at: 0,
        text: 'Do we extend the shelter contract? Quote is £40k for three months',
      },
      { id: 'a', speaker: 'Ana', at: 1000, text: 'lunch anyone?' },
      {
        id: 'b',
        speaker: 'Director Hale',
        at: 2000,
        threadId: 'root',
        text: 'Yes approved, go ahead, three months only',
      },
      { id: 'c', speaker: 'Ben', at: 3000, text: 'me, 12.30 downstairs' },
      { id: 'd', speaker: 'Karen', at: 4000, threadId: 'root', text: 'on it, raising the PO' },
    ]
    const found = detect(messages).filter((s) => s.wouldNudge)
    expect(found).toHaveLength(1)
    expect(found[0]?.evidence).not.toContain('a')
    expect(found[0]?.evidence).not.toContain('c')
  })

  it('holds votes on the next matter apart from those on the one before, and a long list of votes together', () => {
    const votes = ['Ines', 'Tom', 'Wale', 'Siri', 'Noor', 'Piet'].map((who): [string, string] => [who, '+1'])
    const found = detect(
      talk(
        ['Anders', 'Proposal: close issue 14 with no change to the text'],
        ...votes,
        ['Anders', 'Next proposal: publish the second draft on Tuesday'],
        ...votes,
      ),
      { nudgeThreshold: 0.1 },
    ).filter((s) => s.kind === 'decision' && s.wouldNudge)
    expect(found.map((s) => Number(s.at.slice(1)) > 7)).toEqual([false, true])
  })

  it('nudges more readily or less as the threshold says', () => {
    expect(detect(steer, { nudgeThreshold: 1.1 }).some((s) => s.wouldNudge)).toBe(false)
    expect(detect(steer, { nudgeThreshold: 0.05 }).some((s) => s.wouldNudge)).toBe(true)
  })
})
