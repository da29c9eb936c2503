import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { decide, endSlackOffice, newest, openRegistered, say, signals } from './slack-day.js'
import { depots, flood, idris, rosa, type SlackOffice, tamsin, yusuf } from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** From what is said in Slack to the record and the ledger, by every way there is. In order. */
describe('recording in Slack', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  const prisma = () => slack.database.prisma

  beforeAll(async () => {
    slack = await openRegistered()
    await slack.command(idris, depots, '/register-group')
    await slack.submit(idris, {
      purpose: 'Move pumps',
      businessNeed: 'Drivers answer from phones',
      administrators: [idris],
    })
    await slack.settle()
  }, 90_000)
  afterAll(() => endSlackOffice(slack), 60_000)

  const references = async () =>
    (await prisma().decisionRecord.findMany({ orderBy: { reference: 'asc' } })).map((row) => row.reference)

  describe('a decision', () => {
    beforeEach(async () => {
      await slack.nextMorning()
    })

    test('brings a private word to whoever settled it and whoever asked, and to nobody else', async () => {
      const before = slack.cards(flood).length
      await decide(slack, 'evacuate Mere Street by noon')
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
      expect(newest(slack, rosa)).not.toContain('Mere Street')
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
      await decide(slack, 'buy more biscuits')
      await slack.press(idris, slack.direct(idris), 'Not a decision')
      for (const person of [tamsin, idris])
        expect(newest(slack, person)).toContain('Set aside: not a decision')
      expect((await signals(slack)).at(-1)).toMatchObject({ state: 'set-aside' })
    })

    test('"Move to a meeting" leaves it open, to be recorded from the same card', async () => {
      await decide(slack, 'raise the barrier')
      await slack.press(tamsin, slack.direct(tamsin), 'Move to a meeting')
      expect(newest(slack, tamsin)).toContain('moving to a meeting')
      expect((await signals(slack)).at(-1)).toMatchObject({ state: 'open' })
      await slack.press(tamsin, slack.direct(tamsin), 'Record it now')
      expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('raise the barrier')
      await slack.submit(tamsin, {})
      expect((await signals(slack)).at(-1)).toMatchObject({ state: 'recorded' })
    })

    test('"Not here again" mutes that person in that channel alone', async () => {
      await decide(slack, 'move the pumps')
      await slack.press(idris, slack.direct(idris), 'Not here again')
      const count = slack.cards(slack.direct(idris)).length
      await decide(slack, 'move the pumps back')
      expect(slack.cards(slack.direct(idris))).toHaveLength(count)
      expect(newest(slack, tamsin)).toContain('move the pumps back')
    })

    test("somebody else's nudge does nothing", async () => {
      await decide(slack, 'paint the wall')
      const [id] = (await signals(slack)).slice(-1)
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
      say(slack, flood, idris, 'Shall we tell the parish council?')
      const ts = say(slack, flood, tamsin, 'I will write to the parish council tonight')
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
      expect(newest(slack, yusuf)).toContain('no official group yet')
    })

    test('by command in a chat with the bot alone, it is the same', async () => {
      await slack.command(rosa, slack.direct(rosa), '/record-decision', 'Keep the gauge readings')
      expect(slack.modal(rosa).fields.get('decision')?.value).toBe('Keep the gauge readings')
      slack.slack.world.views.clear()
      expect(await prisma().group.count({ where: { externalId: { startsWith: 'D' } } })).toBe(0)
    })

    test('more evidence than a modal can hold is turned page by page, and what was ticked stays ticked', async () => {
      const said = [say(slack, flood, idris, 'How many sandbags, and from where?')]
      for (let index = 1; index <= 25; index++)
        said.push(say(slack, flood, index % 2 ? tamsin : idris, `Depot ${index} has ${index * 10} sandbags`))
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
})
