import { isRemembrancerError, RemembrancerError } from '../../src/errors.js'
import type { Card, Logger, OutgoingPost, PostReceipt, PostTarget } from '../../src/platform/index.js'
import { baseConversation } from './activity.js'
import type { Connector, OutgoingActivity } from './connector.js'
import type { ConversationStore } from './conversations.js'
import type { Directory } from './directory.js'
import type { Graph } from './graph.js'
import { recentMessages } from './history.js'
import { outboxMark, renderCard } from './render.js'

/** Writing to people: new posts, replaced cards, and finding again what a crash left in doubt. */
export interface Poster {
  post(post: OutgoingPost): Promise<PostReceipt>
  update(receipt: PostReceipt, card: Card): Promise<void>
  find(target: PostTarget, outboxId: string, since: Date): Promise<PostReceipt | undefined>
  /** Writes into the personal chat with somebody. */
  toPerson(person: string, activity: OutgoingActivity): Promise<PostReceipt>
}

/** Creates the poster. */
export function createPoster(parts: {
  readonly store: ConversationStore
  readonly directory: Directory
  readonly connector: Connector
  readonly graph: Graph | undefined
  readonly log: () => Logger
}): Poster {
  const { store, directory, connector, graph, log } = parts

  /** Makes a refusal a visible state of the conversation; whatever goes through clears it. */
  async function watched<T>(conversation: string, work: () => Promise<T>): Promise<T> {
    try {
      const done = await work()
      store.mark(conversation, { trouble: undefined })
      return done
    } catch (error) {
      if (
        isRemembrancerError(error, 'PLATFORM_REFUSED') ||
        isRemembrancerError(error, 'PLATFORM_NOT_FOUND')
      ) {
        store.mark(conversation, { trouble: error.message.slice(0, 120) })
        log().warn({ code: error.code, conversation }, 'Teams will not let the bot write here')
      }
      throw error
    }
  }

  async function toGroup(id: string, thread: string | undefined, activity: OutgoingActivity) {
    const conversation = directory.conversation(id)
    return watched(id, async () => {
      if (thread !== undefined && conversation.kind === 'channel') {
        const message = await connector.send(conversation.serviceUrl, `${id};messageid=${thread}`, activity)
        return { conversation: id, message }
      }
      if (conversation.kind === 'channel') {
        const sent = await connector.sendToChannel(conversation.serviceUrl, id, activity)
        return { conversation: id, message: sent.message }
      }
      return { conversation: id, message: await connector.send(conversation.serviceUrl, id, activity) }
    })
  }

  async function openChat(person: string): Promise<string> {
    const service = directory.serviceUrl()
    const id = baseConversation(await connector.openPersonal(service, store.person(person)?.mri ?? person))
    store.remember({ id, kind: 'personal', serviceUrl: service, person, present: true })
    return id
  }

  async function toPerson(person: string, activity: OutgoingActivity): Promise<PostReceipt> {
    const known = store.personalChat(person)
    if (known) {
      try {
        const message = await watched(known.id, () => connector.send(known.serviceUrl, known.id, activity))
        return { conversation: known.id, message }
      } catch (error) {
        // The chat may have been replaced since (app removed and installed again): ask for it once more.
        if (!isRemembrancerError(error, 'PLATFORM_NOT_FOUND')) throw error
        store.forget(known.id)
      }
    }
    const id = await openChat(person)
    const message = await watched(id, () => connector.send(directory.serviceUrl(), id, activity))
    return { conversation: id, message }
  }

  return {
    toPerson,
    async post({ target, card, outboxId }) {
      if (target.kind === 'ephemeral')
        throw new RemembrancerError('PLATFORM_REFUSED', 'Teams has no messages that one member alone sees.')
      const activity = { card: renderCard(card, outboxId), summary: card.summary, outboxId }
      const where = target.kind === 'group' ? target.conversation : target.person
      store.notePost(outboxId, where)
      const receipt =
        target.kind === 'group'
          ? await toGroup(target.conversation, target.thread, activity)
          : await toPerson(target.person, activity)
      const thread = target.kind === 'group' ? target.thread : undefined
      store.notePost(outboxId, receipt.conversation, {
        message: receipt.message,
        ...(thread === undefined ? {} : { thread }),
      })
      return receipt
    },
    async update(receipt, card) {
      const conversation = directory.conversation(receipt.conversation)
      const thread = store.threadOfPost(receipt.message)
      const id = thread === undefined ? receipt.conversation : `${receipt.conversation};messageid=${thread}`
      await watched(receipt.conversation, () =>
        connector.update(conversation.serviceUrl, id, receipt.message, {
          card: renderCard(card),
          summary: card.summary,
        }),
      )
    },
    async find(target, outboxId, since) {
      const noted = store.post(outboxId)
      if (!noted) return undefined
      if (noted.receipt) return noted.receipt
      // On its way when the process ended. Graph reads groups, never a bot's personal chats.
      if (target.kind !== 'group' || !graph) return undefined
      const mark = JSON.stringify(outboxMark(outboxId)).slice(1, -1)
      try {
        const recent = recentMessages(graph, directory, directory.conversation(target.conversation), since)
        for await (const message of recent)
          if (message.attachments?.some((file) => file.content?.includes(mark)))
            return { conversation: target.conversation, message: message.id }
      } catch (error) {
        if (!isRemembrancerError(error, 'PLATFORM_REFUSED')) throw error
      }
      return undefined
    },
  }
}
