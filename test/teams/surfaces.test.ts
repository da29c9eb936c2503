import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Card, Form, InteractionReply } from '../../src/platform/index.js'
import { sampleForm } from '../contract/samples.js'
import { type Client, createClient } from '../support/teams/client.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { actionsOf, readForm } from '../support/teams/reader.js'
import { fault } from '../support/teams/service.js'

/** Every surface of Teams, as people meet it. */
let lab: Lab
let client: Client
beforeEach(async () => {
  lab = await startLab()
  client = createClient(lab)
  lab.host.forget()
})
afterEach(async () => {
  const violations = lab.violations()
  await lab.stop()
  expect(violations).toEqual([])
})

const nudge: Card = {
  heading: 'Was this a decision?',
  summary: 'Was this a decision?',
  buttons: [
    { label: 'Record it', action: 'nudge.record', value: 'n-1', opensForm: true },
    { label: 'Not a decision', action: 'nudge.set-aside', value: 'n-1' },
  ],
}
async function postNudge() {
  const target = { kind: 'person', person: lab.people.member.id } as const
  await lab.platform.post(lab.world.tenant, { outboxId: 'o', target, card: nudge })
  const message = lab.world.messages.at(-1)
  if (!message) throw new Error('No nudge')
  return message
}
const openForm = (): ReturnType<typeof readForm> | undefined => {
  const dialog = client.dialogs.get(lab.people.member.id)
  return dialog ? readForm(dialog.title, dialog.card) : undefined
}

describe('a nudge', () => {
  test('opens its form in one press', async () => {
    const message = await postNudge()
    lab.host.answerNext({ kind: 'form', form: sampleForm() })
    await client.press(lab.people.member, message, 'Record it')
    expect(openForm()?.title).toBe('Record a decision')
    expect(lab.host.interactions).toHaveLength(1)
    expect(lab.host.interactions[0]).toMatchObject({
      kind: 'button',
      action: 'nudge.record',
      value: 'n-1',
      post: { message: message.id },
    })
  })

  test('is replaced while its form opens', async () => {
    const message = await postNudge()
    lab.host.answerNext({
      kind: 'replace',
      card: { heading: 'Being recorded', summary: 'Being recorded' },
      form: sampleForm(),
    })
    await client.press(lab.people.member, message, 'Record it')
    expect(openForm()).toBeDefined()
    expect(JSON.stringify(message.card)).toContain('Being recorded')
  })

  test('set aside is replaced where it stands, for whoever sees it', async () => {
    const message = await postNudge()
    lab.host.answerNext({ kind: 'replace', card: { heading: 'Set aside', summary: 'Set aside' } })
    const delivered = await client.press(lab.people.member, message, 'Not a decision')
    expect(delivered.body).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' })
    expect(JSON.stringify(message.card)).toContain('Set aside')
  })

  test('whose replacement Teams throttles still shows it to the one who pressed', async () => {
    const message = await postNudge()
    lab.host.answerNext({ kind: 'replace', card: { heading: 'Set aside', summary: 'Set aside' } })
    lab.connector.answerNext({ status: 429, headers: { 'retry-after': '5' } })
    const delivered = await client.press(lab.people.member, message, 'Not a decision')
    expect(JSON.stringify(delivered.body)).toContain('Set aside')
    expect(JSON.stringify(message.card), 'and is tried again for everybody else').toContain('Set aside')
  })

  test('whose replacement Teams refuses shows it to the one who pressed, and is not tried again', async () => {
    const message = await postNudge()
    lab.host.answerNext({ kind: 'replace', card: { heading: 'Set aside', summary: 'Set aside' } })
    lab.connector.answerNext(fault(403, 'MessageNotOwnedByBot'))
    const before = lab.connector.calls.length
    const delivered = await client.press(lab.people.member, message, 'Not a decision')
    expect(JSON.stringify(delivered.body)).toContain('Set aside')
    expect(lab.connector.calls.length - before).toBe(1)
    expect(lab.host.lines.at(-1)).toMatchObject({ level: 'warn', fields: { code: 'PLATFORM_REFUSED' } })
  })

  describe('when Teams is slow to replace it,', () => {
    const said = (card: unknown) => JSON.stringify(card)
    async function pressSlowly(reply: InteractionReply) {
      const message = await postNudge()
      lab.host.answerNext(reply)
      const release = lab.connector.holdNext('PUT')
      const chat = lab.world.personalChat(lab.people.member)
      const [, action] = actionsOf(message.card)
      const value = { action: { type: action?.type, verb: action?.verb, data: action?.data } }
      const press = lab.activities.invoke(chat, lab.people.member, 'adaptiveCard/action', value, message.id)
      const started = performance.now()
      const answer = await lab.send(press)
      return { message, release, answer, took: performance.now() - started }
    }

    test('the press is answered in time, and the card is replaced behind the answer', async () => {
      const card = { heading: 'Set aside', summary: 'Set aside' }
      const { message, release, answer, took } = await pressSlowly({ kind: 'replace', card })
      expect(took).toBeLessThan(5000)
      expect(answer.status).toBe(200)
      expect(said(answer.body)).toContain('Set aside')
      expect(said(message.card)).not.toContain('Set aside')
      release()
      await lab.platform.idle()
      expect(said(message.card)).toContain('Set aside')
    })

    test('a newer card waits its turn, and the older one never comes over it', async () => {
      const card = { heading: 'Moving to a meeting', summary: 'Moving to a meeting' }
      const { message, release } = await pressSlowly({ kind: 'replace', card })
      const receipt = { conversation: message.conversation, message: message.id }
      const newer = lab.platform.update(lab.world.tenant, receipt, {
        heading: 'Recorded',
        summary: 'Recorded',
      })
      // The older one fails only now; it must not be tried again.
      lab.connector.answerNext(fault(503, 'Unavailable'))
      release()
      await newer
      await lab.platform.idle()
      expect(said(message.card)).toContain('Recorded')
      expect(lab.connector.calls.filter((call) => call.method === 'PUT')).toHaveLength(2)
    })

    test('a form that comes with it is offered without waiting', async () => {
      const card = { heading: 'Being recorded', summary: 'Being recorded' }
      const { release } = await pressSlowly({ kind: 'replace', card, form: sampleForm() })
      const offers = lab.world.messages.filter((one) => said(one.card)?.includes('Open the form'))
      expect(offers).toHaveLength(1)
      release()
    })
  })
})

