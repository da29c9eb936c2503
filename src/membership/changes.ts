/** What was told or seen about one person in one group, as kept in `membership_fact`. */
export interface MembershipFact {
  readonly id: string
  readonly personId: string
  readonly kind: FactKind
  readonly role: string | null
  readonly actorId: string | null
  readonly reason: string | null
  readonly occurredAt: Date
  readonly learnedAt: Date
  readonly source: string
  readonly sequence: string
}
export type FactKind = 'joined' | 'left' | 'removed' | 'departed' | 'role' | 'seen' | 'not-seen'

export type ChangeKind =
  | 'present when first seen'
  | 'joined'
  | 'rejoined'
  | 'left'
  | 'removed'
  | 'departed'
  | 'role changed'

/** One line of the membership log. */
export interface MembershipChange {
  readonly personId: string
  readonly kind: ChangeKind
  readonly at: Date
  /** Roster checks only: it happened after this and not later than `at`. Null = no earlier check. */
  readonly notBefore: Date | null
  /** Null = not reported by the platform: never guessed. */
  readonly actorId: string | null
  readonly reason: string | null
  readonly role: string | null
  readonly source: string
  readonly learnedAt: Date
  readonly factId: string
}

/** A stretch in which a person was a member; `until` null = member now. */
export interface Stay {
  readonly since: Date
  readonly until: Date | null
  readonly role: string
}

// Two reports of one change (a platform's event, and the same told by its directory with the actor) lie seconds apart.
const sameChangeMs = 5 * 60_000
/**
 * A roster is dated by our clock, an event by the platform's: one read before a change may bear a later time than the
 * change, and a platform's list may lag behind its events. So soon after an event a check that says the opposite is
 * not believed; if it was right, the next one says so again. Five minutes: the most by which the platforms' doors let
 * clocks differ.
 */
export const doubtMs = 5 * 60_000
const rank: Record<FactKind, number> = {
  joined: 0,
  role: 1,
  left: 2,
  removed: 2,
  departed: 3,
  seen: 4,
  'not-seen': 5,
}

/** Order in which facts of one person count: instant, then the platform's sequence, then kind. */
export function compareFacts(a: MembershipFact, b: MembershipFact): number {
  return (
    a.occurredAt.getTime() - b.occurredAt.getTime() ||
    (a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0) ||
    rank[a.kind] - rank[b.kind] ||
    (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0)
  )
}

/**
 * Derives what happened to one person in one group, whatever order the facts were learned in.
 * @param facts all facts about that person in that group, any order
 * @param checks instants of the group's roster checks, ascending
 * @returns changes in order of time, and the stays they amount to
 */
