import { describe, expect, test } from 'vitest'
import { htmlToText } from '../../adapters/teams/html.js'
import { type ParseContext, parseActivity, readActivity } from '../../adapters/teams/parse.js'
import { type ChatEvent, chatEvent } from '../../src/platform/index.js'

const team = '19:team@thread.tacv2'
const channel = '19:ops@thread.tacv2'
const person = { id: '29:tamsin', name: 'Tamsin Vale', aadObjectId: 'aad-tamsin' }
const bot = { id: '28:app', name: 'Remembrancer' }

function context(changes: Partial<ParseContext> = {}): ParseContext {
  return {
    tenant: 'tenant',
    appId: 'app',
    now: new Date('2026-11-22T12:00:00Z'),
    personOf: (mri) => (mri === '29:idris' ? 'aad-idris' : undefined),
    channelsOf: () => [
      { id: team, name: 'General' },
      { id: channel, name: 'Operations' },
    ],
    teamName: () => 'Flood response',
    channelType: () => undefined,
    botState: () => 'unknown',
    ...changes,
  }
}

function inChannel(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'message',
    id: '1763800000000',
    timestamp: '2026-11-22T08:26:40.1234567Z',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/uk/',
    from: person,
    recipient: bot,
    conversation: {
      id: `${channel};messageid=1763800000000`,
      conversationType: 'channel',
      tenantId: 'tenant',
    },
    channelData: {
      tenant: { id: 'tenant' },
      team: { id: team, name: 'Flood response' },
      channel: { id: channel, name: 'Operations' },
    },
    text: 'Then noon it is',
    textFormat: 'plain',
    ...changes,
  }
}

function update(eventType: string | undefined, changes: Record<string, unknown> = {}) {
  const { text: _text, textFormat: _format, ...rest } = inChannel()
  return {
    ...rest,
    type: 'conversationUpdate',
    conversation: { id: team, conversationType: 'channel', tenantId: 'tenant' },
    channelData: {
      tenant: { id: 'tenant' },
      team: { id: team, name: 'Flood response' },
      ...(eventType === undefined ? {} : { eventType }),
    },
    ...changes,
  }
}

function eventsOf(activity: unknown, how = context()): ChatEvent[] {
  const events = parseActivity(readActivity(activity), JSON.stringify(activity), how)?.events ?? []
  for (const event of events) expect(chatEvent.safeParse(event).error).toBeUndefined()
  return [...events]
}

