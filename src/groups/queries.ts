import type { Tx } from '../storage/index.js'

/** A group in the list of official groups. */
export interface GroupSummary {
  readonly id: string
  readonly name: string
  readonly team: string | null
  readonly platform: string
  readonly registered: boolean
  readonly dryRun: boolean
  readonly archived: boolean
  readonly botPresent: boolean
  readonly office: string | null
  /** The office whose room this is: its digests arrive here. */
  readonly roomOf: string | null
  readonly members: number
  /** Open unrecorded decisions, without the backlog of imports. */
  readonly unrecorded: number
  readonly oldestUnrecorded: Date | null
  readonly backlog: number
  readonly lastDigestAt: Date | null
}

/** Which groups to list. */
export interface GroupFilter {
  readonly search?: string
  readonly officeId?: string | undefined
  readonly page: number
  readonly size: number
}

/** One page of groups by name, archived ones last, with counts for these alone. */
export async function listGroups(
  tx: Tx,
  filter: GroupFilter,
): Promise<{ rows: GroupSummary[]; total: number }> {
  const where = {
    ...(filter.search
      ? { name: { contains: likeLiteral(filter.search), mode: 'insensitive' as const } }
      : {}),
    ...(filter.officeId ? { registration: { privateOfficeId: filter.officeId } } : {}),
  }
  const total = await tx.group.count({ where })
  const groups = await tx.group.findMany({
    where,
    include: { registration: { include: { privateOffice: true } } },
    orderBy: [{ archived: 'asc' }, { name: 'asc' }, { id: 'asc' }],
    skip: (filter.page - 1) * filter.size,
    take: filter.size,
  })
  const ids = groups.map((group) => group.id)
  const members = await memberCounts(tx, ids)
  const open = await tx.signal.groupBy({
    by: ['groupId', 'backlog'],
    where: { groupId: { in: ids }, kind: 'decision', state: 'open', wouldNudge: true },
    _count: { _all: true },
    _min: { settledAt: true },
  })
  const offices = groups.flatMap((group) => (group.registration ? [group.registration.privateOfficeId] : []))
  const digests = await tx.digest.groupBy({
    by: ['privateOfficeId'],
    where: { privateOfficeId: { in: [...new Set(offices)] } },
    _max: { createdAt: true },
  })
  const rooms = await tx.privateOffice.findMany({
    where: { room: { in: groups.map((group) => group.externalId) } },
    select: { name: true, platform: true, tenant: true, room: true },
  })
  const rows = groups.map((group): GroupSummary => {
    const counted = (backlog: boolean) =>
      open.find((row) => row.groupId === group.id && row.backlog === backlog)
    const { registration } = group
    return {
      id: group.id,
      name: group.name,
      team: group.team,
      platform: group.platform,
      registered: registration !== null,
      dryRun: registration?.dryRun ?? false,
      archived: group.archived,
      botPresent: group.botPresent,
      office: registration?.privateOffice.name ?? null,
      roomOf:
        rooms.find(
          (one) =>
            one.room === group.externalId && one.platform === group.platform && one.tenant === group.tenant,
        )?.name ?? null,
      members: members.get(group.id) ?? 0,
      unrecorded: counted(false)?._count._all ?? 0,
      oldestUnrecorded: counted(false)?._min.settledAt ?? null,
      backlog: counted(true)?._count._all ?? 0,
      lastDigestAt:
        digests.find((row) => row.privateOfficeId === registration?.privateOfficeId)?._max.createdAt ?? null,
    }
  })
  return { rows, total }
}

/** Members now of each group, bots left out. */
export async function memberCounts(tx: Tx, groupIds: readonly string[]): Promise<Map<string, number>> {
  if (groupIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: string; members: number }[]>`
    SELECT m.group_id AS id, count(*)::int AS members
    FROM membership m JOIN person p ON p.id = m.person_id
    WHERE m.group_id = ANY(${[...groupIds]}::uuid[]) AND m.until IS NULL AND NOT p.bot
    GROUP BY m.group_id`
  return new Map(rows.map((row) => [row.id, row.members]))
}

/** A private office as forms and filters name it. */
export interface OfficeChoice {
  readonly id: string
  readonly name: string
  readonly official: string
}

/** Private offices by name. There are as many as ministers and senior officials: few. */
export async function listOffices(tx: Tx): Promise<OfficeChoice[]> {
  return await tx.privateOffice.findMany({
    orderBy: { name: 'asc' },
    select: { id: true, name: true, official: true },
    take: 500,
  })
}

/** The private office whose digests arrive in this group, by name. */
export async function officeOfRoom(
  tx: Tx,
  group: { readonly platform: string; readonly tenant: string; readonly externalId: string },
): Promise<string | undefined> {
  const { platform, tenant, externalId } = group
  const office = await tx.privateOffice.findFirst({
    where: { platform, tenant, room: externalId },
    orderBy: { name: 'asc' },
    select: { name: true },
  })
  return office?.name
}

/** Names of groups by id. */
export async function groupNames(
  tx: Tx,
  ids: readonly (string | null | undefined)[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id): id is string => typeof id === 'string'))]
  if (wanted.length === 0) return new Map()
  const rows = await tx.group.findMany({ where: { id: { in: wanted } }, select: { id: true, name: true } })
  return new Map(rows.map((row) => [row.id, row.name]))
}

/** Words as they stand inside a LIKE pattern: `%` and `_` mean themselves. */
export function likeLiteral(words: string): string {
  return words.replaceAll(/[\\%_]/g, '\\$&')
}
