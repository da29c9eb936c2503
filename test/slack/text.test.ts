import { describe, expect, test } from 'vitest'
import { instantOf, tsOf } from '../../adapters/slack/payloads.js'
import { mentionedPeople, plainText } from '../../adapters/slack/text.js'

const names = {
  person: (id: string) => ({ U1: 'Tamsin Vale' })[id],
  channel: (id: string) => ({ C1: 'flood-response' })[id],
}

describe('Slack markup as people read it', () => {
  test.each([
    ['<@U1> and <@U2|petra> and <@U3>', '@Tamsin Vale and @petra and @U3'],
    ['in <#C1> and <#C2|other> and <#C3|>', 'in #flood-response and #other and #C3'],
    ['<https://a.example>', 'https://a.example'],
    ['<https://a.example/|a.example>', 'https://a.example/'],
    ['<https://a.example|the plan>', 'the plan (https://a.example)'],
    ['<mailto:a@b.example|a@b.example> <tel:+44|+44>', 'a@b.example +44'],
    [
      '<!here> <!channel> <!everyone|everyone> <!subteam^S1|@engineers> <!subteam^S2>',
      '@here @channel @everyone @engineers @group',
    ],
    ['<!date^1392734382^{date}|18 February>', '18 February'],
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['&amp;lt; stays', '&lt; stays'],
    ['<not markup> < alone', '<not markup> < alone'],
    ['&lt;@U1&gt; typed by hand', '<@U1> typed by hand'],
  ])('%s', (markup, words) => {
    expect(plainText(markup, names)).toBe(words)
  })

  test('knows who is mentioned', () => {
    expect(mentionedPeople('<@U1> <@U1> <@W2|x> &lt;@U9&gt; <#C1>')).toEqual(['U1', 'W2'])
  })
})

describe('Slack’s time', () => {
  test.each([
    ['1763800000.000100', '2025-11-22T08:26:40.000Z'],
    ['1763800000.999999', '2025-11-22T08:26:40.999Z'],
    ['1763800000', '2025-11-22T08:26:40.000Z'],
  ])('%s', (ts, instant) => {
    expect(instantOf(ts)).toBe(instant)
  })
  test('goes both ways', () => {
    expect(tsOf(new Date('2025-11-22T08:26:40.123Z'))).toBe('1763800000.123000')
  })
})
