import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readBlocks } from '../support/slack/read-screen.js'
import { decide, endSlackOffice, newest, openRegistered, say, signals } from './slack-day.js'
import { flood, idris, office, rosa, type SlackOffice, tamsin, yusuf } from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** Who else ought to know, and who answers for the group. In order. */
describe('in Slack, those who are missing and those who answer for it', { timeout: 90_000 }, () => {
  let slack: SlackOffice

  beforeAll(async () => {
    slack = await openRegistered()
  }, 90_000)
  afterAll(() => endSlackOffice(slack), 60_000)

  beforeEach(async () => {
    await slack.nextMorning()
  })

  test('a suggestion goes to the administrator alone, who adds the person with one press', async () => {
    say(
      slack,
      flood,
      idris,
      'Journalists want interviews, and a press release about the interviews for journalists',
    )
    await slack.settle()
    await slack.later(1000)
    expect(newest(slack, tamsin)).toContain('Should Yusuf Demir know about this?')
    expect(newest(slack, idris)).not.toContain('Yusuf')
    await slack.press(tamsin, slack.direct(tamsin), 'Add to group')
    expect(slack.slack.world.channels.get(flood)?.members.has(yusuf)).toBe(true)
    expect(newest(slack, tamsin)).toContain('is being added')
    // The other administrator is not asked what is already answered.
    expect(newest(slack, rosa)).toContain('Tamsin Vale has answered this suggestion: added')
    expect(slack.cards(slack.direct(rosa)).at(-1)?.buttons).toEqual([])
    await slack.command(tamsin, flood, '/membership-log')
    expect(slack.whispers(tamsin).at(-1)?.text).toContain('Yusuf Demir joined')
  })

  test('the digest comes to the private office’s channel, and records from there', async () => {
    await decide(slack, 'close the Skelby road')
    await slack.command(tamsin, flood, '/remembrancer', 'send-digest')
    const digest = slack.cards(office).at(-1)
    expect(digest?.heading).toBe('Unrecorded decisions: Office of the Secretary of State')
    expect(digest?.text).toContain('close the Skelby road')
    // Anybody in the private office may, whether or not they are in the group.
    slack.slack.people.leave(flood, yusuf)
    await slack.settle()
    const open = (await signals(slack)).filter((signal) => signal.state === 'open')
    await slack.press(yusuf, office, 'Record')
    const { fields } = slack.modal(yusuf)
    expect(open.map((signal) => signal.summary)).toContain(fields.get('decision')?.value)
    await slack.submit(yusuf, {})
    const after = (await signals(slack)).filter((signal) => signal.state === 'open')
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
    await decide(slack, 'dredge the harbour')
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
