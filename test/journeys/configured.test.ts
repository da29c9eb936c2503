import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/storage/index.js'
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js'
import { createSlackStandIn, type SlackStandIn, type StandInOptions } from '../support/slack/index.js'
import { readBlocks } from '../support/slack/read-screen.js'
import { signature } from '../support/slack/sign.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { makeKey, signToken, unsignedToken } from '../support/teams/tokens.js'

/** The real program in a process of its own, with the settings an operator gives it and strict stand-ins behind them. */
let program: RunningProgram | undefined
let folder: string
const stopped: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await program?.stop({ keep: true })
  program = undefined
  rmSync(folder, { recursive: true, force: true })
})
afterAll(async () => {
  for (const stop of stopped) await stop()
})

/** A port nobody listens on. */
async function sparePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
async function start(env: Readonly<Record<string, string>>): Promise<RunningProgram> {
  folder = mkdtempSync(join(tmpdir(), 'remembrancer-configured-'))
  program = await startProgram(env, folder)
  return program
}
/** What the program says when it will not start. */
async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  return await start(env).then(
    () => 'started',
    (error: unknown) => String(error),
  )
}
/** Ends the program as an operator would, and looks into what it has written. */
async function afterStopping<T>(look: (database: Database) => Promise<T>): Promise<T> {
  expect(await program?.stop({ keep: true })).toBe(0)
  program = undefined
  const database = await openDatabase({ kind: 'official', dataDir: folder })
  try {
    return await look(database)
  } finally {
    await database.close()
  }
}
/** A stand-in of Slack that at the end, when every program has stopped, must have had nothing to object to. */
async function strictSlack(options: StandInOptions = {}): Promise<SlackStandIn> {
  const slack = await createSlackStandIn(options)
  stopped.push(async () => {
    await slack.stop()
    expect(slack.violations).toEqual([])
  })
  return slack
}
const statusOf = async (url: string, init?: RequestInit): Promise<number> => (await fetch(url, init)).status

