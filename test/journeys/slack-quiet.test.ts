import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { decide, endSlackOffice, openRegistered } from './slack-day.js'
import { flood, idris, type SlackOffice, tamsin } from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

const hour = 3_600_000

/** Policy decides when people hear from the bot: through Slack, from what is said to what stands in their messages. */
describe('quiet in Slack', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  const prisma = () => slack.database.prisma

  beforeAll(async () => {
    slack = await openRegistered((policy) => {
      Object.assign(policy.nudges, { perGroupPerDay: 2 })
      Object.assign(policy.nudges.quietHours, { from: '18:00', to: '08:00' })
    })
  }, 90_000)
  afterAll(() => endSlackOffice(slack), 60_000)

  const heardOf = (person: string, what: string): boolean =>
    JSON.stringify(slack.cards(slack.direct(person))).includes(what)

  test('nothing is sent to anybody in the evening; both are asked once the quiet hours are over', async () => {
    await slack.nextMorning()
    await slack.later(9 * hour)
    await decide(slack, 'the night pumps', hour)
    const groupId = await slack.groupId(flood)
    const held = await prisma().nudge.findMany({ where: { groupId } })
    expect(held.length).toBeGreaterThan(0)
    for (const nudge of held) expect(nudge.dueAt.toISOString()).toMatch(/T08:00:00/)
    for (const person of [tamsin, idris]) expect(heardOf(person, 'the night pumps')).toBe(false)
    expect(JSON.stringify(slack.cards(flood))).not.toContain('the night pumps')
    await slack.nextMorning()
    for (const person of [tamsin, idris]) expect(heardOf(person, 'the night pumps')).toBe(true)
  })

  test('beyond the day’s budget a matter is pressed on nobody, but counted at Home; tomorrow begins anew', async () => {
    await slack.nextMorning()
    for (const what of ['the first sluice', 'the second sluice', 'the third sluice'])
      await decide(slack, what)
    for (const person of [tamsin, idris]) {
      expect(heardOf(person, 'the second sluice')).toBe(true)
      expect(heardOf(person, 'the third sluice')).toBe(false)
    }
    const groupId = await slack.groupId(flood)
    const withheld = await prisma().nudge.findMany({ where: { groupId, why: 'budget' } })
    expect(withheld.map((nudge) => nudge.outcome)).toEqual(['withheld', 'withheld'])
    expect(await prisma().signal.count({ where: { groupId, state: 'open' } })).toBe(4)
    const { people, events, world, wrap } = slack.slack
    const opened = { type: 'app_home_opened', user: tamsin, channel: people.direct(tamsin).id, tab: 'home' }
    events.emit(wrap({ ...opened, event_ts: world.nextTs() }))
    await slack.settle()
    expect(JSON.stringify(world.homes.get(tamsin)?.blocks)).toContain('4 unrecorded')
    await slack.nextMorning()
    expect(heardOf(tamsin, 'the third sluice')).toBe(false)
    await decide(slack, 'the fourth sluice')
    expect(heardOf(tamsin, 'the fourth sluice')).toBe(true)
  })
})
