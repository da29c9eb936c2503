import { describe, expect, it } from 'vitest'
import { initialState, step } from '../../src/detection/detector.js'
import { featureNames, isLater } from '../../src/detection/feature-names.js'
import { followFeatures } from '../../src/detection/follow.js'
import { buildModel, parseWeights, shippedModel } from '../../src/detection/model.js'
import { marginOf, trainHead } from '../../src/detection/training/heads.js'
import { keywordRules } from '../../src/detection/training/keyword-rules.js'
import { corpusFolders, loadTrainingSet, plan } from '../../src/detection/training/plan.js'
import { prepare } from '../../src/detection/training/prepare.js'
import { schools } from '../../src/detection/training/schools.js'
import { match, summarise } from '../../src/detection/training/scoring.js'
import { loadCorpus, parseDiscussion, sources } from '../../src/detection/training/sources.js'
import { printWeights, train } from '../../src/detection/training/train.js'

const corpus = 'test/detection/corpus'

describe('training', () => {
  it('gives the same weights to the bit from the same input', () => {
    const run = (): string => {
      const exact = loadCorpus(corpus)
        .slice(0, 20)
        .map((d) => prepare(d, true))
      return printWeights(
        train({ exact, weak: [], formal: [] }, { folds: 2, version: 't', trainedOn: [], trees: 8 }),
      )
    }
    const first = run()
    expect(run()).toBe(first)
    // Only one school has something to teach in so small a corpus: eight trees, not eight from each.
    expect(JSON.parse(first).heads.decision.trees).toHaveLength(8)
  }, 60_000)

  it('ships a model that says what was trained and calibrated, threshold for threshold', () => {
    const exact = loadCorpus(corpus)
      .slice(0, 40)
      .map((d) => prepare(d, true))
    const set = { exact, weak: [], formal: [] }
    const trained = trainHead(set, 'decision', 30)
    const { decision } = buildModel(
      parseWeights(printWeights(train(set, { folds: 2, version: 't', trainedOn: [], trees: 30 }))),
    ).heads
    for (const x of exact.flatMap((p) => p.full))
      expect(decision.margin(x)).toBeCloseTo(marginOf(trained, x), 2)
  }, 60_000)

  it('judges while people talk as it judges the whole: what is kept of a sum is what no later message changes', () => {
    const { heads, decisionHead } = shippedModel()
    let judged = 0
    for (const p of loadCorpus(corpus)
      .slice(0, 40)
      .map((d) => prepare(d, false))) {
      let state = initialState({}, true)
      for (const message of p.discussion.messages) state = step(state, message).state
      for (const { place, score } of state.discussions[0]?.recent ?? []) {
        const x = p.full[place] ?? new Float32Array(0)
        // What no reply can lift is not looked at again.
        const given = score.done || !Number.isFinite(score.margin)
        if (given || decisionHead(x) === heads.formal) continue
        judged++
        expect(score.margin).toBeCloseTo(heads.decision.margin(x), 6)
      }
    }
    expect(judged).toBeGreaterThan(50)
  })

  it('knows which features later messages change', () => {
    const [first] = loadCorpus(corpus)
      .map((d) => prepare(d, false))
      .filter((p) => p.views.length > 6)
    const views = first?.views ?? []
    const marked = new Float32Array(featureNames.length + 1).fill(7)
    const written = new Set<string>()
    for (const [i, view] of views.entries()) {
      const x = marked.slice()
      followFeatures(x, view, views[i - 1]?.speaker, views.slice(i + 1))
      for (const [f, name] of featureNames.entries()) if (x[f] !== 7) written.add(name)
    }
    expect([...written].sort()).toEqual(featureNames.filter((_, f) => isLater[f]).sort())
  })

  it('weighs schools that together say all there is to say, and sends our own minuted meetings to their own head', () => {
    expect(schools.reduce((sum, s) => sum + s.weight, 0)).toBeCloseTo(1)
    for (const { teaches, name } of schools) expect(teaches('government'), name).toBe(true)
    const groups = [...new Set(corpusFolders.flatMap(loadCorpus).map((d) => d.group))]
    expect(groups.filter((group) => !schools.some((s) => s.teaches(group)))).toEqual(['corpus/minuted'])
  })

  it('uses no text whose licence allows evaluation only', () => {
    const used = [...plan.exact, ...plan.weak.map((s) => s.name), ...plan.formal.map((s) => s.name)]
    for (const name of used) expect(sources.find((s) => s.name === name)?.trains, name).toBe(true)
    for (const source of sources.filter((s) => !s.trains)) {
      expect(used).not.toContain(source.name)
      expect(source.quotable, source.name).toBe(false)
    }
    const forbidden = sources
      .filter((s) => !s.trains)
      .flatMap((s) => s.files)
      .join(' ')
    for (const word of ['workplace', 'background', 'icsi', 'fluid']) expect(forbidden).toContain(word)
  })

  it('trains on our corpus alone when the data folder is absent', () => {
    const set = loadTrainingSet('no/such/folder', [corpus])
    expect(set.exact.length).toBeGreaterThan(50)
    expect(set.formal).toEqual([])
  })

  it('refuses weights that name a feature this build does not compute', () => {
    const exact = loadCorpus(corpus)
      .slice(0, 6)
      .map((d) => prepare(d, true))
    const weights = train(
      { exact, weak: [], formal: [] },
      { folds: 2, version: 't', trainedOn: [], trees: 2 },
    )
    expect(() =>
      buildModel({ ...weights, features: ['own.telepathy', ...weights.features.slice(1)] }),
    ).toThrow(/train again/)
  }, 60_000)

  it('names what is wrong with a corpus line', () => {
    expect(() => parseDiscussion('{"id":"x","messages":[]}', 'corpus')).toThrow()
    const outside = {
      id: 'x',
      messages: [{ speaker: 'A', text: 'hi' }],
      episodes: [{ type: 'decision', from: 0, to: 4 }],
    }
    expect(() => parseDiscussion(JSON.stringify(outside), 'corpus')).toThrow(/outside/)
  })
})

describe('scoring', () => {
  const episode = (type: 'decision' | 'open', from: number, to: number, low = false) => ({
    type,
    from,
    to,
    at: to,
    low,
    decisionType: undefined,
    decidedBy: undefined,
  })
  const found = (...places: number[]) => places.map((at) => ({ at, confidence: 0.9 }))

  it('matches one to one from one before to three after', () => {
    expect(match(found(4, 9), [episode('decision', 5, 6)], 20)).toMatchObject({
      hits: 1,
      wrong: 0,
      repeated: 1,
    })
    expect(match(found(10), [episode('decision', 5, 6)], 20)).toMatchObject({ hits: 0, wrong: 1 })
  })

  it('holds open and doubtful ones neither right nor wrong', () => {
    expect(match(found(5), [episode('open', 4, 6)], 20)).toMatchObject({ hits: 0, wrong: 0, gold: 0 })
    expect(match(found(5), [episode('decision', 4, 6, true)], 20)).toMatchObject({
      hits: 0,
      wrong: 0,
      gold: 0,
    })
  })

  it('adds up', () => {
    const s = summarise([{ hits: 3, gold: 4, wrong: 1, repeated: 0, messages: 500 }])
    expect(s).toMatchObject({ precision: 0.75, recall: 0.75, f1: 0.75, wrongPer1000: 2 })
  })

  it('has a keyword rule to be compared with', () => {
    expect(keywordRules(['hello', 'ok agreed', 'fine'])).toEqual([1])
  })
})
