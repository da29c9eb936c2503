import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as bolt from '../../../adapters/slack/bolt.js'
import type { Clock } from '../../../adapters/slack/clock.js'
import { createSlackPlatform, type SlackPlatform } from '../../../adapters/slack/platform.js'
import { createFakeHost, type FakeHost } from '../fake-host.js'
import { createSlackStandIn, type SlackStandIn, type StandInOptions } from './index.js'

/** The adapter running against the stand-in, with a fake core behind it. */
export interface RunningSlack {
  readonly slack: SlackStandIn
  readonly platform: SlackPlatform
  readonly host: FakeHost
  stop(): Promise<void>
}

/**
 * Starts the adapter against a fresh stand-in. HTTP unless `mode` says otherwise; the webhook is served on a port of
 * its own, as the program does. `clock` is that of the adapter and the stand-in alike.
 */
export async function runSlack(
  options: StandInOptions & {
    start?: boolean
    /** A clock for the adapter alone. */
    adapterClock?: Clock

    dataDir?: string
    prepare?: (slack: SlackStandIn) => void
  } = {},
): Promise<RunningSlack> {
  const slack = await createSlackStandIn(options)
  options.prepare?.(slack)
  const host = await createFakeHost(options.dataDir === undefined ? {} : { dataDir: options.dataDir })
  const { clock } = options
  const adapterClock = options.adapterClock ?? clock
  // One time for all three: Slack signs with its own, the core judges by its own.
  if (clock !== undefined) host.now = () => new Date(clock.now())
  const { appToken, ...settings } = slack.settings
  const platform = createSlackPlatform({
    bolt,
    settings: options.mode === 'socket' ? { ...settings, appToken } : settings,
    ...(adapterClock === undefined ? {} : { clock: adapterClock }),
  })
  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (platform.webhook !== undefined && path === platform.webhook.path)
      platform.webhook.handle(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  slack.requestUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/slack/events`
  if (options.start !== false) await platform.start(host)
  return {
    slack,
    platform,
    host,
    async stop() {
      await slack.events.idle()
      await platform.stop()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
      await slack.stop()
      if (options.dataDir === undefined) await host.close()
      // Whatever a test is about: not one call may be other than Slack's pages say.
      if (slack.violations.length > 0) throw new Error(slack.violations.join('\n'))
    },
  }
}

/** The department's people and channels most tests need. */
export function furnish(slack: SlackStandIn): void {
  const { people, world } = slack
  people.addUser({
    id: 'U1TAMSIN',
    real_name: 'Tamsin Vale',
    email: 'tamsin.vale@rivers.example',
    title: 'Duty officer',
  })
  people.addUser({ id: 'U2IDRIS', real_name: 'Idris Holm', email: 'idris.holm@rivers.example' })
  people.addUser({ id: 'U3OUTSIDE', real_name: 'Petra Lund', email: 'petra.lund@rivers.example' })
  people.addChannel('C1FLOOD', {
    name: 'flood-response',
    members: [world.bot.userId, 'U1TAMSIN', 'U2IDRIS'],
    creator: 'U1TAMSIN',
  })
  people.addChannel('C2OPEN', { name: 'open-channel', members: ['U2IDRIS'], creator: 'U2IDRIS' })
  people.addChannel('C3PRIVATE', {
    name: 'barrier-contract',
    kind: 'private',
    members: [world.bot.userId, 'U1TAMSIN'],
    creator: 'U1TAMSIN',
  })
}
