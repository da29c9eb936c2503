import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../src/platform/index.js'
import {
  applyToMessage,
  beginsSession,
  isDeleted,
  type MessageEvent,
  type MessageState,
  revisionOf,
  weekOf,
} from '../../src/transcript/index.js'

const base = { platform: 'slack', tenant: 'T', conversation: 'C', message: 'm1', source: 'event' } as const
const at = (second: number): string => new Date(Date.UTC(2026, 10, 16, 9, 0, second)).toISOString()
const author = { id: 'U1', name: 'Nadia Rahman' }
const posted: MessageEvent = { ...base, kind: 'message-posted', at: at(0), author, text: 'We evacuate' }
const edited = (second: number, text: string): MessageEvent => ({
  ...base,
  kind: 'message-edited',
  at: at(second),
  revision: at(second),
  text,
})
const deleted = (second: number): MessageEvent => ({ ...base, kind: 'message-deleted', at: at(second) })
const restored = (second: number): MessageEvent => ({ ...base, kind: 'message-restored', at: at(second) })
const fold = (...events: MessageEvent[]): MessageState =>
  events.reduce<MessageState | undefined>(applyToMessage, undefined) as MessageState

describe('a message', () => {
  test('keeps its newest wording and says when it was last changed', () => {
    const state = fold(posted, edited(5, 'We evacuate at noon'), edited(3, 'We evacuate soon'))
    expect(state).toMatchObject({ text: 'We evacuate at noon', textAt: at(5), editedAt: new Date(at(5)) })
  })

  test('is placed where it was posted when an edit came first', () => {
    const state = fold(edited(9, 'We evacuate at noon'), posted)
    expect(state).toEqual(fold(posted, edited(9, 'We evacuate at noon')))
    expect(state).toMatchObject({ text: 'We evacuate at noon', author: 'U1', postedAt: new Date(at(0)) })
  })

  test('is known to be deleted before it is known at all', () => {
    expect(isDeleted(fold(deleted(9), posted))).toBe(true)
  })

  test('deleted and restored, is there; deleted again, is gone', () => {
    expect(isDeleted(fold(posted, deleted(3), restored(5)))).toBe(false)
    expect(isDeleted(fold(posted, restored(5), deleted(3)))).toBe(false)
    expect(isDeleted(fold(posted, deleted(3), restored(5), deleted(7)))).toBe(true)
  })

  test('keeps each wording as a revision of its own, the post being the first', () => {
    expect(revisionOf(posted)).toMatchObject({ revision: '', text: 'We evacuate' })
    expect(revisionOf(edited(5, 'later'))).toMatchObject({ revision: at(5), text: 'later' })
    expect(revisionOf(deleted(5))).toBeUndefined()
  })

  test("the bot's own words stay marked as its own whichever report comes last", () => {
    const own = { ...edited(5, 'Recorded'), own: true } as ChatEvent as MessageEvent
    expect(fold(own, posted).automatic).toBe(true)
    expect(fold(posted, own).automatic).toBe(true)
  })

  test('comes out the same whatever the order and number of its events', () => {
    const events = [posted, edited(2, 'a'), edited(4, 'b'), deleted(3), restored(3), deleted(6)]
    const usual = fold(...events)
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 10 }), (extra) => {
        expect(fold(...extra, ...events.toReversed())).toEqual(usual)
      }),
    )
  })
})

describe('sessions', () => {
  test('end after three days of silence', () => {
    const monday = new Date('2026-11-16T09:00:00Z')
    expect(beginsSession(monday, new Date('2026-11-19T08:59:59Z'))).toBe(false)
    expect(beginsSession(monday, new Date('2026-11-19T09:00:00Z'))).toBe(true)
  })

  test('end in the small hours of Sunday whatever is being said', () => {
    const before = new Date('2026-11-22T02:59:59Z')
    const after = new Date('2026-11-22T03:00:00Z')
    expect(weekOf(after)).toBe(weekOf(before) + 1)
    expect(beginsSession(before, after)).toBe(true)
  })
})
