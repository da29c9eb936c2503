import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { leave } from '../../adapters/sandbox/acts.js'
import { inTheOffice, valuesOf, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('who may answer, and how often', (office) => {
  test('the same submission twice makes one record, and tells the same', async () => {
    const room = await office.group('Twice')
    await office.decide(room)
    await office.press('dm-nadia', 'nadia', 'Record it')
    const open = office.openForm('nadia')
    const interaction = {
      id: randomUUID(),
      kind: 'form-submit',
      form: 'record-decision',
      state: open?.form.state ?? '',
      values: open ? valuesOf(open.form) : {},
      platform: 'sandbox',
      tenant: 'local',
      person: { id: 'nadia' },
      conversation: 'dm-nadia',
      at: office.now(),
    } as const
    const both = await Promise.all([office.world.interact(interaction), office.world.interact(interaction)])
    expect(both[0]).toMatchObject({ kind: 'closed' })
    expect(both[1]).toEqual(both[0])
    const where = { groupId: await office.groupId(room) }
    expect(await office.database.prisma.decisionRecord.count({ where })).toBe(1)
    // The same form sent again under another id makes no second record either.
    const again = await office.world.interact({ ...interaction, id: randomUUID() })
    expect(words(again as never)).toContain('already submitted')
    expect(await office.database.prisma.decisionRecord.count({ where })).toBe(1)
  })

  test("somebody else's button does nothing", async () => {
    const room = await office.group('Not yours')
    await office.decide(room)
    const nudge = await office.database.prisma.nudge.findFirstOrThrow({
      where: { groupId: await office.groupId(room), personId: await office.personId('nadia') },
    })
    for (const action of ['nudge.record', 'nudge.not-a-decision', 'nudge.mute', 'nudge.meeting']) {
      const reply = await office.world.interact({
        id: randomUUID(),
        kind: 'button',
        action,
        value: nudge.id,
        platform: 'sandbox',
        tenant: 'local',
        person: { id: 'callum' },
        at: office.now(),
      })
      expect(words(reply as never)).toContain('someone else')
    }
    expect(await office.signals(room)).toMatchObject([{ state: 'open' }])
    expect(await office.database.prisma.nudge.findUnique({ where: { id: nudge.id } })).toMatchObject({
      answer: null,
    })
  })

  test('who is not in the group, or is no longer, cannot record its decisions', async () => {
    const room = await office.group('Members only')
    await office.decide(room)
    const [signal] = await office.signals(room)
    const record = (who: string) =>
      office.world.interact({
        id: randomUUID(),
        kind: 'button',
        action: 'signal.record',
        value: signal?.id ?? '',
        platform: 'sandbox',
        tenant: 'local',
        person: { id: who },
        at: office.now(),
      })
    expect(await record('priya')).toMatchObject({ kind: 'form' })
    await leave(office.sandbox.world(), room, 'priya')
    await office.later(1_000)
    expect(words((await record('priya')) as never)).toContain('not a member')
    expect(words((await record('eleanor')) as never)).toContain('not a member')
    // The private office that answers for the group may.
    expect(await record('tamsin')).toMatchObject({ kind: 'form' })
  })

  test('a button with a made-up value does nothing', async () => {
    for (const value of ['', 'x', '../../etc/passwd', randomUUID(), "'; DROP TABLE message; --"]) {
      for (const action of [
        'nudge.record',
        'signal.record',
        'signal.set-aside',
        'suggestion.add',
        'constructor',
      ]) {
        const reply = await office.world.interact({
          id: randomUUID(),
          kind: 'button',
          action,
          value,
          platform: 'sandbox',
          tenant: 'local',
          person: { id: 'nadia' },
          at: office.now(),
        })
        expect(words(reply as never)).toContain('Nothing to do')
      }
    }
  })

  test('hostile text is kept as it is and breaks nothing', async () => {
    const room = await office.group('Hostile <b>"\'`\u202E')
    const hostile = `<script>alert(1)</script> {{7*7}} <!channel> '; DROP TABLE message; -- \u202E \uD83D\uDE00 %s \\`
    await office.say(room, 'callum', hostile)
    await office.say(room, 'nadia', `Decided: ${hostile}`)
    await office.settle()
    await office.later(15_000)
    await office.press('dm-nadia', 'nadia', 'Record it')
    await office.submit('nadia', {
      decision: `${hostile}\0\uD800 end`,
      reasons: '\0',
      evidence: ['not-a-message'],
    })
    expect(office.openForm('nadia')).toBeUndefined()
    const record = await office.database.prisma.decisionRecord.findFirstOrThrow({
      where: { groupId: await office.groupId(room) },
      include: { versions: true },
    })
    expect(record.versions[0]?.decision.startsWith(hostile)).toBe(true)
    expect(record.versions[0]?.decision.endsWith(' end')).toBe(true)
    const rows = await office.database.prisma.message.findMany({
      where: { groupId: await office.groupId(room) },
    })
    expect(rows.map((row) => row.text)).toContain(hostile)
  })
})
