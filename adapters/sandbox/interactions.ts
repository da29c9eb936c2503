import { randomUUID } from 'node:crypto'
import { RemembrancerError } from '../../src/errors.js'
import type {
  Button,
  Card,
  CommandName,
  Field,
  Form,
  FormValues,
  Interaction,
  InteractionReply,
} from '../../src/platform/index.js'
import { memberRoom } from './acts.js'
import { personRefOf, tenant } from './events.js'
import type { PostItem } from './state.js'
import type { World } from './world.js'

/** What people do with the bot, answered at once: commands, menus, buttons and forms. */

/** Everything of an interaction that differs by kind. */
type Doing = Interaction extends infer I
  ? I extends Interaction
    ? Omit<I, 'id' | 'platform' | 'tenant' | 'person' | 'conversation' | 'at'>
    : never
  : never

interface Setting {
  readonly person: string
  readonly room: string
  readonly thread?: string
  readonly id?: string
}

/** Types a command in a room. */
export async function command(
  world: World,
  setting: Setting,
  name: CommandName,
  text: string,
): Promise<void> {
  const thread = setting.thread === undefined ? {} : { thread: setting.thread }
  await interact(world, setting, { kind: 'command', command: name, text, ...thread })
}

/** Chooses "Record as decision" in a message's menu. */
export async function messageAction(world: World, setting: Setting, message: string): Promise<void> {
  const item = world.room(setting.room).byId.get(message)
  if (item?.kind !== 'message' || item.deleted)
    throw new RemembrancerError('PLATFORM_REFUSED', 'That message is not there any more.')
  await interact(world, setting, { kind: 'message-action', action: 'record-decision', message })
}

/** Where a button stands in a card: `b<n>` for the card's own, `l<list>.<item>.<n>` for those of a list's item. */
export function buttonAt(card: Card, place: string): Button | undefined {
  const own = /^b(\d+)$/.exec(place)
  if (own) return card.buttons?.[Number(own[1])]
  const listed = /^l(\d+)\.(\d+)\.(\d+)$/.exec(place)
  if (!listed) return undefined
  return card.lists?.[Number(listed[1])]?.items[Number(listed[2])]?.buttons?.[Number(listed[3])]
}

/** Presses a button of a card. */
export async function press(world: World, setting: Setting, postId: string, place: string): Promise<void> {
  const post = postOf(world, setting, postId)
  const button = buttonAt(post.card, place)
  if (!button) throw new RemembrancerError('PLATFORM_REFUSED', 'That card has changed: look at it again.')
  const { action, value } = button
  const receipt = { conversation: setting.room, message: postId }
  const there = post.thread === undefined ? setting : { ...setting, thread: post.thread }
  await interact(world, there, { kind: 'button', action, value, post: receipt }, post)
}

/** Submits the person's open form; does nothing when it is not open any more (submitted twice). */
export async function submit(world: World, person: string, openId: string, typed: FormValues): Promise<void> {
  const open = world.state.forms.get(person)
  if (!open || open.id !== openId) return
  const { form, room, id } = open
  const values = valuesOf(form, typed)
  await interact(
    world,
    { person, room, id },
    { kind: 'form-submit', form: form.id, state: form.state, values },
  )
}

/** Asks for the open form again because a field changed or a page was turned. */
export async function change(
  world: World,
  person: string,
  openId: string,
  typed: FormValues,
  changed: string,
): Promise<void> {
  const open = world.state.forms.get(person)
  if (!open || open.id !== openId) return
  const { form, room } = open
  const values = valuesOf(form, typed)
  await interact(
    world,
    { person, room },
    { kind: 'form-change', form: form.id, state: form.state, values, changed },
  )
}

/** Closes the open form without sending it. */
export async function cancel(world: World, person: string): Promise<void> {
  if (world.state.forms.has(person)) await world.write({ type: 'form', at: world.now(), person })
}

