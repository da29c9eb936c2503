import { z } from 'zod'
import type { ConversationInfo } from '../../src/platform/index.js'
import type { SlackApi } from './client.js'
import type { Clock } from './clock.js'
import { conversation, type SlackConversation } from './payloads.js'

export interface ChannelDetails {
  readonly name: string
  readonly visibility?: 'public' | 'private'
  readonly shared?: boolean
  readonly team?: string
}

/** What we know of the workspace's conversations. */
export interface Channels {
  known(id: string): ChannelDetails | undefined
  /** Tries to know these channels within `ms`. Never rejects. */
  within(ids: readonly string[], ms: number): Promise<void>
  /** Conversations the bot is in, as far as we have seen. */
  present(): readonly string[]
  joined(id: string): void
  left(id: string): void
  forget(id: string): void
  /** Loads the conversations the bot is in. */
  loadPresent(): Promise<void>
  /** Every conversation the bot can see. */
  list(): AsyncGenerator<ConversationInfo>
  /** The bot's direct conversation with a person. */
  directWith(person: string, budgetMs: number): Promise<string>
}

const infoAnswer = z.looseObject({ channel: conversation })
const listAnswer = z.looseObject({ channels: z.array(conversation) })
const openAnswer = z.looseObject({ channel: z.looseObject({ id: z.string() }) })
const groupTypes = 'public_channel,private_channel,mpim'

export function createChannels(api: SlackApi, clock: Clock): Channels {
  const details = new Map<string, ChannelDetails>()
  const here = new Set<string>()
  const direct = new Map<string, string>()

  function learn(channel: SlackConversation): void {
    details.set(channel.id, detailsOf(channel))
    if (channel.is_member === true) here.add(channel.id)
  }

  async function ask(id: string, budgetMs: number): Promise<void> {
    const answer = await api.call('conversations.info', { channel: id }, infoAnswer, { budgetMs })
    learn(answer.channel)
  }

  return {
    known: (id) => details.get(id),
    async within(ids, ms) {
      const unknown = ids.filter((id) => !details.has(id))
      if (unknown.length === 0) return
      await Promise.race([Promise.allSettled(unknown.map((id) => ask(id, ms))), clock.sleep(ms)])
    },
    present: () => [...here],
    joined: (id) => void here.add(id),
    left: (id) => void here.delete(id),
    forget: (id) => void details.delete(id),
    async loadPresent() {
      const args = { types: groupTypes, exclude_archived: true, limit: 500 }
      for await (const page of api.pages('users.conversations', args, listAnswer))
        for (const channel of page.channels) {
          learn(channel)
          here.add(channel.id)
        }
    },
    async *list() {
      const args = { types: groupTypes, exclude_archived: true, limit: 500 }
      for await (const page of api.pages('conversations.list', args, listAnswer))
        for (const channel of page.channels) {
          learn(channel)
          yield infoOf(channel)
        }
    },
    async directWith(person, budgetMs) {
      const known = direct.get(person)
      if (known !== undefined) return known
      const answer = await api.call('conversations.open', { users: person }, openAnswer, { budgetMs })
      direct.set(person, answer.channel.id)
      return answer.channel.id
    },
  }
}

function detailsOf(channel: SlackConversation): ChannelDetails {
  const isPrivate = channel.is_private === true || channel.is_mpim === true
  return {
    name: (channel.name ?? channel.id).slice(0, 400),
    visibility: isPrivate ? 'private' : 'public',
    ...(channel.is_ext_shared === true ? { shared: true } : {}),
  }
}

function infoOf(channel: SlackConversation): ConversationInfo {
  const details = detailsOf(channel)
  return {
    id: channel.id,
    name: details.name,
    visibility: details.visibility ?? 'public',
    botPresent: channel.is_member === true || channel.is_mpim === true,
  }
}
