import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packMeta, readForm, unpackMeta, viewValues } from '../../adapters/slack/form-meta.js'
import { renderForm } from '../../adapters/slack/render-form.js'
import { restoredView } from '../../adapters/slack/restore.js'
import type { Field, Form } from '../../src/platform/index.js'
import { checkView } from '../support/slack/block-kit.js'
import { scaledClock } from '../support/slack/clock.js'
import { putView, viewJson } from '../support/slack/methods-views.js'
import { chosenState, readInputs } from '../support/slack/read-screen.js'
import { createWorld } from '../support/slack/world.js'

const choices = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ value: `v${n}`, label: `Choice ${n}` }))
const fields: readonly Field[] = [
  { type: 'textarea', name: 'what', label: 'What', required: true, value: 'Noon', maxLength: 4000 },
  { type: 'text', name: 'who', label: 'Who', required: false, maxLength: 100, refreshes: true },
  { type: 'date-time', name: 'when', label: 'When', required: true, value: '2026-11-22T09:30' },
  { type: 'date', name: 'review', label: 'Review', required: false, value: '2027-01-31' },
  {
    type: 'select',
    name: 'type',
    label: 'Type',
    required: true,
    value: 'v1',
    choices: choices(3),
    refreshes: true,
  },
  { type: 'select', name: 'many', label: 'Many', required: false, choices: choices(250) },
  { type: 'radios', name: 'how', label: 'How', required: false, value: 'v0', choices: choices(12) },
  {
    type: 'checkboxes',
    name: 'evidence',
    label: 'Evidence',
    required: false,
    values: ['v1', 'elsewhere'],
    choices: choices(8),
  },
  { type: 'people', name: 'by', label: 'By', required: true, values: ['U1'], choices: [], multiple: true },
  {
    type: 'people',
    name: 'chair',
    label: 'Chair',
    required: false,
    values: [],
    choices: [],
    multiple: false,
  },
  { type: 'select', name: 'none', label: 'None', required: false, choices: [] },
]
const form: Form = {
  id: 'record-decision',
  state: 'opaque|é|"quoted"',
  title: 'Record a decision',
  intro: ['From the talk.'],
  fields,
  submitLabel: 'Record',
  pager: { field: 'evidence', page: 2, pages: 5, label: 'Messages 9 to 16 of 40' },
}

/** Puts a form on a stand-in's screen. */
function onScreen(view: ReturnType<typeof renderForm>, before?: ReturnType<typeof putView>) {
  const world = createWorld(scaledClock(1))
  const shown = putView(
    world,
    'V1',
    'U1',
    structuredClone(view) as unknown as Record<string, unknown>,
    before,
  )
  return {
    shown,
    values: () => readForm(viewValues.parse(shown.state), unpackMeta(view.private_metadata)?.hidden),
    json: () => viewJson(shown, world),
  }
}

