import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readBlocks } from '../support/slack/read-screen.js'
import { decide, endSlackOffice, openRegistered } from './slack-day.js'
import { flood, idris, office, petra, rosa, type SlackOffice, tamsin } from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** What policy may choose: where nudges go; and what happens around the workspace. Each in a world of its own. */
describe('Slack, elsewhere', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  let failures: string[]

  async function open(place: 'direct' | 'thread' | 'ephemeral'): Promise<void> {
    slack = await openRegistered((policy) => {
      policy.nudges.place = place
    })
  }
  const decideHere = () => decide(slack, 'evacuate Mere Street by noon')
  beforeEach(() => {
    failures = []
  })
  afterEach(() => endSlackOffice(slack, failures))
  const failed = () => slack.database.prisma.outboxPost.findMany({ where: { status: 'failed' } })

  test('nudges in the thread, where policy says so, are replaced by what came of them', async () => {
    await open('thread')
    const ts = await decideHere()
    const inThread = () => slack.cards(flood).filter((card) => card.message.thread_ts === ts)
    expect(inThread()).toHaveLength(1)
    for (const person of [tamsin, idris]) expect(slack.cards(slack.direct(person))).toEqual([])
    const [nudge] = inThread()
    expect(nudge?.text).not.toContain('Only you can see this')
    expect(nudge?.buttons.map((button) => button.label)).not.toContain('Not here again')
    const press = async (who: string, label: string): Promise<void> => {
      const button = nudge?.buttons.find((one) => one.label === label)
      const where = { channel: flood, ts: nudge?.ts ?? '' }
      await slack.slack.screens.pressMessage(who, where, button?.actionId ?? '')
      await slack.settle()
    }
    // Both were concerned; either may answer.
    await press(idris, 'Record it')
    expect(slack.modalOpen(idris)).toBe(true)
    await press(tamsin, 'Record it')
    await slack.submit(tamsin, {})
    expect(inThread().map((card) => card.text)).toEqual([expect.stringContaining('Recorded as DEC-')])
    expect(await failed()).toEqual([])
  })

  test('nudges beside the talk, for one person’s eyes, open the same form; nothing is asked twice', async () => {
    await open('ephemeral')
    await decideHere()
    const mine = () => slack.slack.world.whispers.filter((whisper) => whisper.user === tamsin)
    const nudge = mine().at(-1)
    const read = readBlocks(nudge?.message.blocks)
    expect(read.heading).toBe('This looks like a decision')
    const press = async (label: string): Promise<void> => {
      const button = read.buttons.find((each) => each.label === label)
      const where = { channel: flood, ts: String(nudge?.message.ts), ephemeral: true }
      await slack.slack.screens.pressMessage(tamsin, where, button?.actionId ?? '')
      await slack.settle()
    }
    await press('Record it')
    expect(slack.modal(tamsin).fields.get('decision')?.value).toBe('evacuate Mere Street by noon')
    await slack.submit(tamsin, {})
    expect(slack.cards(flood).at(-1)?.heading).toContain('Decision recorded: DEC-')
    await press('Record it')
    expect(JSON.stringify(mine().at(-1)?.message.blocks)).toContain('Already recorded')
    // Such a message cannot be changed later: that is nobody's failure.
    await slack.later(60_000)
    expect(await failed()).toEqual([])
    expect(JSON.stringify(slack.cards(slack.direct(tamsin)))).not.toContain('could not be posted')
  })

  test('members of other organisations and new guests are marked as external', async () => {
    await open('direct')
    const { people, world } = slack.slack
    people.addUser({ id: 'U8FOREIGN', real_name: 'Piet Jansen', team_id: 'T8OTHER' })
    people.join(flood, 'U8FOREIGN', idris)
    people.join(flood, petra, idris)
    people.changeUser(idris, { is_restricted: true })
    const channel = world.channels.get(flood)
    if (channel) channel.shared = true
    slack.slack.events.emit(
      slack.slack.wrap({
        type: 'channel_shared',
        channel: flood,
        connected_team_id: 'T8OTHER',
        event_ts: world.nextTs(),
      }),
    )
    await slack.later(1000)
    await slack.command(tamsin, flood, '/membership-log')
    const log = slack.whispers(tamsin).at(-1)?.text ?? ''
    for (const name of ['Piet Jansen', 'Petra Lund', 'Idris Holm'])
      expect(log).toContain(`${name} (external)`)
    expect(log).not.toContain('Rosa Chaudhry (external)')
    const group = await slack.database.prisma.group.findFirstOrThrow({ where: { externalId: flood } })
    expect(group.shared).toBe(true)
    await decideHere()
    const card = slack.cards(slack.direct(tamsin)).at(-1)
    expect(card?.text).toContain('Idris Holm (external)')
    await slack.press(tamsin, slack.direct(tamsin), 'Record it')
    expect(JSON.stringify(slack.modal(tamsin).view.view.blocks)).toContain(
      'Idris Holm (external): What do we do',
    )
  })

  test('a private channel shared with another organisation has a new id: it is registered anew, and the record goes on', async () => {
    await open('direct')
    const { people } = slack.slack
    await slack.later(60_000)
    people.share(flood, 'C8SHARED')
    await slack.later(1000)
    for (const person of [tamsin, rosa]) {
      const told = slack.cards(slack.direct(person)).at(-1)
      expect(told?.heading).toBe('Remembrancer is no longer in flood-response')
      expect(told?.text).toContain('shared with another organisation')
      expect(told?.text).not.toContain('It was removed')
    }
    expect(slack.cards('C8SHARED').at(-1)?.text).toContain(
      'I keep none of its messages until it is registered',
    )
    const groups = await slack.database.prisma.group.findMany({ where: { name: 'flood-response' } })
    expect(groups.map((group) => [group.externalId, group.botPresent, group.shared]).sort()).toEqual([
      [flood, false, false],
      ['C8SHARED', true, true],
    ])
    await slack.command(tamsin, 'C8SHARED', '/register-group')
    await slack.submit(tamsin, {
      purpose: 'Answer the flood together',
      businessNeed: 'Minutes matter',
      administrators: [tamsin],
      recordsOfficer: rosa,
    })
    people.say('C8SHARED', idris, 'What do we do about Mere Street?')
    people.say('C8SHARED', tamsin, 'Decided: evacuate Mere Street by noon')
    await slack.settle()
    await slack.later(20_000)
    expect(slack.cards(slack.direct(tamsin)).at(-1)?.heading).toBe('This looks like a decision')
  })

  test('what happened while the program was down is found when it starts again', async () => {
    await open('direct')
    const { people } = slack.slack
    people.say(flood, idris, 'Before the night')
    await slack.later(60_000)
    let root = ''
    await slack.whileDown(2 * 3_600_000, () => {
      root = people.say(flood, idris, 'What do we do about Mere Street?')
      const ts = people.say(flood, tamsin, 'Decided: evacuate Mere Street')
      people.edit(flood, ts, tamsin, 'Decided: evacuate Mere Street by noon')
      people.say(flood, rosa, 'In the thread', { thread: root })
      people.join(flood, petra, idris)
      people.leave(flood, idris)
    })
    await slack.later(20_000)
    const messages = await slack.database.prisma.message.findMany({
      where: { automatic: false },
      orderBy: { orderKey: 'asc' },
    })
    expect(messages.map((row) => row.text)).toEqual([
      'Before the night',
      'What do we do about Mere Street?',
      'Decided: evacuate Mere Street by noon',
      'In the thread',
    ])
    expect(messages.at(-1)?.threadId).toBe(root)
    await slack.world.ringNow()
    await slack.settle()
    await slack.command(tamsin, flood, '/membership-log')
    const log = slack.whispers(tamsin).at(-1)?.text ?? ''
    expect(log).toMatch(/Petra Lund \(external\) joined/)
    expect(log).toMatch(/Idris Holm departed/)
    expect(log).toContain('found by roster check between')
    const gaps = await slack.database.prisma.gap.findMany()
    expect(gaps).toMatchObject([{ reason: 'downtime' }])
    expect(gaps.every((gap) => gap.closedAt !== null)).toBe(true)
    expect(slack.cards(slack.direct(tamsin)).at(-1)?.text).toContain('evacuate Mere Street by noon')
  })

  test('uninstalled from the workspace, its absence is a gap that can be seen', async () => {
    failures.push('SLACK_TOKEN_REFUSED')
    await open('direct')
    slack.slack.events.emit(
      slack.slack.wrap({ type: 'app_uninstalled', event_ts: slack.slack.world.nextTs() }),
    )
    await slack.settle()
    const groups = await slack.database.prisma.group.findMany({
      where: { externalId: { in: [flood, office] } },
    })
    expect(groups.map((group) => group.botPresent)).toEqual([false, false])
    const gaps = await slack.database.prisma.gap.findMany()
    expect(gaps.map((gap) => gap.reason)).toContain('bot-absent')
  })
})
