import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createIngest } from '../../adapters/slack/ingest.js'
import { readInteraction } from '../../adapters/slack/interactions.js'
import { chatEvent } from '../../src/platform/index.js'
import { createFakeHost, type FakeHost } from '../support/fake-host.js'

const folder = new URL('./fixtures/', import.meta.url)
const payloads = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { payload: unknown }).payload)

/** Replaces the value at one place of a payload, chosen by `at`, with something Slack never sends there. */
function damaged(payload: unknown, at: number, value: unknown): unknown {
  const places: [Record<string, unknown>, string][] = []
  const copy = structuredClone(payload)
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(copy)
  const place = places[at % places.length]
  if (place !== undefined) place[0][place[1]] = value
  return copy
}

describe('payloads that are damaged or strange', () => {
  let host: FakeHost
  beforeAll(async () => {
    host = await createFakeHost()
  })
  afterAll(() => host.close())

  const nobody = {
    known: () => undefined,
    find: async () => undefined,
    within: async () => {},
    preload: async () => {},
    remember: () => {},
  }
  const nowhere = {
    known: () => undefined,
    within: async () => {},
    present: () => [],
    joined: () => {},
    left: () => {},
    forget: () => {},
    loadPresent: async () => {},
    list: async function* () {},
    directWith: async () => 'D1',
  }
  const ingest = () =>
    createIngest({
      host,
      people: nobody,
      channels: nowhere,
      identity: () => undefined,
      home: () => {},
      received: () => {},
    })
  const strange = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.string({ maxLength: 2000 }))

  test('never stop the ingest, and give only events the port knows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...payloads), fc.nat(1000), strange, async (payload, at, value) => {
        host.forget()
        const body = damaged(payload, at, value)
        await ingest()(body, JSON.stringify(body))
        for (const event of host.events()) expect(chatEvent.safeParse(event).error).toBeUndefined()
        for (const envelope of host.envelopes)
          expect(envelope.events.length > 0 || envelope.unreadable !== undefined).toBe(true)
      }),
      { numRuns: 1500 },
    )
  })

  test('never make an interaction throw', () => {
    const context = { now: new Date(), person: () => undefined, channelName: () => undefined }
    const press = {
      type: 'block_actions',
      user: { id: 'U1', team_id: 'T1' },
      team: { id: 'T1' },
      trigger_id: 't',
      container: { type: 'message', message_ts: '1.1', channel_id: 'C1' },
      actions: [{ action_id: 'nudge.record#0', block_id: 'b', value: 'n-1', action_ts: '1.2' }],
      view: {
        id: 'V1',
        type: 'modal',
        callback_id: 'form:record-decision',
        private_metadata: '{"f":"record-decision","s":"x"}',
        state: { values: { 'f|what|value|0': { a: { type: 'plain_text_input', value: 'Noon' } } } },
      },
    }
    fc.assert(
      fc.property(
        fc.constantFrom('block_actions', 'view_submission', 'message_action', 'shortcut'),
        fc.nat(200),
        strange,
        (type, at, value) => {
          expect(() => readInteraction(damaged({ ...press, type }, at, value), context)).not.toThrow()
        },
      ),
      { numRuns: 1500 },
    )
  })
})
