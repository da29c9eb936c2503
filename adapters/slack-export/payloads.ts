import { z } from 'zod'

/** Slack's time stamp: seconds and microseconds, unique within a conversation. */
export const timestamp = z.string().regex(/^\d{1,11}\.\d{1,6}$/)
const text = z.string().nullish()

const profile = z.looseObject({
  real_name: text,
  display_name: text,
  email: text,
  title: text,
  name: text,
})

/** A person in `users.json`. */
export const exportedUser = z.looseObject({
  id: z.string().min(1).max(100),
  team_id: text,
  name: text,
  real_name: text,
  deleted: z.boolean().nullish(),
  is_bot: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  profile: profile.nullish(),
})
export type ExportedUser = z.infer<typeof exportedUser>

/** A conversation in `channels.json`, `groups.json`, `mpims.json` or `dms.json`. */
export const exportedChannel = z.looseObject({
  id: z.string().min(1).max(100),
  name: text,
  created: z.union([z.number(), z.string()]).nullish(),
  creator: text,
  is_archived: z.boolean().nullish(),
  is_general: z.boolean().nullish(),
  is_ext_shared: z.boolean().nullish(),
  is_shared: z.boolean().nullish(),
  members: z.array(z.string()).nullish(),
})
export type ExportedChannel = z.infer<typeof exportedChannel>

const file = z.looseObject({
  name: text,
  title: text,
  mimetype: text,
  permalink: text,
  url_private: text,
})

/** A message of a day file. Unknown fields are Slack's business. */
export const exportedMessage = z.looseObject({
  type: text,
  subtype: text,
  ts: timestamp,
  user: text,
  username: text,
  bot_id: text,
  text,
  thread_ts: timestamp.nullish(),
  deleted_ts: timestamp.nullish(),
  edited: z.looseObject({ ts: timestamp }).nullish(),
  /** In exports that keep every wording: the message as it became. */
  message: z.looseObject({ ts: timestamp, user: text, text }).nullish(),
  inviter: text,
  name: text,
  user_team: text,
  user_profile: profile.nullish(),
  bot_profile: z.looseObject({ name: text }).nullish(),
  files: z.array(file.nullable()).nullish(),
  blocks: z.unknown().optional(),
  attachments: z.array(z.looseObject({ text, fallback: text, pretext: text, title: text })).nullish(),
})
export type ExportedMessage = z.infer<typeof exportedMessage>

/** ISO instant of a Slack time stamp, to the millisecond. */
export function instantOf(ts: string): string {
  return new Date(Math.floor(Number(ts) * 1000)).toISOString()
}
