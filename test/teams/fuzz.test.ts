import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFormValues } from '../../adapters/teams/form-values.js'
import { htmlToText } from '../../adapters/teams/html.js'
import { readWire } from '../../adapters/teams/wire.js'
import { chatEvent } from '../../src/platform/index.js'
import type { Json } from '../support/teams/activities.js'
import { type Lab, startLab } from '../support/teams/lab.js'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.stop())

/** A genuine activity with any of its parts, however deep, replaced by anything. */
function spoilt(): fc.Arbitrary<Json> {
  const { member, outsider } = lab.people
  const said = lab.world.say({ conversation: lab.room.id, author: member, text: 'help' })
  const bases: Json[] = [
    lab.activities.message(lab.room, said, { mention: true }),
    lab.activities.edit(lab.room, said, 'editMessage'),
    lab.activities.deletion(lab.room, said),
    lab.activities.members(lab.room, 'membersAdded', [{ id: outsider.mri, aadObjectId: outsider.id }]),
    lab.activities.invoke(lab.room, member, 'task/fetch', { data: { verb: 'remembrancer' } }),
    lab.activities.invoke(lab.room, member, 'adaptiveCard/action', {
      action: { type: 'Action.Execute', verb: 'remembrancer', data: { wire: { kind: 'button' } } },
    }),
  ]
  const anything = fc.oneof(fc.jsonValue(), fc.string({ minLength: 600, maxLength: 700 }))
  return fc
    .record({ base: fc.constantFrom(...bases), where: fc.array(fc.nat(), { maxLength: 4 }), value: anything })
    .map(({ base, where, value }) => {
      const activity = structuredClone(base)
      let here: Json = activity
      for (const [depth, pick] of where.entries()) {
        const keys = Object.keys(here).filter((key) => !['channelId', 'serviceUrl'].includes(key))
        const key = keys[pick % Math.max(1, keys.length)]
        if (key === undefined) break
        const next = here[key]
        if (depth === where.length - 1 || typeof next !== 'object' || next === null) {
          here[key] = value
          break
        }
        here = next as Json
      }
      return activity
    })
}

test('nothing in a genuine request makes it fall over, and what it tells is always sound', async () => {
  await fc.assert(
    fc.asyncProperty(spoilt(), async (activity) => {
      lab.host.forget()
      const { status } = await lab.deliver(activity)
      expect([200, 403, 501]).toContain(status)
      for (const event of lab.host.events()) expect(chatEvent.safeParse(event).error).toBeUndefined()
      expect(lab.host.lines.filter((line) => line.level === 'error')).toEqual([])
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('nothing that comes back from a card or dialog throws', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (inputs) => {
      readFormValues(inputs)
      readWire(inputs)
    }),
  )
})

test('no HTML throws, loops or leaves a tag', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (html) => {
      htmlToText(html)
    }),
  )
  const bombs = ['<', '<script>', '<p ', '&#', '<img alt="', ' alt="', '</', '<br ', '\n ']
  for (const bomb of bombs) {
    const start = performance.now()
    htmlToText(`<img ${bomb.repeat(1_000_000 / bomb.length)}`)
    expect(performance.now() - start, bomb).toBeLessThan(3000)
  }
})
