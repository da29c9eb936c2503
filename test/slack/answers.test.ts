import { afterEach, describe, expect, test } from 'vitest'
import { outgoing, sampleForm } from '../contract/samples.js'
import {
  card,
  fill,
  formReply,
  modal,
  openForm,
  start,
  stop,
  where,
  whispers,
  who,
} from '../support/slack/desk.js'
import { readBlocks } from '../support/slack/read-screen.js'

afterEach(stop)

describe('ways in', () => {
  test.each([
    ['/record-decision', 'close at noon', 'record-decision', 'close at noon'],
    ['/membership-log', '', 'membership-log', ''],
    ['/register-group', '', 'register-group', ''],
    ['/remembrancer', '', 'help', ''],
    ['/remembrancer', 'help me', 'help', 'me'],
    ['/remembrancer', 'digest', 'send-digest', ''],
    ['/remembrancer', 'Record we close at noon', 'record-decision', 'we close at noon'],
    ['/remembrancer', 'what is this', 'help', 'what is this'],
    [
      '/record-decision',
      'with <@U9|petra> in <#C1FLOOD|flood-response> &amp; <https://a.example|a plan>',
      'record-decision',
      'with @petra in #flood-response & a plan (https://a.example)',
    ],
  ])('%s %s', async (slash, words, command, text) => {
    const { slack, host, platform } = await start()
    await slack.screens.command(who, where, slash, words)
    await platform.settled()
    expect(host.interactions[0]).toMatchObject({
      kind: 'command',
      command,
      text,
      conversation: where,
      tenant: 'T0TEAM',
    })
  })

  test('the global shortcut opens the form without a channel, and a card goes by direct message', async () => {
    const { slack, host, platform } = await start()
    host.answerNext({ kind: 'card', card: card('You are in no group') })
    await slack.screens.globalShortcut(who, 'record-decision-anywhere')
    await platform.settled()
    expect(host.interactions[0]).toMatchObject({ kind: 'command', command: 'record-decision', text: '' })
    expect(host.interactions[0]?.conversation).toBeUndefined()
    const [message] = slack.people.direct(who).messages
    expect(readBlocks(message?.blocks).heading).toBe('You are in no group')
  })

  test('a command works in a channel the bot is not in', async () => {
    const { slack, platform } = await start()
    await slack.screens.command('U2IDRIS', 'C2OPEN', '/membership-log', '')
    await platform.settled()
    expect(slack.world.whispers).toMatchObject([{ user: 'U2IDRIS', channel: 'C2OPEN' }])
  })

  test('a member of another organisation presses and submits in our workspace, marked as external', async () => {
    const { slack, host, platform } = await start()
    slack.people.addUser({ id: 'U8FOREIGN', real_name: 'Piet Jansen', team_id: 'T8OTHER' })
    slack.people.join(where, 'U8FOREIGN')
    const receipt = await platform.post('T0TEAM', outgoing({ kind: 'group', conversation: where }))
    await slack.events.idle()
    const message = slack.world.channels.get(where)?.messages.find((each) => each.ts === receipt.message)
    const [button] = readBlocks(message?.blocks).buttons
    host.answerNext(formReply)
    await slack.screens.pressMessage(
      'U8FOREIGN',
      { channel: where, ts: receipt.message },
      button?.actionId ?? '',
    )
    await platform.settled()
    host.answerNext({ kind: 'closed' })
    await slack.screens.submit('U8FOREIGN')
    await platform.settled()
    expect(host.interactions).toMatchObject([
      { kind: 'button', tenant: 'T0TEAM', person: { id: 'U8FOREIGN', external: true } },
      { kind: 'form-submit', tenant: 'T0TEAM', person: { id: 'U8FOREIGN', external: true } },
    ])
  })

  test('App Home is published when it is opened, and its buttons change it', async () => {
    const { slack, host, platform } = await start()
    const buttons = [{ label: 'Set aside', action: 'home.aside', value: '7' }]
    host.answerAlways((interaction) => {
      if (interaction.kind === 'home')
        return { kind: 'card', card: { ...card('My unrecorded decisions'), buttons } }
      return { kind: 'replace', card: card('All done') }
    })
    slack.events.emit(
      slack.wrap({
        type: 'app_home_opened',
        user: who,
        channel: 'D1',
        tab: 'home',
        event_ts: slack.world.nextTs(),
      }),
    )
    await slack.events.idle()
    await platform.settled()
    const home = readBlocks(slack.world.homes.get(who)?.blocks)
    expect(home.heading).toBe('My unrecorded decisions')
    await slack.screens.pressView(who, home.buttons[0]?.actionId ?? '', 'home')
    await platform.settled()
    expect(host.interactions.at(-1)).toMatchObject({ kind: 'button', action: 'home.aside', value: '7' })
    expect(readBlocks(slack.world.homes.get(who)?.blocks).heading).toBe('All done')
  })

  test('a shortcut, view or action of somebody else’s is acknowledged and left alone', async () => {
    const { slack, host, platform } = await start()
    expect((await slack.screens.globalShortcut(who, 'another-app')).status).toBe(200)
    const form = new URLSearchParams({
      payload: JSON.stringify({ type: 'workflow_step_edit', user: { id: who } }),
    })
    expect((await slack.sendRaw(form.toString(), {}, 'application/x-www-form-urlencoded')).status).toBe(200)
    await platform.settled()
    expect(host.interactions).toEqual([])
  })
})

