import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PostTarget } from '../../src/platform/index.js'
import { outgoing, sampleCard } from '../contract/samples.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { fault } from '../support/teams/service.js'

/** How the adapter lives with Microsoft's services: throttling, refusals, pages and restarts. */
let lab: Lab
beforeEach(async () => {
  lab = await startLab()
  lab.host.forget()
})
afterEach(async () => {
  const violations = lab.violations()
  await lab.stop()
  expect(violations).toEqual([])
})

const inGroup = (): PostTarget => ({ kind: 'group', conversation: lab.room.id })
const toMember = (): PostTarget => ({ kind: 'person', person: lab.people.member.id })
const post = (target = inGroup(), id = 'o-1') =>
  lab.platform.post(lab.world.tenant, outgoing(target, sampleCard(), id))
const cards = () => lab.world.messages.filter((message) => message.card)
const conversationTrouble = async () =>
  (await lab.platform.doctor()).find((finding) => finding.check === 'Teams conversations')

describe('the Bot Connector', () => {
  test('throttling becomes “later”, with the time it asked for', async () => {
    lab.connector.answerNext(fault(429, 'RateLimited', { 'retry-after': '7' }))
    await expect(post()).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE', retryAfterMs: 7000 })
    const date = new Date(lab.host.now().getTime() + 60_000).toUTCString()
    lab.connector.answerNext(fault(429, 'RateLimited', { 'retry-after': date }))
    const error = await post().catch((caught: unknown) => caught)
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50_000)
  })

  test.each([412, 500, 502, 503, 504])('%i becomes “later”', async (status) => {
    lab.connector.answerNext(fault(status, 'Trouble'))
    await expect(post()).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
  })

  test('a revoked token is replaced at once', async () => {
    await post()
    lab.login.revokeAll()
    await post(inGroup(), 'o-2')
    expect(cards()).toHaveLength(2)
  })

  test('one token serves many posts', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((id) => post(inGroup(), id)))
    expect(lab.login.asked()).toBe(1)
  })

  test('refused credentials are logged with the fix, and tried again later', async () => {
    lab.login.answerNext({ status: 401, body: { error: 'invalid_client' } })
    lab.login.revokeAll()
    const own = await startLab({ env: { TEAMS_APP_PASSWORD: 'wrong' }, installed: false })
    try {
      const target = { kind: 'group', conversation: own.room.id } as const
      await expect(own.platform.post(own.world.tenant, outgoing(target))).rejects.toMatchObject({
        code: 'PLATFORM_UNAVAILABLE',
      })
      const line = own.host.lines.find((one) => one.level === 'error')
      expect(line?.message).toMatch(/^TEAMS_TOKEN_REFUSED: .*invalid_client.*TEAMS_APP_PASSWORD/)
      const findings = await own.platform.doctor()
      expect(findings.find((one) => one.check === 'Teams bot token')).toMatchObject({ ok: false })
    } finally {
      await own.stop()
    }
  })

  test('being put out of a group is a visible state, and mends when the bot is let in again', async () => {
    lab.room.botPresent = false
    await expect(post()).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
    expect(await conversationTrouble()).toMatchObject({ ok: false })
    lab.room.botPresent = true
    await post(inGroup(), 'o-2')
    expect(await conversationTrouble()).toMatchObject({ ok: true })
  })

  test('a person without the app cannot be written to: refused, not retried', async () => {
    lab.world.installedFor.delete(lab.people.member.id)
    const calls = lab.connector.calls.length
    await expect(post(toMember())).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
    expect(lab.connector.calls.length - calls).toBe(1)
  })

  test('a personal chat is opened once, and again when Teams has replaced it', async () => {
    await post(toMember())
    await post(toMember(), 'o-2')
    const opened = () =>
      lab.connector.calls.filter((call) => call.json.isGroup === false && call.method === 'POST').length
    expect(opened()).toBe(1)
    lab.connector.answerNext(fault(404, 'ConversationNotFound'))
    await post(toMember(), 'o-3')
    expect(opened()).toBe(2)
    expect(cards()).toHaveLength(3)
  })

  test('no answer at all becomes “later”', async () => {
    await lab.connector.stop()
    await expect(post()).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
  })

  test('a whole roster is read, page by page', async () => {
    for (let index = 0; index < 7; index += 1) lab.team.members.add(lab.world.addUser(`Person ${index}`).id)
    const envelope = await lab.platform.roster(lab.world.tenant, lab.room.id)
    const event = envelope?.events[0]
    expect(event?.kind === 'roster-observed' && event.members).toHaveLength(10)
  })

  test('a private answer that cannot be given is not given in public', async () => {
    const { member } = lab.people
    lab.world.installedFor.delete(member.id)
    const said = lab.world.say({ conversation: lab.room.id, author: member, text: 'membership-log' })
    await lab.deliver(lab.activities.message(lab.room, said, { mention: true }))
    const [answer] = cards()
    expect(answer).toMatchObject({ conversation: lab.room.id, thread: said.id })
    expect(JSON.stringify(answer?.card)).not.toContain('Answer from the host')
  })
})

