import { expect } from 'vitest'
import type { FormValues, PostTarget } from '../../src/platform/index.js'
import { chosenState, type ReadInput, readBlocks, readInputs } from '../support/slack/read-screen.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'
import type { OpenView } from '../support/slack/world.js'
import { describePlatformContract, type Harness, type SeenCard, type SeenForm } from './platform-contract.js'

const group = 'C1FLOOD'
const member = { id: 'U1TAMSIN', name: 'Tamsin Vale' }
const other = { id: 'U2IDRIS', name: 'Idris Holm' }
const outsider = { id: 'U3OUTSIDE', name: 'Petra Lund' }

describePlatformContract('slack over HTTP', () => harness('http'))
describePlatformContract('slack over Socket Mode', () => harness('socket'))

async function harness(mode: 'http' | 'socket'): Promise<Harness> {
  const running = await runSlack({ mode, prepare: furnish })
  const { slack, platform, host } = running
  return {
    platform,
    host,
    tenant: slack.world.team,
    group,
    publicGroup: 'C2OPEN',
    people: { member, other, outsider },
    act: acts(running),
    delivery: {
      acknowledged: () => slack.events.sent.at(-1)?.acknowledged === true,
      again: () => slack.events.again(),
    },
    see: sights(running),
    async stop() {
      await running.stop()
      // Every call of the suite passes the strict reader; hostile words and huge cards included.
      expect(slack.violations).toEqual([])
    },
  }
}

function acts({ slack, platform }: RunningSlack): Harness['act'] {
  const { people, screens, events } = slack
  const settled = async <T>(result: T): Promise<T> => {
    await events.idle()
    return result
  }
  const fill = (person: string, values: FormValues) => {
    for (const [name, value] of Object.entries(values)) {
      const view = openForm(slack.screens.openView(person))
      screens.set(person, blockOf(view, name), chosenState(view, blockOf(view, name), value))
    }
  }
  return {
    say: (conversation, person, text, opts) => settled(people.say(conversation, person, text, opts)),
    async sayToBot(person, text) {
      people.say(people.direct(person).id, person, text)
      await events.idle()
    },
    edit: (conversation, message, person, text) => settled(people.edit(conversation, message, person, text)),
    remove: (conversation, message) => settled(people.remove(conversation, message)),
    join: (conversation, person, by) => settled(people.join(conversation, person, by)),
    leave: (conversation, person) => settled(people.leave(conversation, person)),
    async command(person, conversation, command, text) {
      const [slash, words] = command === 'help' ? ['/remembrancer', `help ${text}`] : [`/${command}`, text]
      await screens.command(person, conversation, slash, words)
      await platform.settled()
    },
    async messageAction(person, conversation, message) {
      await screens.messageShortcut(person, conversation, message, 'record-decision')
      await platform.settled()
    },
    async press(person, card, buttonLabel) {
      const [channel = '', ts = ''] = card.id.split('|')
      const blocks = slack.world.channels.get(channel)?.messages.find((each) => each.ts === ts)?.blocks
      const button = readBlocks(blocks).buttons.find((each) => each.label === buttonLabel)
      await screens.pressMessage(person, { channel, ts }, button?.actionId ?? '')
      await platform.settled()
    },
    async submit(person, values) {
      fill(person, values)
      await screens.submit(person)
      await platform.settled()
    },
    async change(person, values, changed) {
      fill(person, values)
      await screens.dispatchInput(person, blockOf(openForm(screens.openView(person)), changed))
      await platform.settled()
    },
    async sendUnreadable() {
      events.emit(slack.wrap({ type: 'tea_is_served', event_ts: slack.world.nextTs() }))
      await events.idle()
    },
  }
}

function sights({ slack }: RunningSlack): Harness['see'] {
  return {
    async posts(target) {
      if (target.kind === 'ephemeral')
        return slack.world.whispers
          .filter((each) => each.user === target.person && each.channel === target.conversation)
          .map((each) => seen(String(each.message.ts), each.message.blocks))
      const channel =
        target.kind === 'group'
          ? slack.world.channels.get(target.conversation)
          : directOf(slack, target.person)
      return (channel?.messages ?? [])
        .filter((each) => each.bot_id === slack.world.bot.botId && each.thread_ts === threadOf(target))
        .map((each) => seen(`${channel?.id}|${each.ts}`, each.blocks))
    },
    async openForm(person) {
      const view = slack.screens.openView(person)
      return view === undefined || view.view.submit === undefined ? undefined : seenForm(view)
    },
    async answers(person) {
      const whispers = slack.world.whispers
        .filter((each) => each.user === person)
        .map((each) => seen('', each.message.blocks))
      const view = slack.screens.openView(person)
      const shown = view === undefined || view.view.submit !== undefined ? [] : [seen('', view.view.blocks)]
      return [...whispers, ...shown]
    },
  }
}

function directOf(slack: RunningSlack['slack'], person: string) {
  return [...slack.world.channels.values()].find((each) => each.kind === 'im' && each.members.has(person))
}

function threadOf(target: PostTarget): string | undefined {
  return target.kind === 'group' ? target.thread : undefined
}

function seen(id: string, blocks: unknown): SeenCard {
  const read = readBlocks(blocks)
  return { id, heading: read.heading, text: read.text, buttons: read.buttons.map((button) => button.label) }
}

function openForm(view: OpenView | undefined): OpenView {
  if (view === undefined) throw new Error('No form is open')
  return view
}

/** Fields are named in their block ids: `f|name|part|revision`. */
function nameOf(input: ReadInput): string {
  return decodeURIComponent(input.blockId.split('|')[1] ?? '')
}

function blockOf(view: OpenView, name: string): string {
  const input = readInputs(view).find((each) => nameOf(each) === name)
  if (input === undefined) throw new Error(`No field ${name} on screen`)
  return input.blockId
}

function seenForm(view: OpenView): SeenForm {
  const title = (view.view.title as { text: string }).text
  const fields = readInputs(view).map((input) => ({
    name: nameOf(input),
    label: input.label,
    value: input.value,
    ...(input.error === undefined ? {} : { error: input.error }),
  }))
  return { title, fields }
}
