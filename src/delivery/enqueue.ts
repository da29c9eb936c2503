import { RemembrancerError } from '../errors.js'
import type { Card, PlatformName, PostTarget } from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'
import { newId } from './ids.js'
import { storableValue } from './inbox-rows.js'

/** A post to be delivered. */
export interface NewPost {
  /** The same key is never posted twice: name the matter and the addressee. */
  readonly key: string
  readonly platform: PlatformName
  readonly tenant: string
  readonly target: PostTarget
  readonly card: Card
  /** `nudge`, `digest`, `confirmation` …: a short code, which the ledger may repeat. */
  readonly purpose: string
  readonly at: Date
  /** Not before this instant (quiet hours). */
  readonly notBefore?: Date
  /** Outbox id of a post whose card this one replaces; see `enqueueUpdate`. */
  readonly replaces?: string
}

/**
 * Writes a post into the outbox, in the transaction of the state that causes it.
 * @returns the outbox id; the existing one when the key is known
 */
export async function enqueuePost(tx: Tx, post: NewPost): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9.:-]{0,39}$/.test(post.purpose))
    throw new RangeError('The purpose of a post is a short code')
  const inserted = await tx.outboxPost.createManyAndReturn({
    data: [
      {
        id: newId(),
        key: post.key,
        platform: post.platform,
        tenant: post.tenant,
        target: storableValue({ ...post.target }),
        channel: channelOf(post.platform, post.tenant, post.target),
        card: storableValue({ ...post.card }),
        purpose: post.purpose,
        replaces: post.replaces ?? null,
        createdAt: post.at,
        notBefore: post.notBefore ?? post.at,
      },
    ],
    skipDuplicates: true,
    select: { id: true },
  })
  const row = inserted[0] ?? (await tx.outboxPost.findUniqueOrThrow({ where: { key: post.key } }))
  if (inserted[0] && post.replaces !== undefined) await supersede(tx, post.replaces, row.id)
  return row.id
}

/**
 * Replaces the card of a post, in order after the post itself; an older replacement still waiting is dropped.
 * Where the platform cannot replace, the new card is posted in its place's channel.
 * What one person alone was shown for a moment cannot be changed any more: nothing is written then.
 * @returns the outbox id of the replacement; the existing one when the key is known; the post's own when
 * nothing can replace it
 * @throws RemembrancerError NOT_FOUND when there is no such post
 */
export async function enqueueUpdate(
  tx: Tx,
  update: Pick<NewPost, 'key' | 'card' | 'purpose' | 'at' | 'notBefore'> & { readonly replaces: string },
): Promise<string> {
  const original = await tx.outboxPost.findUnique({ where: { id: update.replaces } })
  if (!original) throw new RemembrancerError('NOT_FOUND', 'The post to be replaced is not in the outbox.')
  const target = original.target as unknown as PostTarget
  if (target.kind === 'ephemeral') return original.id
  return await enqueuePost(tx, {
    ...update,
    platform: original.platform as PlatformName,
    tenant: original.tenant,
    target,
  })
}

/** A post nobody got, without its card. */
export interface FailedPost {
  readonly id: string
  readonly platform: string
  readonly tenant: string
  readonly purpose: string
  readonly createdAt: Date
  readonly attempts: number
  readonly error: string | null
}

/** Posts given up, newest first: what `doctor` and the administrators' page show. */
export async function listUndelivered(
  database: Database,
  options: { limit?: number } = {},
): Promise<FailedPost[]> {
  return await database.prisma.outboxPost.findMany({
    where: { status: 'failed' },
    orderBy: { createdAt: 'desc' },
    take: options.limit ?? 100,
    select: {
      id: true,
      platform: true,
      tenant: true,
      purpose: true,
      createdAt: true,
      attempts: true,
      error: true,
    },
  })
}

/** What order and rate limits go by: a conversation, or the bot's conversation with one person. */
export function channelOf(platform: PlatformName, tenant: string, target: PostTarget): string {
  const where = target.kind === 'person' ? `person:${target.person}` : `conversation:${target.conversation}`
  return `${platform}|${tenant}|${where}`
}

async function supersede(tx: Tx, replaces: string, by: string): Promise<void> {
  await tx.outboxPost.updateMany({
    where: { replaces, id: { not: by }, status: 'pending', attempts: 0 },
    data: { status: 'superseded' },
  })
}
