import { randomUUID } from 'node:crypto'
import { Prisma } from '../generated/prisma/client.js'
import type { Tx } from '../storage/index.js'
import { applyToMessage, type MessageEvent, type MessageState, revisionOf } from './message-state.js'

/** A message as the database keeps it. */
export type MessageRow = Awaited<ReturnType<Tx['message']['findMany']>>[number]

/** What a batch of message events did to a group's transcript. */
export interface Captured {
  /** Messages made or changed, by order key. */
  readonly touched: readonly MessageRow[]
  /** True when every touched message is new and lies after all that was there before. */
  readonly appendedOnly: boolean
}

/**
 * Keeps messages, their revisions and deletions. The same events in any order, or twice, leave the same transcript.
 * @param people person ids by account id, for every author the events name
 */
export async function capture(
  tx: Tx,
  groupId: string,
  events: readonly MessageEvent[],
  people: ReadonlyMap<string, string>,
): Promise<Captured> {
  const ids = [...new Set(events.map((event) => event.message))]
  if (ids.length === 0) return { touched: [], appendedOnly: true }
  const held = await tx.message.findMany({ where: { groupId, externalId: { in: ids } } })
  const accounts = new Map([...people].map(([account, person]) => [person, account]))
  const states = new Map<string, MessageState>(
    held.map((row) => [
      row.externalId,
      { ...row, author: row.authorId ? (accounts.get(row.authorId) ?? null) : null, files: null },
    ]),
  )
  const before = new Map(held.map((row) => [row.externalId, row]))
  for (const event of events) states.set(event.message, applyToMessage(states.get(event.message), event))
  const newest = await tx.message.findFirst({
    where: { groupId },
    orderBy: { orderKey: 'desc' },
    select: { orderKey: true },
  })

  const rows = [...states.values()].map((state) =>
    toRow(groupId, state, people, before.get(state.externalId)),
  )
  const created = rows.filter((row) => !before.has(row.externalId))
  const changed = rows.filter((row) => {
    const old = before.get(row.externalId)
    return old !== undefined && !sameMessage(old, row)
  })
  if (created.length > 0) await tx.message.createMany({ data: created.map(forWrite) })
  for (const row of changed) await tx.message.update({ where: { id: row.id }, data: forWrite(row) })
  const revisions = events.flatMap((event) => revisionOf(event) ?? [])
  if (revisions.length > 0)
    await tx.messageRevision.createMany({
      data: revisions.map((revision) => ({ groupId, ...revision })),
      skipDuplicates: true,
    })

  const touched = [...created, ...changed].sort(byOrder)
  const first = touched[0]
  const appendedOnly = changed.length === 0 && (!first || !newest || first.orderKey > newest.orderKey)
  return { touched, appendedOnly }
}

/** Order of messages in a group: platform instant and sequence, then id. */
export function byOrder(
  a: { orderKey: string; externalId: string },
  b: { orderKey: string; externalId: string },
): number {
  return a.orderKey < b.orderKey ? -1 : a.orderKey > b.orderKey ? 1 : a.externalId < b.externalId ? -1 : 1
}

function toRow(
  groupId: string,
  state: MessageState,
  people: ReadonlyMap<string, string>,
  old: MessageRow | undefined,
): MessageRow {
  const { author, files, mentions, ...rest } = state
  return {
    ...rest,
    id: old?.id ?? randomUUID(),
    groupId,
    authorId: author === null ? (old?.authorId ?? null) : (people.get(author) ?? old?.authorId ?? null),
    mentions: [...mentions],
    files: files === null ? (old?.files ?? null) : JSON.parse(JSON.stringify(files)),
  }
}

function forWrite(row: MessageRow): Prisma.MessageCreateManyInput {
  return { ...row, files: row.files === null ? Prisma.DbNull : (row.files as Prisma.InputJsonValue) }
}

function sameMessage(a: MessageRow, b: MessageRow): boolean {
  return JSON.stringify({ ...a, id: '' }) === JSON.stringify({ ...b, id: '' }) || stable(a) === stable(b)
}

function stable(row: MessageRow): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
}
