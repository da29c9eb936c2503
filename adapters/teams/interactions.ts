import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type Card,
  type CommandName,
  commandNames,
  type Form,
  type Interaction,
  type InteractionReply,
  type PlatformHost,
  type PostReceipt,
} from '../../src/platform/index.js'
import { type Activity, baseConversation, instantOf, isOurBot, placeOf, threadOf } from './activity.js'
import { readFormValues, withTyped } from './form-values.js'
import { decodeEntities } from './html.js'
import type { OpenForms } from './open-forms.js'
import { type ParseContext, personRefOf } from './parse.js'
import { renderCard } from './render.js'
import { openFormCard, renderForm } from './render-form.js'
import type { DialogAnswer, ExecuteAnswer, Turn } from './sdk.js'
import { type AdaptiveCard, readWire, type Wire } from './wire.js'

/** What interactions need of the adapter. */
export interface InteractionTools {
  readonly host: Pick<PlatformHost, 'interact' | 'log'>
  readonly context: () => ParseContext
  readonly forms: OpenForms
  /** What we call somebody of whom only the id came back. */
  nameOf(person: string): string
  /** Shows a card to that person alone. */
  answerPrivately(activity: Activity, card: AdaptiveCard, summary: string): Promise<void>
  /** Replaces a card for everyone who sees it. */
  replaceForAll(post: PostReceipt, card: Card): Promise<void>
  /**
   * Does what a press leads to beside its answer. Resolves when it is done, or when the answer can wait no longer: it
   * goes on then.
   */
  beforeAnswer(task: () => Promise<void>): Promise<void>
}

const commandPattern = new RegExp(`^/?(${commandNames.join('|')})(?:\\s+([\\s\\S]*))?$`, 'i')

/** What somebody asked of the bot in a message, if they addressed it at all. */
export type Request =
  | { readonly kind: 'command'; readonly command: CommandName; readonly text: string }
  | { readonly kind: 'home' }

/**
 * Reads a message as a request: a command after the bot's name (or alone in a personal chat). The whole message must
 * be the command: one that merely mentions the bot, or has a command's name in it, is conversation and left alone.
 */
export function readRequest(activity: Activity, appId: string): Request | undefined {
  const personal = placeOf(activity).kind === 'personal'
  const said = addressed(activity, appId)
  if (said === undefined && !personal) return undefined
  const text = said ?? plain(activity.text ?? '')
  const match = commandPattern.exec(text)
  const command = commandNames.find((name) => name === match?.[1]?.toLowerCase())
  if (command !== undefined) return { kind: 'command', command, text: (match?.[2] ?? '').trim() }
  return personal ? { kind: 'home' } : { kind: 'command', command: 'help', text: '' }
}

function addressed(activity: Activity, appId: string): string | undefined {
  const mention = activity.entities?.find(
    (entity) => entity.type === 'mention' && isOurBot(entity.mentioned?.id, activity, appId),
  )
  const text = (activity.text ?? '').trimStart()
  if (!mention?.text || !text.startsWith(mention.text)) return undefined
  return plain(text.slice(mention.text.length))
}

function plain(text: string): string {
  return decodeEntities(text.replace(/<at\b[^<>]*>([^<>]*)<\/at>/g, '$1'))
    .replaceAll('\u00a0', ' ')
    .trim()
}

const messageActionSchema = z.object({
  commandId: z.string(),
  messagePayload: z.object({ id: z.string().min(1) }),
})
const executeSchema = z.object({ action: z.object({ data: z.unknown() }) })
const dataSchema = z.object({ data: z.unknown() })

