import { z } from 'zod'
import type { Envelope, PersonRef } from '../../src/platform/index.js'
import type { Channels } from './channels.js'
import type { SlackApi } from './client.js'
import type { People } from './people.js'

const membersPage = z.looseObject({ members: z.array(z.string()) })

const namesMs = 1000

/**
 * Everyone in a conversation at the moment of asking. Slack pages the list; a page that fails fails the whole, for an
 * absent person would count as departed.
 */
export async function readRoster(
  parts: {
    api: SlackApi
    people: People
    channels: Channels
    now: () => Date
    botUserId: () => string | undefined
  },
  tenant: string,
  conversation: string,
): Promise<Envelope> {
  const at = parts.now().toISOString()
  const ids = new Set<string>()
  const args = { channel: conversation, limit: 500 }
  for await (const page of parts.api.pages('conversations.members', args, membersPage))
    for (const id of page.members) ids.add(id)
  // Names are welcome, the list is what counts.
  await parts.people.preload([...ids]).catch(() => undefined)
  // The bot itself comes and goes as bot-added and bot-removed; in the membership log it would only be noise.
  const others = [...ids].filter((id) => id !== parts.botUserId())
  const members = others.map((id): PersonRef & { role: 'member' | 'guest' } => {
    const person = parts.people.known(id) ?? { id }
    return { ...person, role: person.external === true ? 'guest' : 'member' }
  })
  const where = { platform: 'slack', tenant, conversation, source: 'roster-check', at } as const
  const gone = parts.botUserId() !== undefined && !ids.has(parts.botUserId() ?? '')
  // Nobody tells us the name of a channel we are not in.
  if (gone) await parts.channels.within([conversation], namesMs)
  const details = gone ? parts.channels.known(conversation) : undefined
  return {
    raw: JSON.stringify({ source: 'roster-check', channel: conversation, at, members: [...ids] }),
    events: [
      { ...where, kind: 'roster-observed', members },
      ...(details === undefined ? [] : [{ ...where, kind: 'group-renamed' as const, ...details }]),
      // Slack does not always tell a bot that it was removed; of a public channel the list is given all the same.
      ...(gone ? [{ ...where, kind: 'bot-removed' as const }] : []),
    ],
  }
}
