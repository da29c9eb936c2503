import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTeamsPlatform } from '../../adapters/teams/platform.js'
import { readTeamsSettings } from '../../adapters/teams/settings.js'
import { coreSettings } from '../../src/config/index.js'
import { RemembrancerError } from '../../src/errors.js'
import { sampleCard } from '../contract/samples.js'
import { type Client, createClient } from '../support/teams/client.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { fault } from '../support/teams/service.js'

/** What Microsoft's SDK lets through or gets wrong, each closed before or around it. */
let lab: Lab
let client: Client
beforeEach(async () => {
  lab = await startLab()
  client = createClient(lab)
  lab.host.forget()
})
afterEach(async () => {
  const violations = lab.violations()
  await lab.stop()
  expect(violations).toEqual([])
})

const say = (text: string) => lab.world.say({ conversation: lab.room.id, author: lab.people.member, text })

describe('the SDK', () => {
  test('throws on an activity without author: it is kept all the same, and nothing fails', async () => {
    const { from: _from, ...activity } = lab.activities.members(
      lab.room,
      'membersAdded',
      [{ id: lab.people.outsider.mri, aadObjectId: lab.people.outsider.id }],
      lab.people.member,
    )
    expect((await lab.deliver(activity)).status).toBe(200)
    expect(lab.host.eventsOf('member-joined').length).toBeGreaterThan(0)
    const { from: _author, ...words } = lab.activities.message(lab.room, say('Nobody said this'))
    expect((await lab.deliver(words)).status).toBe(200)
    expect(lab.host.envelopes.at(-1)?.unreadable).toBeDefined()
  })

  test('runs the first matching route only: members and bot added at once are both reported', async () => {
    const joined = [lab.activities.bot, { id: lab.people.outsider.mri, aadObjectId: lab.people.outsider.id }]
    await lab.deliver(lab.activities.members(lab.room, 'membersAdded', joined))
    expect(lab.host.eventsOf('bot-added').length).toBeGreaterThan(0)
    expect(lab.host.eventsOf('member-joined').length).toBeGreaterThan(0)
  })

  test('answers 200 whatever its handlers do: a message the inbox did not take is answered 500', async () => {
    lab.host.failAccepts(1)
    const activity = lab.activities.message(lab.room, say('Keep this'))
    expect((await lab.deliver(activity)).status).toBe(500)
    expect((await lab.deliver(activity)).status).toBe(200)
    expect(lab.host.eventsOf('message-posted')).toHaveLength(1)
  })

  test('matches commands anywhere in a text: ours are whole messages to the bot', async () => {
    const { member } = lab.people
    await client.type(member, lab.room, 'please help me with the register-group form', { mention: false })
    await client.type(member, lab.room, 'record-decision', { mention: false })
    expect(lab.host.interactions).toEqual([])
    await client.type(member, lab.room, 'Record-Decision  at noon ', { mention: true })
    expect(lab.host.interactions.at(-1)).toMatchObject({ command: 'record-decision', text: 'at noon' })
    await client.type(member, lab.room, 'record-decisions-not', { mention: true })
    expect(lab.host.interactions.at(-1)).toMatchObject({ command: 'help' })
  })

  test('a mention in the middle of a sentence is conversation, not a request', async () => {
    const activity = lab.activities.message(lab.room, say('x'))
    await lab.deliver({
      ...activity,
      text: 'as <at>Remembrancer</at> help said',
      entities: [
        {
          type: 'mention',
          mentioned: { id: `28:${lab.world.appId}`, name: 'R' },
          text: '<at>Remembrancer</at>',
        },
      ],
    })
    expect(lab.host.interactions).toEqual([])
  })

  test('changes the text of activities: what is kept is as it came', async () => {
    await client.type(lab.people.member, lab.room, 'help me', { mention: true })
    const raw = JSON.parse(lab.host.envelopes.at(-1)?.raw ?? '{}')
    expect(raw.text).toBe('<at>Remembrancer</at> help me')
  })

  test('remembers a refresh for ever: a private answer after a replaced card replaces nothing', async () => {
    const { member, other } = lab.people
    const target = { kind: 'group', conversation: lab.room.id } as const
    await lab.platform.post(lab.world.tenant, { outboxId: 'a', target, card: sampleCard('First') })
    await lab.platform.post(lab.world.tenant, { outboxId: 'b', target, card: sampleCard('Second') })
    const [first, second] = lab.world.messages.filter((message) => message.card)
    if (!first || !second) throw new Error('No cards')
    lab.host.answerNext({ kind: 'replace', card: { heading: 'Replaced', summary: 'Replaced' } })
    await client.press(member, first, 'Not a decision')
    lab.host.answerNext({ kind: 'card', card: { heading: 'For you', summary: 'For you' } })
    await client.press(other, second, 'Not a decision')
    expect(JSON.stringify(first.card)).toContain('Replaced')
    expect(JSON.stringify(second.card)).toContain('Second')
  })

  test('starts a typing timer: nothing is sent unasked', async () => {
    await lab.deliver(lab.activities.message(lab.room, say('Good morning')))
    expect(lab.connector.calls.filter((call) => call.method === 'POST')).toEqual([])
  })

  test('wraps whatever goes wrong in an error of its own: ours keep their code, in the answer and in the log', async () => {
    const { member } = lab.people
    lab.host.answerNext(() => {
      throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'The database is away.')
    })
    const invoke = lab.activities.invoke(lab.room, member, 'composeExtension/fetchTask', {
      commandId: 'recordDecision',
      messagePayload: { id: say('Noon').id },
    })
    expect((await lab.deliver(invoke)).status).toBe(503)
    const chat = lab.world.personalChat(member)
    const help = lab.world.say({ conversation: chat.id, author: member, text: 'help' })
    lab.connector.answerNext(fault(403, 'BotDisabledByAdmin'))
    await lab.deliver(lab.activities.message(chat, help))
    const failed = lab.host.lines.filter((line) => line.level === 'error')
    expect(failed.map((line) => line.fields.code)).toEqual(['PLATFORM_UNAVAILABLE', 'PLATFORM_REFUSED'])
  })

  test('answers an invoke nobody handles with 501, and keeps going', async () => {
    const invoke = lab.activities.invoke(lab.room, lab.people.member, 'application/search', {})
    expect((await lab.deliver(invoke)).status).toBe(501)
    expect(lab.host.attempts).toBe(0)
  })

  test('runs a command once, though Teams delivers it twice', async () => {
    const message = say('help')
    const activity = lab.activities.message(lab.room, message, { mention: true })
    await lab.deliver(activity)
    await lab.deliver(activity)
    expect(lab.host.interactions).toHaveLength(1)
  })
})

