import { z } from 'zod'
import type { Card, Form } from '../../src/platform/index.js'

/** The lines of the sandbox's log: everything that ever happened in it, in order. */

const id = z.string().min(1).max(200)
const at = z.iso.datetime()
const card = z.custom<Card>((value) => isObject(value) && typeof value.heading === 'string')
const form = z.custom<Form>((value) => isObject(value) && Array.isArray(value.fields))

/** A form that stands open before one person. */
const openForm = z.object({
  /** New for every opening and every attempt: the idempotent id of its submission. */
  id,
  form,
  /** Room it was opened from. */
  room: id,
})
export type OpenForm = z.infer<typeof openForm>

const logRecord = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('room'),
    at,
    room: id,
    name: z.string(),
    topic: z.string(),
    visibility: z.enum(['public', 'private']),
    owners: z.array(id),
    members: z.array(id),
    bot: z.boolean(),
    by: id.optional(),
  }),
  z.object({
    type: z.literal('message'),
    at,
    id,
    room: id,
    author: id,
    text: z.string(),
    thread: id.optional(),
  }),
  z.object({ type: z.literal('edit'), at, room: id, message: id, by: id, text: z.string() }),
  z.object({ type: z.literal('delete'), at, room: id, message: id, by: id }),
  z.object({ type: z.literal('join'), at, room: id, person: id, by: id.optional() }),
  z.object({
    type: z.literal('leave'),
    at,
    room: id,
    person: id,
    how: z.enum(['left', 'removed']),
    by: id.optional(),
  }),
  z.object({ type: z.literal('bot'), at, room: id, present: z.boolean(), by: id.optional() }),
  z.object({
    type: z.literal('post'),
    at,
    id,
    room: id,
    card,
    thread: id.optional(),
    outboxId: z.string().optional(),
    /** The one person who sees it: an ephemeral post, or an answer to something they did. */
    onlyFor: id.optional(),
  }),
  z.object({ type: z.literal('post-update'), at, room: id, id, card }),
  z.object({ type: z.literal('form'), at, person: id, open: openForm.optional() }),
  z.object({ type: z.literal('read'), at, person: id, room: id, through: z.number().int() }),
  /** Lines up to this one have been taken by the inbox. */
  z.object({ type: z.literal('accepted'), at, through: z.number().int() }),
  /** The program's clock was moved: how far it now runs ahead of the machine's. */
  z.object({ type: z.literal('clock'), at, aheadMs: z.number() }),
  z.object({
    type: z.literal('story'),
    at,
    /** Instant at which the story's week begins. */
    start: at,
    /** Steps played so far. */
    done: z.number().int(),
    /** A message of the story: its name in the screenplay and its id here. */
    said: z.object({ key: z.string(), message: id }).optional(),
  }),
])

/** One thing that happened in the sandbox. */
export type LogRecord = z.infer<typeof logRecord>
export type RecordOf<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>

/** A line read back: its record, or why it cannot be read. */
export type ReadLine =
  | { readonly line: number; readonly raw: string; readonly record: LogRecord }
  | { readonly line: number; readonly raw: string; readonly unreadable: string }

/** Reads one line of the log. Never throws: what is damaged or from a newer version is returned as unreadable. */
export function readLine(raw: string, line: number): ReadLine {
  let value: unknown
  try {
    value = JSON.parse(raw)
  } catch {
    return { line, raw, unreadable: 'not JSON' }
  }
  const parsed = logRecord.safeParse(value)
  if (parsed.success) return { line, raw, record: parsed.data }
  const type = isObject(value) && typeof value.type === 'string' ? value.type : 'none'
  return { line, raw, unreadable: `record of type "${type.slice(0, 40)}" not understood` }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
