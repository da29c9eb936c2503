import { afterEach, describe, expect, test } from 'vitest'
import { outgoing, sampleForm } from '../contract/samples.js'
import {
  card,
  fill,
  formReply,
  modal,
  openForm,
  slowCore,
  start,
  stop,
  where,
  whispers,
  who,
} from '../support/slack/desk.js'
import { readBlocks } from '../support/slack/read-screen.js'

afterEach(stop)

/** The adapter loses patience after a tenth of a second; Slack’s own three seconds are real. */
const impatient = {
  now: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 20)),
}

describe('when the core is slow or fails', () => {
  test('a form that takes long is opened at once and filled when it comes', async () => {
    const { slack, platform } = await start({ adapterClock: impatient })
    slowCore(700, formReply)
    const answer = await slack.screens.command(who, where, '/record-decision', '')
    expect(answer).toMatchObject({ status: 200, timedOut: false })
    await platform.settled()
    expect(modal().inputs.map((input) => input.label)).toContain('What was decided')
  })

  test('a slow button that was not known to open a form says so, instead of an error of Slack’s', async () => {
    const { slack, platform } = await start({ adapterClock: impatient })
    const receipt = await platform.post('T0TEAM', outgoing({ kind: 'group', conversation: where }))
    const message = slack.world.channels.get(where)?.messages.at(-1)
    slowCore(3300, formReply)
    await slack.screens.pressMessage(
      who,
      { channel: where, ts: receipt.message },
      readBlocks(message?.blocks).buttons[0]?.actionId ?? '',
    )
    await platform.settled()
    expect(whispers()).toEqual(['That took too long'])
  })

  test('a slow submission shows that it is saving, then its outcome', async () => {
    const { slack, platform } = await start({ adapterClock: impatient })
    await openForm()
    slowCore(700, { kind: 'closed', card: card('Recorded') })
    await slack.screens.submit(who)
    expect(modal().text).toContain('Saving')
    await platform.settled()
    expect(modal().heading).toBe('Recorded')
  })

  test('a slow submission with errors shows the form again with what was typed', async () => {
    const { slack, platform } = await start({ adapterClock: impatient })
    await openForm()
    fill('What was decided', 'Typed with care')
    slowCore(700, { kind: 'errors', form: sampleForm(), errors: { why: 'Say why' } })
    await slack.screens.submit(who)
    await platform.settled()
    expect(modal().inputs.find((input) => input.label === 'What was decided')?.value).toBe('Typed with care')
    expect(modal().inputs.find((input) => input.label === 'Why')?.error).toContain('Say why')
  })

  test.each([
    ['at once', 0],
    ['late', 700],
  ])('a submission that fails %s keeps what was typed', async (_when, ms) => {
    const { slack, host, platform } = await start({ adapterClock: impatient })
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
