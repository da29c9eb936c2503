import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { outgoing } from '../contract/samples.js'
import { type Lab, startLab } from '../support/teams/lab.js'
import { fault } from '../support/teams/service.js'

/** What Microsoft Graph adds, how teams are discovered, and links. */
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

describe('Microsoft Graph', () => {
  function systemMessage(kind: 'Added' | 'Deleted', who: string, by: string, conversation = lab.team.id) {
    lab.world.say({
      conversation,
      event: {
        '@odata.type': `#microsoft.graph.members${kind}EventMessageDetail`,
        members: [{ id: who, displayName: null, userIdentityType: 'aadUser' }],
        initiator: { application: null, device: null, user: { id: by, displayName: null } },
      },
    })
  }

  test('says who added and who removed, in every channel of the team', async () => {
    const { member, other, outsider } = lab.people
    systemMessage('Added', outsider.id, member.id)
    systemMessage('Deleted', other.id, member.id)
    systemMessage('Deleted', outsider.id, outsider.id)
    await lab.platform.reconcile()
    const joined = lab.host.eventsOf('member-joined')
    expect(new Set(joined.map((event) => event.conversation))).toEqual(new Set([lab.team.id, lab.room.id]))
    expect(joined[0]).toMatchObject({ person: { id: outsider.id }, actor: { id: member.id } })
    const left = lab.host.eventsOf('member-left').filter((event) => event.conversation === lab.room.id)
    expect(left).toEqual([
      expect.objectContaining({ how: 'removed', actor: { id: member.id } }),
      expect.objectContaining({ how: 'left', actor: { id: outsider.id } }),
    ])
  })

  test('says so though the first look comes long after, and at the very instant of the bot’s own event', async () => {
    const { member, outsider } = lab.people
    systemMessage('Added', outsider.id, member.id)
    const created = lab.world.messages.at(-1)?.created
    const account = { id: outsider.mri, aadObjectId: outsider.id }
    const added = lab.activities.members(lab.room, 'membersAdded', [account])
    await lab.deliver({ ...added, timestamp: created })
    lab.host.setNow(new Date(Date.now() + 3 * 3_600_000))
    await lab.platform.reconcile()
    const joined = lab.host.inbox().filter((event) => event.kind === 'member-joined')
    expect(joined.filter((event) => event.conversation === lab.room.id)).toEqual([
      expect.not.objectContaining({ actor: expect.anything() }),
      expect.objectContaining({ actor: { id: member.id } }),
    ])
  })

  test('looked at twice says nothing new', async () => {
    systemMessage('Added', lab.people.outsider.id, lab.people.member.id)
    await lab.platform.reconcile()
    const keys = lab.host.inbox().length
    await lab.platform.reconcile()
    expect(lab.host.inbox()).toHaveLength(keys)
  })

  test('without consent the adapter works on, says so, and does not ask again at each round', async () => {
    lab.graph.grants.messages = false
    await lab.platform.reconcile()
    const calls = lab.graph.calls.length
    expect(calls).toBeGreaterThan(0)
    await lab.platform.reconcile()
    expect(lab.graph.calls.length).toBe(calls)
    const findings = await lab.platform.doctor()
    expect(findings.find((one) => one.check === 'Microsoft Graph consent')).toMatchObject({ ok: false })
    await expect(async () => {
      for await (const _ of lab.platform.history(lab.world.tenant, lab.room.id, new Date(0), new Date()));
    }).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
    expect(await lab.platform.roster(lab.world.tenant, lab.room.id)).toBeDefined()
  })

  test('a short throttling is waited out, a long one handed back', async () => {
    lab.graph.answerNext(fault(429, 'TooManyRequests', { 'retry-after': '1' }))
    const list = async () => {
      for await (const _ of lab.platform.history(lab.world.tenant, lab.room.id, new Date(0), new Date()));
    }
    await list()
    lab.graph.answerNext(fault(429, 'TooManyRequests', { 'retry-after': '120' }))
    await expect(list()).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE', retryAfterMs: 120_000 })
  })

  test('a page on another host is not followed: our token stays with Graph', async () => {
    lab.graph.answerNext({
      status: 200,
      body: { value: [], '@odata.nextLink': 'https://collector.example/steal' },
    })
    await expect(async () => {
      for await (const _ of lab.platform.history(lab.world.tenant, lab.room.id, new Date(0), new Date()));
    }).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
  })

  test('history brings edits, deletions and new replies to old posts, in chats and channels', async () => {
    const { member, other } = lab.people
    const root = lab.world.say({
      id: String(Date.now() - 3_600_000),
      conversation: lab.room.id,
      author: member,
      text: 'Old',
    })
    const after = new Date(Date.now() - 60_000)
    for (const text of ['one', 'two', 'three'])
      lab.world.say({ conversation: lab.room.id, author: other, thread: root.id, text })
    const edited = lab.world.say({ conversation: lab.room.id, author: member, text: 'Edited' })
    edited.edited = new Date(Number(lab.world.nextId())).toISOString()
    const deleted = lab.world.say({ conversation: lab.room.id, author: member, text: 'Gone' })
    deleted.deleted = new Date(Number(lab.world.nextId())).toISOString()
    const read = async (conversation: string) => {
      const events = []
      const before = new Date(Date.now() + 60_000)
      for await (const one of lab.platform.history(lab.world.tenant, conversation, after, before))
        events.push(...one.events)
      return events
    }
    const events = await read(lab.room.id)
    expect(
      events.filter((event) => event.kind === 'message-posted' && event.thread === root.id),
    ).toHaveLength(3)
    expect(events.some((event) => 'message' in event && event.message === root.id)).toBe(false)
    expect(events.find((event) => event.kind === 'message-edited')).toMatchObject({ message: edited.id })
    expect(events.find((event) => event.kind === 'message-deleted')).toMatchObject({ message: deleted.id })

    const chat = lab.world.addChat('Flood cell', [member, other])
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      const said = lab.world.say({ conversation: chat.id, author: other, text })
      await lab.deliver(lab.activities.message(chat, said))
    }
    expect(await read(chat.id)).toHaveLength(5)
    await lab.platform.post(lab.world.tenant, outgoing({ kind: 'group', conversation: chat.id }))
    expect((await read(chat.id)).at(-1)).toMatchObject({ own: true })
  })

  test('a private channel’s roster comes from Graph, or not at all', async () => {
    const { member, other } = lab.people
    lab.graph.grants.privateMembers = true
    const closed = lab.world.addChannel(lab.team, 'Closed', 'private', [member, other])
    await lab.deliver(lab.activities.members(closed, 'membersAdded', [lab.activities.bot], member))
    const members = async () => {
      const event = (await lab.platform.roster(lab.world.tenant, closed.id))?.events[0]
      return event?.kind === 'roster-observed' ? event.members : undefined
    }
    expect((await members())?.map((one) => [one.id, one.role])).toEqual([
      [member.id, 'owner'],
      [other.id, 'member'],
    ])
    lab.graph.grants.channelMembers = false
    expect(await members()).toBeUndefined()
    const shared = lab.world.addChannel(lab.team, 'Shared', 'shared', [member])
    await lab.deliver(lab.activities.members(shared, 'membersAdded', [lab.activities.bot], member))
    lab.graph.grants.channelMembers = true
    expect(await lab.platform.roster(lab.world.tenant, shared.id), 'direct members alone').toBeUndefined()
    lab.graph.grants.allMembers = true
    expect(await lab.platform.roster(lab.world.tenant, shared.id)).toBeDefined()
  })

  test('where consent for the team is not enough for a private channel, it goes on with events and says so', async () => {
    const { member, other } = lab.people
    const closed = lab.world.addChannel(lab.team, 'Closed', 'private', [member, other])
    await lab.deliver(lab.activities.members(closed, 'membersAdded', [lab.activities.bot], member))
    lab.host.forget()
    const rosters = async () =>
      (await lab.platform.doctor()).find((one) => one.check === 'Rosters of private and shared channels')
    expect(await rosters()).toMatchObject({ ok: true })
    for (let round = 0; round < 3; round += 1)
      expect(await lab.platform.roster(lab.world.tenant, closed.id)).toBeUndefined()
    expect(await rosters()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('of 1 channel(s): who is in them is known from events alone'),
      fix: expect.stringContaining('ChannelMember.Read.All'),
    })
    expect(lab.host.lines.map((line) => [line.level, line.fields.conversation])).toEqual([
      ['warn', closed.id],
    ])
    // What the bot is told it keeps, and the roster of the team beside is as it was.
    closed.members.delete(other.id)
    const account = { id: other.mri, aadObjectId: other.id }
    await lab.deliver(lab.activities.members(closed, 'membersRemoved', [account]))
    expect(lab.host.eventsOf('member-left')).toEqual([
      expect.objectContaining({ conversation: closed.id, how: 'departed' }),
    ])
    expect(await lab.platform.roster(lab.world.tenant, lab.room.id)).toBeDefined()
    // The permission for the whole tenant mends it.
    lab.graph.grants.allMembers = true
    expect(await lab.platform.roster(lab.world.tenant, closed.id)).toBeDefined()
    expect(await rosters()).toMatchObject({ ok: true })
    // So does taking the bot out: nobody is asked to mend what it no longer looks at.
    lab.graph.grants.allMembers = false
    expect(await lab.platform.roster(lab.world.tenant, closed.id)).toBeUndefined()
    expect(await rosters()).toMatchObject({ ok: false })
    await lab.deliver(lab.activities.members(closed, 'membersRemoved', [lab.activities.bot]))
    expect(await rosters()).toMatchObject({ ok: true })
  })

  test('a shared channel’s roster is read soon after word that somebody is gone: they may still be a member', async () => {
    const own = await startLab({ lookAfterMs: 50 })
    try {
      own.graph.grants.allMembers = true
      const { member, other } = own.people
      const shared = own.world.addChannel(own.team, 'Shared', 'shared', [member, other])
      await own.deliver(own.activities.members(shared, 'membersAdded', [own.activities.bot], member))
      own.host.forget()
      const account = { id: other.mri, aadObjectId: other.id }
      const removed = () => own.activities.members(shared, 'membersRemoved', [account])
      // Out of one team, and of another; still there as a direct member.
      await Promise.all([own.deliver(removed()), own.deliver(removed())])
      expect(own.host.eventsOf('member-left')[0]).toMatchObject({ how: 'departed', person: { id: other.id } })
      const seen = await own.host.eventOf('roster-observed')
      expect(seen).toMatchObject({ conversation: shared.id, source: 'roster-check' })
      expect(seen.members.map((one) => one.id)).toContain(other.id)
      expect(own.host.eventsOf('roster-observed'), 'one check for both').toHaveLength(1)

      own.host.forget()
      shared.members.delete(other.id)
      const { membersRemoved: _nobody, ...rest } = removed()
      const unshared = { ...(rest.channelData as object), eventType: 'channelUnshared' }
      await own.deliver({ ...rest, channelData: unshared })
      expect(own.host.eventsOf('member-left')).toEqual([])
      const after = await own.host.eventOf('roster-observed')
      expect(after.members.map((one) => one.id)).toEqual([member.id])
      expect(own.violations()).toEqual([])
    } finally {
      await own.stop()
    }
  })

  test('in other channels an event of somebody leaving is believed at once', async () => {
    const own = await startLab({ lookAfterMs: 10 })
    try {
      own.graph.grants.allMembers = true
      own.host.forget()
      const { other } = own.people
      const account = { id: other.mri, aadObjectId: other.id }
      const calls = own.graph.calls.length
      await own.deliver(own.activities.members(own.room, 'membersRemoved', [account]))
      await own.host.until('a look through Graph', () => own.graph.calls.length > calls)
      await own.platform.idle()
      expect(own.host.eventsOf('roster-observed')).toEqual([])
    } finally {
      await own.stop()
    }
  })

  test('an activity that does not name the type of its channel leaves a private one private', async () => {
    const { member, other } = lab.people
    lab.graph.grants.allMembers = true
    const closed = lab.world.addChannel(lab.team, 'Closed', 'private', [member])
    await lab.deliver(lab.activities.members(closed, 'membersAdded', [lab.activities.bot], member))
    const said = lab.world.say({ conversation: closed.id, author: member, text: 'Hello' })
    const activity = lab.activities.message(closed, said)
    const { team, tenant } = activity.channelData as Record<string, unknown>
    await lab.deliver({ ...activity, channelData: { team, tenant, channel: { id: closed.id } } })
    const roster = (await lab.platform.roster(lab.world.tenant, closed.id))?.events[0]
    expect(JSON.stringify(roster)).not.toContain(other.id)
    // Nor are those who leave it counted as gone from the team's other channels.
    lab.host.forget()
    const account = { id: member.mri, aadObjectId: member.id }
    const removed = lab.activities.members(closed, 'membersRemoved', [account])
    const nameless = { ...(removed.channelData as object), channel: { id: closed.id } }
    await lab.deliver({ ...removed, channelData: nameless })
    expect(lab.host.eventsOf('member-left').map((event) => event.conversation)).toEqual([closed.id])
  })

  test('titles and state of accounts come from it where granted', async () => {
    const { member } = lab.people
    expect(await lab.platform.person(lab.world.tenant, member.id)).not.toHaveProperty('title')
    lab.graph.grants.users = true
    expect(await lab.platform.person(lab.world.tenant, member.id)).toMatchObject({
      name: 'Tamsin Vale',
      title: 'Officer',
      active: true,
    })
  })

  test('switched off, it is never called', async () => {
    const own = await startLab({ env: { TEAMS_GRAPH: 'off' } })
    try {
      await own.platform.reconcile()
      expect(own.platform.capabilities.history).toBe(false)
      expect(own.graph.calls).toEqual([])
    } finally {
      await own.stop()
    }
  })
})

