import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { createRoom, join as joinRoom, say } from '../../adapters/sandbox/acts.js'
import { type Cast, createSandboxPlatform, type SandboxPlatform } from '../../adapters/sandbox/index.js'
import { command, press, submit } from '../../adapters/sandbox/interactions.js'
import type { OpenForm } from '../../adapters/sandbox/records.js'
import type { PostItem } from '../../adapters/sandbox/state.js'
import { type Policy, readPolicy } from '../../src/config/index.js'
import type { SignalRow } from '../../src/decisions/index.js'
import { verifyDatabase } from '../../src/ledger/index.js'
import type { Card, CommandName, Form, FormValues } from '../../src/platform/index.js'
import type { Database } from '../../src/storage/index.js'
import { createWorld, type World } from '../../src/world.js'
import { type Engine, engines, openTestDatabase } from '../support/database.js'

const person = (id: string, name: string, title: string, team: string, remit: string) => ({
  id,
  name,
  email: `${id}@rivers.example`,
  title,
  team,
  remit,
})

/** A small department: one private office, one room of it, and people who found their own groups in the tests. */
const department: Cast = {
  department: 'Department for Rivers',
  people: [
    person('nadia', 'Nadia Rahman', 'Director', 'Operations', 'Flood response'),
    person('callum', 'Callum Fraser', 'Head of the Incident Room', 'Operations', 'Duty rota'),
    person('priya', 'Priya Sandhu', 'Deputy Director', 'Policy', 'Coastal policy'),
    person('tamsin', 'Tamsin Vale', 'Principal Private Secretary', 'Private office', 'Diary'),
    person(
      'yusuf',
      'Yusuf Demir',
      'Head of News',
      'Communications',
      'Journalists, interviews, press releases',
    ),
    person('eleanor', 'Eleanor Marsh', 'Legal Director', 'Legal', 'Injunctions, landowners, judicial review'),
    person('idris', 'Idris Penhale', 'Lawyer', 'Legal', 'Injunctions, landowners, compensation'),
  ],
  rooms: [
    {
      id: 'office',
      name: 'Private office',
      visibility: 'private',
      topic: '',
      owners: ['tamsin'],
      members: [],
      botPresent: true,
    },
  ],
  opening: { person: 'nadia', room: 'office' },
}

/** A world over the sandbox with a clock the test moves, and what people do in it. */
export interface Office {
  readonly world: World
  readonly database: Database
  readonly sandbox: SandboxPlatform
  /** Everything the program logged, as text. */
  logged(): string
  now(): Date
  /** Lets everything due happen. */
  settle(): Promise<void>
  /** Moves the clock on, then lets everything due happen. */
  later(milliseconds: number): Promise<void>
  /** Ten in the morning of the next working day, so that budgets and quiet hours begin anew. */
  nextMorning(): Promise<void>
  setClock(to: string): void
  /** A private group of Nadia's with Callum and Priya in it; returns its conversation. */
  group(name: string, options?: { register?: boolean; dryRun?: boolean; members?: string[] }): Promise<string>
  groupId(conversation: string): Promise<string>
  register(conversation: string, options?: { dryRun?: boolean; administrators?: string[] }): Promise<void>
  /** Says something; the bot has heard it once the office has settled. */
  say(conversation: string, who: string, text: string, thread?: string): Promise<string>
  /** A decision between Callum, who asks, and Nadia, who settles it; its nudges are out. */
  decide(conversation: string, what?: string): Promise<void>
  type(conversation: string, who: string, name: CommandName, text?: string): Promise<void>
  /** Presses the button of that label on the newest card in a room that has one. */
  press(conversation: string, who: string, label: string): Promise<void>
  openForm(who: string): OpenForm | undefined
  submit(who: string, values: FormValues): Promise<void>
  /** Cards in a room, oldest first; in a direct conversation for `dm-<person>`. */
  cards(conversation: string): Card[]
  /** Every word of the newest card in a room. */
  newest(conversation: string): string
  signals(conversation: string): Promise<SignalRow[]>
  posts(conversation: string): PostItem[]
  personId(account: string): Promise<string>
  close(): Promise<void>
}

