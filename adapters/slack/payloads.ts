import { z } from 'zod'

/*
 * The shapes we read out of Slack's payloads. Loose on purpose: Slack adds fields freely, and a field we do not use
 * must never make an event unreadable.
 */

export const slackTs = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/)
const id = z.string().min(1)
/**
 * When an event happened. Slack's own sample of `app_home_opened` gives it in microseconds without the dot.
 * @see https://docs.slack.dev/reference/events/app_home_opened
 */
const eventTs = z
  .string()
  .transform((ts) => ts.replace(/^(\d{10})(\d{6})$/, '$1.$2'))
  .pipe(slackTs)

export const eventCallback = z.looseObject({
  type: z.literal('event_callback'),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  context_enterprise_id: z.string().nullish(),
  api_app_id: z.string().optional(),
  event_id: z.string().optional(),
  event_time: z.number().optional(),
  is_ext_shared_channel: z.boolean().optional(),
  authorizations: z
    .array(
      z.looseObject({
        team_id: z.string().nullish(),
        enterprise_id: z.string().nullish(),
        user_id: z.string().nullish(),
        is_bot: z.boolean().optional(),
        is_enterprise_install: z.boolean().optional(),
      }),
    )
    .nullish(),
  event: z.looseObject({ type: z.string(), event_ts: eventTs.optional() }),
})
export type EventCallback = z.infer<typeof eventCallback>

export const rateLimited = z.looseObject({
  type: z.literal('app_rate_limited'),
  team_id: id,
  /** Unix second of the minute in which deliveries were stopped. */
  minute_rate_limited: z.number(),
})

const file = z.looseObject({
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  permalink: z.string().nullish(),
  url_private: z.string().nullish(),
})

const edited = z.looseObject({ user: z.string().optional(), ts: slackTs })

/** A message as events, `conversations.history` and the inside of `message_changed` carry it. */
export const message = z.looseObject({
  type: z.string().optional(),
  subtype: z.string().optional(),
  ts: slackTs,
  user: z.string().nullish(),
  bot_id: z.string().nullish(),
  app_id: z.string().nullish(),
  username: z.string().nullish(),
  bot_profile: z.looseObject({ name: z.string().optional(), app_id: z.string().optional() }).nullish(),
  text: z.string().nullish(),
  blocks: z.unknown().optional(),
  attachments: z.array(z.looseObject({})).nullish(),
  files: z.array(file).nullish(),
  thread_ts: slackTs.optional(),
  edited: edited.nullish(),
  team: z.string().nullish(),
  user_team: z.string().nullish(),
  hidden: z.boolean().optional(),
  reply_count: z.number().optional(),
  latest_reply: z.string().optional(),
  metadata: z
    .looseObject({ event_type: z.string(), event_payload: z.looseObject({ outbox_id: z.unknown() }) })
    .nullish()
    .catch(null),
})
export type SlackMessage = z.infer<typeof message>

export const messageEvent = z.looseObject({
  channel: id,
  channel_type: z.string().optional(),
  event_ts: slackTs.optional(),
})
export const messageChanged = messageEvent.extend({
  subtype: z.literal('message_changed'),
  message,
  previous_message: message.partial().nullish().catch(null),
})
export const messageDeleted = messageEvent.extend({
  subtype: z.literal('message_deleted'),
  deleted_ts: slackTs,
})
export const membership = z.looseObject({
  user: id,
  channel: id,
  inviter: z.string().nullish(),
  team: z.string().nullish(),
})
export const channelById = z.looseObject({
  channel: id,
  actor_id: z.string().nullish(),
  user: z.string().nullish(),
  is_ext_shared: z.boolean().optional(),
})
export const channelIdChanged = z.looseObject({ old_channel_id: id, new_channel_id: id })
export const channelInside = z.looseObject({
  channel: z.looseObject({
    id,
    name: z.string(),
    creator: z.string().nullish(),
    is_private: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
})

/** A user as `users.info`, `users.list`, `user_change` and `team_join` carry it. */
export const user = z.looseObject({
  id,
  team_id: z.string().nullish(),
  name: z.string().nullish(),
  real_name: z.string().nullish(),
  deleted: z.boolean().nullish(),
  is_bot: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  enterprise_user: z.looseObject({ enterprise_id: z.string().nullish() }).nullish(),
  profile: z
    .looseObject({
      real_name: z.string().nullish(),
      display_name: z.string().nullish(),
      email: z.string().nullish(),
      title: z.string().nullish(),
    })
    .nullish(),
})
export type SlackUser = z.infer<typeof user>
export const userEvent = z.looseObject({ user })

/** A conversation as `conversations.info`, `conversations.list` and `users.conversations` carry it. */
export const conversation = z.looseObject({
  id,
  name: z.string().nullish(),
  is_private: z.boolean().nullish(),
  is_im: z.boolean().nullish(),
  is_mpim: z.boolean().nullish(),
  is_member: z.boolean().nullish(),
  is_archived: z.boolean().nullish(),
  is_ext_shared: z.boolean().nullish(),
  context_team_id: z.string().nullish(),
})
export type SlackConversation = z.infer<typeof conversation>

/** Slack's `ts` (seconds and microseconds) as an instant. */
export function instantOf(ts: string): string {
  const [seconds = '0', fraction = ''] = ts.split('.')
  return new Date(Number(seconds) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 3))).toISOString()
}

/** An instant as Slack's `ts`; Slack knows none before 1970. */
export function tsOf(instant: Date): string {
  const ms = Math.max(0, instant.getTime())
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`
}
