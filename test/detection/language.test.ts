import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detectDiscussion } from '../../src/detection/detector.js'
import { type DetectMessage, initialState } from '../../src/detection/index.js'
import { languageNamed, languages, parseLanguage } from '../../src/detection/language.js'
import { buildModel, parseWeights } from '../../src/detection/model.js'

const file = (name: string): string =>
  readFileSync(new URL(`../../src/detection/${name}`, import.meta.url), 'utf8')
const english = JSON.parse(file('cues-en.json'))
const weights = parseWeights(file('weights-en.json'))

/** Too few words to speak French with, enough to see that no English is needed. */
const french = {
  ...english,
  language: 'fr',
  groups: {
    ...Object.fromEntries(Object.keys(english.groups).map((name) => [name, []])),
    question: ['qui', 'quand', 'on'],
    askSteer: ['ou bien', 'on ferme ou', 'que fait-on'],
    ask: ['monsieur le ministre', 'que fait-on'],
    eitherOr: ['ou bien', 'ou'],
    optionsWeigh: ['ou bien'],
    settle: ['on ferme', '^ fermez'],
    settleStrong: ["c'est décidé", 'on ferme'],
    directive: ['^ fermez', '^ fermez-la'],
    approve: ['^ validé', "^ d'accord"],
    agree: ["^ d'accord"],
    commit: ['je préviens', "je m'en charge"],
    we: ['on', 'nous'],
    operation: ['la route', 'la digue'],
  },
  titles: { strong: ['ministre'], office: ['préfet'] },
  days: ['lundi'],
  months: ['mai'],
  openers: ['bon', 'donc'],
  figures: { halves: ['h'], ordinals: ['er', 'e'], amounts: ['k'] },
  sentences: {
    ...english.sentences,
    said: '« {text} »',
    settled: '{who} a tranché : {said} ; {after}.',
    chose: '{asker} a demandé un choix ; {who} a répondu {said} ; {after}.',
    answered: '{asker} a demandé {asked} ; {who} a répondu {said} ; {after}.',
    agreed: '{asker} a proposé {asked} ; {who} a répondu {said} ; {after}.',
    followed: '{asker} a écrit {asked} ; {who} a tranché : {said} ; {after}.',
    along: '{names} a suivi',
    unopposed: 'personne ne s’est opposé',
    unanswered: 'personne n’a encore répondu',
  },
}

const talk: DetectMessage[] = [
  ['Claire', 'Monsieur le ministre, la digue fuit. On ferme la route ou bien on attend lundi ?'],
  ['Ministre Roux', "Fermez la route dès ce soir, c'est décidé"],
  ['Claire', "d'accord, je préviens la gendarmerie"],
].map(([speaker, text], i) => ({ id: `m${i}`, speaker: speaker ?? '', at: i * 60_000, text: text ?? '' }))

describe('another language', () => {
  it('finds and explains a decision by its own files alone', () => {
    const model = buildModel(weights, parseLanguage(JSON.stringify(french)))
    const [found] = detectDiscussion(talk, {}, model).filter((s) => s.kind === 'decision')
    expect(found).toMatchObject({ at: 'm1', decidedBy: 'Ministre Roux', wouldNudge: true })
    expect(found?.because).toBe(
      "Claire a demandé un choix ; Ministre Roux a répondu « Fermez la route dès ce soir, c'est décidé » ; Claire a suivi.",
    )
    expect(detectDiscussion(talk).filter((s) => s.wouldNudge)).toEqual([])
  })

  it('puts no braces of a message into the sentence that quotes it', () => {
    const [, ruling] = talk
    if (!ruling) throw new Error('no ruling')
    const model = buildModel(weights, parseLanguage(JSON.stringify(french)))
    const hostile = talk.with(1, {
      ...ruling,
      text: "Fermez {asker} {after}, on ferme la route, c'est décidé",
    })
    expect(detectDiscussion(hostile, {}, model).find((s) => s.at === 'm1')?.because).toContain(
      '« Fermez {asker} {after}, on ferme',
    )
  })

  it('names the groups that a cues file lacks or has too many', () => {
    const { agree: _, ...others } = english.groups
    expect(() => parseLanguage(JSON.stringify({ ...english, groups: { ...others, chant: [] } }))).toThrow(
      /missing: agree; unknown: chant/,
    )
  })

  it('names what a cues file weighs by a name there is not', () => {
    const file = { ...english, matter: { ...english.matter, monney: 1 }, priors: { 'agrees-to-mater': 1 } }
    expect(() => parseLanguage(JSON.stringify(file))).toThrow(/what there is not: monney, agrees-to-mater/)
  })

  it.each(['xx', '../secrets', 'EN'])('refuses the language %s, of which there is none', (code) => {
    expect(() => initialState({ language: code })).toThrow(
      expect.objectContaining({ code: 'DETECTION_LANGUAGE_UNKNOWN' }),
    )
  })

  it('ships English', () => {
    expect(languages()).toContain('en')
    expect(languageNamed('en').code).toBe('en')
  })
})
