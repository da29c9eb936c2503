import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Policy, readPolicy } from '../../src/config/index.js'
import { verifyDatabase } from '../../src/ledger/index.js'
import type { FormValues } from '../../src/platform/index.js'
import type { Database } from '../../src/storage/index.js'
import { createWorld, type World } from '../../src/world.js'
import type { SeenCard, SeenForm } from '../contract/harness.js'
import { openTestDatabase } from '../support/database.js'
import { type Client, createClient } from '../support/teams/client.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { readCard, readForm } from '../support/teams/reader.js'
import type { Room, StoredMessage, User } from '../support/teams/world.js'

/** The whole program behind the strict stand-ins of Microsoft's services. */
export interface TeamsOffice {
  readonly lab: Lab
  readonly client: Client
  readonly world: World
  readonly database: Database
  logged(): string
  settle(): Promise<void>
  setClock(to: Date): void
  now(): Date
  /** Stops the program, lets things happen of which nobody tells it, and starts it again ten minutes later. */
  whileDown(happen: () => void): Promise<void>
  /** The bot comes into a conversation. */
  install(room: Room): Promise<void>
  say(room: Room, who: User, text: string, thread?: string): Promise<StoredMessage>
  cards(room: Room): (SeenCard & { readonly message: StoredMessage })[]
  /** Cards in somebody's own chat with the bot. */
  privately(who: User): (SeenCard & { readonly message: StoredMessage })[]
  /** Presses the newest button of that label in a conversation. */
  press(who: User, room: Room, label: string): Promise<void>
  /** Presses a button of the dialog with these values typed. */
  dialog(who: User, values: FormValues, label?: string): Promise<void>
  open(who: User): SeenForm | undefined
  field(who: User, name: string): SeenForm['fields'][number] | undefined
  groupId(room: Room): Promise<string>
  personId(who: User): Promise<string>
  close(): Promise<{ violations: string[]; problem: unknown; entries: number }>
}

/**
 * Opens it.
 * @param options `change` sets policy; `clock` a time of its own, moved by `setClock` alone
 */
export async function openTeamsOffice(
  options: { change?: (policy: Policy) => void; clock?: Date; installed?: boolean } = {},
): Promise<TeamsOffice> {
  const lab = await startLab({ installed: false })
  // From here on the world is its host.
  await lab.platform.stop()
  let clock = options.clock
  let ahead = 0
  const now = () => clock ?? new Date(Date.now() + ahead)
  if (clock) lab.host.setNow(clock)
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-teams-journey-'))
  const lines: string[] = []
  const log = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }))
  const opened = await openTestDatabase('embedded')
  const { database } = opened
  const policy = structuredClone(readPolicy(undefined))
  options.change?.(policy)
  const boot = () =>
    createWorld({
      kind: 'official',
      database: { ...database, close: async () => {} },
      platforms: [lab.platform],
      policy,
      dataDir,
      publicUrl: 'http://localhost:3000',
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      now,
      ring: false,
    })
  let world = await boot()
  await world.start()
  const client = createClient(lab)

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) {
      await lab.platform.idle()
      await world.settle()
    }
  }
  const cards = (room: Room) =>
    lab.world.messages
      .filter((message) => message.conversation === room.id && message.card)
      .map((message) => ({ ...readCard(message.id, message.card), message }))
  const open = (who: User): SeenForm | undefined => {
    const shown = client.dialogs.get(who.id)
    return shown ? readForm(shown.title, shown.card) : undefined
  }

  const self: TeamsOffice = {
    lab,
    client,
    get world() {
      return world
    },
    database,
    logged: () => lines.join('\n'),
    settle,
    now,
    setClock(to) {
      clock = to
      lab.host.setNow(to)
    },
    async whileDown(happen) {
      await settle()
      await world.stop()
      happen()
      ahead += 10 * 60_000
      lab.host.setNow(now())
      world = await boot()
      await world.start()
      await settle()
    },
    async install(room) {
      const activity = lab.activities.members(room, 'membersAdded', [lab.activities.bot])
      await lab.deliver(clock ? { ...activity, timestamp: clock.toISOString() } : activity)
      await settle()
    },
    async say(room, author, text, thread) {
      const message = lab.world.say({ conversation: room.id, author, text, thread })
      await lab.deliver(lab.activities.message(room, message))
      return message
    },
    cards,
    privately: (who) => cards(lab.world.personalChat(who)),
    async press(who, room, label) {
      const card = cards(room).findLast((each) => each.buttons.includes(label))
      if (!card) throw new Error(`no button ${label}`)
      await client.press(who, card.message, label)
      await settle()
    },
    async dialog(who, values, label) {
      await client.send(who, values, (action) => {
        const wire = action.data.wire as { kind?: string } | undefined
        return label === undefined ? wire?.kind === 'form' : action.title === label
      })
      await settle()
    },
    open,
    field: (who, name) => open(who)?.fields.find((field) => field.name === name),
    async groupId(room) {
      return (await database.prisma.group.findFirstOrThrow({ where: { externalId: room.id } })).id
    },
    async personId(who) {
      return (await database.prisma.account.findFirstOrThrow({ where: { externalId: who.id } })).personId
    },
    async close() {
      const report = await verifyDatabase(database, { publicKey: world.signer.publicKeyPem })
      await world.stop()
      const violations = lab.violations()
      await lab.stop()
      await opened.close()
      rmSync(dataDir, { recursive: true, force: true })
      return { violations, problem: report.problem, entries: report.entries }
    },
  }
  return self
}
