import type { FormValues } from '../../../src/platform/index.js'
import type { SeenCard } from '../../contract/harness.js'
import { cardProblems } from './card-rules.js'
import type { Delivered, Lab } from './lab.js'
import { actionsOf, inputsOf, readCard, type SeenAction } from './reader.js'
import { dig } from './service.js'
import type { Room, StoredMessage, User } from './world.js'

/** A dialog open before somebody. */
interface OpenDialog {
  readonly title: string
  readonly card: unknown
  readonly room: Room
  /** Dialogs opened from a message's menu submit to the message extension. */
  readonly extension: boolean
}

/** The Teams client of everybody in the lab: what they press and type, and what they then see. */
export interface Client {
  readonly dialogs: ReadonlyMap<string, OpenDialog>
  /** Cards shown to one person alone in answer to something they did. */
  answers(user: User): readonly SeenCard[]
  type(
    user: User,
    room: Room,
    text: string,
    options?: { mention?: boolean; thread?: string },
  ): Promise<Delivered>
  press(user: User, message: StoredMessage, label: string): Promise<Delivered>
  messageAction(user: User, room: Room, message: string): Promise<Delivered>
  /** Fills in and presses a button of the open dialog. */
  send(user: User, values: FormValues, button: (action: SeenAction) => boolean): Promise<Delivered>
}

/** Creates the client. */
export function createClient(lab: Lab): Client {
  const dialogs = new Map<string, OpenDialog>()
  const answers = new Map<string, SeenCard[]>()

  function tell(user: User, card: SeenCard): void {
    answers.set(user.id, [...(answers.get(user.id) ?? []), card])
  }

  /** Does something as a person, and shows them what came of it in their chat with the bot. */
  async function watching(user: User, act: () => Promise<Delivered>): Promise<Delivered> {
    const chat = lab.world.personalChat(user)
    const before = lab.world.messages.length
    const delivered = await act()
    for (const message of lab.world.messages.slice(before)) {
      if (message.conversation !== chat.id || message.author || !message.card) continue
      const offer = actionsOf(message.card).find((action) => action.title === 'Open the form')
      // As anybody would who had asked for the form.
      if (offer) await dialogButton(user, chat, offer, message.id)
      else tell(user, readCard(message.id, message.card))
    }
    return delivered
  }

  async function dialogButton(
    user: User,
    room: Room,
    action: SeenAction,
    message: string,
  ): Promise<Delivered> {
    const value = { data: action.data, context: { theme: 'default' } }
    const delivered = await lab.deliver(lab.activities.invoke(room, user, 'task/fetch', value, message))
    show(user, room, delivered, false)
    return delivered
  }

  /** What a task answer does in the client: another card, a message, or nothing more. */
  function show(user: User, room: Room, delivered: Delivered, extension: boolean): void {
    if (delivered.status !== 200) return
    dialogs.delete(user.id)
    const type = dig(delivered.body, 'task', 'type')
    if (type === undefined) return
    const value = dig(delivered.body, 'task', 'value')
    if (type === 'message') {
      tell(user, { id: '', heading: '', text: String(value), buttons: [] })
      return
    }
    const card = dig(value, 'card', 'content')
    const title = String(dig(value, 'title'))
    mustBeTaken(card)
    if (inputsOf(card).length === 0) tell(user, readCard('', card))
    else dialogs.set(user.id, { title, card, room, extension })
  }

  async function press(user: User, message: StoredMessage, label: string): Promise<Delivered> {
    const room = lab.world.rooms.get(message.conversation)
    const action = actionsOf(message.card).find((one) => one.title === label)
    if (!room || !action) throw new Error(`There is no button ${label}`)
    return watching(user, async () => {
      if (action.opensDialog) return dialogButton(user, room, action, message.id)
      const value = {
        action: { type: action.type, title: action.title, verb: action.verb, data: action.data },
        trigger: 'manual',
      }
      const delivered = await lab.deliver(
        lab.activities.invoke(room, user, 'adaptiveCard/action', value, message.id),
      )
      const type = dig(delivered.body, 'type')
      if (type === 'application/vnd.microsoft.card.adaptive') mustBeTaken(dig(delivered.body, 'value'))
      return delivered
    })
  }

  async function send(
    user: User,
    values: FormValues,
    button: (action: SeenAction) => boolean,
  ): Promise<Delivered> {
    const dialog = dialogs.get(user.id)
    const action = actionsOf(dialog?.card).find(button)
    if (!dialog || !action) throw new Error('No dialog with that button is open')
    const data = { ...action.data, ...filled(dialog.card, values) }
    const name = dialog.extension ? 'composeExtension/submitAction' : 'task/submit'
    const value = dialog.extension
      ? { commandId: 'recordDecision', commandContext: 'message', data }
      : { data, context: { theme: 'default' } }
    const delivered = await lab.deliver(lab.activities.invoke(dialog.room, user, name, value))
    show(user, dialog.room, delivered, dialog.extension)
    return delivered
  }

  return {
    dialogs,
    answers: (user) => answers.get(user.id) ?? [],
    type(user, room, text, options = {}) {
      return watching(user, async () => {
        const message = lab.world.say({
          conversation: room.id,
          author: user,
          text,
          thread: options.thread,
        })
        return lab.deliver(
          lab.activities.message(room, message, { mention: options.mention ?? room.kind !== 'personal' }),
        )
      })
    },
    press,
    async messageAction(user, room, message) {
      const stored = lab.world.messages.find((one) => one.id === message)
      const value = {
        commandId: 'recordDecision',
        commandContext: 'message',
        messagePayload: {
          id: message,
          createdDateTime: stored?.created,
          body: { contentType: 'html', content: stored?.text },
        },
      }
      const delivered = await lab.deliver(
        lab.activities.invoke(room, user, 'composeExtension/fetchTask', value),
      )
      show(user, room, delivered, true)
      return delivered
    },
    send,
  }
}

/** Cards in the answer to a press do not pass the Bot Connector; they are held to the same rules here. */
function mustBeTaken(card: unknown): void {
  const problems = cardProblems(card)
  if (Buffer.byteLength(JSON.stringify(card)) > 28 * 1024) problems.push('more than 28 KB')
  if (problems.length > 0) throw new Error(`Teams would not show this card: ${problems.join('; ')}`)
}

/** What the inputs hold once these values were typed over them; choices must be on offer, words must fit. */
function filled(card: unknown, values: FormValues): Record<string, string> {
  const data: Record<string, string> = {}
  for (const input of inputsOf(card)) {
    const [name = '', kind] = input.id.split('::')
    const typed = values[name]
    data[input.id] = typed === undefined ? input.value : typedValue(typed, kind)
    const value = data[input.id] ?? ''
    if (value.length > input.maxLength) throw new Error(`${name} is too long`)
    if (input.type !== 'Input.ChoiceSet' || input.picksPeople || value === '') continue
    for (const choice of kind === 'many' ? value.split(',') : [value])
      if (!input.choices.includes(choice)) throw new Error(`${choice} is not a choice of ${name}`)
  }
  return data
}

function typedValue(typed: string | readonly string[], kind: string | undefined): string {
  if (typeof typed !== 'string')
    return typed.map((one) => one.replace(/[%,;]/g, encodeURIComponent)).join(',')
  if (kind === 'date') return typed.split('T')[0] ?? ''
  if (kind === 'time') return typed.split('T')[1] ?? ''
  return typed
}