describe('installing', () => {
  test('tells of every standard channel, with its name and team', async () => {
    const own = await startLab()
    try {
      const added = own.host.eventsOf('bot-added')
      expect(added.map((event) => [event.conversation, event.name, event.team])).toEqual([
        [own.team.id, 'General', 'Flood response'],
        [own.room.id, 'Operations', 'Flood response'],
      ])
    } finally {
      await own.stop()
    }
  })

  test('Teams tells of it twice, in either order: it is reported once, and again after a removal', async () => {
    const { member } = lab.people
    const chat = lab.world.addChat('Cell', [member])
    const added = lab.activities.members(chat, 'membersAdded', [lab.activities.bot], member)
    const { membersAdded: _none, ...rest } = added
    const installed = { ...rest, type: 'installationUpdate', action: 'add' }
    await lab.deliver(installed)
    await lab.deliver(added)
    expect(lab.host.eventsOf('bot-added')).toHaveLength(1)
    const removed = lab.activities.members(chat, 'membersRemoved', [lab.activities.bot], member)
    await lab.deliver(removed)
    await lab.deliver({ ...installed, action: 'remove' })
    expect(lab.host.eventsOf('bot-removed')).toHaveLength(1)
    lab.host.setNow(new Date(Date.now() + 120_000))
    await lab.deliver(added)
    await lab.deliver(installed)
    expect(lab.host.eventsOf('bot-added')).toHaveLength(2)
  })

  test('channels made while we were away are found at the next round', async () => {
    const fresh = lab.world.addChannel(lab.team, 'New matters')
    await lab.platform.reconcile()
    expect(lab.host.eventsOf('bot-added')).toEqual([
      expect.objectContaining({ conversation: fresh.id, name: 'New matters', source: 'roster-check' }),
    ])
  })
})