test('the settings can be examined without starting', async () => {
  const { createTeamsPlatform } = await import('../../adapters/teams/platform.js')
  const idle = createTeamsPlatform({ settings: lab.settings, listensOnLoopbackOnly: true })
  const findings = await idle.doctor()
  expect(findings.map((one) => [one.check, one.ok])).toEqual([
    ['Teams bot token', true],
    ['Teams signing keys', true],
    ['Microsoft Graph token', true],
  ])
  await expect(idle.post('t', outgoing(inGroup()))).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
})

describe('the doctor, while Teams is being set up,', () => {
  async function examine(change: Partial<Lab['settings']>) {
    const { createTeamsPlatform } = await import('../../adapters/teams/platform.js')
    const settings = { ...lab.settings, ...change }
    const findings = await createTeamsPlatform({ settings, listensOnLoopbackOnly: true }).doctor()
    return new Map(findings.map((one) => [one.check, one]))
  }

  test('names the host to open, and the setting, where no answer comes', async () => {
    const tokenUrl = 'http://127.0.0.1:9/tenant/oauth2/v2.0/token'
    const openIdMetadataUrl = 'http://127.0.0.1:9/v1/keys'
    const findings = await examine({ tokenUrl, openIdMetadataUrl })
    for (const check of ['Teams bot token', 'Microsoft Graph token'])
      expect(findings.get(check)).toMatchObject({
        ok: false,
        detail: expect.stringContaining('The token endpoint did not answer'),
        fix: expect.stringMatching(/reach 127\.0\.0\.1:9 through its firewall.*check TEAMS_TOKEN_URL\.$/),
      })
    expect(findings.get('Teams signing keys')?.fix).toMatch(/127\.0\.0\.1:9.*TEAMS_OPENID_METADATA_URL/)
    for (const { fix } of findings.values()) expect(fix ?? '').not.toContain('Nothing to do')
  })

  test('asks for the address to be checked where something else answers there', async () => {
    lab.login.answerNext({ status: 404, body: 'Not here' }, { status: 503 })
    const findings = await examine({ graph: false })
    expect(findings.get('Teams bot token')?.fix).toMatch(/^Check that TEAMS_TOKEN_URL is the address/)
    expect(findings.get('Teams signing keys')?.fix).toMatch(/^Check that TEAMS_OPENID_METADATA_URL is/)
  })
})

describe('after a restart', () => {
  test('references, people and posts are still known', async () => {
    const receipt = await post(toMember())
    await lab.restart()
    const found = await lab.platform.findPost(lab.world.tenant, toMember(), 'o-1', new Date(0))
    expect(found).toEqual(receipt)
    await post(toMember(), 'o-2')
    const opened = lab.connector.calls.filter((call) => call.json.isGroup === false)
    expect(opened).toHaveLength(1)
  })

  test('a post that was on its way is found in Graph’s history by its outbox id', async () => {
    const since = new Date(Date.now() - 60_000)
    // It arrives, but the answer does not: as when the process ends in between.
    await post()
    const [sent] = cards()
    const file = `${lab.host.dataDir}/conversations.jsonl`
    const { readFile, writeFile } = await import('node:fs/promises')
    await lab.platform.stop()
    const lines = (await readFile(file, 'utf8')).split('\n')
    await writeFile(file, lines.filter((line) => !line.includes(`"message":"${sent?.id}"`)).join('\n'))
    await lab.restart()
    expect(await lab.platform.findPost(lab.world.tenant, inGroup(), 'o-1', since)).toEqual({
      conversation: lab.room.id,
      message: sent?.id,
    })
    expect(await lab.platform.findPost(lab.world.tenant, inGroup(), 'o-9', since)).toBeUndefined()
  })

  test('a torn last line does no harm', async () => {
    const { appendFile } = await import('node:fs/promises')
    await lab.platform.stop()
    await appendFile(`${lab.host.dataDir}/conversations.jsonl`, '{"t":"person","id":"x')
    await lab.restart()
    await post()
    expect(cards()).toHaveLength(1)
  })
})
