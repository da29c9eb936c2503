import { z } from 'zod'
import type { OutgoingPost, PostReceipt, PostTarget } from '../../src/platform/index.js'
import type { Channels } from './channels.js'
import { done, type SlackApi } from './client.js'
import { message, tsOf } from './payloads.js'
import type { Pulse } from './pulse.js'
import { renderCard } from './render-card.js'

/** `event_type` of the metadata by which we recognise our own posts. */
export const postMetadata = 'remembrancer_post'

const posted = z.looseObject({ channel: z.string(), ts: z.string() })
const whispered = z.looseObject({ message_ts: z.string() })
const page = z.looseObject({ messages: z.array(z.unknown()) })
const postMs = 10_000
/** Pages of recent history looked through for our own post. */
const mostPages = 10

export interface PostParts {
  readonly api: SlackApi
  readonly channels: Channels
  readonly pulse: Pulse
}

/** Posts a card. Links in it do not unfold, and its metadata names the outbox row. */
export async function sendPost(parts: PostParts, post: OutgoingPost): Promise<PostReceipt> {
  const { target } = post
  const rendered = renderCard(post.card)
  if (target.kind === 'ephemeral') {
    const args = {
      channel: target.conversation,
      user: target.person,
      ...(target.thread === undefined ? {} : { thread_ts: target.thread }),
      ...rendered,
    }
    const options = { budgetMs: postMs, repeatable: false, channel: target.conversation }
    const answer = await parts.api.call('chat.postEphemeral', args, whispered, options)
    return { conversation: target.conversation, message: answer.message_ts }
  }
  const channel = await channelOf(parts, target)
  const args = {
    channel,
    ...(target.kind === 'group' && target.thread !== undefined ? { thread_ts: target.thread } : {}),
    ...rendered,
    metadata: { event_type: postMetadata, event_payload: { outbox_id: post.outboxId } },
    unfurl_links: false,
    unfurl_media: false,
  }
  const options = { budgetMs: postMs, repeatable: false, channel }
  const answer = await parts.api.call('chat.postMessage', args, posted, options)
  parts.pulse.posted(answer.channel, answer.ts)
  return { conversation: answer.channel, message: answer.ts }
}

async function channelOf(
  parts: PostParts,
  target: Exclude<PostTarget, { kind: 'ephemeral' }>,
): Promise<string> {
  return target.kind === 'group' ? target.conversation : parts.channels.directWith(target.person, postMs)
}

/** Replaces a posted card. An ephemeral one cannot be: Slack then knows no such message. */
export async function replacePost(
  parts: PostParts,
  receipt: PostReceipt,
  card: OutgoingPost['card'],
): Promise<void> {
  const args = { channel: receipt.conversation, ts: receipt.message, ...renderCard(card) }
  await parts.api.call('chat.update', args, done, { budgetMs: postMs })
}

/** Finds our own post by the outbox id in its metadata. Ephemeral ones leave no trace to be found. */
export async function findPost(
  parts: PostParts,
  target: PostTarget,
  outboxId: string,
  since: Date,
): Promise<PostReceipt | undefined> {
  if (target.kind === 'ephemeral') return undefined
  const channel = await channelOf(parts, target)
  const thread = target.kind === 'group' ? target.thread : undefined
  const args = {
    channel,
    oldest: tsOf(since),
    inclusive: true,
    limit: 200,
    include_all_metadata: true,
    ...(thread === undefined ? {} : { ts: thread }),
  }
  const method = thread === undefined ? 'conversations.history' : 'conversations.replies'
  let pages = 0
  for await (const answer of parts.api.pages(method, args, page)) {
    for (const raw of answer.messages) {
      const found = message.safeParse(raw).data
      if (found?.metadata?.event_type !== postMetadata) continue
      if (found.metadata.event_payload.outbox_id === outboxId)
        return { conversation: channel, message: found.ts }
    }
    pages += 1
    if (pages >= mostPages) return undefined
  }
  return undefined
}
