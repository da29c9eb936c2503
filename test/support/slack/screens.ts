import { checkBlocks, checkView } from './block-kit.js'
import type { Delivered } from './delivery.js'
import { putView, viewJson } from './methods-views.js'
import type { OpenView, World } from './world.js'

type Json = Record<string, unknown>

export interface ScreensOptions {
  readonly world: World
  readonly violations: string[]
  baseUrl(): string
  /** Hands an interaction to the app: form-encoded over HTTP, or in an envelope. */
  deliver(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Delivered>
}

/** What people do on their screens: commands, shortcuts, presses, forms. */
export interface Screens {
  command(user: string, channel: string, command: string, text: string): Promise<Delivered>
  messageShortcut(user: string, channel: string, ts: string, callback: string): Promise<Delivered>
  globalShortcut(user: string, callback: string): Promise<Delivered>
  /** Presses a button of a message, whispered ones included. */
  pressMessage(
    user: string,
    where: { channel: string; ts: string; ephemeral?: boolean },
    actionId: string,
  ): Promise<Delivered>
  /** Presses a button of the modal or home on screen. */
  pressView(user: string, actionId: string, where?: 'modal' | 'home'): Promise<Delivered>
  /** Changes an input whose block dispatches actions, after it was set. */
  dispatchInput(user: string, blockId: string): Promise<Delivered>
  submit(user: string): Promise<Delivered>
  openView(user: string): OpenView | undefined
  set(user: string, blockId: string, state: Json): void
}

/** @see https://docs.slack.dev/reference/interaction-payloads */
export function createScreens(options: ScreensOptions): Screens {
  const { world, violations } = options

  function trigger(user: string): string {
    const id = world.nextId('trigger.')
    world.triggers.set(id, { user, at: world.clock.now(), used: false })
    return id
  }
  function responseUrl(user: string, channel: string, message?: string): string {
    const id = world.nextId('r')
    const place = { user, channel, at: world.clock.now(), uses: 0 }
    world.responseUrls.set(id, message === undefined ? place : { ...place, message })
    return `${options.baseUrl()}/response/${id}`
  }
  function frame(user: string): Json {
    const known = world.users.get(user)
    if (known === undefined) throw new Error(`The stand-in has no user ${user}`)
    return {
      // "the workspace the interaction originated from": in a Slack Connect channel, that of whoever acts
      // (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
      team: { id: known.team_id, domain: 'rivers' },
      user: { id: user, username: known.name, name: known.name, team_id: known.team_id },
      api_app_id: world.bot.appId,
      token: 'deprecated',
      enterprise: world.enterprise === undefined ? null : { id: world.enterprise, name: 'Government' },
      is_enterprise_install: false,
      trigger_id: trigger(user),
    }
  }
  function openView(user: string): OpenView | undefined {
    return [...world.views.values()].filter((view) => view.user === user).at(-1)
  }
  function required(user: string): OpenView {
    const view = openView(user)
    if (view === undefined) throw new Error(`No view is open for ${user}`)
    return view
  }
  const actionTs = () => world.nextTs()

  return {
    openView,
    async command(user, channel, command, text) {
      const where = world.channels.get(channel)
      const answer = await options.deliver('slash_commands', {
        token: 'deprecated',
        team_id: world.team,
        team_domain: 'rivers',
        channel_id: channel,
        channel_name: where?.name ?? 'directmessage',
        user_id: user,
        user_name: world.users.get(user)?.name ?? '',
        command,
        text,
        api_app_id: world.bot.appId,
        is_enterprise_install: 'false',
        response_url: responseUrl(user, channel),
        trigger_id: trigger(user),
      })
      if (answer.ok && answer.body !== '') showCommandAnswer(user, channel, answer.body)
      return answer
    },
    async messageShortcut(user, channel, ts, callback) {
      const message = world.channels.get(channel)?.messages.find((each) => each.ts === ts)
      return options.deliver('interactive', {
        ...frame(user),
        type: 'message_action',
        action_ts: actionTs(),
        callback_id: callback,
        message_ts: ts,
        message,
        channel: { id: channel, name: world.channels.get(channel)?.name },
        response_url: responseUrl(user, channel),
      })
    },
    async globalShortcut(user, callback) {
      return options.deliver('interactive', {
        ...frame(user),
        type: 'shortcut',
        action_ts: actionTs(),
        callback_id: callback,
      })
    },
    async pressMessage(user, where, actionId) {
      const blocks = messageBlocks(world, where)
      return options.deliver('interactive', {
        ...frame(user),
        type: 'block_actions',
        container: {
          type: 'message',
          message_ts: where.ts,
          channel_id: where.channel,
          is_ephemeral: where.ephemeral === true,
        },
        channel: { id: where.channel, name: world.channels.get(where.channel)?.name },
        ...(where.ephemeral === true ? {} : { message: { type: 'message', ts: where.ts, blocks } }),
        response_url: responseUrl(user, where.channel, where.ts),
        actions: [{ ...pressedButton(blocks, actionId), action_ts: actionTs(), type: 'button' }],
        state: { values: {} },
      })
    },
    async pressView(user, actionId, where = 'modal') {
      const home = world.homes.get(user)
      const shown =
        where === 'modal'
          ? viewJson(required(user), world)
          : { ...home, id: 'VHOME', hash: '1', team_id: world.team, state: { values: {} } }
      return options.deliver('interactive', {
        ...frame(user),
        type: 'block_actions',
        container: { type: 'view', view_id: shown.id },
        view: shown,
        actions: [
          { ...pressedButton((shown as Json).blocks, actionId), action_ts: actionTs(), type: 'button' },
        ],
      })
    },
    set(user, blockId, state) {
      const view = required(user)
      const [actionId] = Object.keys(view.state[blockId] ?? {})
      if (actionId === undefined) throw new Error(`No input block ${blockId} on the screen of ${user}`)
      const before = view.state[blockId]?.[actionId]
      view.state[blockId] = { [actionId]: { ...before, ...state } }
    },
    async dispatchInput(user, blockId) {
      const shown = required(user)
      const [actionId = ''] = Object.keys(shown.state[blockId] ?? {})
      const block = (shown.view.blocks as Json[]).find((each) => each.block_id === blockId)
      if (block?.dispatch_action !== true) throw new Error(`Block ${blockId} does not dispatch actions`)
      return options.deliver('interactive', {
        ...frame(user),
        type: 'block_actions',
        container: { type: 'view', view_id: shown.id },
        view: viewJson(shown, world),
        actions: [
          {
            ...shown.state[blockId]?.[actionId],
            block_id: blockId,
            action_id: actionId,
            action_ts: actionTs(),
          },
        ],
      })
    },
    async submit(user) {
      const shown = required(user)
      const missing = missingInputs(shown)
      if (missing.length > 0) {
        shown.errors = Object.fromEntries(
          missing.map((block) => [block, 'Please complete this required field.']),
        )
        return { ok: true, status: 200, body: '', timedOut: false }
      }
      const answer = await options.deliver('interactive', {
        ...frame(user),
        type: 'view_submission',
        view: viewJson(shown, world),
        response_urls: [],
      })
      if (answer.ok) applyResponseAction(shown, answer.body)
      return answer
    },
  }

  /** https://docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response */
  function showCommandAnswer(user: string, channel: string, body: string): void {
    if (!body.startsWith('{')) return void world.whispers.push({ user, channel, message: { text: body } })
    const json = JSON.parse(body) as Json
    const problems = json.blocks === undefined ? [] : checkBlocks(json.blocks, 'message')
    violations.push(...problems.map((problem) => `command answer: ${problem}`))
    world.whispers.push({ user, channel, message: json })
  }

  /** https://docs.slack.dev/surfaces/modals#close: empty closes; errors, update, push and clear do as they say. */
  function applyResponseAction(shown: OpenView, body: string): void {
    shown.errors = {}
    if (body === '') return void world.views.delete(shown.id)
    const answer = JSON.parse(body) as {
      response_action?: string
      errors?: Record<string, string>
      view?: Json
    }
    switch (answer.response_action) {
      case 'errors': {
        const ids = new Set(
          ((shown.view.blocks ?? []) as Json[])
            .filter((block) => block.type === 'input')
            .map((block) => block.block_id),
        )
        for (const id of Object.keys(answer.errors ?? {}))
          if (!ids.has(id)) violations.push(`response_action errors: ${id} is not an input block`)
        if (Object.keys(answer.errors ?? {}).length === 0)
          violations.push('response_action errors: none given')
        shown.errors = answer.errors ?? {}
        return
      }
      case 'update': {
        violations.push(
          ...checkView(answer.view, 'views.update').map((problem) => `response_action update: ${problem}`),
        )
        putView(world, shown.id, shown.user, answer.view ?? {}, shown)
        return
      }
      case 'clear':
        return void world.views.delete(shown.id)
      default:
        violations.push(`response_action ${String(answer.response_action)} is unknown`)
    }
  }
}

function messageBlocks(world: World, where: { channel: string; ts: string; ephemeral?: boolean }): unknown {
  if (where.ephemeral === true)
    return world.whispers.find((whisper) => whisper.message.ts === where.ts)?.message.blocks
  return world.channels.get(where.channel)?.messages.find((each) => each.ts === where.ts)?.blocks
}

/** The button a person can see under this action id: only what is shown can be pressed. */
function pressedButton(blocks: unknown, actionId: string): Json {
  const parsed = (typeof blocks === 'string' ? JSON.parse(blocks) : blocks) as Json[] | undefined
  for (const block of parsed ?? []) {
    const candidates = [
      ...((block.elements as Json[] | undefined) ?? []),
      block.accessory as Json | undefined,
    ]
    const found = candidates.find((each) => each?.action_id === actionId)
    if (found !== undefined)
      return {
        action_id: actionId,
        block_id: block.block_id ?? 'b',
        text: found.text,
        ...(found.value === undefined ? {} : { value: found.value }),
      }
  }
  throw new Error(`No button ${actionId} is on screen`)
}

/** Slack does not submit while a required input is empty. */
function missingInputs(shown: OpenView): string[] {
  return ((shown.view.blocks ?? []) as Json[])
    .filter((block) => block.type === 'input' && block.optional !== true)
    .filter((block) => {
      const [state] = Object.values(shown.state[String(block.block_id)] ?? {})
      const { type: _type, ...chosen } = state ?? {}
      return Object.values(chosen).every(
        (value) =>
          value === null ||
          value === undefined ||
          value === '' ||
          (Array.isArray(value) && value.length === 0),
      )
    })
    .map((block) => String(block.block_id))
}
