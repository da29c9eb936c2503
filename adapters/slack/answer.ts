import { isRemembrancerError } from '../../src/errors.js'
import type { Card, Form, InteractionReply, PlatformHost } from '../../src/platform/index.js'
import type { SlackView } from './blocks.js'
import type { Clock } from './clock.js'
import type { Asked } from './interactions.js'
import { renderCard } from './render-card.js'
import { renderForm } from './render-form.js'
import { restoredView } from './restore.js'
import { slackCode } from './slack-errors.js'
import { cardView, type Surfaces, waitingView } from './surfaces.js'

/** Acknowledges to Slack, with what it may carry: a command's answer, a submission's next view or errors. */
export type Acknowledge = (body?: Record<string, unknown>) => Promise<void>

export interface AnswerParts {
  readonly host: PlatformHost
  readonly surfaces: Surfaces
  readonly clock: Clock
}

/** Slack shows an error after three seconds; until here we wait for the core, then acknowledge and answer later. */
const patienceMs = 2000

/** What people see when answering failed in a way nobody foresaw. What they typed stays in the form. */
const trouble: Card = {
  heading: 'Something went wrong',
  text: ['Nothing was saved. Please try again; if it happens again, tell your administrator.'],
  summary: 'Something went wrong: nothing was saved. Please try again.',
}
const tooLate: Card = {
  heading: 'That took too long',
  text: ['Slack no longer lets us open the form. Please press again.'],
  summary: 'That took too long. Please press again.',
}

/**
 * Asks the core what to say to an interaction, and says it. Always acknowledges. An answer that comes late goes to a
 * view opened in the meantime, or privately to the person; one that fails is said to have failed.
 */
export async function answerInteraction(asked: Asked, ack: Acknowledge, parts: AnswerParts): Promise<void> {
  const working = parts.host.interact(asked.interaction).catch((error: unknown): undefined => {
    parts.host.log.error(
      { platform: 'slack', kind: asked.interaction.kind, code: codeOf(error) },
      'an interaction failed',
    )
  })
  const late = Symbol('late')
  const first = await Promise.race([working, parts.clock.sleep(patienceMs).then(() => late)])
  const once = onlyOnce(ack)
  let viewId = asked.view?.type === 'modal' ? asked.view.id : undefined
  if (typeof first === 'symbol') viewId = await holdOn(asked, once, parts, viewId)
  const reply = typeof first === 'symbol' ? await working : first
  const saying: Saying = { asked, ack: once, parts, isLate: typeof first === 'symbol', viewId }
  try {
    await (reply === undefined ? sayFailed(saying) : say(reply, saying))
  } catch (error) {
    await once()
    // The person has moved on: the form is newer than this answer, or closed.
    if (asked.interaction.kind === 'form-change' && outdated.has(slackCode(error) ?? '')) return
    parts.host.log.warn(
      { platform: 'slack', kind: asked.interaction.kind, reply: reply?.kind, code: codeOf(error) },
      'an answer could not be shown',
    )
    await privately(reasonCard(error), asked, parts).catch(() => undefined)
  }
}

/** Slack's refusals of a view that is no longer the one on screen. */
const outdated = new Set(['hash_conflict', 'not_found'])

function reasonCard(error: unknown): Card {
  return (slackCode(error) ?? '').endsWith('trigger_id') ? tooLate : trouble
}

function codeOf(error: unknown): string {
  return isRemembrancerError(error) ? error.code : error instanceof Error ? error.name : 'unknown'
}

/** Nothing was saved; a form keeps what was typed, so that pressing the button again is all there is to do. */
async function sayFailed(saying: Saying): Promise<void> {
  const { asked, ack, viewId } = saying
  const form = asked.view?.form
  const words = 'Something went wrong and nothing was saved. What you typed is still here: please try again.'
  const [block] = Object.values(form?.shown.blocks ?? {})
  if (asked.interaction.kind !== 'form-submit' || block === undefined || asked.view === undefined)
    return showCard(trouble, saying)
  if (!ack.used()) return ack({ response_action: 'errors', errors: { [block]: words } })
  if (viewId !== undefined)
    await saying.parts.surfaces.updateView(viewId, restoredView(asked.view.raw, words))
}

type OnceAck = Acknowledge & { readonly used: () => boolean }

function onlyOnce(ack: Acknowledge): OnceAck {
  let used = false
  const wrapped = async (body?: Record<string, unknown>) => {
    if (used) return
    used = true
    await ack(body)
  }
  return Object.assign(wrapped, { used: () => used })
}

/** Acknowledges while the core still works; keeps the way open to show a form. */
async function holdOn(
  asked: Asked,
  ack: OnceAck,
  { surfaces }: AnswerParts,
  viewId: string | undefined,
): Promise<string | undefined> {
  if (asked.interaction.kind === 'form-submit') {
    await ack({ response_action: 'update', view: waitingView('Saving…') })
    return viewId
  }
  await ack()
  if (!asked.expectsForm || asked.triggerId === undefined) return viewId
  return surfaces.openView(asked.triggerId, waitingView('Opening…')).catch(() => viewId)
}

interface Saying {
  readonly asked: Asked
  readonly ack: OnceAck
  readonly parts: AnswerParts
  readonly isLate: boolean
  /** The modal on screen, if any. */
  readonly viewId: string | undefined
}

