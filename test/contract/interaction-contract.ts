import { expect, test } from 'vitest'
import type { InteractionReply, PostTarget } from '../../src/platform/index.js'
import type { Harness } from './harness.js'
import { only } from './post-contract.js'
import { outgoing, sampleForm } from './samples.js'

/** Commands, menus, buttons and forms, and what people see in return. */
export function describeInteractions(harness: () => Harness): void {
  const inGroup = (): PostTarget => ({ kind: 'group', conversation: harness().group })
  const formReply = (): InteractionReply => ({ kind: 'form', form: sampleForm() })
  const seenForm = async () => {
    const form = await harness().see.openForm(harness().people.member.id)
    if (!form) throw new Error('No form is open')
    return form
  }
  const pressRecord = async (answer: InteractionReply) => {
    const { platform, tenant, see, act, host, people } = harness()
    await platform.post(tenant, outgoing(inGroup()))
    host.answerNext(answer)
    await act.press(people.member.id, only(await see.posts(inGroup())), 'Record it')
  }

  for (const command of ['record-decision', 'membership-log', 'register-group', 'help'] as const) {
    test(`the command ${command} arrives with its words, and is answered in private`, async () => {
      const { act, host, see, group, people, platform, tenant } = harness()
      await act.command(people.member.id, group, command, 'we close at noon')
      const interaction = host.interactions.at(-1)
      expect(interaction).toMatchObject({ kind: 'command', command, platform: platform.name, tenant })
      expect(interaction?.id).not.toBe('')
      expect(interaction?.conversation).toBe(group)
      expect(interaction?.person.id).toBe(people.member.id)
      if (interaction?.kind === 'command') expect(interaction.text).toBe('we close at noon')
      expect(only(await see.answers(people.member.id)).heading).toContain('Answer from the host')
      expect(await see.answers(people.other.id)).toEqual([])
    })
  }

  test('a message’s menu brings the message and opens a form', async () => {
    const { act, host, group, people } = harness()
    const message = await act.say(group, people.other.id, 'Then noon it is')
    host.answerNext(formReply())
    await act.messageAction(people.member.id, group, message)
    expect(host.interactions.at(-1)).toMatchObject({
      kind: 'message-action',
      action: 'record-decision',
      message,
      conversation: group,
    })
    expect((await seenForm()).title).toBe('Record a decision')
  })

  test('a button brings its action, value and post', async () => {
    const { host } = harness()
    await pressRecord(formReply())
    const interaction = host.interactions.at(-1)
    expect(interaction).toMatchObject({ kind: 'button', action: 'nudge.record', value: 'n-1' })
    expect(interaction?.kind === 'button' && interaction.post?.message).toBeTruthy()
  })

  test('a form opens with what the core filled in', async () => {
    await pressRecord(formReply())
    const form = await seenForm()
    const values = new Map(form.fields.map((field) => [field.name, field.value]))
    expect(values.get('what')).toBe('Noon')
    expect(values.get('type')).toBe('other')
    expect(values.get('evidence')).toEqual(['m1'])
    expect(form.fields.map((field) => field.label)).toEqual(
      expect.arrayContaining([expect.stringContaining('What was decided'), expect.stringContaining('Why')]),
    )
  })

  test('a submitted form brings state and values, and closes', async () => {
    const { act, host, see, people } = harness()
    await pressRecord(formReply())
    host.answerNext({ kind: 'closed', card: { heading: 'Recorded', summary: 'Recorded' } })
    await act.submit(people.member.id, { what: 'Close at noon', evidence: ['m1', 'm2'] })
    const interaction = host.interactions.at(-1)
    if (interaction?.kind !== 'form-submit') throw new Error(`Expected form-submit, got ${interaction?.kind}`)
    expect(interaction.form).toBe('record-decision')
    expect(interaction.state).toBe('state|1|é')
    expect(interaction.values).toMatchObject({ what: 'Close at noon', type: 'other', evidence: ['m1', 'm2'] })
    expect(await see.openForm(people.member.id)).toBeUndefined()
    expect(only(await see.answers(people.member.id)).heading).toContain('Recorded')
  })

  test('errors show at the field, and what was typed stays', async () => {
    const { act, host, people } = harness()
    await pressRecord(formReply())
    host.answerNext({ kind: 'errors', form: sampleForm(), errors: { why: 'Say why in a few words' } })
    await act.submit(people.member.id, { what: 'Typed with care', type: 'operational-direction' })
    const form = await seenForm()
    const field = (name: string) => form.fields.find((candidate) => candidate.name === name)
    expect(field('why')?.error).toContain('Say why in a few words')
    expect(field('what')?.value).toBe('Typed with care')
    expect(field('type')?.value).toBe('operational-direction')
    host.answerNext({ kind: 'closed' })
    await act.submit(people.member.id, { why: 'The water rises' })
    const again = host.interactions.at(-1)
    if (again?.kind !== 'form-submit') throw new Error('Expected a second submit')
    expect(again.values).toMatchObject({ what: 'Typed with care', why: 'The water rises' })
  })

  test('a form can be redrawn when a field changes', async () => {
    const { act, host, people } = harness()
    if (!act.change) return
    const first = sampleForm()
    const refreshing = first.fields.map((field) =>
      field.name === 'type' ? { ...field, refreshes: true } : field,
    )
    await pressRecord({ kind: 'form', form: { ...first, fields: refreshing } })
    host.answerNext({ kind: 'form', form: { ...first, title: 'Redrawn', fields: refreshing } })
    await act.change(people.member.id, { type: 'operational-direction', what: 'Half typed' }, 'type')
    const interaction = host.interactions.at(-1)
    if (interaction?.kind !== 'form-change') throw new Error(`Expected form-change, got ${interaction?.kind}`)
    expect(interaction).toMatchObject({ form: 'record-decision', state: 'state|1|é', changed: 'type' })
    expect(interaction.values).toMatchObject({ type: 'operational-direction' })
    expect((await seenForm()).title).toBe('Redrawn')
  })

  test('replace puts another card where the pressed one stood', async () => {
    const { see, host } = harness()
    await pressRecord({ kind: 'replace', card: { heading: 'Set aside', summary: 'Set aside' } })
    await host.until('the press', () => host.interactions.length === 1)
    const seen = only(await see.posts(inGroup()))
    expect(seen.heading).toContain('Set aside')
    expect(seen.buttons).toEqual([])
  })

  test('a card as an answer is seen by that person alone', async () => {
    const { see, people } = harness()
    await pressRecord({ kind: 'card', card: { heading: 'For you alone', summary: 'For you alone' } })
    expect(only(await see.answers(people.member.id)).heading).toContain('For you alone')
    expect(only(await see.posts(inGroup())).heading).toContain('This looks like a decision')
  })
}