async function interact(world: World, setting: Setting, doing: Doing, pressed?: PostItem): Promise<void> {
  const { person, room } = setting
  memberRoom(world, room, person)
  const interaction = {
    id: setting.id ?? randomUUID(),
    platform: 'sandbox',
    tenant,
    person: personRefOf(world.state, person),
    conversation: room,
    at: world.host.now(),
    ...doing,
  } as Interaction
  let reply: InteractionReply
  try {
    reply = await world.host.interact(interaction)
  } catch (error) {
    world.host.log.error({ kind: doing.kind, error: String(error) }, 'An interaction of the sandbox failed')
    reply = failed(world, person, doing, error)
  }
  await show(world, setting, reply, doing, pressed)
}

/** Shows a reply: a form opens, closes or gets its errors; a card is replaced, or answers in private. */
async function show(
  world: World,
  setting: Setting,
  reply: InteractionReply,
  doing: Doing,
  pressed: PostItem | undefined,
): Promise<void> {
  const { person, room } = setting
  const open = (form: Form) =>
    world.write({ type: 'form', at: world.now(), person, open: { id: randomUUID(), form, room } })
  switch (reply.kind) {
    case 'form':
      await open(reply.form)
      return
    case 'errors':
      await open(withErrors(reply.form, reply.errors, 'values' in doing ? doing.values : {}))
      return
    case 'card':
      await answer(world, setting, reply.card)
      return
    case 'replace':
      if (pressed)
        await world.write({ type: 'post-update', at: world.now(), room, id: pressed.id, card: reply.card })
      else await answer(world, setting, reply.card)
      if (reply.form) await open(reply.form)
      return
    case 'closed':
      await cancel(world, person)
      if (reply.card) await answer(world, setting, reply.card)
  }
}

async function answer(world: World, { person, room, thread }: Setting, card: Card): Promise<void> {
  const id = world.newId('p')
  const record = { type: 'post', at: world.now(), id, room, card, onlyFor: person } as const
  await world.write(thread === undefined ? record : { ...record, thread })
}

/** The core never rejects for foreseeable reasons; should it, nothing typed is lost and the person is told. */
function failed(world: World, person: string, doing: Doing, error: unknown): InteractionReply {
  const why =
    error instanceof RemembrancerError ? error.line() : 'Something went wrong. Try again in a moment.'
  const open = world.state.forms.get(person)
  if ('values' in doing && open)
    return {
      kind: 'errors',
      form: { ...open.form, problem: `${why} Nothing you typed is lost.` },
      errors: {},
    }
  return { kind: 'card', card: { heading: 'That did not work', text: [why], summary: 'That did not work' } }
}

function postOf(world: World, { person, room }: Setting, postId: string): PostItem {
  const item = memberRoom(world, room, person).byId.get(postId)
  const hidden = item?.kind === 'post' && item.onlyFor !== undefined && item.onlyFor !== person
  if (item?.kind !== 'post' || hidden)
    throw new RemembrancerError('PLATFORM_REFUSED', 'That card is not there any more.')
  return item
}

/** Values of every field of the form, several for checkboxes and people, whatever a browser left out. */
export function valuesOf(form: Form, typed: FormValues): FormValues {
  const values: Record<string, string | readonly string[]> = {}
  for (const field of form.fields) {
    const given = typed[field.name]
    const several = given === undefined || given === '' ? [] : typeof given === 'string' ? [given] : given
    values[field.name] =
      field.type === 'checkboxes' || field.type === 'people' ? several.filter(Boolean) : (several[0] ?? '')
  }
  return values
}

/** The form with errors at its fields and everything typed kept. */
export function withErrors(form: Form, errors: Readonly<Record<string, string>>, typed: FormValues): Form {
  const fields = form.fields.map((field): Field => {
    const error = errors[field.name]
    const withError = error === undefined ? field : { ...field, error }
    const value = typed[field.name]
    if (value === undefined) return withError
    if (withError.type === 'checkboxes' || withError.type === 'people')
      return { ...withError, values: typeof value === 'string' ? [value] : value }
    return { ...withError, value: typeof value === 'string' ? value : (value[0] ?? '') }
  })
  return { ...form, fields }
}
