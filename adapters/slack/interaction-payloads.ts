import { z } from 'zod'
import { viewValues } from './form-meta.js'

/*
 * The shapes we read out of commands and interactive payloads; loose, as all of Slack's are.
 * @see https://docs.slack.dev/reference/interaction-payloads
 */

const account = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  username: z.string().optional(),
  team_id: z.string().nullish(),
})
const team = z.looseObject({ id: z.string() }).nullish()
const enterprise = z.looseObject({ id: z.string() }).nullish()

/** A slash command's form. */
export const command = z.looseObject({
  command: z.string(),
  text: z.string().default(''),
  team_id: z.string(),
  enterprise_id: z.string().optional(),
  channel_id: z.string(),
  user_id: z.string(),
  user_name: z.string().optional(),
  trigger_id: z.string().optional(),
  response_url: z.string().optional(),
})

const view = z.looseObject({
  id: z.string(),
  type: z.enum(['modal', 'home']),
  team_id: z.string().nullish(),
  /** Given where the view is shown in another workspace than the one that installed us. */
  app_installed_team_id: z.string().nullish(),
  hash: z.string().optional(),
  callback_id: z.string().optional(),
  private_metadata: z.string().optional(),
  title: z.unknown().optional(),
  submit: z.unknown().optional(),
  close: z.unknown().optional(),
  blocks: z.array(z.looseObject({})).optional(),
  /** A view without inputs may carry a state without values. */
  state: z.looseObject({ values: viewValues.default({}) }).nullish(),
})

/** A shortcut, press or submission. */
export const interactive = z.looseObject({
  type: z.enum(['block_actions', 'view_submission', 'message_action', 'shortcut']),
  user: account,
  team,
  enterprise,
  trigger_id: z.string().optional(),
  response_url: z.string().optional(),
  callback_id: z.string().optional(),
  action_ts: z.string().optional(),
  channel: z.looseObject({ id: z.string() }).nullish(),
  /** Where the message has no `ts` of its own (ephemeral ones), its container names it. */
  message: z.looseObject({ ts: z.string().optional() }).nullish(),
  container: z
    .looseObject({
      type: z.string().optional(),
      message_ts: z.string().optional(),
      channel_id: z.string().optional(),
      is_ephemeral: z.boolean().optional(),
    })
    .nullish(),
  actions: z
    .array(
      z.looseObject({
        action_id: z.string(),
        block_id: z.string().optional(),
        value: z.string().nullish(),
        action_ts: z.string().optional(),
      }),
    )
    .optional(),
  view: view.nullish(),
})
export type Interactive = z.infer<typeof interactive>
export type SlashCommand = z.infer<typeof command>
