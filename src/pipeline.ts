/**
 * The way of an event, top to bottom: what happens to everything a chat tells us, in order, in one transaction.
 * The same events again, or late, change nothing more.
 */
import type { Policy } from './config/index.js'
import { createDiscussionReader } from './decisions/index.js'
import { enqueuePost, forgetPayloads, type StoredEvent } from './delivery/index.js'
import type { DetectOptions } from './detection/index.js'
import {
  administratorsOf,
  applyGroupEvent,
  arrivalCard,
  digestRoomCard,
  findGroup,
  type GroupRow,
  groupById,
  inductionCard,
  officeOfRoom,
  removedCard,
  resolveGroup,
} from './groups/index.js'
import { applyMembership, type MembershipEvent } from './membership/index.js'
import { closeNudges, planNudges, refreshNudges } from './nudges/index.js'
import { accountsOf, type DatedRef, resolvePeople } from './people/index.js'
import type { ChatEvent, PersonRef } from './platform/index.js'
import { createRecommender, linkDirectory } from './stakeholders/index.js'
import type { Tx } from './storage/index.js'
import { capture, type MessageEvent } from './transcript/index.js'

export interface PipelineOptions {
  readonly policy: Policy
  now(): Date
  readonly detect?: DetectOptions
  /** Address of the pages, for links in cards. */
  readonly publicUrl?: string
}

/** Applies events of one lane: one group's, or one account's. */
export type Pipeline = (tx: Tx, stored: readonly StoredEvent[]) => Promise<void>

