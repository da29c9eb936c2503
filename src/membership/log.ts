import { stringify } from 'csv-stringify/sync'
import { type PersonRow, peopleById, shownName } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import { deriveMembership, type FactKind, type MembershipChange } from './changes.js'

/** A line of the membership log with names, newest last. */
export interface LogLine extends MembershipChange {
  readonly person: PersonRow
  readonly actor: PersonRow | undefined
}

/** The whole membership log of a group, in order of time. */
export async function membershipLog(
  tx: Tx,
  groupId: string,
  options: { from?: Date; to?: Date } = {},
): Promise<LogLine[]> {
  const facts = await tx.membershipFact.findMany({ where: { groupId } })
  const checks = await tx.rosterCheck.findMany({
    where: { groupId },
    select: { at: true },
    orderBy: { at: 'asc' },
  })
  const byPerson = groupBy(facts, (fact) => fact.personId)
  const instants = checks.map((check) => check.at)
  const changes = [...byPerson.values()].flatMap(
    (own) =>
      deriveMembership(
        own.map((fact) => ({ ...fact, kind: fact.kind as FactKind })),
        instants,
      ).changes,
  )
  const people = await peopleById(
    tx,
    changes.flatMap((change) => [change.personId, change.actorId]),
  )
  return changes
    .filter(
      (change) => (!options.from || change.at >= options.from) && (!options.to || change.at < options.to),
    )
    .sort((a, b) => a.at.getTime() - b.at.getTime() || a.personId.localeCompare(b.personId))
    .flatMap((change) => {
      const person = people.get(change.personId)
      return person
        ? [{ ...change, person, actor: change.actorId ? people.get(change.actorId) : undefined }]
        : []
    })
}

/** Who was a member at an instant (default now), by name. */
export async function membersAt(
  tx: Tx,
  groupId: string,
  at?: Date,
): Promise<(PersonRow & { role: string; since: Date })[]> {
  const rows = await tx.membership.findMany({
    where: at
      ? { groupId, since: { lte: at }, OR: [{ until: null }, { until: { gt: at } }] }
      : { groupId, until: null },
  })
  const people = await peopleById(
    tx,
    rows.map((row) => row.personId),
  )
  return rows
    .flatMap((row) => {
      const person = people.get(row.personId)
      return person && !person.bot ? [{ ...person, role: row.role, since: row.since }] : []
    })
    .sort((a, b) => a.fullName.localeCompare(b.fullName))
}

/**
 * How we know of a change, in words.
 * @param time an instant in words; UTC, said so, unless the reader's own zone is known
 */
export function howWeKnow(
  change: Pick<MembershipChange, 'source' | 'notBefore' | 'at'>,
  time: (at: Date) => string = inUtc,
): string {
  switch (change.source) {
    case 'roster-check':
      return change.notBefore
        ? `found by roster check between ${time(change.notBefore)} and ${time(change.at)}`
        : `found by roster check at ${time(change.at)}`
    case 'import':
      return 'read from an imported export'
    case 'backfill':
      return "read from the platform's history"
    default:
      return 'reported by the platform as it happened'
  }
}

function inUtc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Whether the person did it themselves, as far as the platform says. */
export function isOwnDoing(line: LogLine): boolean {
  return line.actor ? line.actor.id === line.person.id : line.kind === 'left'
}

/** Who did it, in words: never guessed. */
export function byWhom(line: LogLine): string {
  if (isOwnDoing(line)) return 'themselves'
  return line.actor ? shownName(line.actor) : 'not reported by the platform'
}

/** The log as CSV (UTF-8, header row). Cells that a spreadsheet would run as a formula are quoted with an apostrophe. */
export function membershipCsv(lines: readonly LogLine[]): string {
  const rows = lines.map((line) => ({
    at: line.at.toISOString(),
    person: line.person.fullName,
    external: line.person.external ? 'yes' : 'no',
    change: line.kind === 'role changed' && line.role ? `${line.kind}: ${line.role}` : line.kind,
    'by whom': byWhom(line),
    reason: line.reason ?? '',
    'how we know': howWeKnow(line),
    'learned at': line.learnedAt.toISOString(),
  }))
  return stringify(rows, {
    header: true,
    escape_formulas: true,
    bom: true,
    columns: ['at', 'person', 'external', 'change', 'by whom', 'reason', 'how we know', 'learned at'],
  })
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const held = groups.get(key(item))
    if (held) held.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
