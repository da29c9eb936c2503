import { describe, expect, it } from 'vitest'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { fixture, readChat } from './support/read-import.js'

const flood = 'WhatsApp Chat with Flood response.txt'

describe('an Android chat in English', () => {
  it('is recognised', async () => {
    expect(await whatsappModule.recognises(fixture(`whatsapp/${flood}`))).toBe(true)
  })

  it('gives every message with its author, time and words, however many lines it has', async () => {
    const { of } = await readChat(flood)
    const posted = of('message-posted')
    expect(posted).toHaveLength(11)
    expect(posted[1]).toMatchObject({
      at: '2024-02-01T08:05:00.000Z',
      author: { id: 'Ann Lee', name: 'Ann Lee' },
      text: 'Where do we get sandbags?\nTwo depots could do it:\n- Severn\n- Wye',
      platform: 'whatsapp',
      tenant: 'local',
      source: 'import',
    })
  })

  it('keeps the order and the identity of messages of one minute, even of the same words', async () => {
    const { of } = await readChat(flood)
    const bobs = of('message-posted').filter((event) => event.author.id === 'Bob Shah')
    expect(bobs.map((event) => event.text)).toEqual(['Severn has more', 'and is nearer', 'Severn has more'])
    expect(new Set(bobs.map((event) => event.message)).size).toBe(3)
    expect([...bobs].sort((a, b) => ((a.sequence ?? '') < (b.sequence ?? '') ? -1 : 1))).toEqual(bobs)
  })

  it('tells who was added by whom, who joined, left or was removed', async () => {
    const { of } = await readChat(flood)
    const joined = of('member-joined').map(({ person, actor }) => [person.id, actor?.id])
    expect(joined).toEqual([
      ['Ann Lee', 'Ann Lee'],
      ['Bob Shah', 'Ann Lee'],
      ['Carol', 'Ann Lee'],
      ['Dave and Eve Ltd', 'Ann Lee'],
      ['+447700900123', '+447700900123'],
      ['You', undefined],
    ])
    const left = of('member-left').map(({ person, how, actor }) => [person.id, how, actor?.id])
    expect(left).toEqual([
      ['Carol', 'removed', 'Ann Lee'],
      ['Bob Shah', 'left', 'Bob Shah'],
    ])
    expect(of('member-role-changed').map(({ person, role }) => [person.id, role])).toEqual([
      ['Ann Lee', 'owner'],
      ['You', 'owner'],
    ])
  })

  it('tells when the group was created and renamed, colons in the name included', async () => {
    const { of, conversation } = await readChat(flood)
    expect(of('group-created')).toMatchObject([{ name: 'Flood desk', actor: { id: 'Ann Lee' } }])
    expect(of('group-renamed')).toMatchObject([{ name: 'Flood response: Severn' }])
    expect(conversation).toMatch(/^flood-response-[0-9a-f]{10}$/)
  })

  it('takes edits, deletions, attachments, mentions and polls for what they are', async () => {
    const { of } = await readChat(flood)
    expect(of('message-edited')).toMatchObject([{ text: 'Agreed, we will buy 4,000 sandbags from Severn.' }])
    expect(of('message-deleted')).toMatchObject([{ by: { id: 'Carol' }, at: '2024-02-01T08:11:00.000Z' }])
    const withFiles = of('message-posted').filter((event) => event.files)
    expect(withFiles.map(({ text, files }) => [text, files])).toEqual([
      ['', [{ name: 'media (not in the export)' }]],
      ['The depot this morning', [{ name: 'IMG-20240201-WA0001.jpg' }]],
    ])
    expect(of('message-posted').find((event) => event.mentions)).toMatchObject({
      text: '@Bob Shah please order',
      mentions: ['Bob Shah'],
    })
    expect(of('message-posted').at(-1)?.text).toContain('OPTION: Severn (3 votes)')
  })

  it('counts the lines it does not understand and says where they are, never what they say', async () => {
    const { report } = await readChat(flood)
    expect(report.linesNotUnderstood).toEqual({ count: 1, first: [{ line: 26 }] })
    expect(report).toMatchObject({ messages: 12, groups: 1, people: 6 })
  })

  it('calls the exporter by name when told it', async () => {
    const { of } = await readChat(flood, { me: 'Erin' })
    expect(of('member-joined').at(-1)?.person).toEqual({ id: 'Erin', name: 'Erin' })
  })

  it('goes by the group name given', async () => {
    const { conversation } = await readChat(flood, { groupName: 'Flood desk' })
    expect(conversation).toMatch(/^flood-desk-/)
  })
})

describe('an iPhone chat', () => {
  const name = 'ios-gb.zip-chat.txt'

  it('tells notices, which stand under the group or the person concerned, from words people type', async () => {
    const { of } = await readChat(name, { groupName: 'Winter rota' })
    expect(of('group-created')).toMatchObject([{ name: 'Winter rota', actor: { id: 'Ann Lee' } }])
    expect(of('group-renamed')).toMatchObject([{ name: 'Winter on call' }])
    expect(of('member-joined').map(({ person }) => person.id)).toEqual(['Ann Lee', 'Bob'])
    expect(of('member-left').map(({ at }) => at)).toEqual(['2023-12-31T21:45:00.000Z'])
    const texts = of('message-posted').map(({ text }) => text)
    expect(texts.filter((text) => text === 'Bob left')).toHaveLength(2)
  })

  it('takes attachments left out, deletions and edits for what they are', async () => {
    const { of } = await readChat(name)
    const files = of('message-posted').flatMap((event) => event.files ?? [])
    expect(files.map((file) => file.name)).toEqual([
      'image (not in the export)',
      'document (not in the export)',
      '00000012-PHOTO-2023-12-31-21-43-20.jpg',
    ])
    expect(of('message-deleted')).toHaveLength(1)
    expect(of('message-edited')).toMatchObject([{ text: 'I am on call' }])
    expect(of('message-posted').every((event) => !event.text.includes('\u200e'))).toBe(true)
  })
})

