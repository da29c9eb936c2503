import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut } from '../../adapters/slack/limits.js'
import { escapeText, escapeTo, webAddress } from '../../adapters/slack/mrkdwn.js'
import { actionName, cardBlocks, opensForm, renderCard } from '../../adapters/slack/render-card.js'
import type { Card, CardItem } from '../../src/platform/index.js'
import { checkBlocks } from '../support/slack/block-kit.js'
import { readBlocks } from '../support/slack/read-screen.js'

const card: Card = {
  heading: 'This looks like a decision',
  text: ['Close the barrier at noon.'],
  quotes: [
    {
      author: 'Tamsin Vale',
      at: '10:02',
      text: 'Noon\nthen',
      link: 'https://rivers.slack.com/archives/C1/p1',
    },
  ],
  facts: [{ label: 'Days left', value: '4' }],
  lists: [
    {
      title: 'Oldest',
      items: [{ text: 'One', detail: 'yesterday', buttons: [{ label: 'Open', action: 'open', value: '1' }] }],
    },
  ],
  buttons: [{ label: 'Record it', action: 'nudge.record', value: 'n-1', style: 'primary', opensForm: true }],
  links: [{ label: 'All of them', url: 'https://rivers.example/all?a=1&b=2' }],
  footer: 'Only you see this.',
  summary: 'This looks like a decision',
}

describe('a card in Slack', () => {
  test('shows every part, within Slack’s rules', () => {
    const { blocks, text } = renderCard(card)
    expect(checkBlocks(blocks, 'message')).toEqual([])
    const read = readBlocks(blocks)
    for (const words of [
      'noon',
      'Tamsin Vale',
      'Noon\nthen',
      'Days left: 4',
      'yesterday',
      'All of them',
      'Only you',
    ])
      expect(read.text).toContain(words)
    expect(read.buttons.map((button) => button.label)).toEqual(['Open', 'Record it'])
    expect(text).toBe('This looks like a decision')
  })

  test('contains no mrkdwn, so that nothing written by a person can mention or link', () => {
    const blocks = JSON.stringify(
      cardBlocks({ ...card, text: ['<!channel> <https://evil.example|gov.uk>'] }, 50),
    )
    expect(blocks).not.toContain('mrkdwn')
    expect(blocks).not.toContain('"type":"link","url":"https://evil.example')
  })

  test('links only to web addresses', () => {
    const links = [
      { label: 'Press me', url: 'javascript:alert(1)' },
      { label: 'Here', url: 'https://ok.example/|<x>' },
    ]
    const blocks = JSON.stringify(cardBlocks({ ...card, links }, 50))
    expect(blocks).not.toContain('javascript:')
    expect(blocks).toContain('Press me')
    expect(webAddress('https://ok.example/ü')).toBe('https://ok.example/%C3%BC')
    expect(webAddress('ftp://x')).toBeUndefined()
  })

  test('drops the marks that turn the writing direction', () => {
    expect(JSON.stringify(renderCard({ ...card, heading: 'a\u202eb', summary: 'c\u2066d' }))).not.toMatch(
      /[\u202e\u2066]/,
    )
  })

  test('counts what it cannot show', () => {
    const items: CardItem[] = Array.from({ length: 300 }, (_, n) => ({
      text: `Matter ${n}`,
      buttons: [{ label: 'Do', action: 'do', value: String(n) }],
    }))
    const blocks = cardBlocks(
      {
        ...card,
        lists: [{ title: 'Long', items, total: 900, more: { label: 'See all', url: 'https://x.example' } }],
      },
      50,
    )
    expect(checkBlocks(blocks, 'message')).toEqual([])
    const read = readBlocks(blocks)
    const shown = new Set(read.text.match(/Matter \d+/g)).size
    expect(shown).toBeGreaterThan(10)
    expect(read.text).toContain(`and ${900 - shown} more`)
    expect(read.buttons.at(-1)?.label).toBe('Record it')
  })

  test('shares the room between lists, so that a long first one does not hide the others', () => {
    const items = Array.from({ length: 100 }, (_, n) => ({
      text: `M${n}`,
      buttons: [{ label: 'Do', action: 'do', value: String(n) }],
    }))
    const lists = ['First', 'Second', 'Third'].map((title) => ({ title, items }))
    const read = readBlocks(cardBlocks({ ...card, lists }, 50))
    for (const title of ['First', 'Second', 'Third']) expect(read.text).toContain(title)
  })

  test('gives each button an id of its own and its action back', () => {
    const same = { label: 'Do', action: 'list.do', value: 'x' }
    const read = readBlocks(cardBlocks({ ...card, buttons: [same, same, { ...same, opensForm: true }] }, 50))
    const ids = read.buttons.map((button) => button.actionId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.slice(1).map(actionName)).toEqual(['list.do', 'list.do', 'list.do'])
    expect(ids.slice(1).map(opensForm)).toEqual([false, false, true])
  })

  const words = fc.string({ unit: 'grapheme', maxLength: 5000 })
  const anyCard = fc.record({
    heading: words,
    text: fc.array(words, { maxLength: 20 }),
    quotes: fc.array(fc.record({ author: words, at: words, text: words, link: fc.webUrl() }), {
      maxLength: 30,
    }),
    facts: fc.array(fc.record({ label: words, value: words }), { maxLength: 50 }),
    lists: fc.array(
      fc.record({
        title: words,
        items: fc.array(
          fc.record({
            text: words,
            detail: words,
            buttons: fc.array(
              fc.record({ label: words, action: fc.constant('a.b'), value: fc.string({ maxLength: 200 }) }),
              { maxLength: 3 },
            ),
          }),
          { maxLength: 40 },
        ),
      }),
      { maxLength: 3 },
    ),
    buttons: fc.array(
      fc.record({ label: words, action: fc.constant('a.b'), value: fc.string({ maxLength: 200 }) }),
      { maxLength: 30 },
    ),
    footer: words,
    summary: words,
  })
  test.each([
    ['message', 50],
    ['modal', 100],
  ] as const)(
    'whatever is in it, a %s is one Slack takes',
    (surface, most) => {
      fc.assert(
        fc.property(anyCard, (any) => {
          expect(checkBlocks(cardBlocks(any, most), surface)).toEqual([])
          expect(renderCard(any).text.length).toBeLessThanOrEqual(4000)
        }),
        { numRuns: 60 },
      )
    },
    60_000,
  )
})

describe('cutting and escaping', () => {
  test('cuts at whole characters', () => {
    expect(cut('abc', 3)).toBe('abc')
    expect(cut('a😀b', 3)).toBe('a…')
    expect(cut('abcdef', 4)).toBe('abc…')
  })
  test('escapes what Slack gives meaning to, and nothing else', () => {
    expect(escapeText('<!channel> & *bold*')).toBe('&lt;!channel&gt; &amp; *bold*')
  })
  test('never cuts inside an entity, nor beyond the limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('&', '<', 'a', '😀') }),
        fc.integer({ min: 6, max: 60 }),
        (text, max) => {
          const result = escapeTo(text, max)
          expect(result.length).toBeLessThanOrEqual(max)
          expect(result.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
        },
      ),
    )
  })
})
