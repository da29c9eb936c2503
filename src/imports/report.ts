import { laneOf } from '../delivery/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { ImportedConversation, PlatformName, SourceReport } from '../platform/index.js'
import type { Database } from '../storage/index.js'

/** A group an import brought. */
export interface ImportedGroup {
  readonly id: string
  readonly name: string
  readonly address: string
}

/** An unrecorded decision found in the past. */
export interface BacklogDecision {
  readonly group: string
  readonly summary: string
  /** Words of the message that settled it, cut; undefined when it has been deleted since. */
  readonly excerpt: string | undefined
  readonly author: string | undefined
  readonly settledAt: Date
  readonly ageDays: number
  /** Where to read and record it. */
  readonly address: string
}

/** What an import came to. */
export interface ImportReport {
  readonly id: string
  readonly platform: PlatformName
  /** Name of the file, without its folder. */
  readonly file: string
  /** When the very same file was imported before. */
  readonly importedBefore: Date | undefined
  readonly timeZone: string
  readonly messages: { readonly read: number; readonly added: number; readonly held: number }
  readonly linesNotUnderstood: SourceReport['linesNotUnderstood']
  readonly leftOut: SourceReport['leftOut']
  readonly groups: readonly ImportedGroup[]
  readonly people: number
  readonly membershipChanges: { readonly added: number; readonly held: number }
  /** Events of these groups that failed: waiting for another try, or set aside after several. */
  readonly notApplied: { readonly waiting: number; readonly setAside: number }
  readonly unrecordedDecisions: { readonly total: number; readonly oldest: readonly BacklogDecision[] }
  readonly webAddress: string
}

/** What the database holds of some conversations. */
export interface Held {
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  readonly messages: number
  readonly people: number
  readonly membershipChanges: number
}

const mostDecisions = 1000
const longestExcerpt = 240
const askedAtOnce = 5000
const dayMs = 86_400_000

/** Counts what is held of an import's conversations. */
export async function countHeld(
  database: Database,
  platform: PlatformName,
  conversations: readonly ImportedConversation[],
): Promise<Held> {
  const { prisma } = database
  const groups: { id: string; name: string }[] = []
  let messages = 0
  let membershipChanges = 0
  for (let from = 0; from < conversations.length; from += askedAtOnce) {
    const some = conversations.slice(from, from + askedAtOnce)
    const found = await prisma.group.findMany({
      where: {
        platform,
        tenant: { in: [...new Set(some.map(({ tenant }) => tenant))] },
        externalId: { in: some.map(({ conversation }) => conversation) },
      },
      select: { id: true, name: true },
    })
    const ids = found.map(({ id }) => id)
    groups.push(...found)
    messages += await prisma.message.count({ where: { groupId: { in: ids } } })
    membershipChanges += await prisma.membershipFact.count({ where: { groupId: { in: ids } } })
  }
  const people = await countPeople(
    database,
    groups.map(({ id }) => id),
  )
  return {
    groups: groups.sort((a, b) => a.name.localeCompare(b.name, 'en')),
    messages,
    people,
    membershipChanges,
  }
}

async function countPeople(database: Database, groupIds: readonly string[]): Promise<number> {
  const rows = await database.prisma.$queryRaw<{ people: bigint }[]>`
    SELECT count(*) AS people FROM (
      SELECT author_id FROM message WHERE group_id = ANY(${groupIds}::uuid[]) AND author_id IS NOT NULL
      UNION SELECT person_id FROM membership_fact WHERE group_id = ANY(${groupIds}::uuid[])
    ) AS everyone`
  return Number(rows[0]?.people ?? 0)
}

/** Counts events of an import's conversations that have not gone through the pipeline. */
export async function countNotApplied(
  database: Database,
  platform: PlatformName,
  conversations: readonly ImportedConversation[],
): Promise<ImportReport['notApplied']> {
  const count = { waiting: 0, setAside: 0 }
  for (let from = 0; from < conversations.length; from += askedAtOnce) {
    const lanes = conversations
      .slice(from, from + askedAtOnce)
      .map(({ tenant, conversation }) =>
        laneOf({ platform, tenant, conversation, kind: 'group-restored', at: '', source: 'import' }),
      )
    const rows = await database.prisma.inboxEvent.groupBy({
      by: ['status'],
      where: { status: { in: ['pending', 'set-aside'] }, lane: { in: lanes } },
      _count: true,
    })
    for (const row of rows) count[row.status === 'pending' ? 'waiting' : 'setAside'] += row._count
  }
  return count
}

/** Builds the report of a finished import. */
export async function reportOf(
  database: Database,
  run: Pick<
    ImportReport,
    'id' | 'platform' | 'file' | 'importedBefore' | 'notApplied' | 'timeZone' | 'webAddress'
  > & {
    readonly finishedAt: Date
    readonly before: Held
    readonly after: Held
    readonly read: SourceReport
  },
): Promise<ImportReport> {
  const { id, platform, file, importedBefore, notApplied, timeZone, webAddress, before, after, read } = run
  const groups = after.groups.map((group) => ({ ...group, address: `${webAddress}/groups/${group.id}` }))
  return {
    id,
    platform,
    file,
    importedBefore,
    notApplied,
    timeZone,
    webAddress,
    messages: { read: read.messages, added: after.messages - before.messages, held: after.messages },
    linesNotUnderstood: read.linesNotUnderstood,
    leftOut: read.leftOut,
    groups,
    people: after.people,
    membershipChanges: {
      added: after.membershipChanges - before.membershipChanges,
      held: after.membershipChanges,
    },
    unrecordedDecisions: await unrecordedDecisions(database, groups, run.finishedAt),
  }
}

async function unrecordedDecisions(
  database: Database,
  groups: readonly ImportedGroup[],
  now: Date,
): Promise<ImportReport['unrecordedDecisions']> {
  const { prisma } = database
  const byId = new Map(groups.map((group) => [group.id, group]))
  const where = {
    groupId: { in: [...byId.keys()] },
    kind: 'decision',
    wouldNudge: true,
    state: 'open',
    backlog: true,
  }
  const total = await prisma.signal.count({ where })
  const signals = await prisma.signal.findMany({
    where,
    orderBy: [{ settledAt: 'asc' }, { id: 'asc' }],
    take: mostDecisions,
  })
  const messages = await prisma.message.findMany({
    where: {
      groupId: { in: [...new Set(signals.map((signal) => signal.groupId))] },
      externalId: { in: [...new Set(signals.map((signal) => signal.atMessage))] },
    },
  })
  const settling = new Map(messages.map((message) => [`${message.groupId} ${message.externalId}`, message]))
  const people = await peopleById(
    prisma,
    messages.map((message) => message.authorId),
  )
  const oldest = signals.map((signal) => {
    const message = settling.get(`${signal.groupId} ${signal.atMessage}`)
    const group = byId.get(signal.groupId)
    const kept = message !== undefined && message.deletedAt === null
    return {
      group: group?.name ?? '',
      summary: signal.summary,
      excerpt: kept ? cut(message.text) : undefined,
      author: shownName(people.get(message?.authorId ?? ''), undefined),
      settledAt: signal.settledAt,
      ageDays: Math.max(0, Math.floor((now.getTime() - signal.settledAt.getTime()) / dayMs)),
      address: group?.address ?? '',
    }
  })
  return { total, oldest }
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longestExcerpt ? line : `${line.slice(0, longestExcerpt - 1).trimEnd()}…`
}
