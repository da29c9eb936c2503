import { randomUUID } from 'node:crypto'
import type { Policy } from '../../src/config/index.js'
import { recordDecision } from '../../src/decisions/index.js'
import { ensurePrivateOffice, groupById } from '../../src/groups/index.js'
import { applyMembership } from '../../src/membership/index.js'
import { resolvePeople } from '../../src/people/index.js'
import type { Database, Tx } from '../../src/storage/index.js'

/** Ids of what {@link seed} makes. */
export interface Seeded {
  readonly officeId: string
  /** A registered group with everything in it. */
  readonly flood: string
  /** A group nobody has registered. */
  readonly lunch: string
  readonly people: ReadonlyMap<string, string>
  /** Unrecorded decisions, oldest first; the first is overdue. */
  readonly signals: readonly string[]
  readonly backlogSignal: string
  readonly reference: string
}

export const seedNow = new Date('2026-11-20T15:00:00Z')
export const hostile = '<img src=x onerror=alert(1)>'

const scope = { platform: 'slack' as const, tenant: 'T1' }
const names: Readonly<Record<string, string>> = {
  ada: 'Ada Fenn',
  ben: 'Ben Okoro',
  cat: `Cat ${hostile}`,
  dev: '=HYPERLINK("http://evil")',
  eve: 'Eve Outside',
}

const before = (days: number, hours = 0): Date =>
  new Date(seedNow.getTime() - days * 86_400_000 - hours * 3_600_000)

/** A small department: two groups, an office, talk, signals, a record, a digest and what went wrong. */
export async function seed(database: Database, policy: Policy): Promise<Seeded> {
  return await database.transaction(async (tx) => {
    const refs = Object.entries(names).map(([id, name]) => ({
      ref: { id, name, email: `${id}@example.gov.uk`, title: 'Official', external: id === 'eve' },
      at: before(60),
    }))
    const people = await resolvePeople(tx, scope, refs)
    const flood = await makeGroup(tx, 'C1', 'Flood response')
    const lunch = await makeGroup(tx, 'C2', `Lunch ${hostile}`)
    await joins(tx, flood, people)
    const officeId = await ensurePrivateOffice(
      tx,
      {
        name: 'Private Office of the Secretary of State',
        official: 'Secretary of State',
        room: 'C9',
        ...scope,
      },
      policy,
      before(50),
    )
    const ada = idOf(people, 'ada')
    await tx.registration.create({
      data: {
        groupId: flood,
        purpose: 'Coordinate the response to the floods',
        businessNeed: 'Decisions within the hour, out of office hours',
        privateOfficeId: officeId,
        recordsOfficerId: idOf(people, 'ben'),
        reviewDate: new Date('2026-12-20'),
        registeredById: ada,
        registeredAt: before(40),
        updatedAt: before(40),
      },
    })
    await tx.groupAdministrator.create({ data: { groupId: flood, personId: ada } })
    const talk = [
      message(flood, 'm1', ada, before(25), 'Can we open the rest centre in Highbridge tonight?'),
      message(flood, 'm2', idOf(people, 'ben'), before(25, -1), 'Yes, agreed: open it, 200 beds, from 6pm.'),
      message(flood, 'm3', idOf(people, 'cat'), before(3), `Approve £40,000 for pumps ${hostile}`),
      message(flood, 'm4', ada, before(3, -1), 'Approved.'),
      ...Array.from({ length: 45 }, (_, index) =>
        message(flood, `n${index}`, ada, before(2, -index / 60), `Report ${index} from the river`),
      ),
    ]
    await tx.message.createMany({ data: talk })
    const signals = [
      signal(
        flood,
        'm1',
        ['m1', 'm2'],
        'Open the rest centre in Highbridge, 200 beds, from 6pm',
        before(25),
        idOf(people, 'ben'),
        ada,
      ),
      signal(
        flood,
        'm3',
        ['m3', 'm4', 'n0', 'n44'],
        `Approve £40,000 for pumps ${hostile}`,
        before(3),
        ada,
        idOf(people, 'cat'),
      ),
    ]
    const old = {
      ...signal(flood, 'm4', ['m4'], 'An old decision from an import', before(400), ada, null),
      backlog: true,
    }
    await tx.signal.createMany({ data: [...signals, old] })
    const group = await groupById(tx, flood)
    if (!group) throw new Error('group')
    const record = await recordDecision(tx, {
      group,
      content: {
        decision: `Close the A38 between Highbridge and Brent Knoll ${hostile}`,
        decidedBy: 'Ben Okoro',
        decidedAt: before(6),
        decisionType: 'operational-direction',
        reasons: 'Water over the carriageway.\nTwo cars already stranded.',
        options: 'Convoy working',
        consulted: 'Police',
        actions: 'Highways to sign the diversion',
        takenElsewhere: null,
      },
      evidence: ['m1', 'm3'],
      permalinks: new Map([['m1', 'javascript:alert(1)']]),
      by: ada,
      now: before(6),
    })
    await tx.nudge.createMany({
      data: [
        nudge(signals[0]?.id ?? '', flood, ada, 'posted', null),
        nudge(signals[1]?.id ?? '', flood, idOf(people, 'cat'), 'withheld', 'dry-run'),
      ],
    })
    const entryId = randomUUID()
    await tx.directoryEntry.create({
      data: {
        id: entryId,
        name: 'Priya Nair',
        email: 'priya.nair@example.gov.uk',
        role: 'Head of Procurement',
        team: 'Commercial',
        remit: 'Emergency procurement, pumps, temporary accommodation',
      },
    })
    await tx.suggestion.create({
      data: {
        id: randomUUID(),
        groupId: flood,
        entryId,
        message: 'm3',
        words: ['pumps'],
        score: 5,
        because: 'The talk mentions “pumps”, and Priya Nair (Head of Procurement) is responsible for this.',
        createdAt: before(3),
        outcome: 'posted',
      },
    })
    await trouble(tx)
    return {
      officeId,
      flood,
      lunch,
      people,
      signals: signals.map((row) => row.id),
      backlogSignal: old.id,
      reference: record.reference,
    }
  })
}