describe('answers', () => {
  test('the same values submitted twice are one interaction; corrected values are another', async () => {
    const { slack, host, platform } = await start()
    await openForm()
    host.answerAlways({ kind: 'errors', form: sampleForm(), errors: { why: 'Say why' } })
    await slack.screens.submit(who)
    await slack.screens.submit(who)
    fill('Why', 'The water rises')
    await slack.screens.submit(who)
    await platform.settled()
    const ids = host.interactions.slice(1).map((interaction) => interaction.id)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
  })

  test('a form opened from a card remembers the card, to replace it when it is done', async () => {
    const { slack, host, platform } = await start()
    const receipt = await platform.post('T0TEAM', outgoing({ kind: 'group', conversation: where }))
    const message = slack.world.channels.get(where)?.messages.at(-1)
    host.answerNext(formReply)
    await slack.screens.pressMessage(
      who,
      { channel: where, ts: receipt.message },
      readBlocks(message?.blocks).buttons[0]?.actionId ?? '',
    )
    await platform.settled()
    host.answerNext({ kind: 'replace', card: card('Recorded as DEC-2026-00042') })
    await slack.screens.submit(who)
    await platform.settled()
    expect(readBlocks(message?.blocks).heading).toBe('Recorded as DEC-2026-00042')
    expect(host.interactions.at(-1)).toMatchObject({ kind: 'form-submit', conversation: where })
  })

  test('replacing an ephemeral card goes through its answer address', async () => {
    const { slack, host, platform } = await start()
    const target = { kind: 'ephemeral', conversation: where, person: who } as const
    const receipt = await platform.post('T0TEAM', outgoing(target))
    const [whisper] = slack.world.whispers
    const [button] = readBlocks(whisper?.message.blocks).buttons
    host.answerNext({ kind: 'replace', card: card('Set aside') })
    await slack.screens.pressMessage(
      who,
      { channel: where, ts: receipt.message, ephemeral: true },
      button?.actionId ?? '',
    )
    await platform.settled()
    expect(whispers()).toEqual(['Set aside'])
  })

  test('errors at both parts of a date and time, and at no field at all', async () => {
    const { slack, host, platform } = await start()
    const when = {
      type: 'date-time',
      name: 'when',
      label: 'When',
      required: true,
      value: '2026-11-22T09:30',
    } as const
    const form = { ...sampleForm(), fields: [...sampleForm().fields, when] }
    host.answerNext({ kind: 'form', form })
    await slack.screens.command(who, where, '/record-decision', '')
    await platform.settled()
    host.answerNext({ kind: 'errors', form, errors: { when: 'That is in the future' } })
    await slack.screens.submit(who)
    await platform.settled()
    expect(modal().inputs.find((input) => input.label === 'When: date')?.error).toBe('That is in the future')
    fill('Why', 'Because')
    host.answerNext({ kind: 'errors', form, errors: { elsewhere: 'The group was archived meanwhile' } })
    await slack.screens.submit(who)
    await platform.settled()
    expect(modal().text).toContain('The group was archived meanwhile')
    expect(modal().inputs.find((input) => input.label === 'Why')?.value).toBe('Because')
  })

  test('a field that changed elsewhere in the meantime does not overwrite a newer view', async () => {
    const { slack, host, platform } = await start()
    const form = {
      ...sampleForm(),
      fields: sampleForm().fields.map((field) =>
        field.name === 'type' ? { ...field, refreshes: true } : field,
      ),
    }
    host.answerNext({ kind: 'form', form })
    await slack.screens.command(who, where, '/record-decision', '')
    await platform.settled()
    const view = slack.screens.openView(who)
    const block = modal().inputs.find((input) => input.label === 'Type')?.blockId ?? ''
    host.answerNext(() => {
      if (view !== undefined) view.hash = 'newer'
      return { kind: 'form', form: { ...form, title: 'Stale' } }
    })
    await slack.screens.dispatchInput(who, block)
    await platform.settled()
    expect(JSON.stringify(slack.screens.openView(who)?.view.title)).not.toContain('Stale')
    expect(slack.people.direct(who).messages).toEqual([])
    expect(whispers()).toEqual([])
  })
})