/** Opens an office on a Monday morning. */
export async function openOffice(
  engine: Engine,
  change: (policy: Policy) => void = () => {},
): Promise<Office> {
  const opened = await openTestDatabase(engine)
  const { database } = opened
  const dataDir = mkdtempSync(join(tmpdir(), 'remembrancer-office-'))
  const sandbox = createSandboxPlatform({ cast: department })
  const policy = structuredClone(readPolicy(undefined))
  change(policy)
  const lines: string[] = []
  const log = (fields: Record<string, unknown>, message: string): void => {
    lines.push(JSON.stringify({ ...fields, message }))
  }
  let clock = new Date('2026-11-16T10:00:00Z').getTime()
  const now = (): Date => new Date(clock)
  for (const { id: _id, title, ...entry } of department.people)
    await database.prisma.directoryEntry.create({ data: { id: crypto.randomUUID(), role: title, ...entry } })
  const world = await createWorld({
    kind: 'official',
    // The world closes its database when it stops; here the test does, and then throws it away.
    database: { ...database, close: async () => {} },
    platforms: [sandbox],
    policy,
    dataDir,
    publicUrl: 'http://localhost:3000',
    log: { info: log, warn: log, error: log },
    now,
    ring: false,
  })
  await world.start()
  await world.settle()
  const inside = () => sandbox.world()
  const posts = (conversation: string): PostItem[] =>
    inside()
      .room(conversation)
      .items.flatMap((item) => (item.kind === 'post' ? [item] : []))

  const office: Office = {
    world,
    database,
    sandbox,
    logged: () => lines.join('\n'),
    now,
    settle: () => world.settle(),
    async later(milliseconds) {
      clock += milliseconds
      await world.settle()
    },
    async nextMorning() {
      do clock = Math.floor(clock / 86_400_000) * 86_400_000 + 34 * 3_600_000
      while ([0, 6].includes(new Date(clock).getUTCDay()))
      await world.settle()
    },
    setClock(to) {
      clock = Date.parse(to)
    },
    async group(name, options = {}) {
      const conversation = await createRoom(inside(), 'nadia', name, false)
      for (const member of options.members ?? ['callum', 'priya'])
        await joinRoom(inside(), conversation, member, 'nadia')
      await office.later(1_000)
      if (options.register !== false) await office.register(conversation, options)
      return conversation
    },
    async groupId(externalId) {
      return (await database.prisma.group.findFirstOrThrow({ where: { externalId } })).id
    },
    async register(conversation, options = {}) {
      const administrators = await Promise.all((options.administrators ?? ['nadia']).map(office.personId))
      const held = await database.prisma.privateOffice.findFirst()
      const result = await world.submitRegistration(
        await office.groupId(conversation),
        {
          purpose: 'Answer the flood',
          businessNeed: 'Minutes matter',
          administrators,
          reviewDate: new Date(clock + 30 * 86_400_000).toISOString().slice(0, 10),
          ...(held
            ? { privateOffice: held.id }
            : {
                privateOffice: 'new',
                officeName: 'Office of the Secretary of State',
                officeOfficial: 'The Secretary of State',
                officeRoom: 'office',
              }),
          ...(options.dryRun ? { dryRun: ['on'] } : {}),
        },
        administrators[0] ?? '',
      )
      if (result.errors) throw new Error(JSON.stringify(result.errors))
      await office.later(1_000)
    },
    async say(conversation, who, text, thread) {
      clock += 1_000
      return await say(inside(), conversation, who, text, thread)
    },
    async decide(conversation, what = 'evacuate Mere Street by noon') {
      await office.say(conversation, 'callum', 'What do we do about Mere Street?')
      await office.say(conversation, 'nadia', `Decided: ${what}`)
      await office.settle()
      await office.later(15_000)
    },
    async type(conversation, who, name, text = '') {
      clock += 1_000
      await command(inside(), { person: who, room: conversation }, name, text)
      await world.settle()
    },
    async press(conversation, who, label) {
      const post = posts(conversation).findLast(({ card }) =>
        card.buttons?.some((button) => button.label === label),
      )
      if (!post) throw new Error(`No card in ${conversation} has a button "${label}"`)
      const index = post.card.buttons?.findIndex((button) => button.label === label) ?? 0
      clock += 1_000
      await press(inside(), { person: who, room: conversation }, post.id, `b${index}`)
      await world.settle()
    },
    openForm: (who) => inside().state.forms.get(who),
    async submit(who, values) {
      const open = office.openForm(who)
      if (!open) throw new Error(`${who} has no form open`)
      clock += 1_000
      await submit(inside(), who, open.id, { ...valuesOf(open.form), ...values })
      await world.settle()
    },
    cards: (conversation) => posts(conversation).map((post) => post.card),
    newest: (conversation) => words(office.cards(conversation).at(-1)),
    signals: async (conversation) =>
      database.prisma.signal.findMany({ where: { groupId: await office.groupId(conversation) } }),
    posts,
    async personId(externalId) {
      const where = { platform: 'sandbox', tenant: 'local', externalId }
      return (await database.prisma.account.findFirstOrThrow({ where })).personId
    },
    async close() {
      await world.stop()
      await opened.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return office
}

/**
 * Tests in one office, on every engine there is: each begins on a morning of its own, and all end with a ledger that
 * holds, nothing that failed unseen, and no words in the log.
 * @param tests given the office, which is open once they run
 */
export function inTheOffice(what: string, tests: (office: Office) => void): void {
  describe.each(engines())(`${what} (%s)`, (engine) => {
    const office = {} as Office
    beforeAll(async () => {
      Object.assign(office, await openOffice(engine))
    }, 60_000)
    beforeEach(() => office.nextMorning())
    afterAll(async () => {
      const report = await verifyDatabase(office.database, { publicKey: office.world.signer.publicKeyPem })
      await office.close()
      expect(report.problem).toBeUndefined()
      expect(report.entries).toBeGreaterThan(10)
      expect(office.logged()).not.toMatch(/"code":"(INTERACTION_FAILED|EVENT_SET_ASIDE)"/)
      expect(office.logged()).not.toMatch(/Kestrel|Mere Street/)
    }, 60_000)
    tests(office)
  })
}

/** What a form shows, as a browser would send it back untouched. */
export function valuesOf(form: Form): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    form.fields.map((field) => [field.name, 'values' in field ? field.values : (field.value ?? '')]),
  )
}

/** A field of a form by name. */
export function fieldOf(form: Form | undefined, name: string) {
  return form?.fields.find((field) => field.name === name)
}

/** Every word of a card, in one string. */
export function words(card: Card | undefined): string {
  return JSON.stringify(card ?? null)
}
