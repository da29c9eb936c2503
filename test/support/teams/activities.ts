import type { Room, StoredMessage, User, World } from './world.js'

/*
 * Activities as Teams sends them.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
 */

/** Makes activities of one world. */
export interface Activities {
  message(room: Room, message: StoredMessage, options?: { mention?: boolean }): Json
  edit(room: Room, message: StoredMessage, kind: 'editMessage' | 'undeleteMessage'): Json
  deletion(room: Room, message: StoredMessage): Json
  members(room: Room, kind: 'membersAdded' | 'membersRemoved', who: readonly Json[], by?: User): Json
  invoke(room: Room, user: User, name: string, value: unknown, replyTo?: string): Json
  bot: Json
}

export type Json = Record<string, unknown>

/** Creates the maker. */
export function createActivities(world: World, serviceUrl: string): Activities {
  const bot = { id: `28:${world.appId}`, name: 'Remembrancer' }
  let counter = 0

  function account(user: User): Json {
    return { id: user.mri, name: user.name, aadObjectId: user.id }
  }

  function base(room: Room, at: string, thread?: string): Json {
    const team = room.team === undefined ? undefined : world.teams.get(room.team)
    return {
      channelId: 'msteams',
      serviceUrl,
      timestamp: at.replace('Z', '1234Z'),
      recipient: bot,
      conversation: {
        id: thread === undefined ? room.id : `${room.id};messageid=${thread}`,
        conversationType: { channel: 'channel', chat: 'groupChat', personal: 'personal' }[room.kind],
        isGroup: room.kind !== 'personal',
        tenantId: world.tenant,
        ...(room.kind === 'chat' ? { name: room.name } : {}),
      },
      channelData: {
        tenant: { id: world.tenant },
        ...(team
          ? {
              team: { id: team.id, name: team.name, aadGroupId: team.groupId },
              channel: {
                id: room.id,
                ...(room.id === team.id ? {} : { name: room.name }),
                ...(room.type === 'standard' ? {} : { type: room.type }),
              },
            }
          : {}),
      },
    }
  }

  function withEvent(activity: Json, eventType: string): Json {
    return { ...activity, channelData: { ...(activity.channelData as Json), eventType } }
  }

  function words(text: string, mention: boolean): Json {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const name = '<at>Remembrancer</at>'
    const html = mention
      ? `<p><span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">Remembrancer</span>&nbsp;${escaped}</p>`
      : `<p>${escaped}</p>`
    return {
      text: mention ? `${name} ${text}` : text,
      textFormat: 'plain',
      attachments: [{ contentType: 'text/html', content: html }],
      entities: [
        { type: 'clientInfo', locale: 'en-GB', country: 'GB', platform: 'Windows' },
        ...(mention ? [{ type: 'mention', mentioned: bot, text: name }] : []),
      ],
    }
  }

  const threadOf = (room: Room, message: StoredMessage) =>
    room.kind === 'channel' ? (message.thread ?? message.id) : undefined

  return {
    bot,
    message(room, message, options = {}) {
      return {
        type: 'message',
        id: message.id,
        ...base(room, message.created, threadOf(room, message)),
        ...(message.author ? { from: account(message.author) } : {}),
        ...words(message.text, options.mention ?? false),
      }
    },
    edit(room, message, kind) {
      const restored = () => new Date(Number(world.nextId())).toISOString()
      const at = kind === 'editMessage' ? (message.edited ?? message.created) : restored()
      const activity = {
        type: 'messageUpdate',
        id: message.id,
        ...base(room, at, threadOf(room, message)),
        ...(message.author ? { from: account(message.author) } : {}),
        ...words(message.text, false),
      }
      return withEvent(activity, kind)
    },
    deletion(room, message) {
      const activity = {
        type: 'messageDelete',
        id: message.id,
        ...base(room, message.deleted ?? message.created, threadOf(room, message)),
        ...(message.author ? { from: account(message.author) } : {}),
      }
      return withEvent(activity, 'softDeleteMessage')
    },
    members(room, kind, who, by) {
      const team = room.team === undefined ? undefined : world.teams.get(room.team)
      const at = new Date().toISOString()
      const teamLevel = team && room.type === 'standard'
      const activity: Json = {
        type: 'conversationUpdate',
        id: `f:${world.nextId()}`,
        ...base(room, at),
        [kind]: who,
        ...(by ? { from: { id: by.mri, aadObjectId: by.id } } : {}),
      }
      if (!teamLevel) return activity
      // Joining a team is told of the team, whose id is that of its General channel.
      return withEvent(
        {
          ...activity,
          conversation: { id: team.id, conversationType: 'channel', isGroup: true, tenantId: world.tenant },
          channelData: {
            tenant: { id: world.tenant },
            team: { id: team.id, name: team.name, aadGroupId: team.groupId },
          },
        },
        kind === 'membersAdded' ? 'teamMemberAdded' : 'teamMemberRemoved',
      )
    },
    invoke(room, user, name, value, replyTo) {
      counter += 1
      const thread = room.kind === 'channel' ? replyTo : undefined
      return {
        type: 'invoke',
        name,
        id: `f:${counter}-${world.nextId()}`,
        ...base(room, new Date().toISOString(), thread),
        from: account(user),
        value,
        ...(replyTo === undefined ? {} : { replyToId: replyTo }),
      }
    },
  }
}
