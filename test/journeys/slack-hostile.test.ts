import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { decide, endSlackOffice, newest, openRegistered, say, signals } from './slack-day.js'
import { flood, idris, petra, rosa, type SlackOffice, tamsin } from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** Hostile words, doubled and late events, talk of elsewhere, removal. In order. */
describe('whatever comes from Slack', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  const prisma = () => slack.database.prisma

  beforeAll(async () => {
    slack = await openRegistered()
  }, 90_000)
  afterAll(() => endSlackOffice(slack), 60_000)

  beforeEach(async () => {
    await slack.nextMorning()
  })

  test('hostile words never become a mention or a link of ours', async () => {
    const hostile =
      '<!channel> <@U2IDRIS> <https://evil.example|Click> *bold* `code` &lt;!here&gt; :tada: @everyone'
    await decide(slack, `${hostile} — spend it`)
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
    // Who was there before and left: not one of these times may be taken for another.
    people.join(flood, petra, idris)
    people.leave(flood, petra)
    await slack.settle()
    events.hold()
    say(slack, flood, idris, 'What about the tide gates?')
    const ts = say(slack, flood, tamsin, 'Decided: shut the tide gates')
    const gone = say(slack, flood, idris, 'A slip of the tongue')
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
    const found = (await signals(slack)).filter((signal) => signal.summary.includes('tide gates'))
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
    await decide(slack, 'move the pumps')
    await slack.press(idris, slack.direct(idris), 'Not here again')
    say(slack, flood, idris, 'WhatsApp me about it')
    await slack.settle()
    await slack.later(1000)
    // Idris has muted this channel; Tamsin has not.
    expect(newest(slack, idris)).not.toContain('official channels')
    say(slack, flood, tamsin, 'WhatsApp me about it')
    await slack.settle()
    await slack.later(1000)
    expect(newest(slack, tamsin)).toContain('Official business stays official')
    expect(newest(slack, rosa)).not.toContain('Official business')
  })

  test('taken out of an official channel, it tells those who answer for it', async () => {
    slack.slack.people.leave(flood, slack.slack.world.bot.userId, idris)
    await slack.settle()
    await slack.later(1000)
    for (const person of [tamsin, rosa]) {
      expect(newest(slack, person)).toContain('Remembrancer is no longer in flood-response')
      expect(newest(slack, person)).toContain('Idris Holm')
    }
    expect(newest(slack, idris)).not.toContain('no longer in')
    expect(
      await prisma().group.findUniqueOrThrow({ where: { id: await slack.groupId(flood) } }),
    ).toMatchObject({
      botPresent: false,
    })
    const presence = (await prisma().ledgerEntry.findMany({ where: { kind: 'bot-presence' } })).at(-1)
    expect(JSON.stringify(presence?.body)).toContain('false')
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