describe('links and certificates', () => {
  test('links open a message in Teams, a reply with its root', async () => {
    const { member } = lab.people
    const root = lab.world.say({ conversation: lab.room.id, author: member, text: 'Root' })
    const reply = lab.world.say({ conversation: lab.room.id, author: member, text: 'Re', thread: root.id })
    await lab.deliver(lab.activities.message(lab.room, reply))
    const link = await lab.platform.permalink(lab.world.tenant, lab.room.id, reply.id)
    const url = new URL(link ?? '')
    expect(url.pathname).toBe(`/l/message/${encodeURIComponent(lab.room.id)}/${reply.id}`)
    expect(url.searchParams.get('parentMessageId')).toBe(root.id)
    expect(url.searchParams.get('groupId')).toBe(lab.team.groupId)
    const chat = lab.world.addChat('Cell', [member])
    const said = lab.world.say({ conversation: chat.id, author: member })
    await lab.deliver(lab.activities.message(chat, said))
    expect(await lab.platform.permalink(lab.world.tenant, chat.id, said.id)).toContain('contextType')
  })

  test('a key without its certificate is refused with the setting named', async () => {
    const { createTokenSource } = await import('../../adapters/teams/token.js')
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    const tokens = createTokenSource({
      tokenUrl: 'http://127.0.0.1:9/token',
      appId: 'app',
      credential: { kind: 'certificate', pem: String(pem) },
      http: { fetch: globalThis.fetch, now: () => new Date(), timeoutMs: 500 },
    })
    await expect(tokens.get('scope')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
