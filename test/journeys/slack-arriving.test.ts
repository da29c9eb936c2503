import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { endSlackOffice, inviteBot, newest, registration, say } from './slack-day.js'
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
} from './slack-office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('../core/plain-detector.js')),
}))

/** The first days in a workspace, in order. */
describe('Slack, at first', { timeout: 90_000 }, () => {
  let slack: SlackOffice
  const prisma = () => slack.database.prisma

  beforeAll(async () => {
    slack = await openSlackOffice()
  }, 90_000)
  afterAll(() => endSlackOffice(slack), 60_000)

  describe('arriving', () => {
    test('invited to a private channel, it says what it does and that no message is kept yet', async () => {
      await inviteBot(slack)
      const [arrival] = slack.cards(flood)
      expect(arrival?.heading).toContain('Remembrancer')
      expect(arrival?.text).toContain('I keep none of its messages until it is registered')
      expect(arrival?.message.metadata).toMatchObject({ event_type: 'remembrancer_post' })
      say(slack, flood, idris, 'Kestrel, before anybody agreed')
      await slack.settle()
      expect(await prisma().message.count()).toBe(0)
      expect(
        JSON.stringify(await prisma().inboxEvent.findMany({ select: { raw: true, event: true } })),
      ).not.toContain('Kestrel')
    })

    test('its registration shows errors at their fields, keeps what was typed, and founds a private office', async () => {
      await slack.command(tamsin, flood, '/register-group')
      const yesterday = new Date(slack.now() - 86_400_000).toISOString().slice(0, 10)
      const good = registration(slack)
      await slack.submit(tamsin, { ...good, reviewDate: yesterday })
      const { fields } = slack.modal(tamsin)
      expect(fields.get('reviewDate')?.error).toContain('in the future')
      expect(fields.get('purpose')?.value).toBe('Answer the flood')
      await slack.submit(tamsin, { reviewDate: good.reviewDate })
      expect(slack.modalOpen(tamsin)).toBe(false)
      const kept = await prisma().registration.findUniqueOrThrow({
        where: { groupId: await slack.groupId(flood) },
        include: { privateOffice: true },
      })
      expect(kept).toMatchObject({
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
      expect(newest(slack, petra)).toContain('You joined flood-response')
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
      expect(log?.text).toMatch(
        /Petra Lund \(external\) departed[\s\S]*by whom is not reported by the platform/,
      )
      expect(log?.text).toContain('3 members now')
      await slack.command(petra, flood, '/membership-log')
      expect(slack.whispers(petra).at(-1)?.text).toContain('not a member')
    })
  })
})
