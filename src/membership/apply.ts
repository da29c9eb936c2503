import { randomUUID } from 'node:crypto'
import { append } from '../ledger/index.js'
import type { ChatEventOf } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import {
  compareFacts,
  deriveMembership,
  doubtMs,
  type FactKind,
  type MembershipFact,
  presentAt,
} from './changes.js'

/** Events that tell of membership. */
export type MembershipEvent =
  | ChatEventOf<'member-joined'>
  | ChatEventOf<'member-left'>
  | ChatEventOf<'member-role-changed'>
  | ChatEventOf<'roster-observed'>

interface NewFact extends MembershipFact {
  readonly groupId: string
}

/**
 * Applies membership events of one group: keeps the facts, writes each to the ledger, and derives stays anew for the
 * people touched. The same events in any order, or twice, lead to the same changes and stays.
 * @param people person ids by account id, for every account the events name
 * @returns ids of people who became members now, in order (for induction)
 */
export async function applyMembership(
  tx: Tx,
  groupId: string,
  events: readonly MembershipEvent[],
  people: ReadonlyMap<string, string>,
  learnedAt: Date,
): Promise<string[]> {
  const arrived: string[] = []
  for (const event of [...events].sort(byInstant)) {
    const facts =
      event.kind === 'roster-observed'
        ? await factsOfRoster(tx, groupId, event, people, learnedAt)
        : [factOfEvent(groupId, event, people, learnedAt)]
    for (const fact of facts) {
      const added = await addFact(tx, fact)
      if (added) arrived.push(...(await rederive(tx, fact)))
    }
  }
  return arrived
}

function byInstant(a: MembershipEvent, b: MembershipEvent): number {
  const observed = (event: MembershipEvent): number => (event.kind === 'roster-observed' ? 1 : 0)
  return Date.parse(a.at) - Date.parse(b.at) || observed(a) - observed(b)
}

function personOf(people: ReadonlyMap<string, string>, account: string): string {
  const id = people.get(account)
  if (id === undefined) throw new Error('membership event names an unresolved account')
  return id
}

function factOfEvent(
  groupId: string,
  event: Exclude<MembershipEvent, ChatEventOf<'roster-observed'>>,
  people: ReadonlyMap<string, string>,
  learnedAt: Date,
): NewFact {
  const kind: FactKind =
    event.kind === 'member-joined' ? 'joined' : event.kind === 'member-left' ? event.how : 'role'
  return {
    id: randomUUID(),
    groupId,
    personId: personOf(people, event.person.id),
    kind,
    role: event.kind === 'member-role-changed' ? event.role : null,
    actorId: event.actor ? personOf(people, event.actor.id) : null,
    reason: 'reason' in event ? (event.reason ?? null) : null,
    occurredAt: new Date(event.at),
    learnedAt,
    source: event.source,
    sequence: event.sequence ?? '',
  }
}

async function factsOfRoster(
  tx: Tx,
  groupId: string,
  event: ChatEventOf<'roster-observed'>,
  people: ReadonlyMap<string, string>,
  learnedAt: Date,
): Promise<NewFact[]> {
  const at = new Date(event.at)
  // Programs too: one whose joining was reported would otherwise be found missing by the next check.
  const seen = new Set(event.members.map((member) => personOf(people, member.id)))
  const kept = await tx.rosterCheck.createMany({
    data: [{ id: randomUUID(), groupId, at, personIds: [...seen].sort() }],
    skipDuplicates: true,
  })
  if (kept.count === 0) return []
  const inside = await tx.membership.findMany({
    where: { groupId, since: { lte: at }, OR: [{ until: null }, { until: { gt: at } }] },
    select: { personId: true },
  })
  const believed = new Set(inside.map((row) => row.personId))
  const fact = (personId: string, kind: FactKind): NewFact => ({
    id: randomUUID(),
    groupId,
    personId,
    kind,
    role: null,
    actorId: null,
    reason: null,
    occurredAt: at,
    learnedAt,
    source: 'roster-check',
    sequence: '~',
  })
  return [
    ...[...seen]
      .filter((id) => !believed.has(id))
      .sort()
      .map((id) => fact(id, 'seen')),
    ...[...believed]
      .filter((id) => !seen.has(id))
      .sort()
      .map((id) => fact(id, 'not-seen')),
  ]
}

