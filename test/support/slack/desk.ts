import { expect } from 'vitest'
import type { Card, InteractionReply } from '../../../src/platform/index.js'
import { sampleForm } from '../../contract/samples.js'
import { chosenState, readBlocks, readInputs } from './read-screen.js'
import { furnish, type RunningSlack, runSlack } from './running.js'

/** The person whose screen the tests of interactions look at, and the channel they are in. */
export const who = 'U1TAMSIN'
export const where = 'C1FLOOD'
export const card = (heading: string): Card => ({ heading, summary: heading })
export const formReply: InteractionReply = { kind: 'form', form: sampleForm() }

let running: RunningSlack

/** Starts the adapter for one test. */
export async function start(options: Parameters<typeof runSlack>[0] = {}): Promise<RunningSlack> {
  running = await runSlack({ prepare: furnish, ...options })
  return running
}

/** Stops it, and asserts that no call broke Slack's rules. */
export async function stop(): Promise<void> {
  await running.stop()
  expect(running.slack.violations).toEqual([])
}

/** Makes the core take its time. */
export function slowCore(ms: number, reply: InteractionReply | Error): void {
  const { host } = running
  host.interact = async (interaction) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    if (reply instanceof Error) throw reply
    return interaction.kind === 'home' ? { kind: 'card', card: card('Home') } : reply
  }
}
/** Headings of what the person alone was shown. */
export function whispers(): string[] {
  return running.slack.world.whispers.map((whisper) => readBlocks(whisper.message.blocks).heading)
}
/** The modal on the person's screen. */
export function modal(): { heading: string; inputs: ReturnType<typeof readInputs>; text: string } {
  const view = running.slack.screens.openView(who)
  if (view === undefined) throw new Error('no modal')
  const read = readBlocks(view.view.blocks)
  return { heading: read.heading, text: read.text, inputs: readInputs(view) }
}
/** Types into a field of it. */
export function fill(label: string, value: string): void {
  const view = running.slack.screens.openView(who)
  const input = modal().inputs.find((each) => each.label === label)
  if (view === undefined || input === undefined) throw new Error(`no field ${label}`)
  running.slack.screens.set(who, input.blockId, chosenState(view, input.blockId, value))
}
/** Opens the sample form by a command. */
export async function openForm(): Promise<void> {
  running.host.answerNext(formReply)
  await running.slack.screens.command(who, where, '/record-decision', '')
  await running.platform.settled()
}