describe('settings the SDK would take for consent', () => {
  const env = {
    TEAMS_APP_ID: '00000000-0000-4000-8000-000000000001',
    TEAMS_APP_PASSWORD: 'x',
    TEAMS_TENANT_ID: '00000000-0000-4000-8000-000000000002',
  }
  const code = (changes: Record<string, string>) => {
    try {
      readTeamsSettings({ ...env, ...changes })
    } catch (error) {
      return (error as { code: string }).code
    }
    return undefined
  }

  test('an empty app id switches its authentication off: refused', () => {
    expect(code({ TEAMS_APP_ID: '' })).toBe('TEAMS_CONFIG_INCOMPLETE')
    expect(code({ TEAMS_APP_ID: '  ' })).toBe('TEAMS_CONFIG_INCOMPLETE')
    expect(code({ TEAMS_TENANT_ID: '' })).toBe('TEAMS_CONFIG_INCOMPLETE')
    expect(code({ TEAMS_APP_PASSWORD: '' })).toBe('TEAMS_CONFIG_INCOMPLETE')
    expect(code({})).toBeUndefined()
  })

  test('service addresses must be https, unless loopback is allowed by name', () => {
    expect(code({ TEAMS_GRAPH_URL: 'http://127.0.0.1:9/v1.0' })).toBe('CONFIG_INVALID')
    expect(code({ TEAMS_GRAPH_URL: 'http://graph.example/v1.0', TEAMS_ALLOW_HTTP_LOOPBACK: 'on' })).toBe(
      'CONFIG_INVALID',
    )
    expect(
      code({ TEAMS_GRAPH_URL: 'http://127.0.0.1:9/v1.0', TEAMS_ALLOW_HTTP_LOOPBACK: 'on' }),
    ).toBeUndefined()
    expect(code({ TEAMS_SERVICE_URL: 'https://elsewhere.example/' })).toBe('CONFIG_INVALID')
    expect(code({ TEAMS_AUTH: 'maybe' })).toBe('CONFIG_INVALID')
    for (const TEAMS_GRAPH_POLL_MINUTES of ['often', '0', '1.5', '9999', '-1', '1e2'])
      expect(() => readTeamsSettings({ ...env, TEAMS_GRAPH_POLL_MINUTES })).toThrow(
        /^TEAMS_GRAPH_POLL_MINUTES: must be a whole number of minutes from 1 to 1440\.$/,
      )
  })

  test('TEAMS_AUTH=off is refused unless the program listens on loopback only', () => {
    const settings = readTeamsSettings({ ...env, TEAMS_AUTH: 'off' })
    expect(() => createTeamsPlatform({ settings, listensOnLoopbackOnly: false })).toThrow(
      expect.objectContaining({ code: 'TEAMS_AUTH_OFF_REFUSED' }),
    )
  })

  test('the module counts an address as loopback only when it is named', async () => {
    const { teamsModule } = await import('../../adapters/teams/index.js')
    const refusal = { code: 'TEAMS_AUTH_OFF_REFUSED' }
    const off = { ...env, TEAMS_AUTH: 'off' }
    await expect(teamsModule.create(off)).rejects.toMatchObject(refusal)
    await expect(teamsModule.create({ ...off, WEBHOOK_HOST: '0.0.0.0' })).rejects.toMatchObject(refusal)
    await expect(teamsModule.create({ ...off, HOST: '127.0.0.1' })).rejects.toMatchObject(refusal)
    const platform = await teamsModule.create({ ...off, WEBHOOK_HOST: '127.0.0.1' })
    expect(platform.name).toBe('teams')
  })

  test('a HOST that the shell exports decides nothing: no setting of ours is called so', async () => {
    const { teamsModule } = await import('../../adapters/teams/index.js')
    const shell = { ...env, TEAMS_AUTH: 'off', HOST: 'build-7.dept.example' }
    const platform = await teamsModule.create({ ...shell, WEBHOOK_HOST: '127.0.0.1' })
    expect(platform.name).toBe('teams')
    expect([...coreSettings, ...teamsModule.settings].map((setting) => setting.key)).not.toContain('HOST')
  })
})

describe('with TEAMS_AUTH=off', () => {
  test('it says so loudly, sends no token, and talks to this machine only', async () => {
    const open = await startLab({ env: { TEAMS_AUTH: 'off' } })
    try {
      expect(open.host.lines.some((line) => line.level === 'warn' && /AUTH IS OFF/.test(line.message))).toBe(
        true,
      )
      const said = open.world.say({ conversation: open.room.id, author: open.people.member, text: 'Hello' })
      const activity = open.activities.message(open.room, said)
      expect((await open.deliver(activity, { token: undefined })).status).toBe(200)
      const away = { ...activity, serviceUrl: 'https://smba.trafficmanager.net/teams/' }
      expect((await open.deliver(away, { token: undefined })).status).toBe(401)
      expect(open.login.asked()).toBe(0)
      expect(open.connector.calls.every((call) => call.headers.authorization === undefined)).toBe(true)
    } finally {
      await open.stop()
    }
  })
})