async function say(reply: InteractionReply, saying: Saying): Promise<void> {
  switch (reply.kind) {
    case 'form':
      return showForm(reply.form, saying)
    case 'errors':
      return showErrors(reply, saying)
    case 'replace':
      await replace(reply.card, saying)
      if (reply.form !== undefined) await showForm(reply.form, saying)
      return
    case 'card':
      return showCard(reply.card, saying)
    case 'closed':
      if (reply.card !== undefined) return showCard(reply.card, saying)
      if (!saying.ack.used()) return saying.ack()
      if (saying.viewId !== undefined)
        await saying.parts.surfaces.updateView(saying.viewId, waitingView('Done. You can close this.'))
  }
}

function formView(form: Form, { asked }: Saying): SlackView {
  const meta = asked.view?.form?.meta
  const origin = asked.pressed?.ephemeral === false ? asked.pressed : meta?.origin
  const conversation = asked.interaction.conversation ?? meta?.conversation
  const shown = asked.view?.form?.shown
  return renderForm(form, {
    ...(shown === undefined || meta?.form !== form.id ? {} : { shown }),
    ...(origin === undefined
      ? {}
      : { origin: { conversation: origin.conversation, message: origin.message } }),
    ...(conversation === undefined ? {} : { conversation }),
  })
}

async function showForm(form: Form, saying: Saying): Promise<void> {
  const view = formView(form, saying)
  await showView(view, saying)
}

/** In the acknowledgement of a submission, over the modal on screen, or as a new one. */
async function showView(view: SlackView, saying: Saying): Promise<void> {
  const { asked, ack, parts, viewId, isLate } = saying
  if (asked.interaction.kind === 'form-submit' && !ack.used())
    return ack({ response_action: 'update', view: { ...view } })
  await ack()
  if (viewId !== undefined) {
    const hash = isLate || asked.interaction.kind !== 'form-change' ? undefined : asked.view?.hash
    return parts.surfaces.updateView(viewId, view, hash)
  }
  if (asked.triggerId !== undefined) return void (await parts.surfaces.openView(asked.triggerId, view))
  await privately(tooLate, asked, parts)
}

/**
 * Errors go to their fields in the acknowledgement: Slack keeps all that was typed. What belongs to no field on
 * screen, or comes late, is shown by drawing the form again over it.
 */
async function showErrors(
  reply: Extract<InteractionReply, { kind: 'errors' }>,
  saying: Saying,
): Promise<void> {
  const { asked, ack } = saying
  const shown = asked.view?.form?.shown
  const errors: Record<string, string> = {}
  let homeless = shown === undefined
  for (const [name, message] of Object.entries(reply.errors)) {
    const block = shown?.blocks[name]
    if (block === undefined) homeless = true
    else errors[block] = message
  }
  if (asked.interaction.kind === 'form-submit' && !ack.used() && !homeless && Object.keys(errors).length > 0)
    return ack({ response_action: 'errors', errors })
  const fields = reply.form.fields.map((field) => {
    const error = reply.errors[field.name]
    return withTyped(error === undefined ? field : { ...field, error }, shown?.values[field.name])
  })
  const others = Object.entries(reply.errors).filter(([name]) => !fields.some((field) => field.name === name))
  const problem = [reply.form.problem ?? '', ...others.map(([, message]) => message)].filter(
    (part) => part !== '',
  )
  const form = { ...reply.form, fields, ...(problem.length > 0 ? { problem: problem.join(' ') } : {}) }
  await showView(formView(form, saying), saying)
}

/** The field with what the person had typed in it. */
function withTyped(
  field: Form['fields'][number],
  typed: string | readonly string[] | undefined,
): typeof field {
  if (typed === undefined) return field
  if (field.type === 'checkboxes') return Array.isArray(typed) ? { ...field, values: typed } : field
  if (field.type === 'people')
    return { ...field, values: typeof typed === 'string' ? [typed].filter(Boolean) : typed }
  return typeof typed === 'string' ? ({ ...field, value: typed } as typeof field) : field
}

async function replace(card: Card, saying: Saying): Promise<void> {
  const { asked, ack, parts, viewId } = saying
  if (asked.view?.type === 'home') {
    await ack()
    return parts.surfaces.publishHome(asked.interaction.person.id, card)
  }
  if (asked.pressed === undefined) {
    if (viewId !== undefined) return showView(cardView(card), saying)
    return showCard(card, saying)
  }
  await ack()
  if (!asked.pressed.ephemeral) return parts.surfaces.replacePost(asked.pressed, card)
  if (asked.responseUrl !== undefined) await parts.surfaces.respond(asked.responseUrl, card, true)
}

/** Privately: in the modal on screen, in a command's own answer, beside the message, or by direct message. */
async function showCard(card: Card, saying: Saying): Promise<void> {
  const { asked, ack, parts, viewId } = saying
  if (asked.interaction.kind === 'home') return parts.surfaces.publishHome(asked.interaction.person.id, card)
  if (viewId !== undefined) return showView(cardView(card), saying)
  if (asked.isCommand && !ack.used()) return ack({ response_type: 'ephemeral', ...renderCard(card) })
  await ack()
  if (asked.view?.type === 'home' && asked.triggerId !== undefined && !saying.isLate)
    return void (await parts.surfaces.openView(asked.triggerId, cardView(card)))
  await privately(card, asked, parts)
}

async function privately(card: Card, asked: Asked, { surfaces }: AnswerParts): Promise<void> {
  if (asked.responseUrl !== undefined) {
    try {
      return await surfaces.respond(asked.responseUrl, card, false)
    } catch {
      // The address is good for thirty minutes and five uses; a direct message always is.
    }
  }
  await surfaces.tell(asked.interaction.person.id, card)
}