describe('a dialog', () => {
  const form: Form = {
    ...sampleForm(),
    fields: [
      ...sampleForm().fields,
      { type: 'date-time', name: 'at', label: 'When', required: true, value: '2026-11-22T09:30' },
      {
        type: 'people',
        name: 'who',
        label: 'Who',
        required: false,
        multiple: true,
        values: [],
        choices: [{ value: '29:guest', label: 'A guest of ours' }],
      },
      {
        type: 'checkboxes',
        name: 'odd',
        label: 'Odd',
        required: false,
        values: [],
        choices: [
          { value: 'a,b;c%2C', label: 'A' },
          { value: 'd', label: 'D' },
        ],
      },
    ],
  }
  const submit = (values: Record<string, string | readonly string[]>) =>
    client.send(lab.people.member, values, (action) => JSON.stringify(action.data).includes('"kind":"form"'))

  async function open(): Promise<void> {
    const message = await postNudge()
    lab.host.answerNext({ kind: 'form', form })
    await client.press(lab.people.member, message, 'Record it')
  }

  test('brings back dates, people and choices with awkward values as they are', async () => {
    await open()
    await submit({
      at: '2026-11-23T17:05',
      who: [lab.people.other.id, lab.people.outsider.id],
      odd: ['a,b;c%2C', 'd'],
    })
    expect(lab.host.interactions.at(-1)).toMatchObject({
      kind: 'form-submit',
      values: {
        at: '2026-11-23T17:05',
        who: [lab.people.other.id, lab.people.outsider.id],
        odd: ['a,b;c%2C', 'd'],
        what: 'Noon',
      },
    })
  })

  test('with errors keeps everything, people picked included', async () => {
    await open()
    lab.host.answerNext({ kind: 'errors', form, errors: { why: 'Say why' } })
    await submit({ what: 'Kept', who: [lab.people.other.id], odd: ['d'], at: '2026-11-24T08:00' })
    const fields = new Map(openForm()?.fields.map((field) => [field.name, field]))
    expect(fields.get('why')?.error).toBe('Say why')
    expect(fields.get('what')?.value).toBe('Kept')
    expect(fields.get('who')?.value).toEqual([lab.people.other.id])
    expect(fields.get('odd')?.value).toEqual(['d'])
    expect(fields.get('at')?.value).toBe('2026-11-24')
  })

  test('that closes without a word closes', async () => {
    await open()
    lab.host.answerNext({ kind: 'closed' })
    expect((await submit({})).status).toBe(200)
    expect(openForm()).toBeUndefined()
  })

  test('stays as it is, with what was typed, when the core fails', async () => {
    await open()
    lab.host.answerNext(() => {
      throw new Error('The database is away')
    })
    expect((await submit({ what: 'Typed' })).status).toBe(500)
    expect(openForm()).toBeDefined()
    expect(JSON.stringify(lab.host.lines)).not.toContain('Typed')
  })

  test('is turned page by page', async () => {
    const pager = { field: 'evidence', page: 1, pages: 2, label: 'Page 1 of 2' }
    const message = await postNudge()
    lab.host.answerNext({ kind: 'form', form: { ...form, pager } })
    await client.press(lab.people.member, message, 'Record it')
    lab.host.answerNext({
      kind: 'form',
      form: { ...form, title: 'Second page', pager: { ...pager, page: 2 } },
    })
    await client.send(lab.people.member, { what: 'Half' }, (action) => action.title === 'Next page')
    expect(lab.host.interactions.at(-1)).toMatchObject({ kind: 'form-change', changed: 'page:2' })
    expect(openForm()?.title).toBe('Second page')
  })
})

