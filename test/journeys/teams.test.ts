import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isDeleted } from '../../src/transcript/index.js'
import { hasChromium } from '../sandbox/browser.js'
import { loggedErrors } from '../support/logged-errors.js'
import { drawCards } from '../support/teams/draw-cards.js'
import { readCard } from '../support/teams/reader.js'
import type { Room, User } from '../support/teams/world.js'
import { openTeamsOffice, type TeamsOffice } from './teams-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** Every surface of Teams, from what people do in their clients to the record and the ledger. One day, in order. */
describe('Teams, from event to screen to ledger', { timeout: 90_000 }, () => {
  let teams: TeamsOffice
  let tamsin: User
  let idris: User
  let nia: User
  let ola: User
  let room: Room
  let general: Room
  let chat: Room
  let office: Room
  const prisma = () => teams.database.prisma

  beforeAll(async () => {
    teams = await openTeamsOffice({
      // It is whatever time it is: no night, no pause, and no budget that a busy day would spend.
      change(policy) {
        Object.assign(policy.nudges, { waitSeconds: 0, perGroupPerDay: 100, perPersonPerDay: 100 })
        Object.assign(policy.nudges.quietHours, { from: '00:00', to: '00:00', weekends: true })
      },
    })
    const { lab } = teams
    tamsin = lab.people.member
    idris = lab.people.other
    ola = lab.people.outsider
    nia = [...lab.world.users.values()].find((user) => user.name === 'Nia Ford') as User
    room = lab.room
    general = lab.world.rooms.get(lab.team.id) as Room
    chat = lab.world.addChat('Depots', [tamsin, idris])
    office = lab.world.addChat('Private office', [tamsin, ola])
    for (const [name, role, team, remit] of [
      ['Ola Park', 'Head of News', 'Communications', 'Journalists, interviews, press releases'],
      ['Eleanor Marsh', 'Legal Director', 'Legal', 'Injunctions, landowners, judicial review'],
      ['Priya Sandhu', 'Deputy Director', 'Policy', 'Coastal policy'],
      ['Idris Bell', 'Head of Operations', 'Operations', 'Flood response, duty rota'],
      ['Beatrix Holm', 'Chief Engineer', 'Engineering', 'Walls, pumps, gauges'],
      ['Callum Fraser', 'Head of the Incident Room', 'Operations', 'Duty rota'],
      ['Nadia Rahman', 'Director', 'Operations', 'Flood response'],
    ] as const) {
      const email = `${name.toLowerCase().replace(' ', '.')}@dept.example`
      await prisma().directoryEntry.create({ data: { id: randomUUID(), name, role, team, remit, email } })
    }
  }, 90_000)
  afterAll(async () => {
    const end = await teams.close()
    expect(end.violations).toEqual([])
    expect(end.problem).toBeUndefined()
    expect(end.entries).toBeGreaterThan(40)
    // Whoever has not the app for themselves is told nothing, and that is said.
    expect(loggedErrors(teams.logged())).toEqual(['DELIVERY_GAVE_UP'])
    expect(teams.logged()).not.toMatch(/INTERACTION_FAILED|EVENT_SET_ASIDE/)
    expect(teams.logged()).not.toContain('Mere Street')
  }, 60_000)

  const newest = (who: User) => teams.privately(who).at(-1)
  const answer = (who: User): string => JSON.stringify(teams.client.answers(who).at(-1) ?? null)
  async function type(who: User, where: Room, text: string): Promise<void> {
    await teams.client.type(who, where, text)
    await teams.settle()
  }
  /** Idris asks, Tamsin settles it, in a thread of the channel or straight in a chat. */
  async function decide(what: string, where = room): Promise<void> {
    const root = await teams.say(where, idris, `What do we do about ${what}?`)
    await teams.say(where, tamsin, `Decided: ${what}`, where.kind === 'channel' ? root.id : undefined)
    await teams.settle()
  }
  const signals = async (where = room) =>
    prisma().signal.findMany({
      where: { groupId: await teams.groupId(where) },
      orderBy: { settledAt: 'asc' },
    })
  const joining = (who: User) => ({ id: who.mri, name: who.name, aadObjectId: who.id })

  describe('arriving', () => {
    test('installed in a team, it says in each channel what it does and that no message is kept yet', async () => {
      await teams.install(general)
      await teams.install(chat)
      await teams.install(office)
      for (const place of [general, room, chat]) {
        expect(teams.cards(place), place.name).toHaveLength(1)
        expect(teams.cards(place)[0]?.text).toContain('I keep none of its messages until it is registered')
        expect(teams.cards(place)[0]?.text).toContain('@Remembrancer register-group')
      }
      await teams.say(room, idris, 'Kestrel, before anybody agreed')
      await teams.say(chat, idris, 'Kestrel, before anybody agreed')
      await teams.settle()
      expect(await prisma().message.count()).toBe(0)
      const kept = await prisma().inboxEvent.findMany({ select: { raw: true, event: true } })
      expect(JSON.stringify(kept)).not.toContain('Kestrel')
    })

    test('its registration shows errors at their fields, keeps what was typed, and founds a private office', async () => {
      await type(tamsin, room, 'register-group')
      expect(teams.open(tamsin)?.title).toBe('Register this group')
      await teams.dialog(tamsin, {
        purpose: 'Answer the flood',
        businessNeed: 'Minutes matter',
        administrators: [tamsin.id],
        recordsOfficer: [nia.id],
        officeName: 'Office of the Secretary of State',
        officeOfficial: 'The Secretary of State',
        officeRoom: office.id,
        reviewDate: '2020-01-01',
      })
      expect(teams.field(tamsin, 'reviewDate')?.error).toContain('in the future')
      expect(teams.field(tamsin, 'purpose')?.value).toBe('Answer the flood')
      expect(teams.field(tamsin, 'administrators')?.value).toEqual([tamsin.id])
      const next = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
      await teams.dialog(tamsin, { reviewDate: next })
      expect(teams.open(tamsin)).toBeUndefined()
      expect(answer(tamsin)).toContain('is registered')
      const registration = await prisma().registration.findUniqueOrThrow({
        where: { groupId: await teams.groupId(room) },
        include: { privateOffice: true },
      })
      expect(registration).toMatchObject({
        recordsOfficerId: await teams.personId(nia),
        privateOffice: { room: office.id, platform: 'teams' },
      })
      expect(teams.cards(room).at(-1)?.text).toContain('keep what is said for the record')
    })

    test('a group chat is registered with the office that is there; strangers may not', async () => {
      await type(idris, chat, 'register-group')
      await teams.dialog(idris, {
        purpose: 'Move pumps',
        businessNeed: 'Drivers answer from phones',
        administrators: [idris.id],
      })
      expect(teams.cards(chat).at(-1)?.text).toContain('Move pumps')
      await type(nia, chat, 'register-group')
      expect(answer(nia)).toContain('not a member')
      expect(teams.open(nia)).toBeUndefined()
    })
  })

  test('members: whoever joins is told in private; Graph names who added them', async () => {
    const { lab } = teams
    const petra = lab.world.addUser('Petra Lund')
    chat.members.add(petra.id)
    lab.world.say({
      conversation: chat.id,
      event: {
        '@odata.type': '#microsoft.graph.membersAddedEventMessageDetail',
        members: [{ id: petra.id, displayName: petra.name }],
        initiator: { user: { id: idris.id, displayName: idris.name } },
      },
    })
    await lab.deliver(
      lab.activities.members(chat, 'membersAdded', [{ ...joining(petra), userRole: 'guest' }]),
    )
    await teams.settle()
    expect(newest(petra)?.heading).toContain('You joined Depots')
    await type(idris, chat, 'membership-log')
    expect(answer(idris)).toMatch(/Petra Lund \(external\) joined.*by whom is not reported by the platform/s)
    await lab.platform.reconcile()
    await teams.settle()
    await type(idris, chat, 'membership-log')
    expect(answer(idris)).toMatch(/Petra Lund \(external\) joined.*by Idris Bell/s)
    chat.members.delete(petra.id)
    await lab.deliver(
      lab.activities.members(chat, 'membersRemoved', [{ id: petra.mri, aadObjectId: petra.id }]),
    )
    await teams.settle()
    await type(idris, chat, 'membership-log')
    expect(answer(idris)).toContain('2 members now')
    // In the chat itself nothing of this was said.
    expect(JSON.stringify(teams.cards(chat).map((card) => card.text))).not.toContain('Petra')
  })

  describe('a decision', () => {
    test('brings a card to the personal chats of whoever settled it and asked, and nothing to the channel', async () => {
      const before = teams.cards(room).length
      await decide('evacuate Mere Street by noon')
      for (const who of [tamsin, idris]) {
        expect(newest(who)?.heading).toBe('This looks like a decision')
        expect(newest(who)?.text).toContain('evacuate Mere Street by noon')
        expect(newest(who)?.buttons).toEqual([
          'Record it',
          'Move to a meeting',
          'Not a decision',
          'Not here again',
        ])
      }
      expect(teams.cards(room)).toHaveLength(before)
      expect(newest(nia)?.text ?? '').not.toContain('Mere Street')
    })

    test('is recorded in one dialog from it, with an error on the way, and confirmed in the channel', async () => {
      const nudge = newest(tamsin)
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Record it')
      expect(teams.field(tamsin, 'decision')?.value).toBe('evacuate Mere Street by noon')
      expect(teams.field(tamsin, 'decidedBy')?.value).toBe('Tamsin Vale')
      expect(teams.field(tamsin, 'evidence')?.value).toHaveLength(2)
      await teams.dialog(tamsin, { decidedBy: '', reasons: 'The wall holds 4.4 metres' })
      expect(teams.field(tamsin, 'decidedBy')?.error).toBe('Say who decided')
      expect(teams.field(tamsin, 'reasons')?.value).toBe('The wall holds 4.4 metres')
      await teams.dialog(tamsin, { decidedBy: 'Tamsin Vale' })
      expect(teams.open(tamsin)).toBeUndefined()
      const record = await prisma().decisionRecord.findFirstOrThrow({
        include: { versions: true, evidence: true },
      })
      expect(teams.cards(room).at(-1)?.heading).toBe(`Decision recorded: ${record.reference}`)
      for (const who of [tamsin, idris]) {
        const cards = teams
          .privately(who)
          .filter((card) => card.text.includes(`Recorded as ${record.reference}`))
        expect(cards, who.name).toHaveLength(1)
        expect(cards[0]?.buttons).toEqual([])
      }
      expect(teams.privately(tamsin).find((card) => card.id === nudge?.id)?.text).toContain(record.reference)
      expect(record.versions[0]).toMatchObject({ reasons: 'The wall holds 4.4 metres' })
      expect(record.evidence.map((row) => row.authorName)).toEqual(['Idris Bell', 'Tamsin Vale'])
      expect(record.evidence.every((row) => row.permalink?.includes('/l/message/'))).toBe(true)
    })

    test('"Not a decision" replaces the card of both by Action.Execute', async () => {
      await decide('buy more biscuits', chat)
      const card = newest(idris)
      const message = card?.message
      if (!message) throw new Error('no nudge')
      const delivered = await teams.client.press(idris, message, 'Not a decision')
      expect(delivered.body).toMatchObject({
        statusCode: 200,
        type: 'application/vnd.microsoft.card.adaptive',
      })
      await teams.settle()
      for (const who of [tamsin, idris]) expect(newest(who)?.text).toContain('Set aside: not a decision')
      expect((await signals(chat)).at(-1)).toMatchObject({ state: 'set-aside' })
    })

    test('"Move to a meeting" leaves it open, to be recorded from the same card', async () => {
      await decide('raise the barrier', chat)
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Move to a meeting')
      expect(newest(tamsin)?.text).toContain('moving to a meeting')
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Record it now')
      await teams.dialog(tamsin, {})
      expect((await signals(chat)).at(-1)).toMatchObject({ state: 'recorded' })
    })

    test('"Not here again" mutes that person in that group alone', async () => {
      await decide('move the pumps', chat)
      await teams.press(idris, teams.lab.world.personalChat(idris), 'Not here again')
      const count = teams.privately(idris).length
      await decide('move the pumps back', chat)
      expect(teams.privately(idris)).toHaveLength(count)
      await decide('paint the gauge')
      expect(newest(idris)?.text).toContain('paint the gauge')
    })

    test("somebody else's nudge does nothing", async () => {
      const card = newest(tamsin)
      if (!card) throw new Error('no nudge')
      await teams.client.press(nia, card.message, 'Not a decision')
      await teams.settle()
      expect((await signals()).at(-1)).toMatchObject({ state: 'open' })
    })
  })

  describe('recording without a nudge', () => {
    test('from the menu of a message, with that message as evidence', async () => {
      const root = await teams.say(room, idris, 'Shall we tell the parish council?')
      const said = await teams.say(room, tamsin, 'I will write to the parish council tonight', root.id)
      await teams.settle()
      await teams.client.messageAction(tamsin, room, said.id)
      await teams.settle()
      expect(teams.field(tamsin, 'decision')?.value).toContain('parish council tonight')
      expect(teams.field(tamsin, 'evidence')?.value).toEqual([said.id])
      await teams.dialog(tamsin, { decisionType: 'communications' })
      expect(teams.cards(room).at(-1)?.text).toContain('parish council')
    })

    test('by a command after its name, with words; the dialog is the asker’s alone', async () => {
      const before = teams.cards(room).length
      await type(tamsin, room, 'record-decision Close the towpath')
      expect(teams.field(tamsin, 'decision')?.value).toBe('Close the towpath')
      await teams.dialog(tamsin, {
        decidedBy: 'The Secretary of State',
        decisionType: 'operational-direction',
        takenElsewhere: 'call',
      })
      expect(teams.cards(room)).toHaveLength(before + 1)
      const version = await prisma().decisionVersion.findFirstOrThrow({
        where: { decision: 'Close the towpath' },
      })
      expect(version.takenElsewhere).toBe('call')
    })

    test('from the chat with the bot alone, by choosing the group first', async () => {
      const own = teams.lab.world.personalChat(tamsin)
      await type(tamsin, own, 'record-decision Ask the army for boats')
      expect(teams.field(tamsin, 'group')).toBeDefined()
      await teams.dialog(tamsin, {})
      expect(teams.field(tamsin, 'group')?.error ?? '').toContain('Choose the group')
      await teams.dialog(tamsin, { group: await teams.groupId(chat) })
      expect(teams.field(tamsin, 'decision')?.value).toBe('Ask the army for boats')
      await teams.dialog(tamsin, { decidedBy: 'Tamsin Vale', decisionType: 'other' })
      expect(teams.cards(chat).at(-1)?.text).toContain('Ask the army for boats')
      // One group: nothing to choose.
      await type(nia, teams.lab.world.personalChat(nia), 'record-decision Keep the readings')
      expect(teams.field(nia, 'decision')?.value).toBe('Keep the readings')
    })

    test('more evidence than a dialog can hold is turned page by page, and what was ticked stays ticked', async () => {
      for (let index = 1; index <= 60; index++)
        await teams.say(chat, index % 2 ? tamsin : idris, `Depot ${index} has ${index * 10} sandbags`)
      await teams.say(chat, tamsin, 'Decided: take them from depot 12')
      await teams.settle()
      // Seldom does talk go on for so long about one matter; the detector may well say so.
      const signal = (await signals(chat)).at(-1)
      const first = await prisma().message.findFirstOrThrow({ where: { text: 'Depot 1 has 10 sandbags' } })
      await prisma().signal.update({
        where: { id: signal?.id ?? '' },
        data: { fromMessage: first.externalId, evidence: [first.externalId, signal?.atMessage ?? ''] },
      })
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Record it')
      expect(teams.field(tamsin, 'evidence')?.value).toEqual([first.externalId])
      await teams.dialog(tamsin, { reasons: 'Near enough' }, 'Next page')
      expect(teams.field(tamsin, 'reasons')?.value).toBe('Near enough')
      expect(teams.field(tamsin, 'evidence')?.value).toEqual([signal?.atMessage])
      await teams.dialog(tamsin, {}, 'Earlier page')
      expect(teams.field(tamsin, 'evidence')?.value).toEqual([first.externalId])
      await teams.dialog(tamsin, {})
      const made = await prisma().decisionRecord.findFirstOrThrow({
        orderBy: { reference: 'desc' },
        include: { evidence: { orderBy: { position: 'asc' } } },
      })
      expect(made.evidence.map((row) => row.messageExternalId)).toEqual([first.externalId, signal?.atMessage])
    })
  })

  describe('those who are missing, and those who answer for it', () => {
    test('a suggestion goes to the administrator alone, with what Teams lets us do', async () => {
      const press = 'Journalists want interviews, and a press release about the interviews for journalists'
      await teams.say(room, idris, press)
      await teams.settle()
      expect(newest(tamsin)?.heading).toBe('Should Ola Park know about this?')
      expect(newest(idris)?.heading).not.toContain('Ola')
      const own = teams.lab.world.personalChat(tamsin)
      await teams.press(tamsin, own, 'Add to group')
      expect(answer(tamsin)).toContain('Please add them yourself')
      await teams.press(tamsin, own, 'Brief them')
      expect(newest(ola)?.text).toContain('Tamsin Vale')
      expect(newest(ola)?.text).not.toContain('press release about')
    })

    test('the digest comes to the private office’s chat, and records from there', async () => {
      await decide('close the Skelby road')
      await type(tamsin, room, 'send-digest')
      const digest = teams.cards(office).at(-1)
      expect(digest?.heading).toBe('Unrecorded decisions: Office of the Secretary of State')
      expect(digest?.text).toContain('close the Skelby road')
      const before = (await signals()).concat(await signals(chat)).filter((row) => row.state === 'open')
      await teams.press(ola, office, 'Record')
      expect(before.map((row) => row.summary)).toContain(teams.field(ola, 'decision')?.value)
      await teams.dialog(ola, {})
      const after = (await signals()).concat(await signals(chat)).filter((row) => row.state === 'open')
      expect(after).toHaveLength(before.length - 1)
    })

    test('a word to the bot alone brings one’s own home: what waits, and what one administers', async () => {
      await decide('dredge the harbour')
      await type(tamsin, teams.lab.world.personalChat(tamsin), 'hello')
      expect(answer(tamsin)).toContain('dredge the harbour')
      expect(answer(tamsin)).toContain('Groups you administer')
      await type(nia, teams.lab.world.personalChat(nia), 'hello')
      expect(answer(nia)).not.toContain('dredge the harbour')
      await type(nia, room, 'help')
      expect(answer(nia)).toContain('@Remembrancer record-decision')
    })
  })

  describe('whatever comes', () => {
    test('hostile words stay words', async () => {
      const hostile =
        '<at>Idris Bell</at> [click](https://evil.example) **bold** <script>alert(1)</script> &lt;b&gt;'
      await decide(`${hostile} spend it`)
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Record it')
      await teams.dialog(tamsin, { reasons: hostile, decidedBy: hostile })
      expect(teams.cards(room).at(-1)?.text).toContain('[click](https://evil.example) **bold**')
      // Reading a card throws where Markdown was left unescaped; a mention needs an entity, and none may be sent.
      for (const place of teams.lab.world.rooms.values()) teams.cards(place)
      for (const call of teams.lab.connector.calls)
        expect(call.text).not.toMatch(/"type":"mention"|"url":"https:\/\/evil/)
    })

    test('events twice, out of order and late give one result', async () => {
      const { lab } = teams
      const { activities, world } = lab
      const asked = world.say({ conversation: chat.id, author: idris, text: 'What about the tide gates?' })
      const settled = world.say({
        conversation: chat.id,
        author: tamsin,
        text: 'Decided: shut the tide gates',
      })
      const slip = world.say({ conversation: chat.id, author: idris, text: 'A slip of the tongue' })
      const held = [asked, settled, slip].map((message) => activities.message(chat, { ...message }))
      settled.text = 'Decided: shut the tide gates at six'
      settled.edited = new Date(Number(world.nextId())).toISOString()
      held.push(activities.edit(chat, settled, 'editMessage'))
      slip.deleted = new Date(Number(world.nextId())).toISOString()
      held.push(activities.deletion(chat, slip))
      const missed = world.say({ conversation: chat.id, author: idris, text: 'Missed at once' })
      held.push(activities.message(chat, { ...missed }))
      missed.deleted = new Date(Number(world.nextId())).toISOString()
      held.push(activities.deletion(chat, { ...missed }))
      held.push(activities.edit(chat, missed, 'undeleteMessage'))
      for (const activity of [...held, ...held].reverse()) await lab.deliver(activity)
      await teams.settle()
      const rows = await prisma().message.findMany({
        where: { externalId: { in: [settled.id, slip.id, missed.id] } },
        orderBy: { externalId: 'asc' },
      })
      expect(rows.map((row) => [row.text, isDeleted(row)])).toEqual([
        ['Decided: shut the tide gates at six', false],
        [expect.any(String), true],
        ['Missed at once', false],
      ])
      const found = (await signals(chat)).filter((signal) => signal.summary.includes('tide gates'))
      expect(found).toHaveLength(1)
      const about = teams.privately(tamsin).filter((card) => card.text.includes('tide gates'))
      expect(about).toHaveLength(1)
    })

    test('a message deleted and restored is there again, with its words, in a thread, a chat and when told twice', async () => {
      const { lab } = teams
      const root = await teams.say(room, idris, 'Which sluice keeper is on duty?')
      const inThread = await teams.say(room, tamsin, 'Wren is, until six', root.id)
      const inChat = await teams.say(chat, idris, 'Two lorries are on the way')
      const places = [
        { place: room, message: inThread },
        { place: chat, message: inChat },
      ]
      for (const { place, message } of places) {
        const kept = () => prisma().message.findFirstOrThrow({ where: { externalId: message.id } })
        message.deleted = new Date(Number(lab.world.nextId())).toISOString()
        await lab.deliver(lab.activities.deletion(place, message))
        await teams.settle()
        expect(isDeleted(await kept())).toBe(true)
        message.deleted = undefined
        const back = lab.activities.edit(place, message, 'undeleteMessage')
        for (const delivered of [await lab.deliver(back), await lab.deliver(back)])
          expect(delivered.status).toBe(200)
        await teams.settle()
        const restored = await kept()
        expect([restored.text, isDeleted(restored)]).toEqual([message.text, false])
        expect(await prisma().inboxEvent.count({ where: { key: { contains: message.id } } })).toBe(3)
      }
      expect(await prisma().inboxEvent.count({ where: { status: 'set-aside' } })).toBe(0)
    })

    test('talk of moving elsewhere is mentioned to its author alone', async () => {
      await teams.say(room, tamsin, 'WhatsApp me about it')
      await teams.settle()
      expect(newest(tamsin)?.heading).toContain('Official business stays official')
      expect(newest(idris)?.heading).not.toContain('Official business')
    })

    test('whoever has not the app for themselves is not told, and nobody is tried for ever', async () => {
      const quiet = teams.lab.world.addUser('Quentin Ash')
      teams.lab.world.installedFor.delete(quiet.id)
      teams.lab.team.members.add(quiet.id)
      await teams.lab.deliver(teams.lab.activities.members(room, 'membersAdded', [joining(quiet)]))
      await teams.settle()
      const posts = await prisma().outboxPost.findMany({ where: { channel: { contains: quiet.id } } })
      expect(posts.length).toBeGreaterThan(0)
      expect(posts.every((post) => post.status === 'failed' || post.attempts < 3)).toBe(true)
    })

    test('what happened while the program was down is found through Graph when it starts again', async () => {
      const { world } = teams.lab
      const before = await prisma().message.count()
      await teams.whileDown(() => {
        world.say({ conversation: chat.id, author: idris, text: 'What about the sluice?' })
        world.say({ conversation: chat.id, author: tamsin, text: 'Decided: open the sluice' })
        const root = world.say({ conversation: room.id, author: idris, text: 'Said while you were away' })
        world.say({ conversation: room.id, author: tamsin, text: 'And answered', thread: root.id })
      })
      await expect.poll(() => prisma().message.count()).toBe(before + 4)
      await teams.settle()
      expect((await signals(chat)).at(-1)?.summary).toBe('open the sluice')
      expect(newest(tamsin)?.text).toContain('open the sluice')
      const gaps = await prisma().gap.findMany()
      expect(gaps.map((gap) => [gap.reason, gap.closedAt !== null])).toEqual([['downtime', true]])
    })

    test('taken out of the team, it tells those who answer for its groups', async () => {
      const { lab } = teams
      await lab.deliver(lab.activities.members(general, 'membersRemoved', [lab.activities.bot]))
      await teams.settle()
      for (const who of [tamsin, nia])
        expect(newest(who)?.heading).toBe('Remembrancer is no longer in Operations')
      expect(newest(idris)?.heading).not.toContain('no longer in')
      const group = await prisma().group.findUniqueOrThrow({ where: { id: await teams.groupId(room) } })
      expect(group.botPresent).toBe(false)
    })
  })

  describe.skipIf(!hasChromium())('on the screen', () => {
    test('every kind of card and dialog draws whole, on a phone too', async () => {
      const cards = new Map<string, unknown>()
      for (const { id, card } of teams.lab.world.messages) {
        const heading = card ? readCard(id, card).heading : undefined
        if (heading)
          cards.set(
            heading
              .replace(/DEC-.*|\W+/g, ' ')
              .trim()
              .slice(0, 40)
              .replaceAll(' ', '-'),
            card,
          )
      }
      await teams.press(tamsin, teams.lab.world.personalChat(tamsin), 'Record it')
      cards.set('dialog-record', teams.client.dialogs.get(tamsin.id)?.card)
      expect(cards.size).toBeGreaterThan(8)
      expect(await drawCards(cards)).toEqual([])
    })
  })
})
