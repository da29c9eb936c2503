import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'
import { buildTrie, type CueTrie, groupNames } from './cues.js'
import { featureNames } from './feature-names.js'

const words = z.array(z.string())
const sentencesSchema = z.object({
  somebody: z.string(),
  said: z.string(),
  reported: z.string(),
  options: z.string(),
  offChannel: z.string(),
  settled: z.string(),
  ruled: z.string(),
  chose: z.string(),
  answered: z.string(),
  agreed: z.string(),
  followed: z.string(),
  along: z.string(),
  doubted: z.string(),
  alongAndDoubted: z.string(),
  unopposed: z.string(),
  unanswered: z.string(),
  and: z.string(),
  andOthers: z.string(),
})
/** What of a message's plain form says how much matter it puts, beside its moves. */
const plainMatter = { length: z.number(), endsAsking: z.number() }
const cuesSchema = z.object({
  language: z.string(),
  clauseGroups: words,
  groups: z.record(z.string(), words),
  openers: words,
  underWay: z.object({ endings: words, also: words, except: words, before: words }),
  titles: z.object({ strong: words, office: words }),
  days: words,
  months: words,
  ambiguousNames: words,
  otherWords: words,
  figures: z.object({ halves: words, ordinals: words, amounts: words }),
  matter: z.object(plainMatter).catchall(z.number()),
  priors: z.record(z.string(), z.number()),
  sentences: sentencesSchema,
})

/** The sentences of an explanation; what stands in braces is filled in. */
export type Sentences = Readonly<z.infer<typeof sentencesSchema>>

/** All that reading and explaining messages needs to know of a language, from its cues file. */
export interface Language {
  readonly code: string
  readonly cues: CueTrie
  readonly strongTitles: ReadonlySet<string>
  readonly officeTitles: ReadonlySet<string>
  /** First names that are also words: they call nobody. */
  readonly ambiguousNames: ReadonlySet<string>
  /** Small words a clause may open with before its verb. */
  readonly openers: ReadonlySet<string>
  /** How words look by which somebody says that they are doing it, or did. */
  readonly underWay: {
    readonly endings: readonly string[]
    readonly also: ReadonlySet<string>
    readonly except: ReadonlySet<string>
    readonly before: ReadonlySet<string>
  }
  readonly dayWords: ReadonlySet<string>
  readonly monthWords: ReadonlySet<string>
  /** What may end a figure: halves of the day, ordinals, amounts of money. */
  readonly figures: {
    readonly halves: readonly string[]
    readonly ordinals: readonly string[]
    readonly amounts: readonly string[]
  }
  /** How much each move says that a message puts a matter of substance (above 0) or only help, status, logistics (below). */
  readonly matterWeights: Float32Array
  readonly matterPlain: { readonly length: number; readonly endsAsking: number }
  /** Log-odds given by hand to features that written corpora teach too weakly, because their writers set traps with them; added to what training found. */
  readonly priors: Readonly<Record<string, number>>
  readonly sentences: Sentences
}

/**
 * Reads a language's cues.
 * @throws a zod error when the text is no cues file, and an Error naming the moves it lacks or has too many, or what it weighs that there is not
 */
export function parseLanguage(text: string): Language {
  const cues = cuesSchema.parse(JSON.parse(text))
  const missing = groupNames.filter((name) => !(name in cues.groups))
  const unknown = Object.keys(cues.groups).filter((name) => !groupNames.includes(name))
  if (missing.length > 0 || unknown.length > 0)
    throw new Error(
      `the cues for "${cues.language}" must have the groups of cues-en.json; missing: ${missing.join(', ') || 'none'}; unknown: ${unknown.join(', ') || 'none'}`,
    )
  const { underWay, matter } = cues
  const misspelt = [
    ...Object.keys(matter).filter((name) => !(name in plainMatter) && !groupNames.includes(name)),
    ...Object.keys(cues.priors).filter((name) => !featureNames.includes(name)),
  ]
  if (misspelt.length > 0)
    throw new Error(`the cues for "${cues.language}" weigh what there is not: ${misspelt.join(', ')}`)
  return {
    code: cues.language,
    cues: buildTrie(cues),
    strongTitles: new Set(cues.titles.strong),
    officeTitles: new Set(cues.titles.office),
    ambiguousNames: new Set(cues.ambiguousNames),
    openers: new Set(cues.openers),
    underWay: {
      endings: underWay.endings,
      also: new Set(underWay.also),
      except: new Set(underWay.except),
      before: new Set(underWay.before),
    },
    dayWords: new Set(cues.days),
    monthWords: new Set(cues.months),
    figures: cues.figures,
    matterWeights: Float32Array.from(groupNames, (name) => matter[name] ?? 0),
    matterPlain: { length: matter.length, endsAsking: matter.endsAsking },
    priors: cues.priors,
    sentences: cues.sentences,
  }
}

const folder = new URL('./', import.meta.url)
const cuesFile = (code: string): URL => new URL(`cues-${code}.json`, folder)
/** Where a language's trained weights stand. */
export const weightsFile = (code: string): URL => new URL(`weights-${code}.json`, folder)

/** Codes of the languages that have both files, cues and weights. */
export function languages(): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^cues-([a-z]{2,8}(?:-[a-z0-9]{1,8})*)\.json$/.exec(name)?.[1] ?? [])
    .filter((code) => existsSync(weightsFile(code)))
    .sort()
}

const read = new Map<string, Language>()

/**
 * The language of that code, read once.
 * @throws RemembrancerError DETECTION_LANGUAGE_UNKNOWN when there is no such cues file or it cannot be used
 */
export function languageNamed(code = 'en'): Language {
  const known = read.get(code)
  if (known) return known
  if (!/^[a-z0-9-]+$/.test(code) || !existsSync(cuesFile(code)))
    throw new RemembrancerError(
      'DETECTION_LANGUAGE_UNKNOWN',
      `There are no cues for the language "${code.slice(0, 20)}"; there are some for ${languages().join(', ')}.`,
    )
  const language = readCues(code)
  read.set(code, language)
  return language
}

function readCues(code: string): Language {
  try {
    return parseLanguage(readFileSync(cuesFile(code), 'utf8'))
  } catch (error) {
    throw new RemembrancerError(
      'DETECTION_LANGUAGE_UNKNOWN',
      `The cues for "${code}" cannot be used: ${reasonOf(error)}.`,
    )
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return `${issue?.path.join('.')}: ${issue?.message}`
  }
  return error instanceof Error ? error.message : String(error)
}