describe('a command', () => {
  test('that opens a form offers it in private; nobody else can open it', async () => {
    const { member, other } = lab.people
    lab.host.answerNext({ kind: 'form', form: sampleForm() })
    await client.type(member, lab.room, 'record-decision', { mention: true })
    expect(openForm()?.title).toBe('Record a decision')
    expect(lab.world.messages.filter((one) => one.card && one.conversation === lab.room.id)).toEqual([])
    const offer = lab.world.messages.find((one) => one.card)
    if (!offer) throw new Error('No offer')
    await client.press(other, offer, 'Open the form')
    expect(client.dialogs.has(other.id)).toBe(false)
  })

  test('in a thread names the thread', async () => {
    const root = lab.world.say({ conversation: lab.room.id, author: lab.people.other, text: 'Root' })
    await client.type(lab.people.member, lab.room, 'record-decision', { mention: true, thread: root.id })
    expect(lab.host.interactions.at(-1)).toMatchObject({ thread: root.id, conversation: lab.room.id })
  })

  test('in a group chat is answered in private too', async () => {
    const chat = lab.world.addChat('Cell', [lab.people.member, lab.people.other])
    await client.type(lab.people.member, chat, 'membership-log', { mention: true })
    expect(client.answers(lab.people.member)).toHaveLength(1)
    expect(lab.host.interactions.at(-1)).toMatchObject({ conversation: chat.id })
  })

  test('in the personal chat needs no mention, and names no group', async () => {
    const chat = lab.world.personalChat(lab.people.member)
    await client.type(lab.people.member, chat, 'help')
    expect(lab.host.interactions.at(-1)).toMatchObject({ kind: 'command', command: 'help' })
    expect(lab.host.interactions.at(-1)).not.toHaveProperty('conversation')
    expect(client.answers(lab.people.member)).toHaveLength(1)
  })

  test('anything else in the personal chat brings the personal home', async () => {
    const chat = lab.world.personalChat(lab.people.member)
    await client.type(lab.people.member, chat, 'hello?')
    expect(lab.host.interactions.at(-1)).toMatchObject({ kind: 'home', person: { id: lab.people.member.id } })
  })
})

describe('what is not ours', () => {
  test('a button with data we did not write is out of date', async () => {
    const value = {
      action: { type: 'Action.Execute', verb: 'remembrancer', data: { wire: { kind: 'odd' } } },
    }
    const invoke = lab.activities.invoke(lab.room, lab.people.member, 'adaptiveCard/action', value, '1')
    expect((await lab.deliver(invoke)).body).toMatchObject({ value: 'This button is out of date.' })
    expect(lab.host.interactions).toEqual([])
  })

  test('an old-style press outside a dialog is understood', async () => {
    const message = await postNudge()
    const chat = lab.world.personalChat(lab.people.member)
    const said = lab.world.say({ conversation: chat.id, author: lab.people.member })
    const { text: _text, attachments: _files, ...activity } = lab.activities.message(chat, said)
    const value = { verb: 'remembrancer', wire: { kind: 'button', action: 'nudge.set-aside', value: 'n-1' } }
    await lab.deliver({ ...activity, value, replyToId: message.id })
    expect(lab.host.interactions.at(-1)).toMatchObject({ kind: 'button', action: 'nudge.set-aside' })
    expect(lab.host.eventsOf('message-posted')).toEqual([])
  })
})
