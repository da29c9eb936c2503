import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import type { DigestContent } from '../../src/digests/index.js'
import type { Interaction } from '../../src/platform/index.js'
import { inTheOffice, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('the weekly digest', (office) => {
  const kept = async (scheduled: boolean) =>
    (
      await office.database.prisma.digest.findMany({
        where: { period: scheduled ? { not: null } : null },
        orderBy: { createdAt: 'asc' },
      })
    ).map((row) => row.content as unknown as DigestContent)
  const posted = () =>
    office.cards('office').filter((card) => card.heading.startsWith('Unrecorded decisions'))

  test('comes when it is due, once, oldest first, and one sent at once does not use it up', async () => {
    const room = await office.group('Weekly')
    for (const what of ['dig the ditch', 'raise the bank']) {
      await office.decide(room, what)
      await office.nextMorning()
    }
    await office.decide(room, 'build the wall')
    await office.type(room, 'nadia', 'send-digest')
    const atOnce = (await kept(false)).at(-1)
    expect(atOnce?.unrecorded.at(-1)).toMatchObject({
      summary: 'build the wall',
      decidedBy: 'Nadia Rahman',
    })
    expect(posted().at(-1)?.heading).toBe('Unrecorded decisions: Office of the Secretary of State')
    while (office.now().getUTCDay() !== 1) await office.nextMorning()
    const monday = office.now().toISOString().slice(0, 10)
    office.setClock(`${monday}T08:59:00Z`)
    await office.world.ringNow()
    await office.later(0)
    const early = [(await kept(true)).length, posted().length]
    office.setClock(`${monday}T09:00:30Z`)
    await office.world.ringNow()
    await office.world.ringNow()
    await office.later(0)
    const offices = await office.database.prisma.privateOffice.count()
    expect([(await kept(true)).length, posted().length]).toEqual(early.map((count) => count + offices))
    const weekly = (await kept(true)).find((content) => content.unrecordedTotal > 0 && content.to > monday)
    const ages = weekly?.unrecorded.map((decision) => decision.settledAt) ?? []
    expect(weekly?.unrecorded.at(-1)?.summary).toBe('build the wall')
    expect(ages).toHaveLength(3)
    expect(ages).toEqual(ages.toSorted())
  })

  test('says what became of a decision once it is answered, instead of asking again', async () => {
    const room = await office.group('Answered')
    await office.decide(room, 'paint the lock gates')
    await office.type(room, 'nadia', 'send-digest')
    await office.later(0)
    const lines = () => posted().at(-1)?.lists?.[0]?.items ?? []
    const asked = lines().findIndex((item) => item.buttons?.some((button) => button.label === 'Record'))
    const signalId = lines()[asked]?.buttons?.[0]?.value ?? ''
    await office.world.setAside(signalId, await office.personId('nadia'))
    await office.later(0)
    expect(lines()[asked]?.buttons).toBeUndefined()
    expect(lines()[asked]?.detail).toContain('set aside')
  })

  test('is sent once however often the same command arrives, and only for members', async () => {
    const room = await office.group('Ask once')
    const ask = (id: string, who: string): Interaction => ({
      id,
      kind: 'command',
      command: 'send-digest',
      text: '',
      platform: 'sandbox',
      tenant: 'local',
      person: { id: who },
      conversation: room,
      at: office.now(),
    })
    const count = () => office.database.prisma.digest.count({ where: { period: null } })
    const before = await count()
    const id = randomUUID()
    await office.world.interact(ask(id, 'nadia'))
    await office.world.interact(ask(id, 'nadia'))
    expect(await count()).toBe(before + 1)
    expect(words((await office.world.interact(ask(randomUUID(), 'eleanor'))) as never)).toContain('member')
    expect(await count()).toBe(before + 1)
  })
})
