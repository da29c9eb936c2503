import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { tellOfUndelivered } from '../../src/groups/index.js'
import { describeEachDatabase } from '../support/database.js'

const at = new Date('2026-11-23T10:00:00Z')

describeEachDatabase('a post that was given up', ({ database }) => {
  async function seed() {
    const { prisma } = database()
    const person = async (account: string): Promise<string> => {
      const id = randomUUID()
      await prisma.person.create({ data: { id, fullName: account, createdAt: at } })
      await prisma.account.create({
        data: { id: randomUUID(), personId: id, platform: 'sandbox', tenant: 'local', externalId: account },
      })
      return id
    }
    const ada = await person(`ada-${randomUUID()}`)
    const office = await prisma.privateOffice.create({
      data: {
        id: randomUUID(),
        name: randomUUID(),
        official: 'Minister',
        platform: 'sandbox',
        tenant: 'local',
        room: randomUUID(),
        createdAt: at,
      },
    })
    const group = await prisma.group.create({
      data: {
        id: randomUUID(),
        platform: 'sandbox',
        tenant: 'local',
        externalId: randomUUID(),
        name: 'Bridges',
        firstSeenAt: at,
      },
    })
    await prisma.registration.create({
      data: {
        groupId: group.id,
        purpose: 'p',
        businessNeed: 'n',
        privateOfficeId: office.id,
        reviewDate: at,
        registeredById: ada,
        registeredAt: at,
        updatedAt: at,
      },
    })
    await prisma.groupAdministrator.create({ data: { groupId: group.id, personId: ada } })
    const account = await prisma.account.findFirstOrThrow({ where: { personId: ada } })
    return { group, office, administrator: account.externalId }
  }
  const lost = (conversation: string, purpose: string) => ({
    id: randomUUID(),
    platform: 'sandbox' as const,
    tenant: 'local',
    purpose,
    error: 'PLATFORM_REFUSED',
    target: { kind: 'group' as const, conversation },
  })
  async function told(key: string): Promise<number> {
    return await database().prisma.outboxPost.count({ where: { key: { startsWith: `gave-up:${key}` } } })
  }

  test('in a group is said to its administrators, once', async () => {
    const { group } = await seed()
    const post = lost(group.externalId, 'confirmation')
    for (let i = 0; i < 2; i++)
      await database().transaction((tx) => tellOfUndelivered(tx, post, 'http://x', at))
    expect(await told(post.id)).toBe(1)
  })

  test('in a private office’s room is said to the administrators of its groups', async () => {
    const { office, administrator } = await seed()
    const post = lost(office.room, 'digest')
    await database().transaction((tx) => tellOfUndelivered(tx, post, 'http://x', at))
    expect(await told(`${post.id}:${administrator}`)).toBe(1)
  })

  test('is not spoken of when it was itself such a notice', async () => {
    const { group } = await seed()
    const post = lost(group.externalId, 'operator-notice')
    await database().transaction((tx) => tellOfUndelivered(tx, post, 'http://x', at))
    expect(await told(post.id)).toBe(0)
  })
})