/** One activity's turn: what each surface of Teams leads to, and how the core's reply is shown there. */
export function createTurn(activity: Activity, raw: string, tools: InteractionTools): Turn {
  const context = tools.context()
  const place = placeOf(activity)

  function base() {
    if (!activity.from) return undefined
    return {
      id: activity.id ?? createHash('sha256').update(raw).digest('hex'),
      platform: 'teams',
      tenant: context.tenant,
      person: personRefOf(activity.from, context),
      ...(place.kind === 'personal' ? {} : { conversation: place.conversation }),
      at: new Date(instantOf(activity, context.now)),
    } as const
  }

  /** The card that was pressed. */
  function pressed(): PostReceipt | undefined {
    return activity.replyToId === undefined
      ? undefined
      : { conversation: baseConversation(activity.conversation.id), message: activity.replyToId }
  }

  function fromWire(wire: Wire, inputs: Record<string, unknown>): Interaction | undefined {
    const shared = base()
    if (!shared) return undefined
    const post = pressed()
    switch (wire.kind) {
      case 'button':
        return { ...shared, ...wire, ...(post ? { post } : {}) }
      case 'form':
        return {
          ...shared,
          kind: 'form-submit',
          form: wire.form,
          state: wire.state,
          values: readFormValues(inputs),
        }
      case 'form-change':
        return { ...shared, ...wire, values: readFormValues(inputs) }
      case 'open':
        return undefined
    }
  }

  async function privately(card: Card): Promise<void> {
    await tools.answerPrivately(activity, renderCard(card), card.summary)
  }

  /** A form cannot open by itself after a message: the person gets a button that opens it. */
  async function offer(form: Form): Promise<void> {
    const token = tools.forms.keep(form, base()?.person.id ?? '')
    await tools.answerPrivately(activity, openFormCard(form.title, token), form.title)
  }

  async function message(): Promise<void> {
    const shared = base()
    const wired = readWire(activity.value)
    if (wired) {
      const interaction = fromWire(wired.wire, wired.inputs)
      if (interaction) await settle(await tools.host.interact(interaction))
      return
    }
    const request = readRequest(activity, context.appId)
    if (!shared || !request) return
    const thread = threadOf(activity.conversation.id)
    await settle(
      await tools.host.interact({
        ...shared,
        ...request,
        ...(request.kind === 'command' && thread !== undefined ? { thread } : {}),
      }),
    )
  }

  /** Shows a reply where nothing can be shown in the answer itself. */
  async function settle(reply: InteractionReply): Promise<void> {
    switch (reply.kind) {
      case 'form':
      case 'errors':
        return offer(reply.form)
      case 'card':
        return privately(reply.card)
      case 'closed':
        return reply.card ? privately(reply.card) : undefined
      case 'replace': {
        const post = pressed()
        // The form does not wait for a card that Teams is slow to replace.
        await Promise.all([
          post ? tools.replaceForAll(post, reply.card) : privately(reply.card),
          reply.form && offer(reply.form),
        ])
      }
    }
  }

  async function execute(): Promise<ExecuteAnswer> {
    const value = executeSchema.safeParse(activity.value)
    const wired = readWire(value.data?.action.data)
    const interaction = wired ? fromWire(wired.wire, wired.inputs) : undefined
    if (!interaction) return { kind: 'message', text: 'This button is out of date.' }
    const reply = await tools.host.interact(interaction)
    await tools.beforeAnswer(() => settle(reply))
    if (reply.kind === 'replace') return { kind: 'card', card: renderCard(reply.card) }
    const elsewhere = place.kind === 'personal' ? 'See below.' : 'See our personal chat.'
    const silent = reply.kind === 'closed' && !reply.card
    return { kind: 'message', text: silent ? 'Done.' : elsewhere }
  }

  async function dialog(): Promise<DialogAnswer> {
    const action = messageActionSchema.safeParse(activity.value)
    if (action.success && activity.name === 'composeExtension/fetchTask') {
      const shared = base()
      if (!shared) return { kind: 'message', text: 'Teams did not say who you are.' }
      const message = action.data.messagePayload.id
      return show(
        await tools.host.interact({ ...shared, kind: 'message-action', action: 'record-decision', message }),
      )
    }
    const wired = readWire(dataSchema.safeParse(activity.value).data?.data)
    if (wired?.wire.kind === 'open') return reopen(wired.wire.token)
    const interaction = wired ? fromWire(wired.wire, wired.inputs) : undefined
    if (!interaction) return { kind: 'message', text: 'This button is out of date.' }
    const reply = await tools.host.interact(interaction)
    if (reply.kind !== 'errors' || interaction.kind !== 'form-submit') return show(reply)
    return show({ ...reply, form: withTyped(reply.form, interaction.values, tools.nameOf) })
  }

  function reopen(token: string): DialogAnswer {
    const form = tools.forms.find(token, base()?.person.id ?? '')
    if (form) return { kind: 'dialog', dialog: renderForm(form) }
    return { kind: 'message', text: 'This form is no longer open, or is not yours. Please ask for it again.' }
  }

  async function show(reply: InteractionReply): Promise<DialogAnswer> {
    switch (reply.kind) {
      case 'form':
        return { kind: 'dialog', dialog: renderForm(reply.form) }
      case 'errors':
        return { kind: 'dialog', dialog: renderForm(reply.form, reply.errors) }
      case 'card':
        return cardDialog(reply.card)
      case 'closed':
        return reply.card ? cardDialog(reply.card) : { kind: 'close' }
      case 'replace': {
        const post = pressed()
        if (post) await tools.beforeAnswer(() => tools.replaceForAll(post, reply.card))
        if (reply.form) return { kind: 'dialog', dialog: renderForm(reply.form) }
        return post ? { kind: 'message', text: reply.card.summary } : cardDialog(reply.card)
      }
    }
  }

  return { message, execute, dialog }
}

function cardDialog(card: Card): DialogAnswer {
  return { kind: 'dialog', dialog: { title: 'Remembrancer', card: renderCard(card) } }
}
