import { describe, expect, test } from 'vitest'
import { indexRemits, matchRemits, stem, telling } from '../../src/stakeholders/index.js'

const directory = [
  { id: 'news', role: 'Head of News', team: 'Communications', remit: 'Press, journalists, interviews' },
  { id: 'law', role: 'Legal Director', team: 'Legal', remit: 'Injunctions, landowners, judicial review' },
  { id: 'money', role: 'Director of Finance', team: 'Finance', remit: 'Spending, budgets, grants, payments' },
]
const index = indexRemits(directory)
const matched = (...talk: string[]): string[] => matchRemits(index, talk).map((match) => match.entryId)

describe('whose remit talk touches', () => {
  test('is found by the words they are responsible for, whatever their ending', () => {
    expect(matched('Who is budgeting for the payment of that grant?')[0]).toBe('money')
    expect(matched('Two landowners want an injunction')[0]).toBe('law')
    expect(stem('payments')).toBe(stem('payment'))
  })

  test('comes with the words that touched it, as they were written, most telling first', () => {
    const [first] = matchRemits(index, ['A Journalist wants an interview, and more journalists are waiting'])
    expect(first?.entryId).toBe('news')
    expect(first?.words.length).toBeGreaterThan(1)
    expect(first?.words.join(' ')).toMatch(/journalist/)
  })

  test('is nobody for small talk', () => {
    expect(matched('Thanks, will do, see you at the meeting tomorrow')).toEqual([])
    expect(matched('')).toEqual([])
    expect(matchRemits(index, [])).toEqual([])
    expect(matchRemits(indexRemits([]), ['interviews for journalists'])).toEqual([])
  })

  test('is whoever the newest words are about when talk moves on', () => {
    const talk = ['The grants and budgets are settled', 'Now the journalists and their interviews']
    expect(matched(...talk)[0]).toBe('news')
    expect(matched(...talk.toReversed())[0]).toBe('money')
  })

  test('does not grow by saying one word over and over', () => {
    const once = matchRemits(index, ['press'])[0]?.score ?? 0
    const often = matchRemits(index, ['press '.repeat(500)])[0]?.score ?? 0
    expect(often).toBeLessThan(once * 2)
  })

  test('is found in a text of any length in no time', () => {
    const started = performance.now()
    matched('journalists '.repeat(100_000), `${'a'.repeat(200_000)}-${"'".repeat(200_000)}`)
    expect(performance.now() - started).toBeLessThan(500)
    expect(telling('İ'.repeat(10_000)).length).toBeLessThan(5_000)
  })
})