describe('other languages and forms', () => {
  const first = async (name: string) => (await readChat(name)).of('message-posted').map((event) => event.at)

  it.each([
    ['us-android.txt', ['2023-12-31T21:41:00.000Z', '2024-01-01T00:00:00.000Z', '2024-01-01T12:30:00.000Z']],
    ['fi-ios.txt', ['2022-03-12T14:08:18.000Z', '2022-03-12T14:09:00.000Z']],
    ['zh-ios.txt', ['2023-12-31T21:41:07.000Z', '2024-01-01T00:05:00.000Z']],
    ['ar-ios.txt', ['2023-12-31T21:41:07.000Z', '2024-01-01T09:00:00.000Z']],
    ['sv-android.txt', ['2023-12-31T21:41:00.000Z', '2024-01-01T00:05:00.000Z']],
    ['web-copy.txt', ['2023-12-31T21:41:00.000Z', '2023-12-31T21:42:00.000Z']],
    ['old-iphone.txt', ['2016-07-13T16:08:08.000Z']],
    ['es-ios.txt', ['2024-03-25T10:00:00.000Z']],
  ])('reads the times of %s', async (name, expected) => {
    expect(await first(name)).toEqual(expected)
  })

  it('shows names that are not in the phone without their tilde', async () => {
    expect((await readChat('us-android.txt')).of('message-posted').at(-1)?.author.name).toBe('Cleo')
  })

  it('understands German notices', async () => {
    const { of, report } = await readChat('de-android.txt')
    expect(of('group-created')).toMatchObject([{ name: 'Hochwasser', actor: { id: 'Jürgen' } }])
    expect(of('group-renamed')).toMatchObject([{ name: 'Hochwasser Nord' }])
    expect(of('member-joined').map(({ person }) => person.id)).toEqual(['Jürgen', 'Änne', '+491512345678'])
    expect(of('member-left')).toMatchObject([{ person: { id: 'Änne' }, how: 'left' }])
    expect(of('message-deleted')).toHaveLength(1)
    expect(report.linesNotUnderstood.count).toBe(0)
  })

  it('understands French notices, and whom "vous" means', async () => {
    const { of, report } = await readChat('fr-android.txt', { me: 'Inès' })
    expect(of('group-created')).toMatchObject([{ name: 'Crue' }])
    expect(of('member-joined').at(-1)).toMatchObject({ person: { id: 'Inès' }, actor: { id: 'Zoé' } })
    expect(of('member-left')).toMatchObject([{ person: { id: 'Luc' } }])
    expect(report.linesNotUnderstood.count).toBe(0)
  })

  it('understands Spanish notices on an iPhone', async () => {
    const { of } = await readChat('es-ios.txt')
    expect(of('group-created')).toMatchObject([{ name: 'Equipo', actor: { id: 'Lucía' } }])
    expect(of('member-left')).toMatchObject([{ person: { id: 'Pablo' } }])
  })
})

describe('dates and clocks', () => {
  it('are not guessed when day and month could be exchanged', async () => {
    await expect(readChat('ambiguous.txt')).rejects.toMatchObject({ code: 'IMPORT_DATES_AMBIGUOUS' })
    await expect(readChat('ambiguous.txt')).rejects.toHaveProperty(
      'fix',
      expect.stringContaining('--date-order'),
    )
  })

  it('follow the order given', async () => {
    const days = async (dateOrder: 'dmy' | 'mdy') =>
      (await readChat('ambiguous.txt', { dateOrder })).of('message-posted').map(({ at }) => at.slice(0, 10))
    expect(await days('dmy')).toEqual(['2024-02-01', '2024-02-02', '2024-02-03'])
    expect(await days('mdy')).toEqual(['2024-01-02', '2024-02-02', '2024-03-02'])
  })

  it('refuse an order the file contradicts', async () => {
    await expect(readChat('us-android.txt', { dateOrder: 'dmy' })).rejects.toMatchObject({
      code: 'IMPORT_DATES_AMBIGUOUS',
    })
  })

  it('need no order when both readings agree', async () => {
    expect((await readChat('same-either-way.txt')).of('message-posted')).toHaveLength(2)
  })

  it('are settled by the sequence of the lines', async () => {
    const { of } = await readChat('settled-by-sequence.txt')
    expect(of('message-posted').map(({ at }) => at.slice(0, 10))).toEqual([
      '2023-11-05',
      '2023-11-06',
      '2023-12-04',
      '2023-12-05',
      '2024-01-02',
    ])
  })

  it('take a heading written in another way for quoted text', async () => {
    const { of } = await readChat('quoting.txt')
    expect(of('message-posted').map(({ author }) => author.id)).toEqual(['Ann', 'Bob'])
    expect(of('message-posted')[0]?.text).toContain('I approve it')
    expect(of('member-left')).toEqual([])
  })

  it('follow the clocks back and forward', async () => {
    const { of } = await readChat('clocks-change.txt')
    expect(of('message-posted').map(({ at }) => at.slice(11, 16))).toEqual([
      '23:30',
      '00:40',
      '01:10',
      '02:10',
      '00:59',
      '01:01',
    ])
  })

  it('are read in the zone given', async () => {
    const { of } = await readChat('us-android.txt', { timeZone: 'America/New_York' })
    expect(of('message-posted')[0]?.at).toBe('2024-01-01T02:41:00.000Z')
    await expect(readChat('us-android.txt', { timeZone: 'Mars/Olympus' })).rejects.toMatchObject({
      code: 'USAGE',
    })
  })
})