export function deriveMembership(
  facts: readonly MembershipFact[],
  checks: readonly Date[],
): { changes: MembershipChange[]; stays: Stay[] } {
  const changes: MembershipChange[] = []
  const stays: { since: Date; until: Date | null; role: string }[] = []
  let present = false
  let everPresent = false
  let role = 'member'
  let toldAt: number | undefined
  const doubted = new Set<number>()
  /** Checks of which we believe what they say about this person. */
  const believed = (): Date[] => checks.filter((check) => !doubted.has(check.getTime()))
  for (const fact of [...facts].sort(compareFacts)) {
    const contrary = fact.kind === 'seen' ? !present : fact.kind === 'not-seen' && present
    if (contrary && toldAt !== undefined && fact.occurredAt.getTime() - toldAt <= doubtMs) {
      doubted.add(fact.occurredAt.getTime())
      continue
    }
    if (isTold(fact.kind)) toldAt = fact.occurredAt.getTime()
    const last = changes.findLast((change) => change.kind !== 'role changed')
    switch (fact.kind) {
      case 'joined':
        if (
          last &&
          isArrival(last.kind) &&
          present &&
          fact.occurredAt.getTime() - last.at.getTime() <= sameChangeMs
        ) {
          changes[changes.indexOf(last)] = moreTelling(last, fact)
          break
        }
        changes.push(change(fact, everPresent ? 'rejoined' : 'joined', null))
        if (!present) stays.push({ since: fact.occurredAt, until: null, role })
        present = everPresent = true
        break
      case 'seen':
        if (present) break
        changes.push(arrivalByRoster(fact, last, everPresent, believed()))
        stays.push({ since: fact.occurredAt, until: null, role })
        present = everPresent = true
        break
      case 'left':
      case 'removed':
      case 'departed':
        if (
          !present &&
          last &&
          !isArrival(last.kind) &&
          fact.occurredAt.getTime() - last.at.getTime() <= sameChangeMs
        ) {
          changes[changes.indexOf(last)] = moreTelling(last, fact)
          break
        }
        if (!present && last) break
        changes.push(change(fact, fact.kind, null))
        endStay(stays, fact.occurredAt)
        present = false
        everPresent = true
        role = 'member'
        break
      case 'not-seen':
        if (!present) break
        changes.push(change(fact, 'departed', lastEvidence(last, believed(), fact.occurredAt)))
        endStay(stays, fact.occurredAt)
        present = false
        role = 'member'
        break
      case 'role':
        if (fact.role === null || fact.role === role) break
        role = fact.role
        changes.push(change(fact, 'role changed', null))
        if (stays.length > 0 && present) stays[stays.length - 1] = { ...lastOf(stays), role }
        break
    }
  }
  return { changes, stays }
}

/** Whether the person was present just after `at`, by their stays. */
export function presentAt(stays: readonly Stay[], at: Date): boolean {
  return stays.some((stay) => stay.since <= at && (stay.until === null || stay.until > at))
}

function change(fact: MembershipFact, kind: ChangeKind, notBefore: Date | null): MembershipChange {
  return {
    personId: fact.personId,
    kind,
    at: fact.occurredAt,
    notBefore,
    actorId: fact.actorId,
    reason: fact.reason,
    role: fact.role,
    source: fact.source,
    learnedAt: fact.learnedAt,
    factId: fact.id,
  }
}

function arrivalByRoster(
  fact: MembershipFact,
  last: MembershipChange | undefined,
  everPresent: boolean,
  checks: readonly Date[],
): MembershipChange {
  const before = lastEvidence(last, checks, fact.occurredAt)
  if (everPresent) return change(fact, 'rejoined', before)
  return change(fact, before === null ? 'present when first seen' : 'joined', before)
}

/** Keeps the telling of a change that says more: left or removed over departed, with an actor over without. */
function moreTelling(held: MembershipChange, fact: MembershipFact): MembershipChange {
  const kind = held.kind === 'departed' && fact.kind !== 'joined' ? (fact.kind as ChangeKind) : held.kind
  const better = kind === 'removed' || fact.kind !== 'removed' ? kind : 'removed'
  return {
    ...held,
    kind: isArrival(held.kind) ? held.kind : better,
    actorId: held.actorId ?? fact.actorId,
    reason: held.reason ?? fact.reason,
  }
}

/** Whether an event told of coming or going, and not a check. */
function isTold(kind: FactKind): boolean {
  return kind === 'joined' || kind === 'left' || kind === 'removed' || kind === 'departed'
}

function isArrival(kind: ChangeKind): boolean {
  return kind === 'joined' || kind === 'rejoined' || kind === 'present when first seen'
}

/** The last instant at which it was still as before: of the change before, or of a check that we believe. */
function lastEvidence(last: MembershipChange | undefined, checks: readonly Date[], at: Date): Date | null {
  const check = checks.findLast((candidate) => candidate < at) ?? null
  if (last === undefined) return check
  return check !== null && check > last.at ? check : last.at
}

function endStay(stays: { since: Date; until: Date | null; role: string }[], at: Date): void {
  const open = stays.at(-1)
  if (open && open.until === null) stays[stays.length - 1] = { ...open, until: at }
}

function lastOf<T>(items: readonly T[]): T {
  const item = items.at(-1)
  if (item === undefined) throw new Error('empty list')
  return item
}
