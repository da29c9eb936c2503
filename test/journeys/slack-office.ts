import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as bolt from '../../adapters/slack/bolt.js'
import { createSlackPlatform } from '../../adapters/slack/platform.js'
import { type Policy, readPolicy } from '../../src/config/index.js'
import { verifyDatabase } from '../../src/ledger/index.js'
import type { Database } from '../../src/storage/index.js'
import { createWorld, type World } from '../../src/world.js'
import { openTestDatabase } from '../support/database.js'
import { createSlackStandIn, type SlackStandIn } from '../support/slack/index.js'
import {
  chosenState,
  type ReadBlocks,
  type ReadInput,
  readBlocks,
  readInputs,
} from '../support/slack/read-screen.js'
import type { OpenView, StandInMessage } from '../support/slack/world.js'

/** People and channels of the department in Slack. */
export const tamsin = 'U1TAMSIN'
export const idris = 'U2IDRIS'
export const petra = 'U3PETRA'
export const rosa = 'U4ROSA'
export const yusuf = 'U5YUSUF'
export const flood = 'C1FLOOD'
export const depots = 'C2DEPOTS'
export const office = 'C9OFFICE'

/** A card of the bot as a person reads it. */
export type SlackCard = ReadBlocks & { readonly ts: string; readonly message: StandInMessage }

/** The whole program behind Slack's strict stand-in, with what people see and do on their screens. */
export interface SlackOffice {
  readonly slack: SlackStandIn
  readonly world: World
  readonly database: Database
  now(): number
  logged(): string
  settle(): Promise<void>
  later(ms: number): Promise<void>
  /** Stops the program, lets things happen, and starts it again so much later. */
  whileDown(ms: number, happen: () => void): Promise<void>
  /** Ten in the morning of the next working day. */
  nextMorning(): Promise<void>
  cards(channel: string): SlackCard[]
  direct(person: string): string
  /** Everything the bot told this person alone. */
  whispers(person: string): ReadBlocks[]
  /** Presses the newest button of that label in a channel. */
  press(person: string, channel: string, label: string): Promise<void>
  modal(person: string): {
    readonly view: OpenView
    readonly fields: Map<string, ReadInput>
    readonly read: ReadBlocks
  }
  modalOpen(person: string): boolean
  /** Fills in fields by name (`decidedAt:date` for a part) and submits. */
  submit(person: string, values: Readonly<Record<string, string | readonly string[]>>): Promise<void>
  fill(person: string, values: Readonly<Record<string, string | readonly string[]>>): void
  pressModal(person: string, label: string): Promise<void>
  /** Chooses a value of a field that redraws the form. */
  choose(person: string, field: string, value: string): Promise<void>
  command(person: string, channel: string, slash: string, text?: string): Promise<void>
  groupId(channel: string): Promise<string>
  personId(account: string): Promise<string>
  /** Ends it; returns what the strict reader objected to and what the ledger's check found. */
  close(): Promise<{ violations: string[]; problem: unknown; entries: number }>
}

