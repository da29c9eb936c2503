import { expect, test, vi } from 'vitest'
import { feedbackCounts } from '../../src/decisions/index.js'
import { fieldOf, inTheOffice, words } from './office.js'

vi.mock('../../src/detection/index.js', async (original) => ({
  ...(await original<typeof import('../../src/detection/index.js')>()),
  ...(await import('./plain-detector.js')),
}))

inTheOffice('a decision on its way to the record', (office) => {
  test('a decision is nudged about, recorded in a form filled in from the talk, and confirmed', async () => {
    const room = await office.group('Flood')
    await office.decide(room)
    for (const concerned of ['nadia', 'callum'])
      expect(office.newest(`dm-${concerned}`)).toContain('evacuate Mere Street')
    expect(office.cards('dm-priya')).toEqual([])

    await office.press('dm-callum', 'callum', 'Record it')
    const form = office.openForm('callum')?.form
    expect(form?.intro?.join()).toContain('its administrators, the Office of the Secretary of State and')
    expect(fieldOf(form, 'decision')).toMatchObject({ value: 'evacuate Mere Street by noon' })
    expect(fieldOf(form, 'decidedBy')).toMatchObject({ value: 'Nadia Rahman' })
    expect(fieldOf(form, 'decisionType')).toMatchObject({ value: 'operational-direction' })
    expect(fieldOf(form, 'decidedAt')).toMatchObject({ value: expect.stringContaining('T10:00') })
    const evidence = fieldOf(form, 'evidence')
    expect(evidence && 'values' in evidence ? evidence.values : []).toHaveLength(2)

    await office.submit('callum', { decision: '', reasons: 'The wall will not hold' })
    const wrong = office.openForm('callum')?.form
    expect(fieldOf(wrong, 'decision')).toMatchObject({ error: 'Say what was decided', value: '' })
    expect(fieldOf(wrong, 'reasons')).toMatchObject({ value: 'The wall will not hold' })

    await office.submit('callum', { decision: 'Evacuate Mere Street by noon' })
    expect(office.openForm('callum')).toBeUndefined()
    const confirmation = office.posts(room).findLast((post) => post.onlyFor === undefined)?.card
    const reference = /DEC-2026-\d{5}/.exec(words(confirmation))?.[0]
    expect(confirmation?.heading).toBe(`Decision recorded: ${reference}`)
    for (const concerned of ['nadia', 'callum']) {
      const card = office.cards(`dm-${concerned}`).find((each) => words(each).includes(`${reference}`))
      expect(card?.summary).toBe(`Recorded as ${reference}. Thank you.`)
      expect(card?.buttons).toBeUndefined()
    }

    expect(await office.signals(room)).toMatchObject([{ state: 'recorded' }])
    const record = await office.database.prisma.decisionRecord.findUniqueOrThrow({
      where: { reference: reference ?? '' },
      include: { versions: true, evidence: { orderBy: { position: 'asc' } } },
    })
    expect(record.versions).toMatchObject([{ version: 1, reasons: 'The wall will not hold' }])
    expect(record.evidence).toMatchObject([
      { authorName: 'Callum Fraser', members: ['Callum Fraser', 'Nadia Rahman', 'Priya Sandhu'] },
      { authorName: 'Nadia Rahman', text: 'Decided: evacuate Mere Street by noon' },
    ])
    for (const piece of record.evidence) expect(piece.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('a long message offered as evidence is cut at a word, never within a number', async () => {
    const room = await office.group('Long words')
    const start = `${'The pumps at Skelby have to go on. '.repeat(3)}They cost`
    await office.say(room, 'callum', `${start} £38,000 a week and nobody has said who pays for them`)
    await office.settle()
    await office.type(room, 'callum', 'record-decision')
    const evidence = fieldOf(office.openForm('callum')?.form, 'evidence')
    expect(evidence && 'choices' in evidence ? evidence.choices.map((choice) => choice.label) : []).toEqual([
      `Callum Fraser: ${start}…`,
    ])
  })

  test('who belongs to another organisation is marked wherever named, in evidence too', async () => {
    const room = await office.group('With counsel', { members: ['callum', 'idris'] })
    const id = await office.personId('idris')
    await office.database.prisma.person.update({ where: { id }, data: { external: true } })
    const marked = 'Idris Penhale (external)'
    await office.say(room, 'callum', 'What do we do about the landowner?')
    await office.say(room, 'idris', 'Decided: settle out of court')
    await office.settle()
    await office.later(15_000)
    expect(office.newest('dm-callum')).toContain(marked)
    await office.press('dm-callum', 'callum', 'Record it')
    expect(fieldOf(office.openForm('callum')?.form, 'decidedBy')).toMatchObject({ value: marked })
    await office.submit('callum', {})
    const [record] = await office.database.prisma.decisionRecord.findMany({
      where: { groupId: await office.groupId(room) },
      include: { versions: true, evidence: { orderBy: { position: 'asc' } } },
    })
    expect(record?.versions).toMatchObject([{ decidedBy: marked }])
    expect(record?.evidence.at(-1)).toMatchObject({
      authorName: marked,
      members: ['Callum Fraser', marked, 'Nadia Rahman'],
    })
    await office.database.prisma.person.update({ where: { id }, data: { external: false } })
  })

  test('"Not a decision" sets it aside and closes the nudge of the other', async () => {
    const room = await office.group('Setting aside')
    await office.decide(room, 'lunch is at one')
    await office.press('dm-nadia', 'nadia', 'Not a decision')
    expect(await office.signals(room)).toMatchObject([{ state: 'set-aside', stateReason: 'not-a-decision' }])
    expect(await feedbackCounts(office.database.prisma, await office.groupId(room))).toEqual([
      { verdict: 'not-a-decision', count: 1 },
    ])
    for (const concerned of ['nadia', 'callum'])
      expect(office.newest(`dm-${concerned}`)).toContain('Set aside')
  })

  test('"Move to a meeting" leaves it open, to be recorded later from the same card', async () => {
    const room = await office.group('Meeting')
    await office.decide(room)
    await office.press('dm-nadia', 'nadia', 'Move to a meeting')
    expect(await office.signals(room)).toMatchObject([{ state: 'open' }])
    await office.press('dm-nadia', 'nadia', 'Record it now')
    expect(office.openForm('nadia')?.form.id).toBe('record-decision')
    await office.submit('nadia', {})
    expect(await office.signals(room)).toMatchObject([{ state: 'recorded' }])
  })
})
