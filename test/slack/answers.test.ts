import { afterEach, describe, expect, test } from 'vitest'
import type { Card, InteractionReply } from '../../src/platform/index.js'
import { outgoing, sampleForm } from '../contract/samples.js'
import { scaledClock } from '../support/slack/clock.js'
import { chosenState, readBlocks, readInputs } from '../support/slack/read-screen.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'

const who = 'U1TAMSIN'
const where = 'C1FLOOD'
const card = (heading: string): Card => ({ heading, summary: heading })
const formReply: InteractionReply = { kind: 'form', form: sampleForm() }

let running: RunningSlack
async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, ...options })
  return running
}
afterEach(async () => {
  await running.stop()
  expect(running.slack.violations).toEqual([])
})

/** Makes the core take its time. */
function slowCore(ms: number, reply: InteractionReply | Error): void {
  const { host } = running
  host.interact = async (interaction) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    if (reply instanceof Error) throw reply
    return interaction.kind === 'home' ? { kind: 'card', card: card('Home') } : reply
  }
}
function whispers(): string[] {
  return running.slack.world.whispers.map((whisper) => readBlocks(whisper.message.blocks).heading)
}
function modal(): { heading: string; inputs: ReturnType<typeof readInputs>; text: string } {
  const view = running.slack.screens.openView(who)
  if (view === undefined) throw new Error('no modal')
  const read = readBlocks(view.view.blocks)
  return { heading: read.heading, text: read.text, inputs: readInputs(view) }
}
function fill(label: string, value: string): void {
  const view = running.slack.screens.openView(who)
  const input = modal().inputs.find((each) => each.label === label)
  if (view === undefined || input === undefined) throw new Error(`no field ${label}`)
  running.slack.screens.set(who, input.blockId, chosenState(view, input.blockId, value))
}
async function openForm(): Promise<void> {
  running.host.answerNext(formReply)
  await running.slack.screens.command(who, where, '/record-decision', '')
  await running.platform.settled()
}

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

describe('when the core is slow or fails', () => {
  test('a form that takes long is opened at once and filled when it comes', async () => {
    const { slack, platform } = await start({ clock: scaledClock(2) })
    slowCore(1700, formReply)
    const answer = await slack.screens.command(who, where, '/record-decision', '')
    expect(answer).toMatchObject({ status: 200, timedOut: false })
    await platform.settled()
    expect(modal().inputs.map((input) => input.label)).toContain('What was decided')
  })

  test('a slow button that was not known to open a form says so, instead of an error of Slack’s', async () => {
    const { slack, platform } = await start({ clock: scaledClock(2) })
    const receipt = await platform.post('T0TEAM', outgoing({ kind: 'group', conversation: where }))
    const message = slack.world.channels.get(where)?.messages.at(-1)
    slowCore(1700, formReply)
    await slack.screens.pressMessage(
      who,
      { channel: where, ts: receipt.message },
      readBlocks(message?.blocks).buttons[0]?.actionId ?? '',
    )
    await platform.settled()
    expect(whispers()).toEqual(['That took too long'])
  })

  test('a slow submission shows that it is saving, then its outcome', async () => {
    const { slack, platform } = await start({ clock: scaledClock(2) })
    await openForm()
    slowCore(1700, { kind: 'closed', card: card('Recorded') })
    await slack.screens.submit(who)
    expect(modal().text).toContain('Saving')
    await platform.settled()
    expect(modal().heading).toBe('Recorded')
  })

  test('a slow submission with errors shows the form again with what was typed', async () => {
    const { slack, platform } = await start({ clock: scaledClock(2) })
    await openForm()
    fill('What was decided', 'Typed with care')
    slowCore(1700, { kind: 'errors', form: sampleForm(), errors: { why: 'Say why' } })
    await slack.screens.submit(who)
    await platform.settled()
    expect(modal().inputs.find((input) => input.label === 'What was decided')?.value).toBe('Typed with care')
    expect(modal().inputs.find((input) => input.label === 'Why')?.error).toContain('Say why')
  })

  test.each([
    ['at once', 0],
    ['late', 1700],
  ])('a submission that fails %s keeps what was typed', async (_when, ms) => {
    const { slack, host, platform } = await start({ clock: scaledClock(2) })
    await openForm()
    fill('What was decided', 'Typed with care')
    slowCore(ms, new Error('the database is away'))
    await slack.screens.submit(who)
    await platform.settled()
    const what = modal().inputs.find((input) => input.label === 'What was decided')
    expect(what?.value).toBe('Typed with care')
    expect(`${what?.error ?? ''}${modal().text}`).toContain('nothing was saved')
    expect(host.lines.some((line) => line.level === 'error')).toBe(true)
    expect(JSON.stringify(host.lines)).not.toContain('Typed with care')
  })

  test('a command that fails says so to the person', async () => {
    const { slack, platform } = await start()
    slowCore(0, new Error('the database is away'))
    await slack.screens.command(who, where, '/membership-log', '')
    await platform.settled()
    expect(whispers()).toEqual(['Something went wrong'])
  })

  test('when the answer address no longer works, the answer comes by direct message', async () => {
    const { slack, host, platform } = await start()
    const receipt = await platform.post('T0TEAM', outgoing({ kind: 'group', conversation: where }))
    const message = slack.world.channels.get(where)?.messages.at(-1)
    host.answerNext(() => {
      slack.world.responseUrls.clear()
      return { kind: 'card', card: card('For you alone') }
    })
    await slack.screens.pressMessage(
      who,
      { channel: where, ts: receipt.message },
      readBlocks(message?.blocks).buttons[0]?.actionId ?? '',
    )
    await platform.settled()
    expect(slack.people.direct(who).messages.map((each) => readBlocks(each.blocks).heading)).toEqual([
      'For you alone',
    ])
  })

  test('answers go to Slack’s addresses only', async () => {
    const { slack, platform } = await start()
    const form = new URLSearchParams({
      command: '/membership-log',
      text: '',
      team_id: 'T0TEAM',
      channel_id: where,
      user_id: who,
      trigger_id: 't',
      response_url: 'https://evil.example/x',
    })
    slowCore(2500, { kind: 'card', card: card('Late') })
    await slack.sendRaw(form.toString(), {}, 'application/x-www-form-urlencoded')
    await platform.settled()
    expect(slack.people.direct(who).messages.map((each) => readBlocks(each.blocks).heading)).toEqual(['Late'])
  })
})
