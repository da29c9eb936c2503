import { randomUUID } from 'node:crypto'
import type { Policy } from '../config/index.js'
import type { SignalChange } from '../decisions/index.js'
import { enqueuePost, enqueueUpdate } from '../delivery/index.js'
import { administratorsOf, type GroupRow, groupById } from '../groups/index.js'
import { append } from '../ledger/index.js'
import { membersAt } from '../membership/index.js'
import { accountsOf, peopleById, shownName } from '../people/index.js'
import type { Card } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import type { MessageRow } from '../transcript/index.js'
import { indexRemits, matchRemits, type RemitIndex } from './recommend.js'

/** A suggestion as kept. */
export type SuggestionRow = Awaited<ReturnType<Tx['suggestion']['findMany']>>[number]

type EntryRow = Awaited<ReturnType<Tx['directoryEntry']['findMany']>>[number]

interface DirectoryIndex {
  readonly key: string
  readonly lookedAt: Date
  readonly remits: RemitIndex
}

const windowSize = 12
const windowMs = 6 * 3_600_000

/** Proposes missing stakeholders to a group's administrators. */
export interface Recommender {
  /** Looks at the newest messages, and posts at most one suggestion for them. */
  consider(
    tx: Tx,
    group: GroupRow,
    touched: readonly MessageRow[],
    signals: readonly SignalChange[],
    now: Date,
  ): Promise<void>
}

/** @param policy limits and the least score worth a suggestion */
export function createRecommender(policy: Policy): Recommender {
  let index: DirectoryIndex | undefined
  return {
    async consider(tx, group, touched, signals, now) {
      if (!policy.suggestions.enabled || group.registration === null) return
      const last = touched.at(-1)
      if (
        !last?.postedAt ||
        now.getTime() - last.postedAt.getTime() > policy.nudges.notOlderThanHours * 3_600_000
      )
        return
      // Talk alone has to be clear; talk that settles or weighs something needs less to be worth a word.
      const weighty = signals.some(
        ({ what, signal }) =>
          what === 'new' && (signal.kind === 'options' || (signal.kind === 'decision' && signal.wouldNudge)),
      )
      if (!touched.some((row) => row.text.length > 20) && !weighty) return
      index = await currentIndex(tx, index, now)
      if (index.remits.entries.length === 0) return
      const recent = await tx.message.findMany({
        where: {
          groupId: group.id,
          automatic: false,
          orderKey: { lte: last.orderKey },
          postedAt: { gte: new Date(last.postedAt.getTime() - windowMs) },
        },
        orderBy: { orderKey: 'desc' },
        take: windowSize,
      })
      const matches = matchRemits(
        index.remits,
        recent.reverse().map((row) => row.text),
      )
      const least = policy.suggestions.minimumScore * (weighty ? 1 : 2)
      for (const match of matches.slice(0, 3)) {
        if (match.score < least || match.words.length < 2) break
        if (await propose(tx, group, match, last, policy, now)) break
      }
    },
  }
}

/** The directory may change at any time by an upload; a look once a minute is enough, and cheap at any size. */
async function currentIndex(tx: Tx, held: DirectoryIndex | undefined, now: Date): Promise<DirectoryIndex> {
  if (held && Math.abs(now.getTime() - held.lookedAt.getTime()) < 60_000) return held
  const rows = await tx.$queryRaw<{ key: string | null }[]>`
    SELECT md5(string_agg(concat_ws('|', id, role, team, remit), '|' ORDER BY id)) AS key FROM directory_entry WHERE active`
  const key = rows[0]?.key ?? ''
  if (held?.key === key) return { ...held, lookedAt: now }
  const entries = await tx.directoryEntry.findMany({ where: { active: true } })
  return { key, lookedAt: now, remits: indexRemits(entries) }
}

async function propose(
  tx: Tx,
  group: GroupRow,
  match: { entryId: string; score: number; words: readonly string[] },
  message: MessageRow,
  policy: Policy,
  now: Date,
): Promise<boolean> {
  const entry = await tx.directoryEntry.findUnique({ where: { id: match.entryId } })
  if (!entry) return false
  // Never someone already there, someone who has been there and left, or someone of whom this was asked before.
  const been = await tx.membership.findMany({ where: { groupId: group.id }, select: { personId: true } })
  const members = await membersAt(tx, group.id)
  const inside = entry.personId !== null && been.some((row) => row.personId === entry.personId)
  const byMail = members.some(
    (member) => member.email !== null && member.email.toLowerCase() === entry.email.toLowerCase(),
  )
  const byName = members.some((member) => member.fullName === entry.name)
  if (inside || byMail || byName) return false
  if (await tx.suggestion.findFirst({ where: { groupId: group.id, entryId: entry.id } })) return false
  // Somebody of the same team being there already covers the remit.
  const teammates = await tx.directoryEntry.findMany({
    where: { team: entry.team, personId: { in: members.map((member) => member.id) } },
  })
  if (teammates.length > 0) return false
  const dayAgo = new Date(now.getTime() - 86_400_000)
  if (
    (await tx.suggestion.count({ where: { groupId: group.id, createdAt: { gt: dayAgo } } })) >=
    policy.suggestions.perGroupPerDay
  )
    return true
  const words = match.words.slice(0, 4)
  const suggestion: SuggestionRow = {
    id: randomUUID(),
    groupId: group.id,
    entryId: entry.id,
    message: message.externalId,
    words,
    score: match.score,
    because: `The talk mentions ${words.map((word) => `“${word}”`).join(', ')}, and ${entry.name} (${entry.role}) is responsible for this.`,
    state: 'open',
    stateById: null,
    stateAt: null,
    createdAt: now,
    outcome: group.registration?.dryRun ? 'dry-run' : 'posted',
  }
  await tx.suggestion.create({ data: suggestion })
  if (group.registration?.dryRun) return true
  const accounts = await accountsOf(tx, group, await administratorsOf(tx, group.id))
  for (const account of accounts.values())
    await enqueuePost(tx, {
      key: `suggestion:${suggestion.id}:${account}`,
      platform: group.platform,
      tenant: group.tenant,
      target: { kind: 'person', person: account },
      card: suggestionCard(suggestion, entry, group),
      purpose: 'suggestion',
      at: now,
    })
  return true
}

