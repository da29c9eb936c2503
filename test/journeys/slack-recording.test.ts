import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readBlocks } from '../support/slack/read-screen.js'
import {
  depots,
  flood,
  idris,
  office,
  openSlackOffice,
  petra,
  rosa,
  type SlackOffice,
  tamsin,
  yusuf,
} from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** Every surface of Slack, from what people do on their screens to the record and the ledger. One week, in order. */
describe('Slack, from event to screen to ledger', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  const prisma = () => slack.database.prisma

  beforeAll(async () => {
    slack = await openSlackOffice()
  }, 90_000)
  afterAll(async () => {
    const end = await slack.close()
    expect(end.violations).toEqual([])
    expect(end.problem).toBeUndefined()
    expect(end.entries).toBeGreaterThan(40)
    expect(slack.logged()).not.toMatch(/INTERACTION_FAILED|EVENT_SET_ASIDE|"level":"error"/)
    expect(slack.logged()).not.toContain('Mere Street')
  }, 60_000)

  const say = (channel: string, who: string, text: string, thread?: string): string =>
    slack.slack.people.say(channel, who, text, thread === undefined ? {} : { thread })
  /** Idris asks, Tamsin settles it; the nudges are out. */
  async function decide(what: string, channel = flood): Promise<void> {
    say(channel, idris, `What do we do about ${what}?`)
    say(channel, tamsin, `Decided: ${what}`)
    await slack.settle()
    await slack.later(20_000)
  }
  const newest = (person: string): string => JSON.stringify(slack.cards(slack.direct(person)).at(-1) ?? null)
  const signals = async (channel = flood) =>
    prisma().signal.findMany({
      where: { groupId: await slack.groupId(channel) },
      orderBy: { settledAt: 'asc' },
    })
  const references = async () =>
    (await prisma().decisionRecord.findMany({ orderBy: { reference: 'asc' } })).map((row) => row.reference)

  describe('arriving', () => {
    test('invited to a private channel, it says what it does and that no message is kept yet', async () => {
      for (const channel of [flood, office])
        slack.slack.people.join(channel, slack.slack.world.bot.userId, tamsin)
      await slack.settle()
      const [arrival] = slack.cards(flood)
      expect(arrival?.heading).toContain('Remembrancer')
      expect(arrival?.text).toContain('I keep none of its messages until it is registered')
      expect(arrival?.message.metadata).toMatchObject({ event_type: 'remembrancer_post' })
      say(flood, idris, 'Kestrel, before anybody agreed')
      await slack.settle()
      expect(await prisma().message.count()).toBe(0)
      expect(
        JSON.stringify(await prisma().inboxEvent.findMany({ select: { raw: true, event: true } })),
      ).not.toContain('Kestrel')
    })

    test('its registration shows errors at their fields, keeps what was typed, and founds a private office', async () => {
      await slack.command(tamsin, flood, '/register-group')
      const yesterday = new Date(slack.now() - 86_400_000).toISOString().slice(0, 10)
      await slack.submit(tamsin, {
        purpose: 'Answer the flood',
        businessNeed: 'Minutes matter',
        administrators: [tamsin, rosa],
        recordsOfficer: rosa,
        officeName: 'Office of the Secretary of State',
        officeOfficial: 'The Secretary of State',
        officeRoom: office,
        reviewDate: yesterday,
      })
      const { fields } = slack.modal(tamsin)
      expect(fields.get('reviewDate')?.error).toContain('in the future')
      expect(fields.get('purpose')?.value).toBe('Answer the flood')
      const next = new Date(slack.now() + 30 * 86_400_000).toISOString().slice(0, 10)
      await slack.submit(tamsin, { reviewDate: next })
      expect(slack.modalOpen(tamsin)).toBe(false)
      const registration = await prisma().registration.findUniqueOrThrow({
        where: { groupId: await slack.groupId(flood) },
        include: { privateOffice: true },
      })
      expect(registration).toMatchObject({
        purpose: 'Answer the flood',
        recordsOfficerId: await slack.personId(rosa),
        privateOffice: { room: office, platform: 'slack' },
      })
      const said = slack.cards(flood).at(-1)
      expect(said?.text).toContain('keep what is said for the record')
      expect(said?.text).toContain('Answer the flood')
    })

    test('a public channel is registered without it, and it then joins by itself', async () => {
      await slack.command(petra, depots, '/register-group')
      expect(slack.whispers(petra).at(-1)?.text).toContain('not a member')
      await slack.command(idris, depots, '/register-group')
      const { read, fields } = slack.modal(idris)
      expect(read.text).toContain('pumps-and-depots')
      expect(fields.get('privateOffice')?.value).not.toBe('')
      await slack.submit(idris, {
        purpose: 'Move pumps',
        businessNeed: 'Drivers answer from phones',
        administrators: [idris],
      })
      await slack.settle()
      expect(slack.slack.world.channels.get(depots)?.members.has(slack.slack.world.bot.userId)).toBe(true)
      expect(
        await prisma().group.findUniqueOrThrow({ where: { id: await slack.groupId(depots) } }),
      ).toMatchObject({
        name: 'pumps-and-depots',
        botPresent: true,
        visibility: 'public',
      })
      expect(
        slack
          .cards(depots)
          .map((card) => card.text)
          .join(),
      ).toContain('Move pumps')
      expect(slack.cards(depots)).toHaveLength(1)
    })

    test('to a private channel it is not in, it has to be invited, and says so', async () => {
      slack.slack.people.addChannel('C7SECRET', { name: 'secret', kind: 'private', members: [tamsin] })
      await slack.command(tamsin, 'C7SECRET', '/register-group')
      expect(slack.whispers(tamsin).at(-1)?.heading).toContain('invite me')
      expect(await prisma().group.count({ where: { externalId: 'C7SECRET' } })).toBe(0)
    })
  })

  describe('members', () => {
    test('who joins is told in private what is recorded; a guest is marked as external in the log', async () => {
      slack.slack.people.join(flood, petra, idris)
      await slack.later(1000)
      expect(newest(petra)).toContain('You joined flood-response')
      await slack.command(tamsin, flood, '/membership-log')
      const log = slack.whispers(tamsin).at(-1)
      expect(log?.text).toContain('Petra Lund (external)')
      expect(log?.text).toMatch(
        /Petra Lund \(external\) joined[\s\S]*by Idris Holm; reported by the platform/,
      )
      expect(
        slack
          .cards(flood)
          .map((card) => card.text)
          .join(),
      ).not.toContain('Petra')
    })

    test('who leaves is in the log, by nobody the platform did not name', async () => {
      slack.slack.people.leave(flood, petra)
      await slack.later(1000)
      await slack.command(tamsin, flood, '/membership-log')
      const log = slack.whispers(tamsin).at(-1)
      expect(log?.text).toMatch(/Petra Lund \(external\) departed[\s\S]*by not reported by the platform/)
      expect(log?.text).toContain('3 members now')
      await slack.command(petra, flood, '/membership-log')
      expect(slack.whispers(petra).at(-1)?.text).toContain('not a member')
    })
  })

  describe('a decision', () => {
    beforeEach(async () => {
      await slack.nextMorning()
    })

    test('brings a private word to whoever settled it and whoever asked, and to nobody else', async () => {
      const before = slack.cards(flood).length
      await decide('evacuate Mere Street by noon')
      for (const person of [tamsin, idris]) {
        const card = slack.cards(slack.direct(person)).at(-1)
        expect(card?.heading).toBe('This looks like a decision')
        expect(card?.text).toContain('evacuate Mere Street by noon')
        expect(card?.buttons.map((button) => button.label)).toEqual([
          'Record it',
          'Move to a meeting',
          'Not a decision',
          'Not here again',
        ])
        expect(card?.message.metadata).toMatchObject({
          event_type: 'remembrancer_post',
          event_payload: { outbox_id: expect.any(String) },
        })
        expect(card?.message.text).toContain('This looks like a decision')
      }
      expect(slack.cards(flood)).toHaveLength(before)
      expect(newest(rosa)).not.toContain('Mere Street')
    })

    test('is recorded from it in one form, with an error on the way, and confirmed in the channel', async () => {
      const nudge = slack.cards(slack.direct(tamsin)).at(-1)
      await slack.press(tamsin, slack.direct(tamsin), 'Record it')
      const { fields } = slack.modal(tamsin)
      expect(fields.get('decision')?.value).toBe('evacuate Mere Street by noon')
      expect(fields.get('decidedBy')?.value).toBe('Tamsin Vale')
      expect(fields.get('decisionType')?.value).toBe('operational-direction')
      expect(fields.get('evidence')?.value).toHaveLength(2)
      const tomorrow = new Date(slack.now() + 2 * 86_400_000).toISOString().slice(0, 10)
      const today = String(fields.get('decidedAt:date')?.value)
      await slack.submit(tamsin, { 'decidedAt:date': tomorrow, reasons: 'The wall holds 4.4 metres' })
      expect(slack.modal(tamsin).fields.get('decidedAt:date')?.error).toContain('in the past')
      expect(slack.modal(tamsin).fields.get('reasons')?.value).toBe('The wall holds 4.4 metres')
      await slack.submit(tamsin, { 'decidedAt:date': today })
      const [reference = ''] = await references()
      expect(reference).toMatch(/^DEC-2026-0000\d$/)
      const confirmed = slack.cards(flood).at(-1)
      expect(confirmed?.heading).toBe(`Decision recorded: ${reference}`)
      expect(confirmed?.text).toContain('Tamsin Vale')
      // The nudges are the same posts, replaced, of both people.
      for (const person of [tamsin, idris]) {
        const card = slack.cards(slack.direct(person)).at(-1)
        expect(card?.text).toContain(`Recorded as ${reference}`)
        expect(card?.buttons).toEqual([])
      }
      expect(slack.cards(slack.direct(tamsin)).at(-1)?.ts).toBe(nudge?.ts)
      const record = await prisma().decisionRecord.findFirstOrThrow({
        include: { versions: true, evidence: true },
      })
      expect(record.versions[0]).toMatchObject({ reasons: 'The wall holds 4.4 metres' })
      expect(record.evidence).toHaveLength(2)
      expect(record.evidence.every((row) => row.permalink?.startsWith('http'))).toBe(true)
      const kinds = (await prisma().ledgerEntry.findMany()).map((row) => row.kind)
      expect(kinds).toEqual(expect.arrayContaining(['decision-recorded', 'evidence-hash']))
    })

    test('pressed twice is not recorded twice', async () => {
      const count = (await references()).length
      await slack.command(tamsin, flood, '/record-decision', 'Close the towpath')
      const view = slack.modal(tamsin).view
      slack.fill(tamsin, { decidedBy: 'Tamsin Vale', decisionType: 'operational-direction' })
      const copy = { ...view }
      await slack.submit(tamsin, {})
      slack.slack.world.views.set(copy.id, copy)
      await slack.submit(tamsin, {})
      expect(await references()).toHaveLength(count + 1)
    })

    test('"Not a decision" sets it aside for both', async () => {
      await decide('buy more biscuits')
      await slack.press(idris, slack.direct(idris), 'Not a decision')
      for (const person of [tamsin, idris]) expect(newest(person)).toContain('Set aside: not a decision')
      expect((await signals()).at(-1)).toMatchObject({ state: 'set-aside' })
    })

    test('"Move to a meeting" leaves it open, to be recorded from the same card', async () => {
      await decide('raise the barrier')
      await slack.press(tamsin, slack.direct(tamsin), 'Move to a meeting')
      expect(newest(tamsin)).toContain('moving to a meeting')
      expect((await signals()).at(-1)).toMatchObject({ state: 'open' })
      await slack.press(tamsin, slack.direct(tamsin), 'Record it now')
      expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('raise the barrier')
      await slack.submit(tamsin, {})
      expect((await signals()).at(-1)).toMatchObject({ state: 'recorded' })
    })

    test('"Not here again" mutes that person in that channel alone', async () => {
      await decide('move the pumps')
      await slack.press(idris, slack.direct(idris), 'Not here again')
      const count = slack.cards(slack.direct(idris)).length
      await decide('move the pumps back')
      expect(slack.cards(slack.direct(idris))).toHaveLength(count)
      expect(newest(tamsin)).toContain('move the pumps back')
    })

    test("somebody else's nudge does nothing", async () => {
      await decide('paint the wall')
      const [id] = (await signals()).slice(-1)
      const card = slack.cards(slack.direct(tamsin)).at(-1)
      const button = card?.buttons.find((each) => each.label === 'Not a decision')
      await slack.slack.screens.pressMessage(
        rosa,
        { channel: slack.direct(tamsin), ts: card?.ts ?? '' },
        button?.actionId ?? '',
      )
      await slack.settle()
      expect(await prisma().signal.findUnique({ where: { id: id?.id ?? '' } })).toMatchObject({
        state: 'open',
      })
    })
  })

  describe('recording without a nudge', () => {
    beforeEach(async () => {
      await slack.nextMorning()
    })

    test('from the menu of a message, with that message as evidence', async () => {
      say(flood, idris, 'Shall we tell the parish council?')
      const ts = say(flood, tamsin, 'I will write to the parish council tonight')
      await slack.settle()
      await slack.slack.screens.messageShortcut(tamsin, flood, ts, 'record-decision')
      await slack.settle()
      const { fields } = slack.modal(tamsin)
      expect(fields.get('decision')?.value).toContain('parish council tonight')
      expect(fields.get('evidence')?.value).toEqual([ts])
      await slack.submit(tamsin, { decisionType: 'communications' })
      expect(slack.cards(flood).at(-1)?.text).toContain('parish council')
    })

    test('from anywhere, by choosing the group first', async () => {
      await slack.slack.screens.globalShortcut(tamsin, 'record-decision-anywhere')
      await slack.settle()
      const groups = slack.modal(tamsin).read
      expect(slack.modal(tamsin).fields.has('group')).toBe(true)
      expect(groups.text).not.toContain('private-office')
      await slack.submit(tamsin, { group: await slack.groupId(flood) })
      expect(slack.modal(tamsin).read.text).toContain('In flood-response')
      await slack.choose(tamsin, 'takenElsewhere', 'call')
      await slack.submit(tamsin, {
        decision: 'Ask the army for boats',
        decidedBy: 'The Secretary of State',
        decisionType: 'commitment-to-third-party',
      })
      expect(slack.cards(flood).at(-1)?.text).toContain('Ask the army for boats')
      const version = await prisma().decisionVersion.findFirstOrThrow({
        where: { decision: 'Ask the army for boats' },
      })
      expect(version.takenElsewhere).toBe('call')
      // Who is in one official group is asked nothing; who is in none is told so.
      await slack.slack.screens.globalShortcut(rosa, 'record-decision-anywhere')
      await slack.settle()
      expect(slack.modal(rosa).read.text).toContain('In flood-response')
      await slack.slack.screens.globalShortcut(yusuf, 'record-decision-anywhere')
      await slack.settle()
      expect(newest(yusuf)).toContain('no official group yet')
    })

    test('by command in a chat with the bot alone, it is the same', async () => {
      await slack.command(rosa, slack.direct(rosa), '/record-decision', 'Keep the gauge readings')
      expect(slack.modal(rosa).fields.get('decision')?.value).toBe('Keep the gauge readings')
      slack.slack.world.views.clear()
      expect(await prisma().group.count({ where: { externalId: { startsWith: 'D' } } })).toBe(0)
    })

    test('more evidence than a modal can hold is turned page by page, and what was ticked stays ticked', async () => {
      const said = [say(flood, idris, 'How many sandbags, and from where?')]
      for (let index = 1; index <= 25; index++)
        said.push(say(flood, index % 2 ? tamsin : idris, `Depot ${index} has ${index * 10} sandbags`))
      await slack.settle()
      await slack.slack.screens.messageShortcut(tamsin, flood, said[12] ?? '', 'record-decision')
      await slack.settle()
      const turns = () => slack.modal(tamsin).read.buttons.map((button) => button.label)
      const ticked = () => slack.modal(tamsin).fields.get('evidence')?.value
      // It opens where the message is that was chosen.
      expect(turns()).toEqual(['Previous', 'Next'])
      expect(ticked()).toEqual([said[12]])
      const second = shownEvidence()
      expect(second).toHaveLength(10)
      slack.fill(tamsin, {
        evidence: [second[0] ?? '', second[3] ?? ''],
        decision: 'Take them from depot 12',
      })
      await slack.pressModal(tamsin, 'Previous')
      expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('Take them from depot 12')
      expect(turns()).toEqual(['Next'])
      const first = shownEvidence()
      expect(first.filter((id) => second.includes(id))).toEqual([])
      expect(ticked()).toEqual([])
      slack.fill(tamsin, { evidence: [first[1] ?? ''] })
      await slack.pressModal(tamsin, 'Next')
      expect(ticked()).toEqual([second[0], second[3]])
      await slack.submit(tamsin, { decisionType: 'operational-direction' })
      const made = await prisma().decisionRecord.findFirstOrThrow({
        orderBy: { reference: 'desc' },
        include: { evidence: { orderBy: { position: 'asc' } } },
      })
      expect(made.evidence.map((row) => row.messageExternalId)).toEqual([first[1], second[0], second[3]])
    })
    const shownEvidence = (): string[] => {
      const blocks = slack.modal(tamsin).view.view.blocks as Record<string, unknown>[]
      const block = blocks.find((each) => String(each.block_id).startsWith('f|evidence|'))
      return ((block?.element as { options: { value: string }[] } | undefined)?.options ?? []).map(
        (option) => option.value,
      )
    }

    test('a form that came too late is answered in words, and nothing breaks', async () => {
      const { triggers } = slack.slack.world
      const set = triggers.set.bind(triggers)
      triggers.set = (id, trigger) => set(id, { ...trigger, at: trigger.at - 5_000 })
      try {
        await slack.command(tamsin, flood, '/record-decision', 'too late')
      } finally {
        triggers.set = set
      }
      expect(slack.whispers(tamsin).at(-1)?.heading).toContain('took too long')
      await slack.command(tamsin, flood, '/record-decision', 'in time')
      expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('in time')
      slack.slack.world.views.clear()
    })

    test('help says what there is, and points to the menu for threads', async () => {
      await slack.command(yusuf, flood, '/remembrancer', 'help')
      const help = slack.whispers(yusuf).at(-1)
      expect(help?.text).toContain('/record-decision')
      expect(help?.text).toContain('In a thread, use the message menu')
    })
  })

  describe('those who are missing, and those who answer for it', () => {
    beforeEach(async () => {
      await slack.nextMorning()
    })

    test('a suggestion goes to the administrator alone, who adds the person with one press', async () => {
      say(
        flood,
        idris,
        'Journalists want interviews, and a press release about the interviews for journalists',
      )
      await slack.settle()
      await slack.later(1000)
      expect(newest(tamsin)).toContain('Should Yusuf Demir know about this?')
      expect(newest(idris)).not.toContain('Yusuf')
      await slack.press(tamsin, slack.direct(tamsin), 'Add to group')
      expect(slack.slack.world.channels.get(flood)?.members.has(yusuf)).toBe(true)
      expect(newest(tamsin)).toContain('is being added')
      // The other administrator is not asked what is already answered.
      expect(newest(rosa)).toContain('Tamsin Vale has answered this suggestion: added')
      expect(slack.cards(slack.direct(rosa)).at(-1)?.buttons).toEqual([])
      await slack.command(tamsin, flood, '/membership-log')
      expect(slack.whispers(tamsin).at(-1)?.text).toContain('Yusuf Demir joined')
    })

    test('the digest comes to the private office’s channel, and records from there', async () => {
      await decide('close the Skelby road')
      await slack.command(tamsin, flood, '/remembrancer', 'send-digest')
      const digest = slack.cards(office).at(-1)
      expect(digest?.heading).toBe('Unrecorded decisions: Office of the Secretary of State')
      expect(digest?.text).toContain('close the Skelby road')
      // Anybody in the private office may, whether or not they are in the group.
      slack.slack.people.leave(flood, yusuf)
      await slack.settle()
      const open = (await signals()).filter((signal) => signal.state === 'open')
      await slack.press(yusuf, office, 'Record')
      const { fields } = slack.modal(yusuf)
      expect(open.map((signal) => signal.summary)).toContain(fields.get('decision')?.value)
      await slack.submit(yusuf, {})
      const after = (await signals()).filter((signal) => signal.state === 'open')
      expect(after).toHaveLength(open.length - 1)
      expect(slack.cards(flood).at(-1)?.text).toContain('Yusuf Demir')
    })

    test('the weekly digest comes by itself on its day', async () => {
      await slack.world.ringNow()
      await slack.settle()
      const count = slack.cards(office).length
      do await slack.nextMorning()
      while (new Date(slack.now()).getUTCDay() !== 1)
      await slack.world.ringNow()
      await slack.world.ringNow()
      await slack.settle()
      expect(slack.cards(office)).toHaveLength(count + 1)
    })

    test('the Home tab shows each what is theirs, and records from there', async () => {
      await decide('dredge the harbour')
      for (const person of [tamsin, idris, rosa]) openHome(person)
      await slack.settle()
      const home = (person: string) => readBlocks(slack.slack.world.homes.get(person)?.blocks)
      expect(home(tamsin).text).toContain('dredge the harbour')
      expect(home(tamsin).text).toContain('Groups you administer')
      expect(home(rosa).text).not.toContain('dredge the harbour')
      expect(home(rosa).text).toContain('Nothing is waiting for you')
      const record = home(tamsin).buttons.findLast((button) => button.label === 'Record')
      await slack.slack.screens.pressView(tamsin, record?.actionId ?? '', 'home')
      await slack.settle()
      expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('dredge the harbour')
      await slack.submit(tamsin, {})
      openHome(tamsin)
      await slack.settle()
      expect(home(tamsin).text).not.toContain('dredge the harbour')
    })
    function openHome(user: string): void {
      const channel = slack.direct(user)
      slack.slack.events.emit(
        slack.slack.wrap({
          type: 'app_home_opened',
          user,
          channel,
          tab: 'home',
          event_ts: slack.slack.world.nextTs(),
        }),
      )
    }
  })

  describe('whatever comes', () => {
    beforeEach(async () => {
      await slack.nextMorning()
    })

    test('hostile words never become a mention or a link of ours', async () => {
      const hostile =
        '<!channel> <@U2IDRIS> <https://evil.example|Click> *bold* `code` &lt;!here&gt; :tada: @everyone'
      await decide(`${hostile} — spend it`)
      slack.slack.people.say(flood, idris, '<!channel> <https://evil.example|press>', { markup: true })
      await slack.press(tamsin, slack.direct(tamsin), 'Record it')
      expect(slack.modal(tamsin).fields.get('decision')?.value).toContain('<!channel> <@U2IDRIS>')
      await slack.submit(tamsin, { reasons: hostile, decidedBy: `Tamsin ${hostile}` })
      expect(slack.cards(flood).at(-1)?.text).toContain('<!channel> <@U2IDRIS> <https://evil.example|Click>')
      await slack.command(tamsin, flood, '/remembrancer', 'send-digest')
      for (const channel of slack.slack.world.channels.values())
        for (const message of channel.messages.filter((each) => each.bot_id !== undefined)) {
          expect(message.text).not.toMatch(/<[!@#]|<https?:/)
          expect(harms(message.blocks)).toEqual([])
        }
    })

    test('events twice, out of order and late give one result', async () => {
      const { events, people } = slack.slack
      events.hold()
      say(flood, idris, 'What about the tide gates?')
      const ts = say(flood, tamsin, 'Decided: shut the tide gates')
      const gone = say(flood, idris, 'A slip of the tongue')
      people.edit(flood, ts, tamsin, 'Decided: shut the tide gates at six')
      people.remove(flood, gone)
      people.join(flood, petra, tamsin)
      people.leave(flood, petra)
      await events.release((held) => [...held, ...held].reverse())
      await slack.settle()
      await slack.later(20_000)
      const rows = await prisma().message.findMany({
        where: { externalId: { in: [ts, gone] } },
        orderBy: { externalId: 'asc' },
      })
      expect(rows.map((row) => [row.text, row.deletedAt !== null])).toEqual([
        ['Decided: shut the tide gates at six', false],
        [expect.any(String), true],
      ])
      const found = (await signals()).filter((signal) => signal.summary.includes('tide gates'))
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({ summary: 'shut the tide gates at six', state: 'open' })
      const about = slack.cards(slack.direct(tamsin)).filter((card) => card.text.includes('tide gates'))
      expect(about).toHaveLength(1)
      await slack.command(tamsin, flood, '/membership-log')
      const log = slack.whispers(tamsin).at(-1)?.text ?? ''
      expect(log.match(/Petra Lund \(external\) (re)?joined/g)).toHaveLength(2)
      expect(log.match(/Petra Lund \(external\) departed/g)).toHaveLength(2)
    })

    test('talk of moving elsewhere is mentioned to its author alone', async () => {
      say(flood, idris, 'WhatsApp me about it')
      await slack.settle()
      await slack.later(1000)
      // Idris has muted this channel; Tamsin has not.
      expect(newest(idris)).not.toContain('official channels')
      say(flood, tamsin, 'WhatsApp me about it')
      await slack.settle()
      await slack.later(1000)
      expect(newest(tamsin)).toContain('Official business stays official')
      expect(newest(rosa)).not.toContain('Official business')
    })

    test('taken out of an official channel, it tells those who answer for it', async () => {
      slack.slack.people.leave(flood, slack.slack.world.bot.userId, idris)
      await slack.settle()
      await slack.later(1000)
      for (const person of [tamsin, rosa]) {
        expect(newest(person)).toContain('Remembrancer is no longer in flood-response')
        expect(newest(person)).toContain('Idris Holm')
      }
      expect(newest(idris)).not.toContain('no longer in')
      expect(
        await prisma().group.findUniqueOrThrow({ where: { id: await slack.groupId(flood) } }),
      ).toMatchObject({
        botPresent: false,
      })
      const presence = (await prisma().ledgerEntry.findMany({ where: { kind: 'bot-presence' } })).at(-1)
      expect(JSON.stringify(presence?.body)).toContain('false')
    })
  })
})

/** Anything in blocks that Slack would turn into a mention, or into a link that is not ours. */
function harms(blocks: unknown): string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const node = value as Record<string, unknown>
    if (['user', 'usergroup', 'channel', 'broadcast'].includes(String(node.type))) found.push(`${node.type}`)
    if (
      node.type === 'link' &&
      !/^http:\/\/(localhost|127\.0\.0\.1)|slack\.com|rivers/.test(String(node.url))
    )
      found.push(String(node.url))
    if (node.type === 'mrkdwn' && /<[!@#]|<https?:(?!\/\/localhost)/.test(String(node.text)))
      found.push(String(node.text))
    for (const one of Object.values(node)) walk(one)
  }
  walk(typeof blocks === 'string' ? JSON.parse(blocks) : blocks)
  return found
}
