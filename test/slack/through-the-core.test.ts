import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import * as bolt from '../../adapters/slack/bolt.js'
import { createSlackPlatform, type SlackPlatform } from '../../adapters/slack/platform.js'
import { readPolicy } from '../../src/config/index.js'
import { verifyDatabase } from '../../src/ledger/index.js'
import { createWorld, type World } from '../../src/world.js'
import { openTestDatabase, type TestDatabase } from '../support/database.js'
import { createSlackStandIn, type SlackStandIn } from '../support/slack/index.js'
import { chosenState, readBlocks, readInputs } from '../support/slack/read-screen.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

const [tamsin, idris, flood, office] = ['U1TAMSIN', 'U2IDRIS', 'C1FLOOD', 'C9OFFICE']

/** The whole program behind Slack's stand-in: from what people do on their screens to the record and the ledger. */
describe('a day in Slack, through the whole program', () => {
  let slack: SlackStandIn
  let platform: SlackPlatform
  let opened: TestDatabase
  let world: World
  let http: Server
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-slack-day-'))
  const lines: string[] = []
  // A Monday morning that goes on at the machine's pace, and can be moved on.
  let ahead = Date.parse('2026-11-16T10:00:00Z') - Date.now()
  const clock = {
    now: () => Date.now() + ahead,
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
  }

  beforeAll(async () => {
    slack = await createSlackStandIn({ clock })
    const { people } = slack
    people.addUser({
      id: tamsin,
      real_name: 'Tamsin Vale',
      email: 'tamsin.vale@rivers.example',
      title: 'Director',
    })
    people.addUser({ id: idris, real_name: 'Idris Holm', email: 'idris.holm@rivers.example' })
    people.addChannel(flood, { name: 'flood-response', kind: 'private', members: [tamsin, idris] })
    people.addChannel(office, {
      name: 'private-office',
      kind: 'private',
      members: [tamsin],
    })
    const { appToken: _socket, ...settings } = slack.settings
    platform = createSlackPlatform({ bolt, settings, clock })
    http = createServer((request, response) => platform.webhook?.handle(request, response))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    slack.requestUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/slack/events`
    opened = await openTestDatabase('embedded')
    const log = (fields: Record<string, unknown>, message: string) =>
      void lines.push(JSON.stringify({ ...fields, message }))
    world = await createWorld({
      kind: 'official',
      database: { ...opened.database, close: async () => {} },
      platforms: [platform],
      policy: structuredClone(readPolicy(undefined)),
      dataDir,
      publicUrl: 'http://localhost:3000',
      log: { info: log, warn: log, error: log },
      now: () => new Date(clock.now()),
      ring: false,
    })
    await world.start()
    await settle()
  }, 90_000)
  afterAll(async () => {
    const report = await verifyDatabase(opened.database, { publicKey: world.signer.publicKeyPem })
    await world.stop()
    http.closeAllConnections()
    http.close()
    await slack.stop()
    await opened.close()
    rmSync(dataDir, { recursive: true, force: true })
    expect(report.problem).toBeUndefined()
    expect(slack.violations).toEqual([])
    expect(lines.join('\n')).not.toMatch(/evacuate|INTERACTION_FAILED|EVENT_SET_ASIDE/)
  }, 60_000)

  async function settle(): Promise<void> {
    await slack.events.idle()
    await platform.settled()
    await world.settle()
    await slack.events.idle()
    await world.settle()
  }
  async function later(ms: number): Promise<void> {
    ahead += ms
    await settle()
  }
  const cards = (channel: string) =>
    (slack.world.channels.get(channel)?.messages ?? [])
      .filter((message) => message.bot_id === slack.world.bot.botId)
      .map((message) => ({ ts: message.ts, ...readBlocks(message.blocks) }))
  const direct = (person: string) => slack.people.direct(person).id
  function fill(values: Record<string, string | readonly string[]>): void {
    const view = slack.screens.openView(tamsin)
    if (view === undefined) throw new Error('no form is open')
    for (const [label, value] of Object.entries(values)) {
      const input = readInputs(view).find((each) => each.label === label)
      if (input === undefined)
        throw new Error(`no field ${label} among ${readInputs(view).map((each) => each.label)}`)
      slack.screens.set(tamsin, input.blockId, chosenState(view, input.blockId, value))
    }
  }
  async function press(channel: string, label: string): Promise<void> {
    const card = cards(channel).findLast((each) => each.buttons.some((button) => button.label === label))
    const button = card?.buttons.find((each) => each.label === label)
    if (card === undefined || button === undefined) throw new Error(`no button ${label} in ${channel}`)
    await slack.screens.pressMessage(tamsin, { channel, ts: card.ts }, button.actionId)
    await settle()
  }

  test('invited to a channel, it introduces itself, knows who is there, and keeps no text yet', async () => {
    for (const channel of [office, flood]) slack.people.join(channel, slack.world.bot.userId, tamsin)
    await settle()
    slack.people.say(flood, idris, 'Not for the record')
    await later(5000)
    expect(cards(flood).length).toBeGreaterThan(0)
    const group = await opened.database.prisma.group.findFirstOrThrow({ where: { externalId: flood } })
    expect(group).toMatchObject({
      platform: 'slack',
      tenant: 'T0TEAM',
      name: 'flood-response',
      botPresent: true,
    })
    const dump = JSON.stringify(
      await opened.database.prisma.$queryRaw`select text from message_revision`.catch(() => []),
    )
    expect(dump).not.toContain('Not for the record')
  }, 60_000)

  test('it is registered by a form whose errors keep what was typed', async () => {
    await slack.screens.command(tamsin, flood, '/register-group', '')
    await settle()
    fill({ Purpose: 'Answer the flood', 'Business need': 'Minutes matter', Administrators: [tamsin] })
    const view = slack.screens.openView(tamsin)
    if (view === undefined) throw new Error('no form')
    const named = {
      officeName: 'Office of the Secretary of State',
      officeOfficial: 'The Secretary of State',
      officeRoom: office,
    }
    for (const [name, value] of Object.entries(named)) {
      const input = readInputs(view).find((each) => each.blockId.startsWith(`f|${name}|`))
      if (input === undefined) throw new Error(`no field ${name}`)
      slack.screens.set(tamsin, input.blockId, chosenState(view, input.blockId, value))
    }
    await slack.screens.submit(tamsin)
    await settle()
    const still = slack.screens.openView(tamsin)
    const errors = still === undefined ? [] : readInputs(still).filter((input) => input.error !== undefined)
    expect(errors).toEqual([])
    const group = await opened.database.prisma.group.findFirstOrThrow({
      where: { externalId: flood },
      include: { registration: true },
    })
    expect(group.registration).toMatchObject({ purpose: 'Answer the flood' })
  }, 60_000)

  test('a decision is noticed, and whoever settled it is asked in private', async () => {
    slack.people.say(flood, idris, 'What do we do about Mere Street?')
    await later(1000)
    slack.people.say(flood, tamsin, 'Decided: evacuate Mere Street by noon')
    await settle()
    await later(20_000)
    expect(JSON.stringify(cards(direct(tamsin)))).toContain('evacuate Mere Street by noon')
  }, 60_000)

  test('from the nudge it is recorded in one form, confirmed in the channel, and in the ledger', async () => {
    await press(direct(tamsin), 'Record it')
    fill({ Why: 'The wall was built for 4.4 metres' })
    await slack.screens.submit(tamsin)
    await later(5000)
    const record = await opened.database.prisma.decisionRecord.findFirstOrThrow({
      include: { versions: true, evidence: true },
    })
    expect(record.versions[0]?.decision).toContain('evacuate Mere Street')
    expect(record.evidence.length).toBeGreaterThan(0)
    expect(
      cards(flood)
        .map((card) => card.heading)
        .join(),
    ).toContain(record.reference)
  }, 60_000)

  test('commands, the Home tab and a message’s menu answer within Slack’s rules', async () => {
    for (const [slash, text] of [
      ['/membership-log', ''],
      ['/remembrancer', 'help'],
      ['/record-decision', 'by hand'],
    ] as const) {
      await slack.screens.command(tamsin, flood, slash, text)
      await settle()
    }
    slack.events.emit(
      slack.wrap({
        type: 'app_home_opened',
        user: tamsin,
        channel: direct(tamsin),
        tab: 'home',
        event_ts: slack.world.nextTs(),
      }),
    )
    await settle()
    expect(readBlocks(slack.world.homes.get(tamsin)?.blocks).heading).not.toBe('')
    const ts = slack.people.say(flood, idris, 'We also close the towpath')
    await settle()
    await slack.screens.messageShortcut(tamsin, flood, ts, 'record-decision')
    await settle()
    const view = slack.screens.openView(tamsin)
    expect(JSON.stringify(view?.state)).toContain('towpath')
  }, 60_000)

  test('joining, leaving and a roster check are in the membership log', async () => {
    slack.people.addUser({ id: 'U3PETRA', real_name: 'Petra Lund', is_restricted: true })
    slack.people.join(flood, 'U3PETRA', idris)
    await later(1000)
    slack.people.leave(flood, idris)
    await later(1000)
    const facts = await opened.database.prisma.membershipFact.findMany({ orderBy: { learnedAt: 'asc' } })
    expect(facts.map((fact) => fact.kind)).toEqual(expect.arrayContaining(['joined', 'departed']))
    expect(facts.find((fact) => fact.kind === 'joined')?.actorId).toBeTruthy()
  }, 60_000)
})