/** The private card an administrator gets: who is missing, why, and what can be done. */
export function suggestionCard(
  suggestion: SuggestionRow,
  entry: { name: string; role: string; team: string; remit: string },
  group: Pick<GroupRow, 'name'>,
): Card {
  return {
    heading: `Should ${entry.name} know about this?`,
    summary: `A possible missing stakeholder in ${group.name}: ${entry.name}, ${entry.role}`,
    text: [
      `${group.name} is talking about something in the remit of ${entry.name}, who is not in the group.`,
    ],
    facts: [
      { label: 'Person', value: `${entry.name}, ${entry.role}, ${entry.team}` },
      { label: 'Remit', value: entry.remit },
      { label: 'Why you see this', value: suggestion.because },
    ],
    buttons: [
      { label: 'Add to group', action: 'suggestion.add', value: suggestion.id, style: 'primary' },
      { label: 'Brief them', action: 'suggestion.brief', value: suggestion.id },
      { label: 'Not needed', action: 'suggestion.not-needed', value: suggestion.id },
    ],
    footer: "Only the group's administrators can see this.",
  }
}

/** Keeps an administrator's answer, in the ledger too. The first answer counts. */
export async function answerSuggestion(
  tx: Tx,
  id: string,
  state: 'added' | 'briefed' | 'not-needed',
  by: string,
  now: Date,
): Promise<SuggestionRow> {
  const { count } = await tx.suggestion.updateMany({
    where: { id, state: 'open' },
    data: { state, stateById: by, stateAt: now },
  })
  if (count > 0) {
    await append(tx, {
      kind: 'suggestion-answered',
      suggestion: id,
      by,
      answer: state,
      at: now.toISOString(),
    })
    const name = shownName((await peopleById(tx, [by])).get(by), 'Another administrator')
    const answer = state === 'not-needed' ? 'not needed' : state
    await retellOthers(tx, id, by, now, (entry) => ({
      heading: `${entry.name}: ${answer}`,
      summary: `${name} has answered for ${entry.name}: ${answer}`,
      text: [`${name} has answered this suggestion: ${answer}.`],
    }))
  }
  return await tx.suggestion.findUniqueOrThrow({ where: { id } })
}

/** Replaces the cards that the other administrators hold, so that nobody is asked what is already answered. */
async function retellOthers(
  tx: Tx,
  id: string,
  by: string,
  now: Date,
  card: (entry: EntryRow, group: GroupRow, suggestion: SuggestionRow) => Card,
): Promise<void> {
  const suggestion = await tx.suggestion.findUniqueOrThrow({ where: { id } })
  const group = await groupById(tx, suggestion.groupId)
  const entry = await tx.directoryEntry.findUnique({ where: { id: suggestion.entryId } })
  if (!group || !entry) return
  const others = (await administratorsOf(tx, group.id)).filter((person) => person !== by)
  const keys = [...(await accountsOf(tx, group, others)).values()].map(
    (account) => `suggestion:${id}:${account}`,
  )
  const posts = await tx.outboxPost.findMany({
    where: { key: { in: keys } },
    select: { id: true, key: true },
  })
  for (const post of posts)
    await enqueueUpdate(tx, {
      key: `${post.key}:${suggestion.state}:${now.toISOString()}`,
      replaces: post.id,
      card: card(entry, group, suggestion),
      purpose: 'suggestion',
      at: now,
    })
}

/** Opens a suggestion again whose answer could not be carried out: the ledger keeps both the answer and this. */
export async function reopenSuggestion(tx: Tx, id: string, by: string, now: Date): Promise<void> {
  const { count } = await tx.suggestion.updateMany({
    where: { id, state: 'added' },
    data: { state: 'open', stateById: null, stateAt: null },
  })
  if (count === 0) return
  await append(tx, {
    kind: 'suggestion-answered',
    suggestion: id,
    by,
    answer: 'reopened',
    at: now.toISOString(),
  })
  await retellOthers(tx, id, by, now, (entry, group, suggestion) => suggestionCard(suggestion, entry, group))
}

/** Joins directory entries to people seen on a platform, by email address. */
export async function linkDirectory(tx: Tx, personIds: readonly string[]): Promise<void> {
  if (personIds.length === 0) return
  await tx.$executeRaw`
    UPDATE directory_entry SET person_id = person.id FROM person
    WHERE directory_entry.person_id IS NULL AND person.id = ANY(${[...personIds]}::uuid[])
      AND lower(person.email) = lower(directory_entry.email)`
}

/** What a person is told when an administrator has them briefed: the matter, never the messages. */
export function briefingCard(group: GroupRow, words: readonly string[], by: string): Card {
  return {
    heading: `${group.name} is discussing something in your remit`,
    summary: `${by} asks you to look at a matter in ${group.name}`,
    text: [
      `${by}, an administrator of ${group.name}, would like you to know of it. The talk touches: ${words.join(', ')}.`,
      'You are not in that group and see none of its messages. Reply to them directly if you want to be added or consulted.',
    ],
    facts: group.registration ? [{ label: 'Purpose of the group', value: group.registration.purpose }] : [],
  }
}
