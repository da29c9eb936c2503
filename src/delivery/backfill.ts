import { isRemembrancerError } from '../errors.js'
import type { ChatPlatform, Envelope, Logger, PlatformName } from '../platform/index.js'
import type { Database } from '../storage/index.js'
import { crashPoint } from './crash-point.js'
import { describeFailure } from './failure.js'
import { closeGap, type GapRow, openGaps } from './gaps.js'

export interface BackfillOptions {
  readonly platform: (name: PlatformName) => ChatPlatform | undefined
  /** The inbox: what comes back goes the way of every event. */
  readonly accept: (envelopes: readonly Envelope[]) => Promise<void>
  readonly now: () => Date
  readonly log: Logger
}

/** What a backfill came to. */
export interface BackfillReport {
  readonly closed: number
  /** Gaps that stay open because the platform could not be asked now: call again later. */
  readonly waiting: number
  /** Events handed to the inbox; those it knew already are among them. */
  readonly events: number
}

/**
 * Closes every open gap as far as it can be closed: for each group messages posted in it and new replies to older
 * ones, then the roster. Each gap says what could not be restored. Repeating it does no harm.
 */
export async function backfillGaps(database: Database, options: BackfillOptions): Promise<BackfillReport> {
  let closed = 0
  let waiting = 0
  let events = 0
  for (const gap of await openGaps(database)) {
    const platform = options.platform(gap.platform)
    if (!platform) {
      waiting += 1
      continue
    }
    try {
      const result = await fill(database, gap, platform, options)
      events += result.events
      const words = remainder(platform, result)
      await database.transaction((tx) => closeGap(tx, gap.id, words, options.now()))
      closed += 1
    } catch (error) {
      waiting += 1
      options.log.warn({ gap: gap.id, failure: describeFailure(error) }, 'A gap stays open for now')
    }
  }
  return { closed, waiting, events }
}

interface Filled {
  readonly events: number
  readonly unreadable: number
  readonly withoutRoster: number
  readonly groups: number
}

async function fill(
  database: Database,
  gap: GapRow,
  platform: ChatPlatform,
  options: BackfillOptions,
): Promise<Filled> {
  let events = 0
  let unreadable = 0
  let withoutRoster = 0
  const groups = await groupsOf(database, gap, platform)
  for (const conversation of groups) {
    try {
      if (platform.capabilities.history) events += await readHistory(gap, conversation, platform, options)
      crashPoint('gap-read')
      const roster = await platform.roster(gap.tenant, conversation)
      if (roster) await options.accept([roster])
      else withoutRoster += 1
    } catch (error) {
      // A group that is gone or closed to us cannot be read later either; anything else is worth another try.
      if (!isRefusal(error)) throw error
      unreadable += 1
    }
  }
  return { events, unreadable, withoutRoster, groups: groups.length }
}

/** In batches, so that memory does not grow with what was missed. */
async function readHistory(
  gap: GapRow,
  conversation: string,
  platform: ChatPlatform,
  options: BackfillOptions,
): Promise<number> {
  let events = 0
  let batch: Envelope[] = []
  const hand = async (): Promise<void> => {
    await options.accept(batch)
    events += batch.reduce((sum, envelope) => sum + envelope.events.length, 0)
    batch = []
  }
  for await (const envelope of platform.history(gap.tenant, conversation, gap.from, gap.to)) {
    batch.push(envelope)
    if (batch.length >= 200) await hand()
  }
  if (batch.length > 0) await hand()
  return events
}

/** Groups we know, and those the platform says we are in: we may have been added during the gap. */
async function groupsOf(database: Database, gap: GapRow, platform: ChatPlatform): Promise<string[]> {
  if (gap.conversation !== null) return [gap.conversation]
  const known = await database.prisma.group.findMany({
    where: { platform: gap.platform, tenant: gap.tenant, archived: false, botPresent: true },
    select: { externalId: true },
    orderBy: { externalId: 'asc' },
  })
  const found = new Set(known.map((group) => group.externalId))
  try {
    for await (const conversation of platform.conversations(gap.tenant))
      if (conversation.botPresent) found.add(conversation.id)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  return [...found]
}

function isRefusal(error: unknown): boolean {
  return isRemembrancerError(error, 'PLATFORM_NOT_FOUND') || isRemembrancerError(error, 'PLATFORM_REFUSED')
}

/** What a platform's history never gives back, and what this one did not. */
function remainder(platform: ChatPlatform, filled: Filled): string {
  const words = platform.capabilities.history
    ? ['Deletions, and wordings that were edited away, cannot be restored.']
    : ['This platform does not give back past messages: none of that time could be restored.']
  words.push('Changes of membership are known only as differences between rosters.')
  if (filled.withoutRoster > 0)
    words.push(`No complete roster could be had of ${filled.withoutRoster} of ${filled.groups} groups.`)
  if (filled.unreadable > 0)
    words.push(`${filled.unreadable} of ${filled.groups} groups could no longer be read.`)
  return words.join(' ')
}
