import { describe, expect, it } from 'vitest'
import { type DetectMessage, detect, initialState, signals, step } from '../../src/detection/index.js'

const talk = (...lines: [speaker: string, text: string][]): DetectMessage[] =>
  lines.map(([speaker, text], i) => ({ id: `m${i}`, speaker, at: i * 60_000, text }))
const nudges = (messages: DetectMessage[]) =>
  detect(messages).filter((s) => s.kind === 'decision' && s.wouldNudge)

describe('detecting decisions', () => {
  it('finds a choice an official asked for and a minister made', () => {
    const found = nudges(
      talk(
        [
          'Karen',
          'Minister, we need a steer on the flood grant by noon: option 1 is a flat £500, option 2 is a means test',
        ],
        ['Yusuf', 'Treasury are happy with either'],
        ['Minister Okafor', 'Option 2 pls, and cap it at £2m'],
        ['Karen', 'Thanks, will tell the councils now'],
      ),
    )
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ at: 'm2', decidedBy: 'Minister Okafor', askedBy: 'Karen' })
    expect(found[0]?.because).toContain('Minister Okafor')
  })

  it('stays silent when people agree when to meet', () => {
    expect(
      nudges(
        talk(
          ['Ana', 'can we do the catch up at 3pm instead?'],
          ['Ben', 'agreed, 3pm works'],
          ['Ana', 'ok moved the invite'],
        ),
      ),
    ).toEqual([])
  })

  it('folds step by step into the same signals', () => {
    const messages = talk(
      ['Karen', 'Do we extend the shelter contract? Quote is £40k for three months'],
      ['Director Hale', 'Yes go ahead, approved, three months only'],
      ['Karen', 'on it, raising the PO'],
    )
    let state = initialState()
    for (const message of messages) state = step(state, message).state
    expect(signals(state)).toEqual(detect(messages))
  })
})