describe('messages', () => {
  test('a post stands in its channel, without thread, at its instant', () => {
    expect(eventsOf(inChannel())).toEqual([
      expect.objectContaining({
        kind: 'message-posted',
        conversation: channel,
        message: '1763800000000',
        at: '2026-11-22T08:26:40.123Z',
        author: { id: 'aad-tamsin', name: 'Tamsin Vale' },
        text: 'Then noon it is',
      }),
    ])
    expect(eventsOf(inChannel())[0]).not.toHaveProperty('thread')
  })

  test('a reply names its root', () => {
    const reply = inChannel({ id: '1763800000999' })
    expect(eventsOf(reply)[0]).toMatchObject({ message: '1763800000999', thread: '1763800000000' })
  })

  test('a group chat has no threads, and a personal chat is direct', () => {
    const chat = { id: '19:chat@thread.v2', conversationType: 'groupChat', tenantId: 'tenant' }
    const [inChat] = eventsOf(inChannel({ conversation: chat, channelData: { tenant: { id: 'tenant' } } }))
    expect(inChat).toMatchObject({ conversation: '19:chat@thread.v2' })
    const own = { id: 'a:1', conversationType: 'personal', tenantId: 'tenant' }
    expect(eventsOf(inChannel({ conversation: own, channelData: null }))[0]).toMatchObject({ direct: true })
  })

  test('a person without Entra id is the one we have met, else marked by their Teams id', () => {
    expect(eventsOf(inChannel({ from: { id: '29:idris' } }))[0]).toMatchObject({
      author: { id: 'aad-idris' },
    })
    expect(eventsOf(inChannel({ from: { id: '29:new' } }))[0]).toMatchObject({ author: { id: '29:new' } })
  })

  test('guests and people of other organisations are external', () => {
    for (const sign of [{ userRole: 'guest' }, { tenantId: 'other' }, { userPrincipalName: 'a_b#EXT#@x' }])
      expect(eventsOf(inChannel({ from: { ...person, ...sign } }))[0]).toMatchObject({
        author: { external: true },
      })
  })

  test('words come from the HTML copy, with mentions as names and lists as lines', () => {
    const html =
      '<p>Hello <span itemtype="http://schema.skype.com/Mention">Idris</span>&nbsp;&amp; all</p><ul><li>one</li><li>two</li></ul>'
    const activity = inChannel({
      text: 'Hello <at>Idris</at> & all',
      attachments: [{ contentType: 'text/html', content: html }],
      entities: [{ type: 'mention', text: '<at>Idris</at>', mentioned: { id: '29:idris', name: 'Idris' } }],
    })
    expect(eventsOf(activity)[0]).toMatchObject({
      text: 'Hello Idris & all\n- one\n- two',
      mentions: ['aad-idris'],
    })
  })

  test('without it, plain text is taken as it is, mentions by name', () => {
    const activity = inChannel({
      text: '<at>Idris</at> a < b && c > d',
      entities: [{ type: 'mention', text: '<at>Idris</at>', mentioned: { id: '29:idris' } }],
    })
    expect(eventsOf(activity)[0]).toMatchObject({ text: 'Idris a < b && c > d' })
  })

  test('files and the quoted message are named', () => {
    const activity = inChannel({
      attachments: [
        { contentType: 'reference', name: 'Plan.docx', contentUrl: 'https://files.example/plan' },
        { contentType: 'messageReference', content: '{"messageId":"1763799999999"}' },
      ],
    })
    expect(eventsOf(activity)[0]).toMatchObject({
      files: [{ name: 'Plan.docx', url: 'https://files.example/plan' }],
      replyTo: '1763799999999',
    })
  })

  test('edit, deletion and restoration are about the same message', () => {
    const data = inChannel().channelData as object
    const edit = inChannel({ type: 'messageUpdate', channelData: { ...data, eventType: 'editMessage' } })
    expect(eventsOf(edit)[0]).toMatchObject({
      kind: 'message-edited',
      message: '1763800000000',
      revision: '2026-11-22T08:26:40.123Z',
      postedAt: '2025-11-22T08:26:40.000Z',
    })
    const gone = inChannel({
      type: 'messageDelete',
      channelData: { ...data, eventType: 'softDeleteMessage' },
    })
    expect(eventsOf(gone)[0]).toMatchObject({ kind: 'message-deleted', message: '1763800000000' })
    expect(eventsOf(gone)[0]).not.toHaveProperty('by')
    const back = inChannel({ type: 'messageUpdate', channelData: { ...data, eventType: 'undeleteMessage' } })
    expect(eventsOf(back)[0]).toMatchObject({ kind: 'message-restored', text: 'Then noon it is' })
  })

  test('our own posts are marked, and card presses are not words', () => {
    expect(eventsOf(inChannel({ from: bot }))[0]).toMatchObject({ own: true, author: { bot: true } })
    expect(eventsOf(inChannel({ text: undefined, value: { verb: 'x' } }))).toEqual([])
  })
})

describe('members', () => {
  test('who joins a team joins each of its standard channels; who did it is not guessed', () => {
    const events = eventsOf(update('teamMemberAdded', { membersAdded: [{ id: '29:idris' }] }))
    expect(events.map((event) => 'conversation' in event && event.conversation)).toEqual([team, channel])
    for (const event of events) {
      expect(event).toMatchObject({ kind: 'member-joined', person: { id: 'aad-idris' } })
      expect(event).not.toHaveProperty('actor')
    }
  })

  test('a private channel’s members are its own', () => {
    const activity = update('channelMemberAdded', {
      conversation: { id: '19:private@thread.tacv2', conversationType: 'channel' },
      channelData: {
        eventType: 'channelMemberAdded',
        team: { id: team },
        channel: { id: '19:private@thread.tacv2', name: 'Closed', type: 'private' },
      },
      membersAdded: [{ id: '29:idris' }],
    })
    expect(eventsOf(activity)).toEqual([
      expect.objectContaining({ conversation: '19:private@thread.tacv2', kind: 'member-joined' }),
    ])
  })

  test('who leaves has departed: Teams does not say how', () => {
    const [event] = eventsOf(update('teamMemberRemoved', { membersRemoved: [person] }))
    expect(event).toMatchObject({ kind: 'member-left', how: 'departed', person: { id: 'aad-tamsin' } })
  })

  test('the bot’s own coming and going is told of every channel, and of an installation once', () => {
    const added = eventsOf(update('teamMemberAdded', { membersAdded: [bot] }))
    expect(added).toHaveLength(2)
    expect(added[0]).toMatchObject({ kind: 'bot-added', name: 'General', team: 'Flood response' })
    const removed = eventsOf(update('teamMemberRemoved', { membersRemoved: [bot] }))
    expect(removed.map((event) => event.kind)).toEqual(['bot-removed', 'bot-removed'])
    const gone = update('teamMemberRemoved', { membersRemoved: [bot] })
    expect(eventsOf(gone, context({ botState: () => 'absent' }))).toEqual([])
    const install = update(undefined, { type: 'installationUpdate', action: 'add' })
    expect(eventsOf(install)).toHaveLength(2)
    expect(eventsOf(install, context({ botState: () => 'just-added' }))).toEqual([])
  })
})

