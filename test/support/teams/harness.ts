import type { PostTarget } from '../../../src/platform/index.js'
import type { Harness, SeenCard } from '../../contract/harness.js'
import type { Json } from './activities.js'
import { createClient } from './client.js'
import { type Delivered, type LabOptions, startLab } from './lab.js'
import { readCard, readForm } from './reader.js'
import type { Room, StoredMessage, User } from './world.js'

/** The Teams adapter against its stand-ins, for the contract every platform keeps. */
export async function createTeamsHarness(options: LabOptions = {}): Promise<Harness> {
  const lab = await startLab(options)
  const client = createClient(lab)
  let last: { activity: Json; delivered: Delivered } | undefined

  async function event(activity: Json): Promise<void> {
    last = { activity, delivered: await lab.deliver(activity) }
  }
  function userOf(id: string): User {
    const user = lab.world.users.get(id)
    if (!user) throw new Error('No such person')
    return user
  }
  function roomOf(id: string): Room {
    const room = lab.world.rooms.get(id)
    if (!room) throw new Error('No such conversation')
    return room
  }
  function messageOf(id: string): StoredMessage {
    const message = lab.world.messages.find((one) => one.id === id)
    if (!message) throw new Error('No such message')
    return message
  }
  const person = (user: User) => ({ id: user.id, name: user.name })
  const isSubmit = (action: { data: Record<string, unknown> }) => wireKind(action.data) === 'form'

  return {
    platform: lab.platform,
    host: lab.host,
    tenant: lab.world.tenant,
    group: lab.room.id,
    people: {
      member: person(lab.people.member),
      other: person(lab.people.other),
      outsider: person(lab.people.outsider),
    },
    act: {
      async say(conversation, who, text, opts = {}) {
        const room = roomOf(conversation)
        const message = lab.world.say({ conversation, author: userOf(who), text, thread: opts.thread })
        await event(lab.activities.message(room, message))
        return message.id
      },
      async sayToBot(who, text) {
        const room = lab.world.personalChat(userOf(who))
        const message = lab.world.say({ conversation: room.id, author: userOf(who), text })
        await event(lab.activities.message(room, message))
      },
      async edit(conversation, id, _who, text) {
        const message = messageOf(id)
        message.text = text
        message.edited = new Date(Number(lab.world.nextId())).toISOString()
        await event(lab.activities.edit(roomOf(conversation), message, 'editMessage'))
      },
      async remove(conversation, id) {
        const message = messageOf(id)
        message.deleted = new Date(Number(lab.world.nextId())).toISOString()
        await event(lab.activities.deletion(roomOf(conversation), message))
      },
      async join(conversation, who, by) {
        const user = userOf(who)
        lab.team.members.add(user.id)
        const account = { id: user.mri, name: user.name, aadObjectId: user.id }
        const actor = by === undefined ? undefined : userOf(by)
        await event(lab.activities.members(roomOf(conversation), 'membersAdded', [account], actor))
      },
      async leave(conversation, who) {
        const user = userOf(who)
        lab.team.members.delete(user.id)
        const account = { id: user.mri, aadObjectId: user.id }
        await event(lab.activities.members(roomOf(conversation), 'membersRemoved', [account], user))
      },
      async command(who, conversation, command, text) {
        await client.type(userOf(who), roomOf(conversation), `${command} ${text}`, { mention: true })
      },
      async messageAction(who, conversation, message) {
        await client.messageAction(userOf(who), roomOf(conversation), message)
      },
      async press(who, card, label) {
        await client.press(userOf(who), messageOf(card.id), label)
      },
      async submit(who, values) {
        await client.send(userOf(who), values, isSubmit)
      },
      async change(who, values, changed) {
        await client.send(userOf(who), values, (action) => {
          const wire = action.data.wire as { kind: string; changed?: string }
          return wire.kind === 'form-change' && wire.changed === changed
        })
      },
      async sendUnreadable() {
        const message = lab.world.say({ conversation: lab.room.id, author: lab.people.member })
        await event({ ...lab.activities.message(lab.room, message), type: 'suggestion' })
      },
    },
    delivery: {
      acknowledged: () => last?.delivered.status === 200,
      async again() {
        if (last) await event(last.activity)
      },
    },
    see: {
      async posts(target: PostTarget): Promise<readonly SeenCard[]> {
        if (target.kind === 'ephemeral') return []
        const conversation =
          target.kind === 'group' ? target.conversation : lab.world.personalChat(userOf(target.person)).id
        const thread = target.kind === 'group' ? target.thread : undefined
        return lab.world.messages
          .filter((one) => one.conversation === conversation && one.thread === thread && one.card)
          .map((one) => readCard(one.id, one.card))
      },
      async openForm(who) {
        const dialog = client.dialogs.get(who)
        return dialog ? readForm(dialog.title, dialog.card) : undefined
      },
      answers: async (who) => client.answers(userOf(who)),
    },
    async stop() {
      const violations = lab.violations()
      await lab.stop()
      if (violations.length > 0) throw new Error(`Rules of Teams broken: ${violations.join('; ')}`)
    },
  }
}

function wireKind(data: Record<string, unknown>): unknown {
  return (data.wire as { kind?: unknown } | undefined)?.kind
}
