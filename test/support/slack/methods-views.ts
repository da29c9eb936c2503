import { checkView } from './block-kit.js'
import { type Handler, Refusal } from './method-context.js'
import type { OpenView, World } from './world.js'

type Json = Record<string, unknown>

/** A trigger id opens one modal within three seconds: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
export const triggerLifeMs = 3000

function requireGood(view: unknown, method: string): Json {
  const problems = checkView(view, method)
  if (problems.length > 0)
    throw new Refusal('invalid_arguments', { response_metadata: { messages: problems } })
  return view as Json
}

const open: Handler = (args, { world }) => {
  const trigger = world.triggers.get(String(args.trigger_id))
  if (trigger === undefined) throw new Refusal('invalid_trigger_id')
  if (world.clock.now() - trigger.at > triggerLifeMs) throw new Refusal('expired_trigger_id')
  if (trigger.used) throw new Refusal('exchanged_trigger_id')
  const view = requireGood(args.view, 'views.open')
  trigger.used = true
  const shown = putView(world, world.nextId('V'), trigger.user, view)
  return { view: viewJson(shown, world) }
}

const update: Handler = (args, { world }) => {
  const shown = world.views.get(String(args.view_id))
  if (shown === undefined) throw new Refusal('not_found')
  const view = requireGood(args.view, 'views.update')
  if (args.hash !== undefined && args.hash !== shown.hash) throw new Refusal('hash_conflict')
  return { view: viewJson(putView(world, shown.id, shown.user, view, shown), world) }
}

const publish: Handler = (args, { world }) => {
  if (!world.users.has(String(args.user_id))) throw new Refusal('user_not_found')
  const view = requireGood(args.view, 'views.publish')
  world.homes.set(String(args.user_id), view)
  return { view: { ...view, id: world.nextId('V'), hash: String(world.clock.now()), team_id: world.team } }
}

/**
 * Puts a view on a screen. Inputs that keep block and action id keep what was typed; the others start from their
 * initial value: https://docs.slack.dev/surfaces/modals#updating_apis
 */
export function putView(world: World, id: string, user: string, view: Json, before?: OpenView): OpenView {
  const state: OpenView['state'] = {}
  for (const block of (view.blocks ?? []) as Json[]) {
    const element = block.element as Json | undefined
    if (block.type !== 'input' || element === undefined) continue
    block.block_id ??= world.nextId('b')
    element.action_id ??= world.nextId('a')
    const [blockId, actionId] = [String(block.block_id), String(element.action_id)]
    const kept = before?.state[blockId]?.[actionId]
    state[blockId] = {
      [actionId]: kept !== undefined && kept.type === element.type ? kept : initialState(element),
    }
  }
  const hash = `${Math.floor(world.clock.now() / 1000)}.${world.nextId('h')}`
  const shown: OpenView = { id, hash, user, view, state, errors: {} }
  world.views.set(id, shown)
  return shown
}

/** What an untouched element counts as. */
export function initialState(element: Json): Json {
  const type = String(element.type)
  switch (type) {
    case 'plain_text_input':
      return { type, value: element.initial_value ?? null }
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null }
    case 'timepicker':
      return { type, selected_time: element.initial_time ?? null }
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null }
    case 'multi_users_select':
      return { type, selected_users: element.initial_users ?? [] }
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: element.initial_options ?? [] }
    default:
      return { type, selected_option: element.initial_option ?? null }
  }
}

/** A view as payloads and answers carry it. */
export function viewJson(shown: OpenView, world: World): Json {
  return {
    private_metadata: '',
    callback_id: '',
    ...shown.view,
    id: shown.id,
    hash: shown.hash,
    team_id: world.users.get(shown.user)?.team_id ?? world.team,
    // Where the view is shown in another workspace: https://github.com/slackapi/bolt-js/pull/1615
    ...(world.users.get(shown.user)?.team_id === world.team ? {} : { app_installed_team_id: world.team }),
    app_id: world.bot.appId,
    bot_id: world.bot.botId,
    state: { values: shown.state },
    root_view_id: shown.id,
    previous_view_id: null,
  }
}

export const viewMethods: Readonly<Record<string, Handler>> = {
  'views.open': open,
  'views.update': update,
  'views.publish': publish,
}
