import { z } from 'zod'

/** Teams sends `null` where it has nothing. */
const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value ? value : undefined))

/** A person or bot as the Bot Connector names it: `29:…` and `28:…` are Teams’ own ids, aadObjectId is Entra's. */
export const accountSchema = z.object({
  id: z.string().min(1),
  name: optionalText,
  aadObjectId: optionalText,
  objectId: optionalText,
  userPrincipalName: optionalText,
  email: optionalText,
  tenantId: optionalText,
  userRole: optionalText,
})
export type Account = z.infer<typeof accountSchema>

const named = z.object({ id: optionalText, name: optionalText })

const channelDataSchema = z.object({
  eventType: optionalText,
  tenant: z.object({ id: optionalText }).nullish(),
  team: named.extend({ aadGroupId: optionalText }).nullish(),
  channel: named.extend({ type: optionalText, channelType: optionalText }).nullish(),
})

const attachmentSchema = z.object({
  contentType: optionalText,
  contentUrl: optionalText,
  name: optionalText,
  content: z.unknown().optional(),
})

const entitySchema = z.looseObject({
  type: optionalText,
  text: optionalText,
  mentioned: accountSchema.nullish().catch(undefined),
})

/** The part of a Teams activity we read; everything else stays in the raw payload. */
export const activitySchema = z.object({
  type: z.string().min(1),
  id: optionalText,
  name: optionalText,
  action: optionalText,
  timestamp: optionalText,
  channelId: optionalText,
  serviceUrl: optionalText,
  from: accountSchema.nullish().catch(undefined),
  recipient: accountSchema.nullish().catch(undefined),
  conversation: z.object({
    id: z.string().min(1).max(500),
    conversationType: optionalText,
    tenantId: optionalText,
    name: optionalText,
    isGroup: z.boolean().nullish(),
  }),
  text: z.string().nullish(),
  textFormat: optionalText,
  replyToId: optionalText,
  topicName: optionalText,
  attachments: z.array(attachmentSchema).nullish(),
  entities: z.array(entitySchema).nullish(),
  membersAdded: z.array(accountSchema).nullish(),
  membersRemoved: z.array(accountSchema).nullish(),
  channelData: channelDataSchema.nullish(),
  value: z.unknown().optional(),
})
export type Activity = z.infer<typeof activitySchema>

/** A conversation id without the thread it was written in. */
export function baseConversation(id: string): string {
  const at = id.indexOf(';messageid=')
  return at < 0 ? id : id.slice(0, at)
}

/** The root message a conversation id points at, if it does. */
export function threadOf(id: string): string | undefined {
  return /;messageid=([^;]+)/.exec(id)?.[1]
}

/** Where an activity happened: a channel's conversation id is the channel, a team-level update's is the team. */
export function placeOf(activity: Activity): {
  readonly conversation: string
  readonly kind: 'channel' | 'chat' | 'personal'
  readonly team: string | undefined
} {
  const type = activity.conversation.conversationType
  const team = activity.channelData?.team?.id
  const channel = activity.channelData?.channel?.id
  if (type === 'personal')
    return { conversation: activity.conversation.id, kind: 'personal', team: undefined }
  if (type === 'channel' || team !== undefined)
    return { conversation: baseConversation(channel ?? activity.conversation.id), kind: 'channel', team }
  return { conversation: baseConversation(activity.conversation.id), kind: 'chat', team: undefined }
}

/** When it happened, to the millisecond. Teams' message ids are milliseconds too, and serve where no time is given. */
export function instantOf(activity: Pick<Activity, 'timestamp' | 'id'>, now: Date): string {
  const parsed = Date.parse(activity.timestamp ?? '')
  if (!Number.isNaN(parsed)) return new Date(parsed).toISOString()
  if (/^\d{13}$/.test(activity.id ?? '')) return new Date(Number(activity.id)).toISOString()
  return now.toISOString()
}

/** Tenant an activity belongs to, as Teams says. */
export function tenantOf(activity: Activity): string | undefined {
  return activity.conversation.tenantId ?? activity.channelData?.tenant?.id ?? undefined
}

/** True for the bot itself: by its own id, or as the one the activity is addressed to (an emulator's id is its own). */
export function isOurBot(id: string | undefined, activity: Activity, appId: string): boolean {
  return id !== undefined && (id === `28:${appId}` || id === activity.recipient?.id)
}
