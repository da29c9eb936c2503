import { beforeAll, expect, test, vi } from 'vitest'
import { leave } from '../../adapters/sandbox/acts.js'
import { inTheOffice, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('a missing stakeholder', (office) => {
  beforeAll(async () => {
    // People are reached on the platform once they have been seen there.
    await office.group('News desk', { members: ['yusuf', 'idris'] })
  })

  const press = 'Journalists want interviews, and a press release about the interviews for journalists'

  test('is suggested to the administrators alone, with the words that gave rise to it', async () => {
    const room = await office.group('Press')
    await office.say(room, 'callum', press)
    await office.settle()
    expect(office.newest('dm-nadia')).toContain('Yusuf Demir')
    expect(office.newest('dm-nadia')).toMatch(/journalists/i)
    expect(office.cards('dm-callum').filter((card) => words(card).includes('Yusuf'))).toEqual([])
  })

  test('is added at the press of a button, and not suggested again', async () => {
    const room = await office.group('Press adds')
    await office.say(room, 'callum', press)
    await office.settle()
    await office.press('dm-nadia', 'nadia', 'Add to group')
    expect(office.sandbox.world().room(room).members.has('yusuf')).toBe(true)
    const count = office.cards('dm-nadia').length
    await leave(office.sandbox.world(), room, 'yusuf')
    await office.say(room, 'priya', `Again: ${press}`)
    await office.settle()
    expect(office.cards('dm-nadia')).toHaveLength(count)
  })

  test('is briefed without seeing a message', async () => {
    const room = await office.group('Press briefs')
    await office.say(room, 'callum', `Secret barrier plans. ${press}`)
    await office.settle()
    await office.press('dm-nadia', 'nadia', 'Brief them')
    expect(office.newest('dm-yusuf')).toContain('Nadia Rahman')
    expect(office.newest('dm-yusuf')).not.toContain('Secret barrier plans')
  })

  test('is not needed, says the administrator, and that is that', async () => {
    const room = await office.group('Press not needed')
    await office.say(room, 'callum', press)
    await office.settle()
    await office.press('dm-nadia', 'nadia', 'Not needed')
    const count = office.cards('dm-nadia').length
    await office.nextMorning()
    await office.say(room, 'priya', `Again: ${press}`)
    await office.settle()
    expect(office.cards('dm-nadia')).toHaveLength(count)
  })

  test('is never someone already there, nor a team that is there already', async () => {
    const there = await office.group('Press there', { members: ['callum', 'priya', 'yusuf'] })
    const team = await office.group('Lawyer there', { members: ['callum', 'priya', 'idris'] })
    const count = office.cards('dm-nadia').length
    await office.say(there, 'callum', press)
    await office.say(team, 'callum', 'The landowners want injunctions; injunctions against landowners')
    await office.settle()
    expect(office.cards('dm-nadia')).toHaveLength(count)
  })
})
