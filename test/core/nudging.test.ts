import { expect, test, vi } from 'vitest'
import { leave } from '../../adapters/sandbox/acts.js'
import { inTheOffice, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('nudges', (office) => {
  /** A morning whose evening is not that of a Friday. */
  async function morningMidweek(): Promise<void> {
    while (office.now().getUTCDay() === 5) await office.nextMorning()
  }

  test('"Not here again" mutes that person in that group only', async () => {
    const [here, there] = [await office.group('Here'), await office.group('There')]
    await office.decide(here)
    await office.press('dm-callum', 'callum', 'Not here again')
    const [nadia, callum] = [office.cards('dm-nadia').length, office.cards('dm-callum').length]
    await office.decide(here, 'close the bridge')
    expect(office.cards('dm-nadia')).toHaveLength(nadia + 1)
    expect(office.cards('dm-callum')).toHaveLength(callum)
    await office.decide(there, 'open the bridge')
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
    expect(await office.signals(room)).toMatchObject([{ state: 'withdrawn' }])
  })

  test('a nudge already seen says so when the talk moves on', async () => {
    const room = await office.group('Moved on')
    await office.decide(room)
    await office.say(room, 'callum', 'Scrap that, please')
    await office.settle()
    expect(office.newest('dm-nadia')).toContain('No longer needed')
  })

  test('in a dry run nothing is posted and what would have been is kept for the administrators', async () => {
    const room = await office.group('Trial', { dryRun: true })
    const before = office.cards('dm-nadia').length
    await office.decide(room)
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
    for (let number = 1; number <= 5; number++) await office.decide(room, `matter ${number}`)
    const groupId = await office.groupId(room)
    const matters = async (outcome: string) =>
      (await office.database.prisma.nudge.groupBy({ by: ['signalId'], where: { groupId, outcome } })).length
    expect(await matters('posted')).toBe(4)
    expect(await office.database.prisma.nudge.findMany({ where: { groupId, why: 'budget' } })).toHaveLength(2)
    await office.nextMorning()
    await office.decide(room, 'matter 6')
    expect(await matters('posted')).toBe(5)
  })

  test('nudges of the evening wait until the morning', async () => {
    await morningMidweek()
    const room = await office.group('Evening')
    const before = office.cards('dm-nadia').length
    office.setClock(`${office.now().toISOString().slice(0, 10)}T21:30:00Z`)
    await office.decide(room)
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
    expect(office.newest('dm-nadia')).toContain('evacuate')
  })

  test('talk of moving elsewhere is mentioned to its author alone', async () => {
    const room = await office.group('Elsewhere')
    const counts = () => ['nadia', 'callum', 'priya', 'tamsin'].map((who) => office.cards(`dm-${who}`).length)
    const before = counts()
    await office.say(room, 'callum', 'WhatsApp me about the residents')
    await office.later(1_000)
    expect(counts().map((count, index) => count - (before[index] ?? 0))).toEqual([0, 1, 0, 0])
    expect(office.newest('dm-callum')).toContain('Official business stays official')
    expect(office.cards(room).filter((card) => words(card).includes('WhatsApp'))).toEqual([])
  })

  test('options weighed for long bring the advice of a meeting to whoever raised them', async () => {
    const room = await office.group('Weighing')
    const before = office.cards('dm-nadia').length
    await office.say(room, 'callum', 'Options: rebuild it, or repair it')
    await office.settle()
    await office.later(15_000)
    expect(office.newest('dm-callum')).toContain('meeting or an email')
    expect(office.cards('dm-nadia')).toHaveLength(before)
  })
})
