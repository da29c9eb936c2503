import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  append,
  canonicalBody,
  eraseSalt,
  type LedgerEntryBody,
  ledgerEntryBody,
  saltedHash,
} from '../../src/ledger/index.js'
import { describeEachDatabase } from '../support/database.js'
import { at, sampleEntry } from './samples.js'

describe('an entry', () => {
  test('has one canonical form, with its version', () => {
    const group = randomUUID()
    const one = canonicalBody({ kind: 'bot-presence', group, present: true, at })
    const two = canonicalBody({ at, present: true, group, version: 1, kind: 'bot-presence' })
    expect(one).toBe(two)
    expect(one).toBe(`{"at":"${at}","group":"${group}","kind":"bot-presence","present":true,"version":1}`)
  })

  test('cannot hold a field its kind does not know', () => {
    const slipped = { ...sampleEntry(), name: 'Tamsin Vale' }
    expect(() => canonicalBody(slipped)).toThrow(/name/)
  })

  test.each([
    [
      'a sentence for a code',
      { kind: 'signal-set-aside', signal: randomUUID(), reason: 'It was a joke', at },
    ],
    ['a name for an id', { kind: 'group-first-seen', group: 'Flood response', platform: 'slack', at }],
    [
      'words for a hash',
      { kind: 'evidence-hash', record: randomUUID(), position: 0, hash: 'we evacuate', at },
    ],
    ['words for an instant', { kind: 'policy-changed', policyHash: 'a'.repeat(64), at: 'yesterday' }],
    ['a kind of its own', { kind: 'gossip', at }],
  ])('refuses %s', (_what, entry) => {
    expect(() => canonicalBody(entry as LedgerEntryBody)).toThrow()
  })

  test('every kind refuses free text in every one of its text fields', () => {
    for (const option of ledgerEntryBody.options)
      for (const [field, schema] of Object.entries(option.shape)) {
        const taken = schema.safeParse('Tamsin said: evacuate Mere Street!')
        expect([option.shape.kind.value, field, taken.success]).toEqual([
          option.shape.kind.value,
          field,
          false,
        ])
      }
  })
})

describeEachDatabase('appending', (each) => {
  beforeEach(() => each.empty())

  test('goes with its transaction: both, or neither', async () => {
    const database = each.database()
    await database.transaction((tx) => append(tx, sampleEntry()))
    const failing = database.transaction(async (tx) => {
      await append(tx, sampleEntry())
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await database.prisma.ledgerIntake.count()).toBe(1)
  })

  test('a salted hash is the same for the same words, differs by subject, and dies with its salt', async () => {
    const database = each.database()
    const hash = (subject: string, content: string) =>
      database.transaction((tx) => saltedHash(tx, subject, content))
    const one = await hash('record|1', 'words')
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(await hash('record|1', 'words')).toBe(one)
    expect(await hash('record|1', 'other')).not.toBe(one)
    expect(await hash('record|2', 'words')).not.toBe(one)
    expect(await database.transaction((tx) => eraseSalt(tx, 'record|1'))).toBe(true)
    expect(await hash('record|1', 'words')).not.toBe(one)
  })
})
