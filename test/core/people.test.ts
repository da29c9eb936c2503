import { expect, test } from 'vitest'
import { accountsOf, peopleById, resolvePeople } from '../../src/people/index.js'
import type { PersonRef } from '../../src/platform/index.js'
import { describeEachDatabase } from '../support/database.js'

const scope = { platform: 'slack', tenant: 'T1' } as const
const day = (number: number): Date => new Date(Date.UTC(2026, 10, number, 9))

describeEachDatabase('people', (each) => {
  let accounts = 0
  const fresh = (): string => `U${++accounts}`
  const state = async (ref: PersonRef, at: Date): Promise<string> => {
    const people = await each.database().transaction((tx) => resolvePeople(tx, scope, [{ ref, at }]))
    return people.get(ref.id) ?? ''
  }
  const read = async (id: string) => (await peopleById(each.database().prisma, [id])).get(id)

  test('the same account is the same person every time', async () => {
    const id = fresh()
    const first = await state({ id, name: 'Nadia Rahman' }, day(1))
    expect(await state({ id }, day(2))).toBe(first)
  })

  test('an account nobody has named yet goes by its id until somebody does, however late', async () => {
    const id = fresh()
    const person = await state({ id, email: 'nadia@example.org' }, day(5))
    expect((await read(person))?.fullName).toBe(id)
    await state({ id, name: 'Nadia Rahman' }, day(2))
    expect((await read(person))?.fullName).toBe('Nadia Rahman')
  })

  test('the newest name wins whatever the order in which names are heard', async () => {
    const id = fresh()
    const person = await state({ id, name: 'Nadia Rahman-Pryce' }, day(9))
    await state({ id, name: 'Nadia Rahman' }, day(3))
    expect((await read(person))?.fullName).toBe('Nadia Rahman-Pryce')
  })

  test('an old name that arrives late does not pass for news when the newer one has been said since', async () => {
    const id = fresh()
    const person = await state({ id, name: 'Nadia Rahman' }, day(1))
    await state({ id, name: 'Nadia Rahman' }, day(9))
    await state({ id, name: 'N. Rahman (typo)' }, day(5))
    expect((await read(person))?.fullName).toBe('Nadia Rahman')
  })

  test('older details fill in what newer ones did not say', async () => {
    const id = fresh()
    const person = await state({ id, name: 'Nadia Rahman' }, day(9))
    await state({ id, name: 'Old Name', email: 'nadia@example.org', title: 'Director' }, day(3))
    expect(await read(person)).toMatchObject({
      fullName: 'Nadia Rahman',
      email: 'nadia@example.org',
      title: 'Director',
    })
  })

  test('one batch that names a person twice loses none of what was said', async () => {
    const id = fresh()
    const people = await each.database().transaction((tx) =>
      resolvePeople(tx, scope, [
        { ref: { id, name: 'Nadia Rahman', email: 'nadia@example.org' }, at: day(1) },
        { ref: { id, name: 'Nadia Pryce' }, at: day(2) },
        { ref: { id }, at: day(3) },
      ]),
    )
    expect(await read(people.get(id) ?? '')).toMatchObject({
      fullName: 'Nadia Pryce',
      email: 'nadia@example.org',
    })
  })

  test('someone whose account is switched off cannot be reached there', async () => {
    const id = fresh()
    const person = await state({ id, name: 'Callum Fraser', active: true }, day(1))
    expect(await accountsOf(each.database().prisma, scope, [person])).toEqual(new Map([[person, id]]))
    await state({ id, active: false }, day(2))
    expect(await accountsOf(each.database().prisma, scope, [person])).toEqual(new Map())
  })
})