async function addFact(tx: Tx, fact: NewFact): Promise<boolean> {
  const { count } = await tx.membershipFact.createMany({ data: [fact], skipDuplicates: true })
  if (count === 0) return false
  await append(tx, {
    kind: 'membership-fact',
    fact: fact.id,
    group: fact.groupId,
    person: fact.personId,
    change: fact.kind,
    ...(fact.role === null ? {} : { role: fact.role }),
    ...(fact.actorId === null ? {} : { actor: fact.actorId }),
    occurredAt: fact.occurredAt.toISOString(),
    learnedAt: fact.learnedAt.toISOString(),
    source: fact.source,
  })
  return true
}

/** Derives the person's stays anew; adds what a later roster check already contradicts. */
async function rederive(tx: Tx, cause: NewFact): Promise<string[]> {
  const { groupId, personId } = cause
  const before = await tx.membership.findFirst({ where: { groupId, personId, until: null } })
  let facts = await factsAbout(tx, groupId, personId)
  let stays = deriveMembership(facts, []).stays
  for (let next: NewFact | undefined = cause; next; ) {
    const contradiction = await contradictedByCheck(tx, next, facts, presentAt(stays, next.occurredAt))
    if (contradiction) {
      await addFact(tx, contradiction)
      facts = await factsAbout(tx, groupId, personId)
      stays = deriveMembership(facts, []).stays
    }
    next = contradiction ?? doubtfulAfter(next, cause, facts)
  }
  await tx.membership.deleteMany({ where: { groupId, personId } })
  await tx.membership.createMany({
    data: stays.map((stay) => ({ id: randomUUID(), groupId, personId, ...stay })),
  })
  const present = stays.some((stay) => stay.until === null)
  return present && !before ? [personId] : []
}

/** What a check found so soon after the cause may count otherwise now: then the checks after it speak anew. */
function doubtfulAfter(fact: NewFact, cause: NewFact, facts: readonly MembershipFact[]): NewFact | undefined {
  const found = facts
    .filter((other) => isFromCheck(other.kind) && compareFacts(other, fact) > 0)
    .sort(compareFacts)[0]
  if (!found || found.occurredAt.getTime() - cause.occurredAt.getTime() > doubtMs) return undefined
  return { ...found, groupId: cause.groupId }
}

function isFromCheck(kind: FactKind): boolean {
  return kind === 'seen' || kind === 'not-seen'
}

async function contradictedByCheck(
  tx: Tx,
  fact: NewFact,
  facts: readonly MembershipFact[],
  present: boolean,
): Promise<NewFact | undefined> {
  const later = facts
    .filter((other) => other.kind !== 'role' && other.occurredAt > fact.occurredAt)
    .sort(compareFacts)[0]
  // A check counts after events of its own instant; what a check itself found it cannot contradict.
  const fromCheck = isFromCheck(fact.kind)
  const check = await tx.rosterCheck.findFirst({
    where: {
      groupId: fact.groupId,
      at: {
        ...(fromCheck ? { gt: fact.occurredAt } : { gte: fact.occurredAt }),
        ...(later ? { lt: later.occurredAt } : {}),
      },
    },
    orderBy: { at: 'asc' },
  })
  if (!check || check.personIds.includes(fact.personId) === present) return undefined
  return {
    ...fact,
    id: randomUUID(),
    kind: present ? 'not-seen' : 'seen',
    role: null,
    actorId: null,
    reason: null,
    occurredAt: check.at,
    source: 'roster-check',
    sequence: '~',
  }
}

async function factsAbout(tx: Tx, groupId: string, personId: string): Promise<MembershipFact[]> {
  const rows = await tx.membershipFact.findMany({ where: { groupId, personId } })
  return rows.map((row) => ({ ...row, kind: row.kind as FactKind }))
}