describe('a form in Slack', () => {
  test('is a modal within Slack’s rules', () => {
    expect(checkView(renderForm(form), 'views.open')).toEqual([])
  })

  test('comes back with every value as the core gave it', () => {
    const { values } = onScreen(renderForm(form))
    expect(values().values).toEqual({
      what: 'Noon',
      who: '',
      when: '2026-11-22T09:30',
      review: '2027-01-31',
      type: 'v1',
      many: '',
      how: 'v0',
      evidence: ['elsewhere', 'v1'],
      by: ['U1'],
      chair: '',
    })
  })

  test('carries its state and what other pages hold, and nothing else of the form', () => {
    const meta = unpackMeta(
      renderForm(form, { origin: { conversation: 'C1', message: '1.2' }, conversation: 'C1' })
        .private_metadata,
    )
    expect(meta).toEqual({
      form: 'record-decision',
      state: form.state,
      hidden: { evidence: ['elsewhere'] },
      origin: { conversation: 'C1', message: '1.2' },
      conversation: 'C1',
    })
  })

  test('redrawn, keeps what was typed, and takes the values the core changed', () => {
    const first = onScreen(renderForm(form))
    const type = readInputs(first.shown).find((input) => input.label === 'Type')
    const what = readInputs(first.shown).find((input) => input.label === 'What')
    if (type === undefined || what === undefined) throw new Error('fields are missing')
    for (const [input, value] of [
      [type, 'v2'],
      [what, 'Half typed'],
    ] as const) {
      const [actionId = ''] = Object.keys(first.shown.state[input.blockId] ?? {})
      first.shown.state[input.blockId] = {
        [actionId]: { type: input.type, ...chosenState(first.shown, input.blockId, value) },
      }
    }
    const typed = first.values()
    // The core echoes what was typed, and proposes another review date because of the type chosen.
    const next = fields.map((field): Field => {
      if (field.name === 'review') return { ...field, value: '2027-06-30' } as Field
      const value = typed.values[field.name]
      return field.type === 'checkboxes' || field.type === 'people' || value === undefined
        ? field
        : ({ ...field, value } as Field)
    })
    const second = onScreen(renderForm({ ...form, fields: next }, { shown: typed }), first.shown)
    expect(second.values().values).toMatchObject({ what: 'Half typed', type: 'v2', review: '2027-06-30' })
    const blockOf = (shown: typeof first.shown, label: string) =>
      readInputs(shown).find((input) => input.label === label)?.blockId
    expect(blockOf(second.shown, 'What')).toBe(blockOf(first.shown, 'What'))
    expect(blockOf(second.shown, 'Review')).not.toBe(blockOf(first.shown, 'Review'))
  })

  test('offers the pages of a long field beside it', () => {
    const text = JSON.stringify(renderForm(form).blocks)
    expect(text).toContain('"page:1"')
    expect(text).toContain('"page:3"')
    expect(text).toContain('Messages 9 to 16 of 40')
  })

  test('says what is wrong above, and at the fields', () => {
    const wrong = {
      ...form,
      problem: 'Two things are missing',
      fields: fields.map((field) => ({ ...field, error: `Wrong ${field.name}` })),
    }
    const view = renderForm(wrong)
    expect(checkView(view, 'views.update')).toEqual([])
    expect(JSON.stringify(view.blocks[0])).toContain('Two things are missing')
    expect(readInputs(onScreen(view).shown).find((input) => input.label === 'What')?.error).toContain(
      'Wrong what',
    )
  })

  test('shows only people Slack knows, and says when a text had to be cut', () => {
    const odd: readonly Field[] = [
      {
        type: 'people',
        name: 'by',
        label: 'By',
        required: false,
        values: ['29:teams-person', 'U1'],
        choices: [],
        multiple: true,
      },
      {
        type: 'textarea',
        name: 'what',
        label: 'What',
        required: true,
        value: 'x'.repeat(5000),
        maxLength: 9000,
      },
    ]
    const view = renderForm({ ...form, fields: odd })
    expect(checkView(view, 'views.open')).toEqual([])
    expect(onScreen(view).values().values).toMatchObject({ by: ['U1'], what: 'x'.repeat(3000) })
    expect(JSON.stringify(view)).toContain('Cut to 3000 characters')
  })

  test('refuses a choice it could not give back unchanged', () => {
    const long = { value: 'x'.repeat(151), label: 'Long' }
    const field: Field = { type: 'select', name: 'a', label: 'A', required: false, choices: [long] }
    expect(() => renderForm({ ...form, fields: [field] })).toThrow(
      expect.objectContaining({ code: 'PLATFORM_REFUSED' }),
    )
  })

  test('can be put back as it was left, with a line saying why', () => {
    const { shown, json } = onScreen(renderForm(form))
    const what = readInputs(shown).find((input) => input.label === 'What')
    shown.state[what?.blockId ?? ''] = { a: { type: 'plain_text_input', value: 'Typed with care' } }
    const raw = json()
    const blocks = (raw.blocks as Record<string, unknown>[]).map((block) =>
      block.block_id === what?.blockId
        ? { ...block, element: { ...(block.element as object), action_id: 'a' } }
        : block,
    )
    const view = restoredView({ ...raw, blocks } as never, 'Nothing was saved')
    expect(checkView(view, 'views.update')).toEqual([])
    expect(JSON.stringify(view)).toContain('"initial_value":"Typed with care"')
    expect(JSON.stringify(view.blocks[0])).toContain('Nothing was saved')
    expect(view.private_metadata).toBe(raw.private_metadata)
  })

  const words = fc.string({ unit: 'grapheme', maxLength: 4000 })
  test('whatever the core asks, it is a modal Slack takes', () => {
    const base = {
      name: fc.string({ minLength: 1, maxLength: 40 }),
      label: words,
      hint: words,
      required: fc.boolean(),
    }
    const someChoices = fc.uniqueArray(
      fc.record({ value: fc.string({ minLength: 1, maxLength: 150 }), label: words, hint: words }),
      {
        maxLength: 130,
        selector: (choice) => choice.value,
      },
    )
    const anyField = fc.oneof(
      fc.record({
        ...base,
        type: fc.constant('textarea' as const),
        value: words,
        maxLength: fc.integer({ min: 1, max: 9000 }),
      }),
      fc.record({
        ...base,
        type: fc.constant('date-time' as const),
        value: fc.constantFrom('', '2026-11-22T09:30', 'soon'),
      }),
      fc.record({
        ...base,
        type: fc.constantFrom('select' as const, 'radios' as const),
        value: words,
        choices: someChoices,
      }),
      fc.record({
        ...base,
        type: fc.constant('checkboxes' as const),
        values: fc.array(words, { maxLength: 3 }),
        choices: someChoices,
      }),
    )
    const anyForm = fc.record({
      id: fc.constantFrom('record-decision', 'register-group'),
      state: fc.string({ maxLength: 500 }),
      title: words,
      intro: fc.array(words, { maxLength: 3 }),
      problem: words,
      fields: fc.uniqueArray(anyField, { maxLength: 12, selector: (field) => field.name }),
      submitLabel: words,
    })
    fc.assert(
      fc.property(anyForm, (any) => {
        const view = renderForm(any)
        expect(checkView(view, 'views.open')).toEqual([])
        expect(unpackMeta(view.private_metadata)?.state).toBe(any.state)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('what a modal carries', () => {
  test('hidden choices give way when there is no room, the state never does', () => {
    const hidden = { evidence: Array.from({ length: 400 }, (_, n) => `message-${n}`) }
    const meta = packMeta({ form: 'f', state: 's'.repeat(500), hidden })
    expect(meta.length).toBeLessThanOrEqual(3000)
    expect(unpackMeta(meta)).toEqual({ form: 'f', state: 's'.repeat(500), hidden: {} })
  })
  test.each([undefined, '', 'not json', '{"other":1}'])('%s is not ours', (text) => {
    expect(unpackMeta(text)).toBeUndefined()
  })
})
