import { describe, expect, test } from 'vitest'
import {
  byWhom,
  deriveMembership,
  howWeKnow,
  type LogLine,
  type MembershipFact,
  membershipCsv,
  presentAt,
} from '../../src/membership/index.js'

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 16, 9, minute))
let facts = 0
const fact = (
  kind: MembershipFact['kind'],
  minute: number,
  more: Partial<MembershipFact> = {},
): MembershipFact => ({
  id: `f${++facts}`,
  personId: 'nadia',
  kind,
  role: null,
  actorId: null,
  reason: null,
  occurredAt: at(minute),
  learnedAt: at(minute),
  source: kind === 'seen' || kind === 'not-seen' ? 'roster-check' : 'event',
  sequence: '',
  ...more,
})
const told = (given: readonly MembershipFact[], checks: readonly Date[] = []) => {
  const { changes, stays } = deriveMembership(given, checks)
  return {
    changes: changes.map((change) => change.kind),
    stays: stays.map((stay) => [stay.since, stay.until]),
    all: changes,
  }
}

describe('what happened to one person in one group', () => {
  test('joining and leaving make a stay', () => {
    const { changes, stays } = told([fact('joined', 0), fact('left', 30)])
    expect(changes).toEqual(['joined', 'left'])
    expect(stays).toEqual([[at(0), at(30)]])
  })

  test('who comes back has rejoined, and has two stays', () => {
    const { changes, stays } = told([fact('joined', 0), fact('removed', 30), fact('joined', 60)])
    expect(changes).toEqual(['joined', 'removed', 'rejoined'])
    expect(stays).toEqual([
      [at(0), at(30)],
      [at(60), null],
    ])
  })

  test('leaving, being removed and departing are told apart', () => {
    for (const kind of ['left', 'removed', 'departed'] as const)
      expect(told([fact('joined', 0), fact(kind, 30)]).changes).toEqual(['joined', kind])
  })

  test('a member seen in the first roster was present when first seen', () => {
    const { changes, stays, all } = told([fact('seen', 10)], [at(10)])
    expect(changes).toEqual(['present when first seen'])
    expect(stays).toEqual([[at(10), null]])
    expect(all[0]?.notBefore).toBeNull()
  })

  test('a member seen in a later roster joined between that check and the one before', () => {
    const { all } = told([fact('seen', 50)], [at(10), at(50)])
    expect(all[0]).toMatchObject({ kind: 'joined', notBefore: at(10), at: at(50), actorId: null })
  })

  test('a member missing from a roster departed after the last sign of them', () => {
    const { all } = told([fact('joined', 20), fact('not-seen', 50)], [at(10), at(50)])
    expect(all[1]).toMatchObject({ kind: 'departed', notBefore: at(20), at: at(50), actorId: null })
    const later = told([fact('joined', 20), fact('not-seen', 50)], [at(10), at(40), at(50)])
    expect(later.all[1]).toMatchObject({ notBefore: at(40) })
  })

  test('two reports of one change are one line, with all that either said', () => {
    const joined = told([fact('joined', 0), fact('joined', 2, { actorId: 'callum', reason: 'cover' })])
    expect(joined.all).toMatchObject([{ kind: 'joined', at: at(0), actorId: 'callum', reason: 'cover' }])
    const gone = told([fact('joined', 0), fact('departed', 30), fact('removed', 31, { actorId: 'callum' })])
    expect(gone.all[1]).toMatchObject({ kind: 'removed', at: at(30), actorId: 'callum' })
    expect(gone.changes).toHaveLength(2)
  })

  test('two joins far apart are two lines: what lay between was not reported', () => {
    expect(told([fact('joined', 0), fact('joined', 40)]).changes).toEqual(['joined', 'rejoined'])
  })

  test('a roster that is older or newer than its date does not undo what the platform has just told', () => {
    const joined = [
      fact('joined', 20),
      fact('not-seen', 20, { sequence: '~' }),
      fact('joined', 21, { actorId: 'callum' }),
    ]
    const coming = told(joined, [at(0), at(20), at(50)])
    expect(coming.all).toMatchObject([{ kind: 'joined', at: at(20), actorId: 'callum' }])
    expect(coming.stays).toEqual([[at(20), null]])
    const going = told([fact('joined', 0), fact('left', 30), fact('seen', 32)], [at(32), at(50)])
    expect(going.changes).toEqual(['joined', 'left'])
    expect(going.stays).toEqual([[at(0), at(30)]])
  })

  test('what such a roster said is believed once the next one says it too, and dated from the event on', () => {
    const gone = [fact('joined', 20), fact('not-seen', 22), fact('not-seen', 50)]
    expect(told(gone, [at(0), at(22), at(50)]).all[1]).toMatchObject({
      kind: 'departed',
      notBefore: at(20),
      at: at(50),
    })
    const back = [fact('joined', 0), fact('left', 30), fact('seen', 32), fact('seen', 50)]
    expect(told(back, [at(10), at(32), at(50)]).all[2]).toMatchObject({
      kind: 'rejoined',
      notBefore: at(30),
      at: at(50),
    })
  })

  test('a role is noted when it changes and ends with the stay', () => {
    const { changes, stays } = deriveMembership(
      [
        fact('joined', 0),
        fact('role', 5, { role: 'owner' }),
        fact('role', 6, { role: 'owner', sequence: '2' }),
        fact('left', 9),
        fact('joined', 40),
      ],
      [],
    )
    expect(changes.map((change) => change.kind)).toEqual(['joined', 'role changed', 'left', 'rejoined'])
    expect(stays.map((stay) => stay.role)).toEqual(['owner', 'member'])
  })

  test('the order in which facts were learned changes nothing', () => {
    const given = [fact('joined', 0), fact('left', 10), fact('seen', 20), fact('removed', 30)]
    const forwards = told(given)
    expect(told(given.toReversed())).toEqual(forwards)
    expect(forwards.changes).toEqual(['joined', 'left', 'rejoined', 'removed'])
  })

  test('facts of the same instant count in the order the platform numbers them', () => {
    const left = fact('left', 5, { sequence: '1' })
    const joined = fact('joined', 5, { sequence: '2' })
    expect(told([fact('joined', 0), joined, left]).stays.at(-1)).toEqual([at(5), null])
  })

  test('presence at an instant counts the arrival and not the departure', () => {
    const { stays } = deriveMembership([fact('joined', 0), fact('left', 10)], [])
    expect([presentAt(stays, at(0)), presentAt(stays, at(9)), presentAt(stays, at(10))]).toEqual([
      true,
      true,
      false,
    ])
  })
})

