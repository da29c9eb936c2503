import { groupNames, likeLiteral } from '../groups/index.js'
import type { Tx } from '../storage/index.js'

/** A line of the directory, with the groups the person is in now. */
export interface DirectoryLine {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly team: string
  readonly remit: string
  readonly groups: readonly { readonly id: string; readonly name: string }[]
}

/** One page of the directory by name; `search` looks in name, role, team and remit. */
export async function listDirectory(
  tx: Tx,
  filter: { readonly search?: string; readonly page: number; readonly size: number },
): Promise<{ rows: DirectoryLine[]; total: number }> {
  const holds = { contains: likeLiteral(filter.search ?? ''), mode: 'insensitive' as const }
  const where = {
    active: true,
    ...(filter.search ? { OR: [{ name: holds }, { role: holds }, { team: holds }, { remit: holds }] } : {}),
  }
  const total = await tx.directoryEntry.count({ where })
  const entries = await tx.directoryEntry.findMany({
    where,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    skip: (filter.page - 1) * filter.size,
    take: filter.size,
  })
  const persons = entries.flatMap((entry) => (entry.personId ? [entry.personId] : []))
  const stays = await tx.membership.findMany({
    where: { personId: { in: persons }, until: null },
    select: { personId: true, groupId: true },
  })
  const names = await groupNames(
    tx,
    stays.map((stay) => stay.groupId),
  )
  return {
    rows: entries.map((entry) => ({
      id: entry.id,
      name: entry.name,
      email: entry.email,
      role: entry.role,
      team: entry.team,
      remit: entry.remit,
      groups: stays
        .filter((stay) => stay.personId === entry.personId)
        .map((stay) => ({ id: stay.groupId, name: names.get(stay.groupId) ?? '' }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    })),
    total,
  }
}

/** A suggestion as a group's page shows it. */
export interface SuggestionLine {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly team: string
  readonly remit: string
  readonly because: string
  readonly words: readonly string[]
  readonly state: string
  readonly outcome: string
  readonly createdAt: Date
  readonly stateAt: Date | null
}

/** One page of a group's suggestions: newest first. */
export async function listSuggestions(
  tx: Tx,
  groupId: string,
  paging: { readonly page: number; readonly size: number },
): Promise<{ rows: SuggestionLine[]; total: number }> {
  const total = await tx.suggestion.count({ where: { groupId } })
  const rows = await tx.suggestion.findMany({
    where: { groupId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    skip: (paging.page - 1) * paging.size,
    take: paging.size,
  })
  const entries = await tx.directoryEntry.findMany({ where: { id: { in: rows.map((row) => row.entryId) } } })
  const known = new Map(entries.map((entry) => [entry.id, entry]))
  return {
    rows: rows.map((row) => {
      const entry = known.get(row.entryId)
      return {
        id: row.id,
        name: entry?.name ?? 'A person no longer in the directory',
        role: entry?.role ?? '',
        team: entry?.team ?? '',
        remit: entry?.remit ?? '',
        because: row.because,
        words: row.words,
        state: row.state,
        outcome: row.outcome,
        createdAt: row.createdAt,
        stateAt: row.stateAt,
      }
    }),
    total,
  }
}
