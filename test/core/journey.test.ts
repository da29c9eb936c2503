import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { leave, remove } from '../../adapters/sandbox/acts.js'
import type { DigestContent } from '../../src/digests/index.js'
import { verifyDatabase } from '../../src/ledger/index.js'
import type { Interaction } from '../../src/platform/index.js'
import { engines } from '../support/database.js'
import { fieldOf, type Office, openOffice, valuesOf, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

describe.each(engines())('a day in the office (%s)', (engine) => {
  let office: Office

  beforeAll(async () => {
    office = await openOffice(engine)
  }, 60_000)
  afterAll(async () => {
    const report = await verifyDatabase(office.database, { publicKey: office.world.signer.publicKeyPem })
    await office.close()
    expect(report.problem).toBeUndefined()
    expect(report.entries).toBeGreaterThan(50)
    expect(office.logged()).not.toMatch(/"code":"(INTERACTION_FAILED|EVENT_SET_ASIDE)"/)
  }, 60_000)
  beforeEach(async () => {
    await office.nextMorning()
  })

  /** A morning whose evening is not that of a Friday. */
  async function morningMidweek(): Promise<void> {
    while (office.now().getUTCDay() === 5) await office.nextMorning()
  }

  /** A decision between Callum, who asks, and Nadia, who settles it; its nudges are out. */
  async function decide(conversation: string, what = 'evacuate Mere Street by noon'): Promise<void> {
    await office.say(conversation, 'callum', 'What do we do about Mere Street?')
    await office.say(conversation, 'nadia', `Decided: ${what}`)
    await office.settle()
    await office.later(15_000)
  }
  const newest = (room: string): string => words(office.cards(room).at(-1))
  const signalsOf = async (conversation: string) =>
    office.database.prisma.signal.findMany({ where: { groupId: await office.groupId(conversation) } })

  test('a group is registered by a form that keeps what was typed beside its errors', async () => {
    const room = await office.group('Barrier', { register: false })
    await office.type(room, 'nadia', 'register-group')
    const form = office.openForm('nadia')?.form
    expect(fieldOf(form, 'administrators')).toMatchObject({
      choices: expect.arrayContaining([expect.objectContaining({ value: 'callum', label: 'Callum Fraser' })]),
    })
    await office.submit('nadia', {
      purpose: 'Choose a barrier',
      administrators: [],
      reviewDate: '2020-01-01',
    })
    const again = office.openForm('nadia')?.form
    expect(fieldOf(again, 'businessNeed')).toMatchObject({ error: 'Say why it needs a chat group' })
    expect(fieldOf(again, 'administrators')).toMatchObject({ error: 'Choose at least one administrator' })
    expect(fieldOf(again, 'purpose')).toMatchObject({ value: 'Choose a barrier' })
    const good = {
      businessNeed: 'Four sites',
      administrators: ['nadia', 'callum'],
      privateOffice: 'new',
      officeName: 'Office of the Permanent Secretary',
      officeOfficial: 'The Permanent Secretary',
      officeRoom: 'office',
    }
    await office.submit('nadia', good)
    expect(fieldOf(office.openForm('nadia')?.form, 'reviewDate')).toMatchObject({
      error: 'Review date must be in the future',
    })
    await office.submit('nadia', { reviewDate: '2027-03-01' })
    expect(office.openForm('nadia')).toBeUndefined()
    expect(office.cards(room).map(words).join()).toContain('Choose a barrier')
    const registration = await office.database.prisma.registration.findUniqueOrThrow({
      where: { groupId: await office.groupId(room) },
      include: { privateOffice: true },
    })
    expect(registration).toMatchObject({
      purpose: 'Choose a barrier',
      privateOffice: { name: 'Office of the Permanent Secretary', room: 'office' },
    })
  })

  test('only members may register a group, and only administrators may change it', async () => {
    const room = await office.group('Changing hands')
    await office.type(room, 'callum', 'register-group')
    expect(office.openForm('callum')).toBeUndefined()
    expect(newest(room)).toContain('Ask an administrator')
    const forged = await office.world.interact({
      id: randomUUID(),
      kind: 'form-submit',
      form: 'register-group',
      state: await office.groupId(room),
      values: { purpose: 'Mine now', administrators: ['eleanor'] },
      platform: 'sandbox',
      tenant: 'local',
      person: { id: 'eleanor' },
      at: office.now(),
    })
    expect(words(forged as never)).toContain('not a member')
  })

  test('a decision is nudged about, recorded in a form filled in from the talk, and confirmed', async () => {
    const room = await office.group('Flood')
    await decide(room)
    for (const concerned of ['nadia', 'callum'])
      expect(newest(`dm-${concerned}`)).toContain('evacuate Mere Street')
    expect(office.cards('dm-priya')).toEqual([])

    await office.press('dm-callum', 'callum', 'Record it')
    const form = office.openForm('callum')?.form
    expect(fieldOf(form, 'decision')).toMatchObject({ value: 'evacuate Mere Street by noon' })
    expect(fieldOf(form, 'decidedBy')).toMatchObject({ value: 'Nadia Rahman' })
    expect(fieldOf(form, 'decisionType')).toMatchObject({ value: 'operational-direction' })
    expect(fieldOf(form, 'decidedAt')).toMatchObject({ value: expect.stringContaining('T10:00') })
    const evidence = fieldOf(form, 'evidence')
    expect(evidence && 'values' in evidence ? evidence.values : []).toHaveLength(2)

    await office.submit('callum', { decision: '', reasons: 'The wall will not hold' })
    const wrong = office.openForm('callum')?.form
    expect(fieldOf(wrong, 'decision')).toMatchObject({ error: 'Say what was decided', value: '' })
    expect(fieldOf(wrong, 'reasons')).toMatchObject({ value: 'The wall will not hold' })

    await office.submit('callum', { decision: 'Evacuate Mere Street by noon' })
    expect(office.openForm('callum')).toBeUndefined()
    const confirmation = office.posts(room).findLast((post) => post.onlyFor === undefined)?.card
    const reference = /DEC-2026-\d{5}/.exec(words(confirmation))?.[0]
    expect(confirmation?.heading).toBe(`Decision recorded: ${reference}`)
    for (const concerned of ['nadia', 'callum']) {
      const card = office.cards(`dm-${concerned}`).find((each) => words(each).includes(`${reference}`))
      expect(card?.summary).toBe(`Recorded as ${reference}. Thank you.`)
      expect(card?.buttons).toBeUndefined()
    }

    expect(await signalsOf(room)).toMatchObject([{ state: 'recorded' }])
    const record = await office.database.prisma.decisionRecord.findUniqueOrThrow({
      where: { reference: reference ?? '' },
      include: { versions: true, evidence: { orderBy: { position: 'asc' } } },
    })
    expect(record.versions).toMatchObject([{ version: 1, reasons: 'The wall will not hold' }])
    expect(record.evidence).toMatchObject([
      { authorName: 'Callum Fraser', members: ['Callum Fraser', 'Nadia Rahman', 'Priya Sandhu'] },
      { authorName: 'Nadia Rahman', text: 'Decided: evacuate Mere Street by noon' },
    ])
    for (const piece of record.evidence) expect(piece.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('who belongs to another organisation is marked wherever named, in evidence too', async () => {
    const room = await office.group('With counsel', { members: ['callum', 'idris'] })
    const id = await office.personId('idris')
    await office.database.prisma.person.update({ where: { id }, data: { external: true } })
    const marked = 'Idris Penhale (external)'
    await office.say(room, 'callum', 'What do we do about the landowner?')
    await office.say(room, 'idris', 'Decided: settle out of court')
    await office.settle()
    await office.later(15_000)
    expect(newest('dm-callum')).toContain(marked)
    await office.press('dm-callum', 'callum', 'Record it')
    expect(fieldOf(office.openForm('callum')?.form, 'decidedBy')).toMatchObject({ value: marked })
    await office.submit('callum', {})
    const [record] = await office.database.prisma.decisionRecord.findMany({
      where: { groupId: await office.groupId(room) },
      include: { versions: true, evidence: { orderBy: { position: 'asc' } } },
    })
    expect(record?.versions).toMatchObject([{ decidedBy: marked }])
    expect(record?.evidence.at(-1)).toMatchObject({
      authorName: marked,
      members: ['Callum Fraser', marked, 'Nadia Rahman'],
    })
    await office.database.prisma.person.update({ where: { id }, data: { external: false } })
  })

  test('"Not a decision" sets it aside and closes the nudge of the other', async () => {
    const room = await office.group('Setting aside')
    await decide(room, 'lunch is at one')
    await office.press('dm-nadia', 'nadia', 'Not a decision')
    expect(await signalsOf(room)).toMatchObject([{ state: 'set-aside', stateReason: 'not-a-decision' }])
    for (const concerned of ['nadia', 'callum']) expect(newest(`dm-${concerned}`)).toContain('Set aside')
  })

  test('"Move to a meeting" leaves it open, to be recorded later from the same card', async () => {
    const room = await office.group('Meeting')
    await decide(room)
    await office.press('dm-nadia', 'nadia', 'Move to a meeting')
    expect(await signalsOf(room)).toMatchObject([{ state: 'open' }])
    await office.press('dm-nadia', 'nadia', 'Record it now')
    expect(office.openForm('nadia')?.form.id).toBe('record-decision')
    await office.submit('nadia', {})
    expect(await signalsOf(room)).toMatchObject([{ state: 'recorded' }])
  })

  test('"Not here again" mutes that person in that group only', async () => {
    const [here, there] = [await office.group('Here'), await office.group('There')]
    await decide(here)
    await office.press('dm-callum', 'callum', 'Not here again')
    const [nadia, callum] = [office.cards('dm-nadia').length, office.cards('dm-callum').length]
    await decide(here, 'close the bridge')
    expect(office.cards('dm-nadia')).toHaveLength(nadia + 1)
    expect(office.cards('dm-callum')).toHaveLength(callum)
    await decide(there, 'open the bridge')
    expect(office.cards('dm-callum')).toHaveLength(callum + 1)
  })

  test('an objection within the pause withdraws the nudge before anybody sees it', async () => {
    const room = await office.group('Objection')
    const before = office.cards('dm-nadia').length
    await office.say(room, 'nadia', 'Decided: close the bridge')
    await office.settle()
    await office.say(room, 'callum', 'Scrap that, please')
    await office.later(60_000)
    expect(office.cards('dm-nadia')).toHaveLength(before)
    expect(await signalsOf(room)).toMatchObject([{ state: 'withdrawn' }])
  })

  test('a nudge already seen says so when the talk moves on', async () => {
    const room = await office.group('Moved on')
    await decide(room)
    await office.say(room, 'callum', 'Scrap that, please')
    await office.settle()
    expect(newest('dm-nadia')).toContain('No longer needed')
  })

  test('in a dry run nothing is posted and what would have been is kept for the administrators', async () => {
    const room = await office.group('Trial', { dryRun: true })
    const before = office.cards('dm-nadia').length
    await decide(room)
    await office.say(room, 'callum', 'WhatsApp me about it')
    await office.later(60_000)
    expect(office.cards('dm-nadia')).toHaveLength(before)
    const nudges = await office.database.prisma.nudge.findMany({
      where: { groupId: await office.groupId(room) },
    })
    expect(nudges.map((nudge) => [nudge.outcome, nudge.why])).toEqual(
      nudges.map(() => ['withheld', 'dry-run']),
    )
    expect(nudges).toHaveLength(3)
    const posts = await office.database.prisma.outboxPost.findMany({
      where: {
        channel: { contains: room },
        createdAt: { gte: new Date(office.now().getTime() - 3_600_000) },
      },
    })
    expect(posts.map((post) => post.purpose)).toEqual(['induction'])
  })

  test('a group gets no more nudges a day than its budget; the next day begins anew', async () => {
    const room = await office.group('Busy', { members: ['callum', 'priya', 'tamsin'] })
    for (let number = 1; number <= 5; number++) await decide(room, `matter ${number}`)
    const groupId = await office.groupId(room)
    const matters = async (outcome: string) =>
      (await office.database.prisma.nudge.groupBy({ by: ['signalId'], where: { groupId, outcome } })).length
    expect(await matters('posted')).toBe(4)
    expect(await office.database.prisma.nudge.findMany({ where: { groupId, why: 'budget' } })).toHaveLength(2)
    await office.nextMorning()
    await decide(room, 'matter 6')
    expect(await matters('posted')).toBe(5)
  })

  test('nudges of the evening wait until the morning', async () => {
    await morningMidweek()
    const room = await office.group('Evening')
    const before = office.cards('dm-nadia').length
    office.setClock(`${office.now().toISOString().slice(0, 10)}T21:30:00Z`)
    await decide(room)
    await office.later(3_600_000)
    expect(office.cards('dm-nadia')).toHaveLength(before)
    await office.later(10 * 3_600_000)
    expect(office.cards('dm-nadia').length).toBe(before + 1)
  })

  test('a nudge due before the night that was not released in time waits for the morning too', async () => {
    await morningMidweek()
    const room = await office.group('Down for a while')
    const before = office.cards('dm-nadia').length
    const day = office.now().toISOString().slice(0, 10)
    office.setClock(`${day}T19:59:30Z`)
    await office.say(room, 'callum', 'What now?')
    await office.say(room, 'nadia', 'Decided: stop for today')
    await office.settle()
    office.setClock(`${day}T23:00:00Z`)
    await office.later(1_000)
    expect(office.cards('dm-nadia')).toHaveLength(before)
    await office.later(9 * 3_600_000)
    expect(office.cards('dm-nadia')).toHaveLength(before + 1)
  })

  test('who has left the group is not shown its messages', async () => {
    const room = await office.group('Leaver')
    const before = office.cards('dm-callum').length
    await office.say(room, 'callum', 'What do we do about Mere Street?')
    await office.say(room, 'nadia', 'Decided: evacuate')
    await office.settle()
    await leave(office.sandbox.world(), room, 'callum')
    await office.later(60_000)
    expect(office.cards('dm-callum')).toHaveLength(before)
    expect(newest('dm-nadia')).toContain('evacuate')
  })

  test('talk of moving elsewhere is mentioned to its author alone', async () => {
    const room = await office.group('Elsewhere')
    const counts = () => ['nadia', 'callum', 'priya', 'tamsin'].map((who) => office.cards(`dm-${who}`).length)
    const before = counts()
    await office.say(room, 'callum', 'WhatsApp me about the residents')
    await office.later(1_000)
    expect(counts().map((count, index) => count - (before[index] ?? 0))).toEqual([0, 1, 0, 0])
    expect(newest('dm-callum')).toContain('Official business stays official')
    expect(office.cards(room).filter((card) => words(card).includes('WhatsApp'))).toEqual([])
  })

  test('options weighed for long bring the advice of a meeting to whoever raised them', async () => {
    const room = await office.group('Weighing')
    const before = office.cards('dm-nadia').length
    await office.say(room, 'callum', 'Options: rebuild it, or repair it')
    await office.settle()
    await office.later(15_000)
    expect(newest('dm-callum')).toContain('meeting or an email')
    expect(office.cards('dm-nadia')).toHaveLength(before)
  })

  describe('a missing stakeholder', () => {
    beforeAll(async () => {
      // People are reached on the platform once they have been seen there.
      await office.group('News desk', { members: ['yusuf', 'idris'] })
    })
    const press = 'Journalists want interviews, and a press release about the interviews for journalists'

    test('is suggested to the administrators alone, with the words that gave rise to it', async () => {
      const room = await office.group('Press')
      await office.say(room, 'callum', press)
      await office.settle()
      expect(newest('dm-nadia')).toContain('Yusuf Demir')
      expect(newest('dm-nadia')).toMatch(/journalists/i)
      expect(office.cards('dm-callum').filter((card) => words(card).includes('Yusuf'))).toEqual([])
    })

    test('is added at the press of a button, and not suggested again', async () => {
      const room = await office.group('Press adds')
      await office.say(room, 'callum', press)
      await office.settle()
      await office.press('dm-nadia', 'nadia', 'Add to group')
      expect(office.sandbox.world().room(room).members.has('yusuf')).toBe(true)
      const count = office.cards('dm-nadia').length
      await leave(office.sandbox.world(), room, 'yusuf')
      await office.say(room, 'priya', `Again: ${press}`)
      await office.settle()
      expect(office.cards('dm-nadia')).toHaveLength(count)
    })

    test('is briefed without seeing a message', async () => {
      const room = await office.group('Press briefs')
      await office.say(room, 'callum', `Secret barrier plans. ${press}`)
      await office.settle()
      await office.press('dm-nadia', 'nadia', 'Brief them')
      expect(newest('dm-yusuf')).toContain('Nadia Rahman')
      expect(newest('dm-yusuf')).not.toContain('Secret barrier plans')
    })

    test('is not needed, says the administrator, and that is that', async () => {
      const room = await office.group('Press not needed')
      await office.say(room, 'callum', press)
      await office.settle()
      await office.press('dm-nadia', 'nadia', 'Not needed')
      const count = office.cards('dm-nadia').length
      await office.nextMorning()
      await office.say(room, 'priya', `Again: ${press}`)
      await office.settle()
      expect(office.cards('dm-nadia')).toHaveLength(count)
    })

    test('is never someone already there, nor a team that is there already', async () => {
      const there = await office.group('Press there', { members: ['callum', 'priya', 'yusuf'] })
      const team = await office.group('Lawyer there', { members: ['callum', 'priya', 'idris'] })
      const count = office.cards('dm-nadia').length
      await office.say(there, 'callum', press)
      await office.say(team, 'callum', 'The landowners want injunctions; injunctions against landowners')
      await office.settle()
      expect(office.cards('dm-nadia')).toHaveLength(count)
    })
  })

  describe('the weekly digest', () => {
    const kept = async (scheduled: boolean) =>
      (
        await office.database.prisma.digest.findMany({
          where: { period: scheduled ? { not: null } : null },
          orderBy: { createdAt: 'asc' },
        })
      ).map((row) => row.content as unknown as DigestContent)
    const posted = () =>
      office.cards('office').filter((card) => card.heading.startsWith('Unrecorded decisions'))

    test('comes when it is due, once, oldest first, and one sent at once does not use it up', async () => {
      const room = await office.group('Weekly')
      await decide(room, 'build the wall')
      await office.type(room, 'nadia', 'send-digest')
      const atOnce = (await kept(false)).at(-1)
      expect(atOnce?.unrecorded.at(-1)).toMatchObject({
        summary: 'build the wall',
        decidedBy: 'Nadia Rahman',
      })
      expect(posted().at(-1)?.heading).toBe('Unrecorded decisions: Office of the Permanent Secretary')
      while (office.now().getUTCDay() !== 1) await office.nextMorning()
      const monday = office.now().toISOString().slice(0, 10)
      office.setClock(`${monday}T08:59:00Z`)
      await office.world.ringNow()
      await office.later(0)
      const early = [(await kept(true)).length, posted().length]
      office.setClock(`${monday}T09:00:30Z`)
      await office.world.ringNow()
      await office.world.ringNow()
      await office.later(0)
      const offices = await office.database.prisma.privateOffice.count()
      expect([(await kept(true)).length, posted().length]).toEqual(early.map((count) => count + offices))
      const weekly = (await kept(true)).find((content) => content.unrecordedTotal > 0 && content.to > monday)
      const ages = weekly?.unrecorded.map((decision) => decision.settledAt) ?? []
      expect(weekly?.unrecorded.at(-1)?.summary).toBe('build the wall')
      expect(ages).toEqual(ages.toSorted())
    })

    test('says what became of a decision once it is answered, instead of asking again', async () => {
      const room = await office.group('Answered')
      await decide(room, 'paint the lock gates')
      await office.type(room, 'nadia', 'send-digest')
      await office.later(0)
      const lines = () => posted().at(-1)?.lists?.[0]?.items ?? []
      const asked = lines().findIndex((item) => item.buttons?.some((button) => button.label === 'Record'))
      const signalId = lines()[asked]?.buttons?.[0]?.value ?? ''
      await office.world.setAside(signalId, await office.personId('nadia'))
      await office.later(0)
      expect(lines()[asked]?.buttons).toBeUndefined()
      expect(lines()[asked]?.detail).toContain('set aside')
    })

    test('is sent once however often the same command arrives, and only for members', async () => {
      const room = await office.group('Ask once')
      const ask = (id: string, who: string): Interaction => ({
        id,
        kind: 'command',
        command: 'send-digest',
        text: '',
        platform: 'sandbox',
        tenant: 'local',
        person: { id: who },
        conversation: room,
        at: office.now(),
      })
      const count = () => office.database.prisma.digest.count({ where: { period: null } })
      const before = await count()
      const id = randomUUID()
      await office.world.interact(ask(id, 'nadia'))
      await office.world.interact(ask(id, 'nadia'))
      expect(await count()).toBe(before + 1)
      expect(words((await office.world.interact(ask(randomUUID(), 'eleanor'))) as never)).toContain('member')
      expect(await count()).toBe(before + 1)
    })
  })

  describe('what is not kept', () => {
    const secret = 'Kestrel is the word nobody may find'
    async function everywhere(): Promise<string> {
      const { prisma } = office.database
      const kept = [
        await prisma.message.findMany(),
        await prisma.messageRevision.findMany(),
        await prisma.signal.findMany(),
        await prisma.outboxPost.findMany(),
        (await prisma.inboxEvent.findMany()).map(({ raw, event, error }) => ({ raw, event, error })),
      ]
      return JSON.stringify(kept)
    }

    test('text of a group that is not registered', async () => {
      const room = await office.group('Unregistered', { register: false })
      const root = await office.say(room, 'callum', `Decided: ${secret}`)
      await office.say(room, 'nadia', `${secret} too`, root)
      await office.later(15_000)
      expect(await everywhere()).not.toContain('Kestrel')
      expect(await signalsOf(room)).toEqual([])
      await office.type(room, 'callum', 'record-decision')
      expect(office.openForm('callum')).toBeUndefined()
      expect(newest(room)).toContain('not registered')
    })

    test('text of a direct conversation with the bot, nor the conversation itself', async () => {
      const message = await office.say('dm-priya', 'priya', secret)
      await remove(office.sandbox.world(), 'dm-priya', message, 'priya')
      await office.later(1_000)
      expect(await everywhere()).not.toContain('Kestrel')
      expect(await office.database.prisma.group.findMany({ where: { externalId: 'dm-priya' } })).toEqual([])
    })

    test('text in the log', () => {
      expect(office.logged()).not.toMatch(/Kestrel|Mere Street/)
    })
  })

  describe('who and how often', () => {
    test('the same submission twice makes one record, and tells the same', async () => {
      const room = await office.group('Twice')
      await decide(room)
      await office.press('dm-nadia', 'nadia', 'Record it')
      const open = office.openForm('nadia')
      const interaction = {
        id: randomUUID(),
        kind: 'form-submit',
        form: 'record-decision',
        state: open?.form.state ?? '',
        values: open ? valuesOf(open.form) : {},
        platform: 'sandbox',
        tenant: 'local',
        person: { id: 'nadia' },
        conversation: 'dm-nadia',
        at: office.now(),
      } as const
      const both = await Promise.all([office.world.interact(interaction), office.world.interact(interaction)])
      expect(both[0]).toMatchObject({ kind: 'closed' })
      expect(both[1]).toEqual(both[0])
      const where = { groupId: await office.groupId(room) }
      expect(await office.database.prisma.decisionRecord.count({ where })).toBe(1)
      // The same form sent again under another id makes no second record either.
      const again = await office.world.interact({ ...interaction, id: randomUUID() })
      expect(words(again as never)).toContain('already submitted')
      expect(await office.database.prisma.decisionRecord.count({ where })).toBe(1)
    })

    test("somebody else's button does nothing", async () => {
      const room = await office.group('Not yours')
      await decide(room)
      const nudge = await office.database.prisma.nudge.findFirstOrThrow({
        where: { groupId: await office.groupId(room), personId: await office.personId('nadia') },
      })
      for (const action of ['nudge.record', 'nudge.not-a-decision', 'nudge.mute', 'nudge.meeting']) {
        const reply = await office.world.interact({
          id: randomUUID(),
          kind: 'button',
          action,
          value: nudge.id,
          platform: 'sandbox',
          tenant: 'local',
          person: { id: 'callum' },
          at: office.now(),
        })
        expect(words(reply as never)).toContain('someone else')
      }
      expect(await signalsOf(room)).toMatchObject([{ state: 'open' }])
      expect(await office.database.prisma.nudge.findUnique({ where: { id: nudge.id } })).toMatchObject({
        answer: null,
      })
    })

    test('who is not in the group, or is no longer, cannot record its decisions', async () => {
      const room = await office.group('Members only')
      await decide(room)
      const [signal] = await signalsOf(room)
      const record = (who: string) =>
        office.world.interact({
          id: randomUUID(),
          kind: 'button',
          action: 'signal.record',
          value: signal?.id ?? '',
          platform: 'sandbox',
          tenant: 'local',
          person: { id: who },
          at: office.now(),
        })
      expect(await record('priya')).toMatchObject({ kind: 'form' })
      await leave(office.sandbox.world(), room, 'priya')
      await office.later(1_000)
      expect(words((await record('priya')) as never)).toContain('not a member')
      expect(words((await record('eleanor')) as never)).toContain('not a member')
      // The private office that answers for the group may.
      expect(await record('tamsin')).toMatchObject({ kind: 'form' })
    })

    test('a button with a made-up value does nothing', async () => {
      for (const value of ['', 'x', '../../etc/passwd', randomUUID(), "'; DROP TABLE message; --"]) {
        for (const action of [
          'nudge.record',
          'signal.record',
          'signal.set-aside',
          'suggestion.add',
          'constructor',
        ]) {
          const reply = await office.world.interact({
            id: randomUUID(),
            kind: 'button',
            action,
            value,
            platform: 'sandbox',
            tenant: 'local',
            person: { id: 'nadia' },
            at: office.now(),
          })
          expect(words(reply as never)).toContain('Nothing to do')
        }
      }
    })
  })

  test('hostile text is kept as it is and breaks nothing', async () => {
    const room = await office.group('Hostile <b>"\'`\u202E')
    const hostile = `<script>alert(1)</script> {{7*7}} <!channel> '; DROP TABLE message; -- \u202E \uD83D\uDE00 %s \\`
    await office.say(room, 'callum', hostile)
    await office.say(room, 'nadia', `Decided: ${hostile}`)
    await office.settle()
    await office.later(15_000)
    await office.press('dm-nadia', 'nadia', 'Record it')
    await office.submit('nadia', {
      decision: `${hostile}\0\uD800 end`,
      reasons: '\0',
      evidence: ['not-a-message'],
    })
    expect(office.openForm('nadia')).toBeUndefined()
    const record = await office.database.prisma.decisionRecord.findFirstOrThrow({
      where: { groupId: await office.groupId(room) },
      include: { versions: true },
    })
    expect(record.versions[0]?.decision.startsWith(hostile)).toBe(true)
    expect(record.versions[0]?.decision.endsWith(' end')).toBe(true)
    const rows = await office.database.prisma.message.findMany({
      where: { groupId: await office.groupId(room) },
    })
    expect(rows.map((row) => row.text)).toContain(hostile)
  })
})
