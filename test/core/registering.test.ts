import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { remove } from '../../adapters/sandbox/acts.js'
import { ensurePrivateOffice } from '../../src/groups/index.js'
import { fieldOf, inTheOffice, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('a group and its registration', (office) => {
  test('a group is registered by a form that keeps what was typed beside its errors', async () => {
    const room = await office.group('Barrier', { register: false })
    await office.type(room, 'nadia', 'register-group')
    const form = office.openForm('nadia')?.form
    expect(fieldOf(form, 'administrators')).toMatchObject({
      choices: expect.arrayContaining([expect.objectContaining({ value: 'callum', label: 'Callum Fraser' })]),
    })
    await office.submit('nadia', {
      purpose: 'Choose a barrier',
      administrators: [],
      reviewDate: '2020-01-01',
    })
    const again = office.openForm('nadia')?.form
    expect(fieldOf(again, 'businessNeed')).toMatchObject({ error: 'Say why it needs a chat group' })
    expect(fieldOf(again, 'administrators')).toMatchObject({ error: 'Choose at least one administrator' })
    expect(fieldOf(again, 'purpose')).toMatchObject({ value: 'Choose a barrier' })
    const good = {
      businessNeed: 'Four sites',
      administrators: ['nadia', 'callum'],
      privateOffice: 'new',
      officeName: 'Office of the Permanent Secretary',
      officeOfficial: 'The Permanent Secretary',
      officeRoom: 'office',
    }
    await office.submit('nadia', good)
    expect(fieldOf(office.openForm('nadia')?.form, 'reviewDate')).toMatchObject({
      error: 'Review date must be in the future',
    })
    await office.submit('nadia', { reviewDate: '2027-03-01' })
    expect(office.openForm('nadia')).toBeUndefined()
    expect(office.cards(room).map(words).join()).toContain('Choose a barrier')
    const registration = await office.database.prisma.registration.findUniqueOrThrow({
      where: { groupId: await office.groupId(room) },
      include: { privateOffice: true },
    })
    expect(registration).toMatchObject({
      purpose: 'Choose a barrier',
      privateOffice: { name: 'Office of the Permanent Secretary', room: 'office' },
    })
  })

  test('the room a private office gets its digests in is told that, and not to register', async () => {
    const { database, world } = office
    const place = { platform: 'sandbox', tenant: 'local', room: 'in-tray' }
    await database.transaction((tx) =>
      ensurePrivateOffice(
        tx,
        { name: 'Office of the Chief Engineer', official: 'The Chief Engineer', ...place },
        world.policy,
        office.now(),
      ),
    )
    const room = await office.group('In tray', { register: false })
    expect(room).toBe('in-tray')
    expect(office.cards(room).map((card) => card.heading)).toEqual([
      'The weekly digest of the Office of the Chief Engineer arrives here',
    ])
    expect(office.newest(room)).toContain('I keep none of its messages, and it need not be registered')
  })

  test('only members may register a group, and only administrators may change it', async () => {
    const room = await office.group('Changing hands')
    await office.type(room, 'callum', 'register-group')
    expect(office.openForm('callum')).toBeUndefined()
    expect(office.newest(room)).toContain('Ask an administrator')
    const forged = await office.world.interact({
      id: randomUUID(),
      kind: 'form-submit',
      form: 'register-group',
      state: await office.groupId(room),
      values: { purpose: 'Mine now', administrators: ['eleanor'] },
      platform: 'sandbox',
      tenant: 'local',
      person: { id: 'eleanor' },
      at: office.now(),
    })
    expect(words(forged as never)).toContain('not a member')
  })

  describe('what is not kept', () => {
    const secret = 'Kestrel is the word nobody may find'
    async function everywhere(): Promise<string> {
      const { prisma } = office.database
      const kept = [
        await prisma.message.findMany(),
        await prisma.messageRevision.findMany(),
        await prisma.signal.findMany(),
        await prisma.outboxPost.findMany(),
        (await prisma.inboxEvent.findMany()).map(({ raw, event, error }) => ({ raw, event, error })),
      ]
      return JSON.stringify(kept)
    }

    test('text of a group that is not registered', async () => {
      const room = await office.group('Unregistered', { register: false })
      const root = await office.say(room, 'callum', `Decided: ${secret}`)
      await office.say(room, 'nadia', `${secret} too`, root)
      await office.later(15_000)
      expect(await everywhere()).not.toContain('Kestrel')
      expect(await office.signals(room)).toEqual([])
      await office.type(room, 'callum', 'record-decision')
      expect(office.openForm('callum')).toBeUndefined()
      expect(office.newest(room)).toContain('not registered')
    })

    test('text of a direct conversation with the bot, nor the conversation itself', async () => {
      const message = await office.say('dm-priya', 'priya', secret)
      await remove(office.sandbox.world(), 'dm-priya', message, 'priya')
      await office.later(1_000)
      expect(await everywhere()).not.toContain('Kestrel')
      expect(await office.database.prisma.group.findMany({ where: { externalId: 'dm-priya' } })).toEqual([])
    })

    test('text in the log', () => {
      expect(office.logged()).not.toContain('Kestrel')
    })
  })
})
