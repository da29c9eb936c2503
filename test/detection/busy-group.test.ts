import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shippedModel } from '../../src/detection/model.js'
import { crowd, crowded, oneAfterAnother } from '../../src/detection/training/crowd.js'
import { judge, judgeInOneGroup } from '../../src/detection/training/evaluation.js'
import { seededRandom } from '../../src/detection/training/learn.js'
import { prepare } from '../../src/detection/training/prepare.js'
import { summarise } from '../../src/detection/training/scoring.js'
import { loadCorpus } from '../../src/detection/training/sources.js'

const minute = 60_000
const discussions = ['scripts/corpus', 'test/detection/corpus']
  .flatMap(loadCorpus)
  .filter((d) => ['corpus/ministry', 'corpus/services', 'corpus/steers'].includes(d.group))

describe('a group that talks all day', () => {
  it('loses few of the decisions that are found in its discussions one by one, and is no wilder', () => {
    const model = shippedModel()
    const apart = summarise(discussions.map((d) => judge(d, model).result))
    const together = summarise(judgeInOneGroup(discussions, model).map((j) => j.result))
    expect(apart.hits).toBeGreaterThan(50)
    expect(together.hits).toBeGreaterThan(0.85 * apart.hits)
    expect(together.precision).toBeGreaterThan(apart.precision - 0.05)
  })

  it('is not taken for a meeting because it goes on', () => {
    const { decisionHead, heads } = shippedModel()
    const starts = oneAfterAnother(discussions, () => 5 * minute)
    const { full } = prepare(crowd(discussions, starts).talk, false)
    const asMeeting = full.filter((x) => decisionHead(x) === heads.formal).length
    expect(full.length).toBeGreaterThan(2000)
    expect(asMeeting / full.length).toBeLessThan(0.03)
  })
})

describe('discussions put into one group', () => {
  it('keeps every message, in the order of time, with the episodes where they now lie', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }), (offsets) => {
        const links = discussions.slice(3, 3 + offsets.length)
        const { talk, origins } = crowd(
          links,
          offsets.map((offset) => offset * minute),
        )
        expect(talk.messages).toHaveLength(links.reduce((sum, d) => sum + d.messages.length, 0))
        talk.messages.forEach((message, i) => {
          const origin = origins[i]
          expect(message.text).toBe(links[origin?.discussion ?? -1]?.messages[origin?.position ?? -1]?.text)
          expect(message.at).toBeGreaterThanOrEqual(talk.messages[i - 1]?.at ?? 0)
        })
        const settlings = (episodes: typeof talk.episodes, at: (i: number) => string | undefined) =>
          episodes.map((e) => `${e.type} ${at(e.from)} ${at(e.at)} ${at(e.to)}`).sort()
        expect(settlings(talk.episodes, (i) => talk.messages[i]?.text)).toEqual(
          links.flatMap((d) => settlings(d.episodes, (i) => d.messages[i]?.text)).sort(),
        )
      }),
    )
  })

  it('uses no discussion twice and leaves at most one out', () => {
    const crowds = crowded(discussions, seededRandom(5))
    const parts = crowds.flatMap((one) => one.id.split('+'))
    expect(new Set(parts).size).toBe(parts.length)
    expect(parts.length).toBeGreaterThanOrEqual(discussions.length - 1)
  })
})