const person = (fullName: string, id = fullName) => ({
  id,
  fullName,
  email: null,
  title: null,
  external: false,
  bot: false,
})
const line = (more: Partial<LogLine>): LogLine => ({
  personId: 'nadia',
  kind: 'joined',
  at: at(10),
  notBefore: null,
  actorId: null,
  reason: null,
  role: null,
  source: 'event',
  learnedAt: at(11),
  factId: 'f',
  person: person('Nadia Rahman'),
  actor: undefined,
  ...more,
})

describe('how the log is told', () => {
  test('a roster check says between which moments it happened', () => {
    expect(howWeKnow(line({ source: 'roster-check', notBefore: at(0) }))).toBe(
      'found by roster check between 2026-11-16 09:00 UTC and 2026-11-16 09:10 UTC',
    )
    expect(howWeKnow(line({ source: 'roster-check' }))).toBe('found by roster check at 2026-11-16 09:10 UTC')
    expect(howWeKnow(line({ source: 'roster-check' }), () => 'ten past nine')).toBe(
      'found by roster check at ten past nine',
    )
  })

  test('each other source is named in words', () => {
    expect(howWeKnow(line({ source: 'event' }))).toContain('as it happened')
    expect(howWeKnow(line({ source: 'backfill' }))).toContain('history')
    expect(howWeKnow(line({ source: 'import' }))).toContain('import')
  })

  test('who did it is never guessed', () => {
    expect(byWhom(line({}))).toBe('not reported by the platform')
    expect(byWhom(line({ kind: 'removed' }))).toBe('not reported by the platform')
    expect(byWhom(line({ kind: 'departed' }))).toBe('not reported by the platform')
    expect(byWhom(line({ kind: 'left' }))).toBe('themselves')
    expect(byWhom(line({ actor: person('Callum Fraser') }))).toBe('Callum Fraser')
    expect(byWhom(line({ actor: person('Nadia Rahman') }))).toBe('themselves')
  })

  test('the CSV says to which role somebody changed', () => {
    expect(membershipCsv([line({ kind: 'role changed', role: 'owner' })])).toContain(',role changed: owner,')
  })

  test('names that a spreadsheet would run are made harmless, and commas and quotes stay in their cells', () => {
    const csv = membershipCsv([
      line({ person: person('=HYPERLINK("http://evil.example","x")') }),
      line({ person: person('+44 Smith'), reason: '@SUM(A1)' }),
      line({ person: person('Rahman, "Nadia"\nsecond line') }),
    ])
    expect(csv.startsWith('\uFEFFat,person,external,change,by whom,reason,how we know,learned at\n')).toBe(
      true,
    )
    expect(csv).not.toMatch(/(^|,)"?[=+@]/m)
    expect(csv).toContain('"Rahman, ""Nadia""\nsecond line"')
  })
})