describe('channels and teams', () => {
  const withChannel = (eventType: string, type?: string) =>
    update(eventType, {
      channelData: {
        eventType,
        team: { id: team, name: 'Flood response' },
        channel: { id: channel, name: 'Operations', ...(type ? { type } : {}) },
      },
    })

  test.each([
    ['channelCreated', { kind: 'group-created', name: 'Operations', team: 'Flood response' }],
    ['channelRenamed', { kind: 'group-renamed', name: 'Operations' }],
    ['channelDeleted', { kind: 'group-archived', deleted: true }],
    ['channelRestored', { kind: 'group-restored' }],
  ])('%s', (eventType, expected) => {
    expect(eventsOf(withChannel(eventType))).toEqual([
      expect.objectContaining({ conversation: channel, ...expected }),
    ])
  })

  test('a private channel is created private, a shared one shared', () => {
    expect(eventsOf(withChannel('channelCreated', 'private'))[0]).toMatchObject({ visibility: 'private' })
    expect(eventsOf(withChannel('channelCreated', 'shared'))[0]).toMatchObject({ shared: true })
  })

  test.each([
    ['teamRenamed', { kind: 'group-renamed', team: 'Flood response' }],
    ['teamArchived', { kind: 'group-archived' }],
    ['teamUnarchived', { kind: 'group-restored' }],
    ['teamDeleted', { kind: 'group-archived', deleted: true }],
    ['teamHardDeleted', { kind: 'group-archived', deleted: true }],
    ['teamRestored', { kind: 'group-restored' }],
  ])('%s touches every channel', (eventType, expected) => {
    const events = eventsOf(update(eventType))
    expect(events).toHaveLength(2)
    for (const event of events) expect(event).toMatchObject(expected)
  })

  test('a chat’s new topic renames it', () => {
    const chat = { id: '19:chat@thread.v2', conversationType: 'groupChat' }
    const activity = update(undefined, { conversation: chat, channelData: {}, topicName: 'Flood cell' })
    expect(eventsOf(activity)[0]).toMatchObject({ kind: 'group-renamed', name: 'Flood cell' })
  })
})

describe('what it cannot read', () => {
  test('is kept raw, with a key of its own and no words of the chat in the reason', () => {
    for (const activity of [
      { type: 'message', text: 'Secret' },
      inChannel({ type: 'messageUpdate', channelData: { eventType: 'Secret kind' } }),
      update('teamSomethingNew'),
      inChannel({ type: 'suggestion' }),
      inChannel({ id: undefined, text: 'Secret' }),
    ]) {
      const raw = JSON.stringify(activity)
      const envelope = parseActivity(readActivity(activity), raw, context())
      expect(envelope).toMatchObject({ raw, events: [], fallbackKey: expect.stringMatching(/^teams-/) })
      expect(envelope?.unreadable).toBeTruthy()
      expect(envelope?.unreadable).not.toContain('Secret words')
    }
  })

  test('typing, reactions and presses are nobody’s words', () => {
    for (const type of ['typing', 'messageReaction', 'invoke', 'trace', 'event'])
      expect(parseActivity(readActivity(inChannel({ type })), '{}', context())).toBeUndefined()
  })
})

test('HTML becomes the words people read', () => {
  expect(
    htmlToText('<div>a<br>b</div><blockquote>quoted</blockquote><p>c&#39;s &lt;tag&gt; &euro;</p>'),
  ).toBe("a\nb\nquoted\nc's <tag> &euro;")
  expect(htmlToText('<p>See <a href="https://x.example">this</a><script>alert(1)</script></p>')).toBe(
    'See this',
  )
  expect(htmlToText('<p><emoji id="1" alt="🙂"></emoji> ok</p>')).toBe('🙂 ok')
})