describe('configured for Slack', { timeout: 120_000 }, () => {
  let slack: SlackStandIn
  const settings = () => ({
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    SLACK_API_URL: slack.settings.apiUrl,
  })
  beforeAll(async () => {
    slack = await strictSlack()
    const { people } = slack
    people.addUser({ id: 'U1TAMSIN', real_name: 'Tamsin Vale', email: 'tamsin.vale@rivers.example' })
    people.addChannel('C1FLOOD', { name: 'flood-response', kind: 'private', members: ['U1TAMSIN'] })
  })

  test('it serves Slack at its request address and nothing else there; the sandbox is off', async () => {
    const port = await sparePort()
    const running = await start({ ...settings(), WEBHOOK_PORT: String(port) })
    const door = `http://127.0.0.1:${port}`
    slack.requestUrl = `${door}/slack/events`
    expect(running.output()).toContain('slack')
    for (const path of [
      '/',
      '/slack',
      '/slack/events/',
      '/slack/install',
      '/groups',
      '/api/messages',
      '/sandbox',
    ])
      expect(await statusOf(door + path, { method: 'POST', body: '{}' }), path).toBe(404)
    expect(await statusOf(door)).toBe(404)
    expect(await statusOf(`${running.address}/`)).toBe(200)
    expect(await statusOf(`${running.address}/slack/events`, { method: 'POST', body: '{}' })).not.toBe(200)
    expect(await statusOf(`${running.address}/sandbox`)).toBe(404)
    expect(existsSync(join(folder, 'sandbox'))).toBe(false)

    // Slack's own check of a request address, and an invitation.
    const challenge = await slack.sendRaw(
      JSON.stringify({ type: 'url_verification', challenge: 'c4', token: 't' }),
    )
    expect(challenge).toMatchObject({ status: 200, body: expect.stringContaining('c4') })
    slack.people.join('C1FLOOD', slack.world.bot.userId, 'U1TAMSIN')
    await slack.events.idle()
    const cards = () =>
      (slack.world.channels.get('C1FLOOD')?.messages ?? [])
        .filter((message) => message.bot_id !== undefined)
        .map((message) => readBlocks(message.blocks).heading)
    await expect.poll(cards).toEqual(['Remembrancer is now the active administrator of this group'])
    await slack.screens.command('U1TAMSIN', 'C1FLOOD', '/remembrancer', 'help')
    expect(readBlocks(slack.world.whispers.at(-1)?.message.blocks).text).toContain('/record-decision')

    // What does not come from Slack.
    const forged = JSON.stringify(
      slack.wrap({
        type: 'message',
        channel: 'C1FLOOD',
        user: 'U1TAMSIN',
        text: 'Forged',
        ts: '1.100001',
        event_ts: '1.100001',
      }),
    )
    const old = String(Math.floor(Date.now() / 1000) - 301)
    const refused = [
      await slack.sendRaw(forged, { 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
      await slack.sendRaw(forged, { 'x-slack-signature': '' }),
      await slack.sendRaw(forged, {
        'x-slack-request-timestamp': old,
        'x-slack-signature': signature(slack.settings.signingSecret, old, forged),
      }),
    ]
    expect(refused.map((one) => one.status)).toEqual([401, 401, 401])
    const oversize = await slack.sendRaw(forged.replace('Forged', 'Forged'.repeat(400_000)))
    expect([413, 0]).toContain(oversize.status)
    const written = await afterStopping(async ({ prisma }) => ({
      keys: (await prisma.inboxEvent.findMany({ select: { key: true } })).map((row) => row.key),
      groups: (await prisma.group.findMany()).map((group) => group.name),
    }))
    // A row is kept of every message, even where its text is not.
    expect(written.keys.filter((key) => key.includes('1.100001'))).toEqual([])
    expect(written.keys.some((key) => key.includes('bot-added'))).toBe(true)
    expect(written.groups).toEqual(['flood-response'])
  })

  test('by Socket Mode it needs no door at all', async () => {
    const socket = await strictSlack({ mode: 'socket' })
    const { people, world, settings: given } = socket
    people.addUser({ id: 'U1TAMSIN', real_name: 'Tamsin Vale' })
    people.addChannel('C1FLOOD', { name: 'flood-response', kind: 'private', members: ['U1TAMSIN'] })
    const port = await sparePort()
    await start({
      SLACK_BOT_TOKEN: given.botToken,
      SLACK_APP_TOKEN: given.appToken,
      SLACK_API_URL: given.apiUrl,
      WEBHOOK_PORT: String(port),
    })
    people.join('C1FLOOD', world.bot.userId, 'U1TAMSIN')
    const posted = () => (world.channels.get('C1FLOOD')?.messages ?? []).filter((message) => message.bot_id)
    await expect.poll(() => posted().length).toBe(1)
    await socket.screens.command('U1TAMSIN', 'C1FLOOD', '/remembrancer', 'help')
    await expect.poll(() => world.whispers.length).toBe(1)
    await expect(fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST' })).rejects.toThrow()
  })

  test('with SANDBOX=on both are there, each with pages and data of its own', async () => {
    const [port, second] = [await sparePort(), await sparePort()]
    const running = await start({
      ...settings(),
      WEBHOOK_PORT: String(port),
      SECOND_PORT: String(second),
      SANDBOX: 'on',
    })
    expect(await statusOf(`${running.address}/sandbox`)).toBe(404)
    expect(await statusOf(`http://localhost:${second}/sandbox`)).toBe(200)
    expect(await (await fetch(`http://localhost:${second}/groups`)).text()).toContain(
      'Skelby Barrier options',
    )
    expect(await (await fetch(`${running.address}/groups`)).text()).not.toContain('Skelby')
    for (const place of ['db', 'sandbox/db'])
      expect(existsSync(join(folder, place, 'PG_VERSION')), place).toBe(true)
    // Fiction and fact never share a database, even by mistake.
    await program?.stop({ keep: true })
    program = undefined
    await expect(openDatabase({ kind: 'official', dataDir: join(folder, 'sandbox') })).rejects.toMatchObject({
      code: 'DATABASE_WRONG_KIND',
    })
  })

  test('settings that are missing or wrong are named with their code', async () => {
    const good = settings()
    const { SLACK_SIGNING_SECRET: _secret, ...unsigned } = good
    expect(await refusal({ SLACK_SIGNING_SECRET: 's' })).toMatch(/SLACK_CONFIG_INCOMPLETE: SLACK_BOT_TOKEN/)
    expect(await refusal(unsigned)).toMatch(/SLACK_CONFIG_INCOMPLETE: Neither SLACK_SIGNING_SECRET/)
    expect(await refusal({ ...good, SLACK_BOT_TOKEN: 'xoxp-a-user' })).toMatch(
      /CONFIG_INVALID: SLACK_BOT_TOKEN/,
    )
    expect(await refusal({ ...good, SLACK_API_URL: 'http://slack.example/api/' })).toMatch(
      /CONFIG_INVALID: SLACK_API_URL/,
    )
    const refused = await refusal({ ...good, SLACK_BOT_TOKEN: 'xoxb-of-somebody-else' })
    expect(refused).toMatch(/SLACK_TOKEN_REFUSED/)
    expect(refused).not.toContain('xoxb-of-somebody-else')
    const busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    const { port } = busy.address() as AddressInfo
    expect(await refusal({ ...good, WEBHOOK_PORT: String(port) })).toMatch(/PORT_IN_USE: WEBHOOK_PORT/)
    await new Promise((resolve) => busy.close(resolve))
  })
})

describe('the doctor on the way to Slack', { timeout: 120_000 }, () => {
  test('checks settings written while the sandbox runs, and says that they wait for a restart', async () => {
    // Nobody listens there: while this process waits for the command, it could not answer it either.
    const closed = await sparePort()
    await start({})
    const doctor = (...lines: string[]) => {
      writeFileSync(join(folder, '.env'), lines.join('\n'))
      return runCommand(['doctor', 'slack'], { DATA_DIR: folder }, undefined, folder)
    }
    const none = doctor('')
    expect(none.status).toBe(1)
    expect(none.stderr).toMatch(/CONFIG_INVALID: The platform "slack" is not configured: SLACK_BOT_TOKEN/)
    const half = doctor('SLACK_BOT_TOKEN=xoxb-1 # copied from the app')
    expect(half.stderr).toMatch(/SLACK_CONFIG_INCOMPLETE: Neither SLACK_SIGNING_SECRET/)
    const found = doctor(
      'SLACK_BOT_TOKEN=xoxb-1',
      'SLACK_SIGNING_SECRET=s         # HTTP',
      `SLACK_API_URL=http://127.0.0.1:${closed}/api/`,
    )
    expect(found.status).toBe(3)
    expect(found.stdout).toMatch(/FIX {2}slack: reachable: [^\n]* does not answer\.\n {5}Check/)
    expect(found.stdout).toMatch(/FIX {2}slack: running: [^\n]*without these settings\.\n {5}Stop it/)
  })
})

describe('configured for Teams', { timeout: 120_000 }, () => {
  let lab: Lab
  const settings = (): Record<string, string> => ({
    TEAMS_APP_ID: lab.settings.appId,
    TEAMS_APP_PASSWORD: lab.settings.credential.kind === 'password' ? lab.settings.credential.password : '',
    TEAMS_TENANT_ID: lab.settings.tenantId,
    TEAMS_OPENID_METADATA_URL: lab.settings.openIdMetadataUrl,
    TEAMS_TOKEN_URL: lab.settings.tokenUrl,
    TEAMS_GRAPH_URL: lab.settings.graphUrl,
    TEAMS_SERVICE_URL: lab.settings.serviceUrl,
    TEAMS_SERVICE_HOSTS: lab.settings.serviceHosts.join(','),
    TEAMS_ALLOW_HTTP_LOOPBACK: 'on',
  })
  beforeAll(async () => {
    lab = await startLab({ installed: false })
    stopped.push(async () => {
      const violations = lab.violations()
      await lab.stop()
      expect(violations).toEqual([])
    })
  })

  test('it serves Teams at its request address and nothing else there; the sandbox is off', async () => {
    const port = await sparePort()
    const running = await start({ ...settings(), WEBHOOK_PORT: String(port) })
    const door = `http://127.0.0.1:${port}`
    expect(running.output()).toContain('teams')
    for (const path of ['/', '/api', '/api/messages/', '/slack/events', '/groups'])
      expect(await statusOf(door + path, { method: 'POST', body: '{}' }), path).toBe(404)
    expect(await statusOf(`${running.address}/sandbox`)).toBe(404)
    const send = (activity: unknown, token: string | undefined) =>
      statusOf(`${door}/api/messages`, {
        method: 'POST',
        body: JSON.stringify(activity),
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      })
    const { activities, people } = lab
    const general = lab.world.rooms.get(lab.team.id)
    if (!general) throw new Error('no General channel')
    expect(await send(activities.members(general, 'membersAdded', [activities.bot]), lab.token())).toBe(200)
    const headings = () =>
      JSON.stringify(lab.world.messages.filter((one) => one.conversation === lab.room.id))
    await expect.poll(headings).toContain('Remembrancer is now the active administrator')

    const said = lab.world.say({ conversation: lab.room.id, author: people.member, text: 'Forged' })
    const forged = activities.message(lab.room, said)
    const calls = lab.login.calls.length
    expect(await send(forged, undefined)).toBe(401)
    expect(await send(forged, unsignedToken('key-1', lab.claims()))).toBe(401)
    expect(await send(forged, signToken(makeKey('key-1'), lab.claims()))).toBe(401)
    expect(await send(forged, lab.token({ aud: 'somebody-else' }))).toBe(401)
    expect(await send(forged, lab.token({ exp: 1 }))).toBe(401)
    expect(await send({ ...forged, serviceUrl: 'https://evil.example/' }, lab.token())).toBe(401)
    expect(lab.login.calls.slice(calls).filter((call) => call.url.pathname.endsWith('/token'))).toEqual([])
    const written = await afterStopping(async ({ prisma }) => ({
      keys: (await prisma.inboxEvent.findMany({ select: { key: true } })).map((row) => row.key),
      groups: (await prisma.group.findMany()).map((group) => group.name).sort(),
    }))
    expect(written.keys.filter((key) => key.includes(said.id))).toEqual([])
    expect(written.keys.some((key) => key.includes('bot-added'))).toBe(true)
    expect(written.groups).toEqual(['General', 'Operations'])
  })

  test('settings that are missing or wrong are named with their code', async () => {
    const good = settings()
    const { TEAMS_APP_PASSWORD: _password, ...bare } = good
    expect(await refusal({ TEAMS_APP_ID: good.TEAMS_APP_ID ?? '' })).toMatch(
      /TEAMS_CONFIG_INCOMPLETE: TEAMS_TENANT_ID/,
    )
    expect(await refusal({ ...good, TEAMS_APP_ID: '' })).toMatch(/TEAMS_CONFIG_INCOMPLETE: TEAMS_APP_ID/)
    expect(await refusal(bare)).toMatch(/TEAMS_CONFIG_INCOMPLETE: Neither TEAMS_APP_PASSWORD/)
    expect(await refusal({ ...good, TEAMS_ALLOW_HTTP_LOOPBACK: 'off' })).toMatch(/CONFIG_INVALID: TEAMS_/)
    expect(await refusal({ ...good, TEAMS_SERVICE_HOSTS: 'smba.example' })).toMatch(
      /CONFIG_INVALID: TEAMS_SERVICE_URL/,
    )
    expect(await refusal({ ...good, TEAMS_AUTH: 'off', WEBHOOK_HOST: '0.0.0.0' })).toMatch(
      /TEAMS_AUTH_OFF_REFUSED/,
    )
  })

  test('TEAMS_AUTH=off, for an emulator on this machine, is said loudly', async () => {
    const port = await sparePort()
    const running = await start({
      TEAMS_APP_ID: lab.settings.appId,
      TEAMS_TENANT_ID: lab.settings.tenantId,
      TEAMS_AUTH: 'off',
      TEAMS_SERVICE_URL: 'http://127.0.0.1:1/',
      WEBHOOK_PORT: String(port),
    })
    expect(running.output()).toContain('TEAMS_AUTH IS OFF')
    const activity = lab.activities.message(
      lab.room,
      lab.world.say({ conversation: lab.room.id, author: lab.people.member, text: 'Unsigned' }),
    )
    const sent = await statusOf(`http://127.0.0.1:${port}/api/messages`, {
      method: 'POST',
      body: JSON.stringify(activity),
      headers: { 'content-type': 'application/json' },
    })
    expect(sent).toBe(200)
  })

  test('Slack beside it: one port, each at its own address', async () => {
    const slack = await strictSlack()
    const port = await sparePort()
    const running = await start({
      ...settings(),
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      SLACK_API_URL: slack.settings.apiUrl,
      WEBHOOK_PORT: String(port),
    })
    expect(running.output()).toContain('slack and teams')
    for (const path of ['/slack/events', '/api/messages'])
      expect(await statusOf(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' }), path).toBe(
        401,
      )
  })
})
