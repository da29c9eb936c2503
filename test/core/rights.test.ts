import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { leave } from '../../adapters/sandbox/acts.js'
import type { Interaction } from '../../src/platform/index.js'
import { engines } from '../support/database.js'
import { type Office, openOffice, valuesOf, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

describe.each(engines())('who may go on with a form (%s)', (engine) => {
  let office: Office

  beforeAll(async () => {
    office = await openOffice(engine)
  }, 60_000)
  afterAll(async () => {
    await office.close()
  })

  /** Sends a record form as if from `who`, whoever opened it. */
  async function send(
    who: string,
    open: { state: string; values: Record<string, string | readonly string[]> },
  ) {
    const interaction: Interaction = {
      id: randomUUID(),
      kind: 'form-submit',
      form: 'record-decision',
      platform: 'sandbox',
      tenant: 'local',
      person: { id: who },
      at: office.now(),
      ...open,
    }
    return words((await office.world.interact(interaction)) as never)
  }
  async function openedBy(who: string, room: string, decision: string) {
    await office.type(room, who, 'record-decision', decision)
    const form = office.openForm(who)?.form
    if (!form) throw new Error('no form was opened')
    return {
      state: form.state,
      values: { ...valuesOf(form), decidedBy: 'Nadia Rahman', decisionType: 'other' },
    }
  }
  const recorded = (): Promise<number> => office.database.prisma.decisionRecord.count()

  test('a form is of use only to whoever opened it', async () => {
    const room = await office.group('Sluices')
    const open = await openedBy('nadia', room, 'Open the sluices')
    expect(await send('callum', open)).toContain('already submitted or is too old')
    expect(await send('eleanor', open)).not.toContain('Open the sluices')
    expect(await recorded()).toBe(0)
    expect(await send('nadia', open)).toContain('DEC-')
  })

  test('whoever has left the group since opening the form is asked for the right again', async () => {
    const room = await office.group('Weirs')
    const open = await openedBy('callum', room, 'Close the weirs')
    const before = await recorded()
    await leave(office.sandbox.world(), room, 'callum')
    await office.settle()
    expect(await send('callum', open)).toContain('You are not a member of Weirs')
    expect(await recorded()).toBe(before)
  })

  test('two people asked about one decision make one record, and the second keeps what was typed', async () => {
    const room = await office.group('Locks')
    await office.say(room, 'callum', 'What do we do about the locks?')
    await office.say(room, 'nadia', 'Decided: close both locks tonight')
    await office.settle()
    await office.later(15_000)
    await office.press('dm-nadia', 'nadia', 'Record it')
    await office.press('dm-callum', 'callum', 'Record it')
    const before = await recorded()
    await office.submit('nadia', {})
    await office.submit('callum', { reasons: 'The gates leak' })
    expect(words(office.openForm('callum')?.form as never)).toContain('meanwhile')
    expect(words(office.openForm('callum')?.form as never)).toContain('The gates leak')
    expect(await recorded()).toBe(before + 1)
  })

  test('the same form sent twice at the same moment makes one record', async () => {
    const room = await office.group('Gates')
    const open = await openedBy('nadia', room, 'Repair the gates')
    const before = await recorded()
    await Promise.all([send('nadia', open), send('nadia', open)])
    expect(await recorded()).toBe(before + 1)
  })

  test('an administrator who is no person is an error at that field', async () => {
    const room = await office.group('Culverts', { register: false })
    const result = await office.world.submitRegistration(
      await office.groupId(room),
      { administrators: ['nobody'], recordsOfficer: 'nobody' },
      await office.personId('nadia'),
    )
    expect(result.errors).toMatchObject({
      administrators: 'An administrator chosen is not known',
      recordsOfficer: 'The records officer chosen is not known',
    })
  })

  test('when the platform refuses to add someone, the administrator hears so and the suggestion stays open', async () => {
    // Seen elsewhere, so that the platform knows an account to add.
    await office.group('Newsroom', { members: ['yusuf'] })
    const room = await office.group('Press')
    const press = 'Journalists want interviews, and a press release about the interviews for journalists'
    await office.say(room, 'callum', press)
    await office.settle()
    vi.spyOn(office.sandbox, 'addMember').mockRejectedValueOnce(new Error('not allowed'))
    await office.press('dm-nadia', 'nadia', 'Add to group')
    expect(words(office.cards('dm-nadia').at(-1))).toContain('could not be added')
    const groupId = await office.groupId(room)
    expect(await office.database.prisma.suggestion.findFirst({ where: { groupId } })).toMatchObject({
      state: 'open',
    })
    await office.press('dm-nadia', 'nadia', 'Add to group')
    expect(await office.database.prisma.suggestion.findFirst({ where: { groupId } })).toMatchObject({
      state: 'added',
    })
  })
})