export function idOf(people: ReadonlyMap<string, string>, key: string): string {
  const id = people.get(key)
  if (id === undefined) throw new Error(`no person ${key}`)
  return id
}

async function makeGroup(tx: Tx, externalId: string, name: string): Promise<string> {
  const id = randomUUID()
  await tx.group.create({ data: { id, ...scope, externalId, name, firstSeenAt: before(60) } })
  return id
}

async function joins(tx: Tx, groupId: string, people: ReadonlyMap<string, string>): Promise<void> {
  const event = (kind: 'member-joined' | 'member-left', id: string, at: Date, actor?: string) => ({
    ...scope,
    conversation: 'C1',
    at: at.toISOString(),
    source: 'event' as const,
    person: { id },
    ...(actor ? { actor: { id: actor } } : {}),
    ...(kind === 'member-left' ? { kind, how: 'removed' as const, reason: 'Moved post' } : { kind }),
  })
  await applyMembership(
    tx,
    groupId,
    [
      event('member-joined', 'ada', before(55)),
      event('member-joined', 'ben', before(54), 'ada'),
      event('member-joined', 'cat', before(53), 'ada'),
      event('member-joined', 'dev', before(52), 'ada'),
      event('member-joined', 'eve', before(51), 'ben'),
      event('member-left', 'dev', before(30), 'ada'),
    ] as Parameters<typeof applyMembership>[2],
    people,
    before(50),
  )
}

function message(groupId: string, externalId: string, authorId: string, postedAt: Date, text: string) {
  const orderKey = `${postedAt.toISOString()}|${externalId}`
  return { id: randomUUID(), groupId, externalId, authorId, postedAt, orderKey, text, textAt: '' }
}

function signal(
  groupId: string,
  key: string,
  evidence: string[],
  summary: string,
  settledAt: Date,
  decidedById: string,
  askedById: string | null,
) {
  return {
    id: randomUUID(),
    groupId,
    kind: 'decision',
    key,
    fromMessage: evidence[0] ?? key,
    toMessage: evidence.at(-1) ?? key,
    atMessage: evidence.at(-1) ?? key,
    evidence,
    decisionType: 'operational-direction',
    decidedById,
    askedById,
    confidence: 0.9,
    wouldNudge: true,
    because: 'Somebody asked, and somebody with a say answered “agreed”.',
    summary,
    settledAt,
    detectedAt: settledAt,
  }
}

function nudge(signalId: string, groupId: string, personId: string, outcome: string, why: string | null) {
  const at = before(3)
  return {
    id: randomUUID(),
    signalId,
    groupId,
    personId,
    outcome,
    why,
    dueAt: at,
    day: '2026-11-17',
    createdAt: at,
  }
}

async function trouble(tx: Tx): Promise<void> {
  await tx.gap.create({
    data: {
      id: randomUUID(),
      ...scope,
      conversation: 'C1',
      from: before(9),
      to: before(9, -2),
      reason: 'downtime',
      noticedAt: before(9, -2),
      remainder: 'Membership changes of that time may be missing',
    },
  })
  await tx.inboxEvent.create({
    data: {
      key: 'k1',
      ...scope,
      lane: 'slack|T1|C1',
      kind: 'message-posted',
      orderKey: '1',
      occurredAt: before(1),
      receivedAt: before(1),
      source: 'event',
      raw: 'secret chat text',
      status: 'set-aside',
      attempts: 5,
      error: 'EVENT_SET_ASIDE',
    },
  })
  await tx.outboxPost.create({
    data: {
      id: randomUUID(),
      ...scope,
      target: { kind: 'person', person: 'U1' },
      channel: 'slack|T1|U1',
      card: { heading: 'secret card text', summary: '' },
      purpose: 'nudge',
      key: 'p1',
      status: 'failed',
      attempts: 5,
      notBefore: before(1),
      createdAt: before(1),
      error: 'DELIVERY_GAVE_UP',
    },
  })
}
