import { createHash } from 'node:crypto'
import type { CommandName, Interaction, PersonRef, PostReceipt } from '../../src/platform/index.js'
import { type FormMeta, fieldName, readForm, unpackMeta } from './form-meta.js'
import { isForeignTeam } from './identity.js'
import { command, type Interactive, interactive, type SlashCommand } from './interaction-payloads.js'
import { actionName, opensForm } from './render-card.js'
import { formCallback, type ShownForm } from './render-form.js'
import type { RawView } from './restore.js'
import { plainText } from './text.js'

/** The view a press or a submission came from. */
export interface ShownView {
  readonly id: string
  readonly hash?: string
  readonly type: 'modal' | 'home'
  readonly form?: { readonly meta: FormMeta; readonly shown: ShownForm }
  /** The view as it came, to be put back with what was typed in it. */
  readonly raw: RawView
}

/** What an interaction is, and the ways Slack gives us to answer it. */
export interface Asked {
  readonly interaction: Interaction
  /** Opens one modal, within three seconds. */
  readonly triggerId?: string
  /** Answers in place, for thirty minutes. */
  readonly responseUrl?: string
  /** Slash commands may be answered in the acknowledgement itself. */
  readonly isCommand: boolean
  /** A form is the likely answer: one may be opened before it is ready. */
  readonly expectsForm: boolean
  /** The message whose button was pressed. */
  readonly pressed?: PostReceipt & { readonly ephemeral: boolean }
  readonly view?: ShownView
}

/** Look-ups of what the payload does not say. */
export interface AskedContext {
  readonly now: Date
  /** The workspace that installed us, once known. */
  readonly tenant?: string
  readonly enterprise?: string
  person(id: string): PersonRef | undefined
  channelName(id: string): string | undefined
}

/** A verified command, shortcut, press or submission; undefined when it is none of ours. */
export function readInteraction(body: unknown, ctx: AskedContext): Asked | undefined {
  const typed = command.safeParse(body)
  if (typed.success) return fromCommand(typed.data, ctx)
  const parsed = interactive.safeParse(body)
  if (!parsed.success) return undefined
  switch (parsed.data.type) {
    case 'message_action':
    case 'shortcut':
      return fromShortcut(parsed.data, ctx)
    case 'view_submission':
      return fromSubmission(parsed.data, ctx)
    default:
      return fromPress(parsed.data, ctx)
  }
}

const commands: Readonly<Record<string, CommandName>> = {
  '/record-decision': 'record-decision',
  '/membership-log': 'membership-log',
  '/register-group': 'register-group',
}
/** What may follow `/remembrancer`. */
const verbs: Readonly<Record<string, CommandName>> = {
  'record-decision': 'record-decision',
  record: 'record-decision',
  'membership-log': 'membership-log',
  members: 'membership-log',
  'register-group': 'register-group',
  register: 'register-group',
  'send-digest': 'send-digest',
  digest: 'send-digest',
  help: 'help',
}

function fromCommand(data: SlashCommand, ctx: AskedContext): Asked {
  // The manifest asks Slack to write mentions and links as markup, so that they name whom they mean.
  const words = plainText(data.text, {
    person: (id) => ctx.person(id)?.name,
    channel: ctx.channelName,
  }).trim()
  const [verb = '', ...rest] = words.split(/\s+/)
  const named = commands[data.command]
  const chosen = named ?? verbs[verb.toLowerCase()]
  const text = named === undefined && chosen !== undefined ? rest.join(' ') : words
  const person = personOf({ id: data.user_id, name: data.user_name }, ctx)
  return {
    interaction: {
      kind: 'command',
      id: idOf('command', data.trigger_id ?? `${data.user_id}|${ctx.now.getTime()}`),
      platform: 'slack',
      tenant: data.team_id,
      person,
      // A direct conversation is no group.
      ...(data.channel_id.startsWith('D') ? {} : { conversation: data.channel_id }),
      at: ctx.now,
      command: chosen ?? 'help',
      text,
    },
    isCommand: true,
    expectsForm: chosen === 'record-decision' || chosen === 'register-group',
    ...optional('triggerId', data.trigger_id),
    ...optional('responseUrl', data.response_url),
  }
}

function fromShortcut(data: Interactive, ctx: AskedContext): Asked | undefined {
  const base = baseOf(data, ctx, idOf('shortcut', data.trigger_id ?? data.action_ts ?? ''))
  if (!data.callback_id?.startsWith('record-decision') || base === undefined) return undefined
  const ways = waysOf(data)
  if (data.type === 'shortcut')
    return {
      interaction: { ...base, kind: 'command', command: 'record-decision', text: '' },
      ...ways,
      expectsForm: true,
    }
  if (data.message?.ts === undefined || !data.channel) return undefined
  return {
    interaction: {
      ...base,
      conversation: data.channel.id,
      kind: 'message-action',
      action: 'record-decision',
      message: data.message.ts,
    },
    ...ways,
    expectsForm: true,
  }
}

