import type { Card, Form, OutgoingPost, PostTarget } from '../../src/platform/index.js'

/** A card with two buttons, as a nudge has. */
export function sampleCard(heading = 'This looks like a decision'): Card {
  return {
    heading,
    text: ['Evacuate Mere Street at noon.'],
    quotes: [{ author: 'Tamsin Vale', at: 'Tuesday 10:02', text: 'Then we evacuate at noon.' }],
    facts: [{ label: 'Group', value: 'Flood response' }],
    buttons: [
      { label: 'Record it', action: 'nudge.record', value: 'n-1', style: 'primary' },
      { label: 'Not a decision', action: 'nudge.set-aside', value: 'n-1' },
    ],
    footer: 'You see this because you settled the matter.',
    summary: 'This looks like a decision: evacuate Mere Street at noon',
  }
}

/** A form with one field of several kinds, two of them filled in. */
export function sampleForm(): Form {
  return {
    id: 'record-decision',
    state: 'state|1|é',
    title: 'Record a decision',
    intro: ['From the talk in Flood response.'],
    fields: [
      {
        type: 'textarea',
        name: 'what',
        label: 'What was decided',
        required: true,
        value: 'Noon',
        maxLength: 2000,
      },
      {
        type: 'select',
        name: 'type',
        label: 'Type',
        required: true,
        value: 'other',
        choices: [
          { value: 'operational-direction', label: 'Operational direction' },
          { value: 'other', label: 'Other' },
        ],
      },
      {
        type: 'checkboxes',
        name: 'evidence',
        label: 'Evidence',
        required: false,
        values: ['m1'],
        choices: [
          { value: 'm1', label: 'First message' },
          { value: 'm2', label: 'Second message' },
        ],
      },
      { type: 'text', name: 'why', label: 'Why', required: false, maxLength: 200 },
    ],
    submitLabel: 'Record',
  }
}

/** Words that are markup, mentions or control characters on one platform or another. */
export const hostileWords = [
  '<!channel> everybody',
  '<script>alert(1)</script>',
  '[a link](https://evil.example)',
  '<https://evil.example|click here>',
  '<at>everyone</at>',
  '*bold* _it_ ~no~ `code` & &amp;',
  'right\u202eto left\u202c end',
] as const

/** A card whose every part carries hostile words. */
export function hostileCard(): Card {
  return {
    heading: 'Hostile <b>words</b>',
    text: [...hostileWords],
    quotes: hostileWords.map((text) => ({ author: 'Mal <i>Lory</i>', at: 'now', text })),
    facts: hostileWords.map((value, index) => ({ label: `Fact ${index}`, value })),
    summary: '<!channel> summary',
  }
}

/** More than any platform shows in one post: 60 items and 10,000 characters. */
export function hugeCard(): Card {
  return {
    heading: 'Too much for one post',
    text: ['All of it matters. '.repeat(550).slice(0, 10_000)],
    lists: [
      {
        title: 'Unrecorded decisions',
        items: Array.from({ length: 60 }, (_, index) => ({
          text: `Matter number ${index + 1}`,
          detail: `Said on day ${index + 1}`,
        })),
        more: { label: 'See all', url: 'http://localhost:3000/unrecorded' },
      },
    ],
    buttons: [{ label: 'Open', action: 'digest.open', value: 'd-1' }],
    summary: 'Too much for one post',
  }
}

/** Wraps a card as the outbox would. */
export function outgoing(target: PostTarget, card: Card = sampleCard(), outboxId = 'outbox-1'): OutgoingPost {
  return { outboxId, target, card }
}