/** @returns the function that the lane runner applies */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { policy, now } = options
  const discussions = createDiscussionReader(2000, options.detect)
  const recommender = createRecommender(policy)

  return async (tx, stored) => {
    const events = stored.map((row) => row.event)
    const first = events[0]
    if (!first) return

    // Who: everyone the events name becomes a person we know, joined to the directory of remits.
    const people = await resolvePeople(tx, first, events.flatMap(namedPeople))
    await linkDirectory(tx, [...people.values()])
    if (!('conversation' in first)) return

    // Where: direct conversations with the bot are not groups; nothing of them is kept.
    const conversational = events.filter(inConversation)
    await forgetPayloads(
      tx,
      stored.filter((row) => isDirect(row.event)).map((row) => row.id),
    )
    const grouped = conversational.filter((event) => !isDirect(event))
    if (grouped.length === 0 || (await onlyRemovesUnknown(tx, grouped))) return
    const group = await applyToGroup(tx, grouped, now())

    // Members: facts, changes, stays; a word to whoever joins an official group.
    const arrived = await applyMembership(tx, group.id, grouped.filter(isMembershipEvent), people, now())
    await inductNewcomers(tx, group, grouped, arrived, people)

    // Words: kept only in registered groups (and imports, which someone chose to bring in).
    const kept = (event: ChatEvent): boolean => group.registration !== null || event.source === 'import'
    await forgetPayloads(
      tx,
      stored.filter((row) => isMessageEvent(row.event) && !kept(row.event)).map((row) => row.id),
    )
    const captured = await capture(tx, group.id, grouped.filter(isMessageEvent).filter(kept), people)
    if (captured.touched.length === 0) return

    // Decisions, options, off-channel talk: what the detector sees, nudged about quietly.
    const backlog = grouped.every((event) => event.source === 'import')
    const changes = await discussions.read(tx, group, captured, now(), { backlog })
    for (const { what, signal } of changes)
      if (what === 'withdrawn') await closeNudges(tx, signal, group, 'withdrawn', now())
    if (backlog) return
    await refreshNudges(tx, group, changes, options.publicUrl ?? '', now())
    await planNudges(tx, group, changes, policy, now())

    // Who is missing.
    const talk = captured.touched.filter((row) => !row.automatic && row.authorId !== null)
    await recommender.consider(tx, group, talk, changes, now())
  }

  /** Deletions do not say whether the conversation is a direct one: alone they begin no group. */
  async function onlyRemovesUnknown(tx: Tx, events: readonly InConversation[]): Promise<boolean> {
    const first = events[0] as InConversation
    const removes = (event: ChatEvent): boolean =>
      event.kind === 'message-deleted' || event.kind === 'message-restored'
    if (!events.every(removes)) return false
    const address = { platform: first.platform, tenant: first.tenant, externalId: first.conversation }
    return (await findGroup(tx, address)) === undefined
  }

  async function applyToGroup(tx: Tx, events: readonly InConversation[], at: Date): Promise<GroupRow> {
    const first = events[0] as InConversation
    const address = { platform: first.platform, tenant: first.tenant, externalId: first.conversation }
    let { group } = await resolveGroup(tx, address, new Date(first.at))
    for (const event of events.filter(isGroupEvent)) {
      const wasPresent = group.botPresent
      await applyGroupEvent(tx, group, event)
      group = (await groupById(tx, group.id)) ?? group
      if (wasPresent && !group.botPresent) await sayThatItIsRemoved(tx, group, event, at)
    }
    const arrived = events.some((event) => event.kind === 'bot-added' && event.source !== 'import')
    if (arrived && group.botPresent) await sayWhatIsRecorded(tx, group, at)
    return group
  }

  async function sayWhatIsRecorded(tx: Tx, group: GroupRow, at: Date): Promise<void> {
    const office = group.registration === null ? await officeOfRoom(tx, group) : undefined
    await enqueuePost(tx, {
      // Registered while the bot was not there: this is the word that the registration could not give.
      key: group.registration === null ? `arrival:${group.id}` : `arrival:${group.id}:registered`,
      platform: group.platform,
      tenant: group.tenant,
      target: { kind: 'group', conversation: group.externalId },
      card: office === undefined ? arrivalCard(group, policy) : digestRoomCard(office, group.platform),
      purpose: 'induction',
      at,
    })
  }

  /** Whoever answers for an official group hears at once that nothing of it is recorded any more. */
  async function sayThatItIsRemoved(tx: Tx, group: GroupRow, event: ChatEvent, at: Date): Promise<void> {
    if (group.registration === null || event.kind !== 'bot-removed') return
    const { recordsOfficerId } = group.registration
    const administrators = await administratorsOf(tx, group.id)
    const concerned = new Set([...administrators, ...(recordsOfficerId ? [recordsOfficerId] : [])])
    const card = removedCard(group, new Date(event.at), { by: event.actor?.name, reason: event.reason })
    for (const account of (await accountsOf(tx, group, [...concerned])).values())
      await enqueuePost(tx, {
        key: `removed:${group.id}:${event.at}:${account}`,
        platform: group.platform,
        tenant: group.tenant,
        target: { kind: 'person', person: account },
        card,
        purpose: 'operator-notice',
        at,
      })
  }

  async function inductNewcomers(
    tx: Tx,
    group: GroupRow,
    events: readonly InConversation[],
    arrived: readonly string[],
    people: ReadonlyMap<string, string>,
  ): Promise<void> {
    if (group.registration === null || group.registration.dryRun) return
    const dayAgo = now().getTime() - 86_400_000
    const joined = events.filter(
      (event) =>
        event.kind === 'member-joined' &&
        event.source === 'event' &&
        !event.person.bot &&
        Date.parse(event.at) > dayAgo,
    )
    const newcomers = joined.flatMap((event) => {
      const id = event.kind === 'member-joined' ? people.get(event.person.id) : undefined
      return id !== undefined && arrived.includes(id) ? [{ id, at: event.at }] : []
    })
    const accounts = await accountsOf(
      tx,
      group,
      newcomers.map(({ id }) => id),
    )
    for (const { id, at } of newcomers) {
      const account = accounts.get(id)
      if (account === undefined) continue
      await enqueuePost(tx, {
        key: `induction:${group.id}:${id}:${at}`,
        platform: group.platform,
        tenant: group.tenant,
        target: { kind: 'person', person: account },
        card: inductionCard(group, policy),
        purpose: 'induction',
        at: now(),
      })
    }
  }
}

type InConversation = Extract<ChatEvent, { conversation: string }>

function inConversation(event: ChatEvent): event is InConversation {
  return 'conversation' in event
}

function isDirect(event: ChatEvent): boolean {
  return 'direct' in event && event.direct === true
}

function isMessageEvent(event: ChatEvent): event is MessageEvent {
  return event.kind.startsWith('message-')
}

function isMembershipEvent(event: ChatEvent): event is MembershipEvent {
  return event.kind.startsWith('member-') || event.kind === 'roster-observed'
}

function isGroupEvent(event: ChatEvent): boolean {
  return event.kind.startsWith('group-') || event.kind.startsWith('bot-')
}

/** Everyone an event names, with the instant their details were true. */
function namedPeople(event: ChatEvent): DatedRef[] {
  const refs: (PersonRef | undefined)[] = [
    'author' in event ? event.author : undefined,
    'person' in event ? event.person : undefined,
    'actor' in event ? event.actor : undefined,
    'by' in event ? event.by : undefined,
    ...('members' in event ? event.members : []),
  ]
  // Direct conversations name people too, but nothing of them is kept.
  if (isDirect(event)) return []
  return refs.flatMap((ref) => (ref ? [{ ref, at: new Date(event.at) }] : []))
}