/** Opens it on a Monday morning at ten. */
export async function openSlackOffice(change: (policy: Policy) => void = () => {}): Promise<SlackOffice> {
  let ahead = Date.parse('2026-11-16T10:00:00Z') - Date.now()
  const clock = {
    now: () => Date.now() + ahead,
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
  }
  // As Slack does, it delivers again what is not answered within three seconds (a busy machine may need longer), but
  // without the minutes between.
  const hurried = { ...clock, sleep: (ms: number) => clock.sleep(Math.min(ms, 50)) }
  const slack = await createSlackStandIn({ clock: hurried, retries: true })
  furnish(slack)
  const { appToken: _socket, ...settings } = slack.settings
  let platform = createSlackPlatform({ bolt, settings, clock })
  const http = createServer((request, response) => platform.webhook?.handle(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  slack.requestUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/slack/events`
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-slack-journey-'))
  const lines: string[] = []
  const log = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }))
  const opened = await openTestDatabase('embedded')
  const { database } = opened
  await fillDirectory(database)
  const policy = structuredClone(readPolicy(undefined))
  change(policy)
  const open = () =>
    createWorld({
      kind: 'official',
      database: { ...database, close: async () => {} },
      platforms: [platform],
      policy,
      dataDir,
      publicUrl: 'http://localhost:3000',
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      now: () => new Date(clock.now()),
      ring: false,
    })
  let world = await open()
  await world.start()

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) {
      await slack.events.idle()
      await platform.settled()
      await world.settle()
    }
  }
  const viewOf = (person: string): OpenView => {
    const view = slack.screens.openView(person)
    if (view === undefined) throw new Error(`no modal is open for ${person}`)
    return view
  }
  const fieldsOf = (view: OpenView) =>
    new Map(
      readInputs(view).map((input) => {
        const [, name = '', part = ''] = input.blockId.split('|')
        return [part === 'value' ? name : `${name}:${part}`, input] as const
      }),
    )
  function fill(person: string, values: Readonly<Record<string, string | readonly string[]>>): void {
    for (const [name, value] of Object.entries(values)) {
      const view = viewOf(person)
      const input = fieldsOf(view).get(name)
      if (input === undefined) throw new Error(`no field ${name} among ${[...fieldsOf(view).keys()]}`)
      slack.screens.set(person, input.blockId, chosenState(view, input.blockId, value))
    }
  }
  const cards = (channel: string): SlackCard[] =>
    (slack.world.channels.get(channel)?.messages ?? [])
      .filter((message) => message.bot_id === slack.world.bot.botId)
      .map((message) => ({ ts: message.ts, message, ...readBlocks(message.blocks) }))

  const self: SlackOffice = {
    slack,
    get world() {
      return world
    },
    database,
    now: clock.now,
    logged: () => lines.join('\n'),
    settle,
    async later(ms) {
      ahead += ms
      await settle()
    },
    async whileDown(ms, happen) {
      await settle()
      await world.stop()
      const door = slack.requestUrl
      slack.requestUrl = 'http://127.0.0.1:1/slack/events'
      happen()
      await slack.events.idle()
      slack.requestUrl = door
      ahead += ms
      platform = createSlackPlatform({ bolt, settings, clock })
      world = await open()
      await world.start()
      await settle()
    },
    async nextMorning() {
      await settle()
      let day = Math.floor(clock.now() / 86_400_000) * 86_400_000 + 34 * 3_600_000
      while ([0, 6].includes(new Date(day).getUTCDay())) day += 86_400_000
      ahead = day - Date.now()
      await settle()
    },
    cards,
    direct: (person) => slack.people.direct(person).id,
    whispers: (person) =>
      slack.world.whispers
        .filter((whisper) => whisper.user === person)
        .map((whisper) => readBlocks(whisper.message.blocks)),
    async press(person, channel, label) {
      const card = cards(channel).findLast((each) => each.buttons.some((button) => button.label === label))
      const button = card?.buttons.find((each) => each.label === label)
      if (card === undefined || button === undefined) throw new Error(`no button ${label} in ${channel}`)
      await slack.screens.pressMessage(person, { channel, ts: card.ts }, button.actionId)
      await settle()
    },
    modal: (person) => {
      const view = viewOf(person)
      return { view, fields: fieldsOf(view), read: readBlocks(view.view.blocks) }
    },
    modalOpen: (person) => slack.screens.openView(person)?.view.submit !== undefined,
    fill,
    async submit(person, values) {
      fill(person, values)
      await slack.screens.submit(person)
      await settle()
    },
    async pressModal(person, label) {
      const button = readBlocks(viewOf(person).view.blocks).buttons.find((each) => each.label === label)
      if (button === undefined) throw new Error(`no button ${label} in the modal`)
      await slack.screens.pressView(person, button.actionId)
      await settle()
    },
    async choose(person, field, value) {
      fill(person, { [field]: value })
      await slack.screens.dispatchInput(person, fieldsOf(viewOf(person)).get(field)?.blockId ?? '')
      await settle()
    },
    async command(person, channel, slash, text = '') {
      await slack.screens.command(person, channel, slash, text)
      await settle()
    },
    async groupId(externalId) {
      return (await database.prisma.group.findFirstOrThrow({ where: { externalId } })).id
    },
    async personId(externalId) {
      return (await database.prisma.account.findFirstOrThrow({ where: { externalId } })).personId
    },
    async close() {
      const report = await verifyDatabase(database, { publicKey: world.signer.publicKeyPem })
      await world.stop()
      http.closeAllConnections()
      http.close()
      await slack.stop()
      await opened.close()
      rmSync(dataDir, { recursive: true, force: true })
      return { violations: slack.violations, problem: report.problem, entries: report.entries }
    },
  }
  await settle()
  return self
}

function furnish({ people }: SlackStandIn): void {
  const person = (id: string, name: string, title: string) =>
    people.addUser({
      id,
      real_name: name,
      title,
      email: `${name.toLowerCase().replace(' ', '.')}@rivers.example`,
    })
  person(tamsin, 'Tamsin Vale', 'Director')
  person(idris, 'Idris Holm', 'Head of Operations')
  person(rosa, 'Rosa Chaudhry', 'Records Officer')
  person(yusuf, 'Yusuf Demir', 'Head of News')
  people.addUser({ id: petra, real_name: 'Petra Lund', is_restricted: true })
  people.addChannel(flood, { name: 'flood-response', kind: 'private', members: [tamsin, idris, rosa] })
  people.addChannel(depots, { name: 'pumps-and-depots', kind: 'public', members: [tamsin, idris] })
  people.addChannel(office, { name: 'private-office', kind: 'private', members: [tamsin, yusuf] })
}

/** Remits: the recommender tells them apart by their words. */
async function fillDirectory(database: Database): Promise<void> {
  const entries = [
    ['Yusuf Demir', 'Head of News', 'Communications', 'Journalists, interviews, press releases'],
    ['Eleanor Marsh', 'Legal Director', 'Legal', 'Injunctions, landowners, judicial review'],
    ['Priya Sandhu', 'Deputy Director', 'Policy', 'Coastal policy'],
    ['Callum Fraser', 'Head of the Incident Room', 'Operations', 'Duty rota'],
    ['Nadia Rahman', 'Director', 'Operations', 'Flood response'],
    ['Beatrix Holm', 'Chief Engineer', 'Engineering', 'Walls, pumps, gauges'],
    ['Idris Holm', 'Head of Operations', 'Operations', 'Flood response, duty rota'],
  ] as const
  for (const [name, role, team, remit] of entries) {
    const email = `${name.toLowerCase().replace(' ', '.')}@rivers.example`
    await database.prisma.directoryEntry.create({
      data: { id: randomUUID(), name, role, team, remit, email },
    })
  }
}
