import { z } from 'zod'
import type { FormValues } from '../../src/platform/index.js'
import { longestMessage } from './acts.js'
import { storySpeeds } from './story-player.js'

/** What comes in over HTTP, read before anything else looks at it. */

const id = z.string().min(1).max(200)
const words = z.string().max(longestMessage * 2)
const blankIsNone = z
  .string()
  .max(200)
  .optional()
  .transform((value) => (value === '' ? undefined : value))

/** Who the visitor is and where. */
export const placeParams = z.object({ person: id, room: id })
export const personParams = z.object({ person: id })
export const permalinkParams = z.object({ room: id, message: id })

/** What of a room is shown. */
export const roomQuery = z.object({
  thread: blankIsNone,
  /** Shows what stands before this item. */
  before: blankIsNone,
  panel: z.literal('members').optional().catch(undefined),
  edit: blankIsNone,
})
export type RoomQuery = z.infer<typeof roomQuery>

export const sayBody = z.object({ text: words, thread: blankIsNone })
export const editBody = z.object({ message: id, text: words })
export const messageBody = z.object({ message: id })
export const pressBody = z.object({ post: id, place: z.string().max(20) })
export const membersBody = z.discriminatedUnion('action', [
  z.object({ action: z.literal('add'), person: id }),
  z.object({ action: z.literal('remove'), person: id }),
  z.object({ action: z.enum(['join', 'leave', 'add-bot', 'remove-bot']) }),
])
export const groupBody = z.object({
  name: z.string().trim().min(1, 'Give the group a name').max(80, 'A name holds at most 80 characters'),
  visibility: z.enum(['public', 'private']).catch('private'),
})
const speeds = Object.keys(storySpeeds) as (keyof typeof storySpeeds)[]
export const storyBody = z.object({
  action: z.enum(['play', 'pause', 'speed']),
  speed: z.enum(speeds).optional(),
})

/** Where the clock can be moved to, always forward. */
export const clockMoves = {
  hour: 'One hour on',
  tomorrow: 'Tomorrow, 09:00',
  monday: 'Monday, 09:00',
  limit: '20 days on, 09:00',
} as const
export type ClockMove = keyof typeof clockMoves
export const clockBody = z.object({ to: z.enum(Object.keys(clockMoves) as ClockMove[]) })

const fieldPrefix = 'v.'
const maxValues = 500

/** A form as a browser sends it: `open`, `action` (submit, cancel, change:<what>) and `v.<field>` for each field. */
export const formBody = z
  .record(z.string().max(200), z.union([z.string(), z.array(z.string()).max(maxValues)]))
  .transform((body, context) => {
    const { open, action } = body
    if (typeof open !== 'string' || typeof action !== 'string') {
      context.addIssue({ code: 'custom', message: 'The form was sent without saying which and what for' })
      return z.NEVER
    }
    const values: Record<string, string | readonly string[]> = {}
    for (const [name, value] of Object.entries(body))
      if (name.startsWith(fieldPrefix)) values[name.slice(fieldPrefix.length)] = value
    return { open, action, values: values as FormValues }
  })