/** The same values submitted twice (after a time-out) are one interaction; corrected values are another. */
function fromSubmission(data: Interactive, ctx: AskedContext): Asked | undefined {
  const shownView = viewOf(data)
  const form = shownView?.form
  if (shownView === undefined || form === undefined) return undefined
  const digest = createHash('sha256').update(JSON.stringify(form.shown.values)).digest('hex').slice(0, 24)
  const base = baseOf(data, ctx, idOf('submit', `${shownView.id}|${form.meta.state}|${digest}`))
  if (base === undefined) return undefined
  const { meta, shown } = form
  return {
    interaction: {
      ...base,
      ...optional('conversation', meta.conversation),
      kind: 'form-submit',
      form: meta.form,
      state: meta.state,
      values: shown.values,
    },
    view: shownView,
    ...waysOf(data),
    ...(meta.origin === undefined ? {} : { pressed: { ...meta.origin, ephemeral: false } }),
  }
}

function fromPress(data: Interactive, ctx: AskedContext): Asked | undefined {
  const action = data.actions?.[0]
  if (action === undefined) return undefined
  const shownView = viewOf(data)
  const where = shownView?.id ?? data.container?.message_ts ?? ''
  const base = baseOf(
    data,
    ctx,
    idOf('press', `${data.user.id}|${where}|${action.action_id}|${action.action_ts ?? ''}`),
  )
  if (base === undefined) return undefined
  const form = shownView?.form
  if (form !== undefined && shownView !== undefined)
    return {
      interaction: {
        ...base,
        ...optional('conversation', form.meta.conversation),
        kind: 'form-change',
        form: form.meta.form,
        state: form.meta.state,
        values: form.shown.values,
        changed: changedField(action),
      },
      view: shownView,
      ...waysOf(data),
    }
  const pressed = pressedPost(data)
  return {
    interaction: {
      ...base,
      ...optional('conversation', data.channel?.id ?? data.container?.channel_id),
      kind: 'button',
      action: actionName(action.action_id),
      value: action.value ?? '',
      ...(pressed === undefined
        ? {}
        : { post: { conversation: pressed.conversation, message: pressed.message } }),
    },
    ...waysOf(data),
    expectsForm: opensForm(action.action_id),
    ...(pressed === undefined ? {} : { pressed }),
    ...(shownView === undefined ? {} : { view: shownView }),
  }
}

/** `page:<n>` for the pager, else the name of the field. */
function changedField(action: {
  action_id: string
  block_id?: string | undefined
  value?: string | null | undefined
}): string {
  if (actionName(action.action_id) === 'page') return action.value ?? 'page:1'
  return fieldName(action.block_id)
}

function pressedPost(data: Interactive): (PostReceipt & { ephemeral: boolean }) | undefined {
  const message = data.container?.message_ts ?? data.message?.ts
  const conversation = data.container?.channel_id ?? data.channel?.id
  if (message === undefined || conversation === undefined) return undefined
  return { conversation, message, ephemeral: data.container?.is_ephemeral === true }
}

function viewOf(data: Interactive): ShownView | undefined {
  const shown = data.view
  if (!shown) return undefined
  const meta = shown.callback_id?.startsWith(formCallback) ? unpackMeta(shown.private_metadata) : undefined
  return {
    id: shown.id,
    type: shown.type,
    raw: shown,
    ...optional('hash', shown.hash),
    ...(meta === undefined
      ? {}
      : { form: { meta, shown: readForm(shown.state?.values ?? {}, meta.hidden) } }),
  }
}

function baseOf(data: Interactive, ctx: AskedContext, id: string) {
  // In a Slack Connect channel, team is that of whoever pressed: the group is in ours all the same.
  const tenant =
    data.view?.app_installed_team_id ??
    ctx.tenant ??
    data.team?.id ??
    data.view?.team_id ??
    data.user.team_id ??
    data.enterprise?.id
  if (!tenant) return undefined
  const name = data.user.name ?? data.user.username
  const foreign = isForeignTeam(data.user.team_id, tenant, ctx.enterprise)
  return {
    id,
    platform: 'slack' as const,
    tenant,
    person: personOf({ id: data.user.id, name, foreign }, ctx),
    at: ctx.now,
  }
}

function personOf(
  user: { id: string; name: string | undefined; foreign?: boolean },
  ctx: AskedContext,
): PersonRef {
  return (
    ctx.person(user.id) ?? {
      id: user.id,
      ...optional('name', user.name),
      ...(user.foreign === true ? { external: true } : {}),
    }
  )
}

function waysOf(data: Interactive) {
  return {
    isCommand: false,
    expectsForm: false,
    ...optional('triggerId', data.trigger_id),
    ...optional('responseUrl', data.response_url),
  }
}

function idOf(kind: string, rest: string): string {
  return `${kind}:${rest}`
}

function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
