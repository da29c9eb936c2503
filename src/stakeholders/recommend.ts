/** A person or team with what they are responsible for. */
export interface RemitEntry {
  readonly id: string
  readonly role: string
  readonly team: string
  readonly remit: string
}

/** A remit that talk touches. */
export interface RemitMatch {
  readonly entryId: string
  readonly score: number
  /** Words of the talk that touched the remit, most telling first. */
  readonly words: readonly string[]
}

/** A directory prepared for matching. */
export interface RemitIndex {
  readonly entries: readonly {
    readonly id: string
    readonly terms: ReadonlyMap<string, number>
    readonly length: number
  }[]
  readonly documentFrequency: ReadonlyMap<string, number>
  readonly averageLength: number
}

const stopWords = new Set(
  `a about above across after again against all also am an and any are as ask asked at back be because been before being both but by call called can come could day did do does doing done down during each else end ensures even every few first for from further gets get give given go going good got had handles has have having he her here hers him his how i if in into is it its just keep keeps kept know last let like look lot made make makes manager manages many may me might more most much must my need needs new next no nor not now of off officer ok on once one only or other our out over own part people please put really right run runs said same say see send sets she should since so some such sure take team than thank thanks that the their them then there these they thing think this those through time to today together tomorrow too two under until up us use used very via want was way we week well were what when where which while who why will with within without work works would yes yet you your lead head adviser advises advice holds owns signs business partner department everyone`.split(
    /\s+/,
  ),
)

/** Reduces a word to a stem good enough to match "procurement" with "procure" and "payments" with "payment". */
export function stem(word: string): string {
  let base = word
  for (const suffix of [
    'ations',
    'ation',
    'ments',
    'ment',
    'ings',
    'ing',
    'ers',
    'ies',
    'ed',
    'es',
    's',
    'al',
  ]) {
    if (base.endsWith(suffix) && base.length - suffix.length >= 4) {
      base = base.slice(0, -suffix.length)
      break
    }
  }
  return base.endsWith('e') && base.length > 4 ? base.slice(0, -1) : base
}

/** Words of a text that can tell of a subject, as stems with the word as written. Linear in the text's length. */
export function telling(text: string): { stem: string; word: string }[] {
  const words =
    text
      .slice(0, 4000)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}][\p{L}\p{N}'’-]{1,30}/gu) ?? []
  return words
    .filter((word) => word.length > 2 && !stopWords.has(word))
    .map((word) => ({ stem: stem(word.replaceAll(/['’]s?$/g, '')), word }))
}

/** Prepares a directory; role and team count twice, being the words people use for each other. */
export function indexRemits(entries: readonly RemitEntry[]): RemitIndex {
  const documentFrequency = new Map<string, number>()
  const prepared = entries.map((entry) => {
    const terms = new Map<string, number>()
    for (const [text, weight] of [
      [entry.role, 2],
      [entry.team, 2],
      [entry.remit, 1],
    ] as const)
      for (const { stem: term } of telling(text)) terms.set(term, (terms.get(term) ?? 0) + weight)
    for (const term of terms.keys()) documentFrequency.set(term, (documentFrequency.get(term) ?? 0) + 1)
    return { id: entry.id, terms, length: [...terms.values()].reduce((sum, count) => sum + count, 0) }
  })
  const averageLength = prepared.reduce((sum, entry) => sum + entry.length, 0) / Math.max(prepared.length, 1)
  return { entries: prepared, documentFrequency, averageLength }
}

// BM25 (Robertson and Zaragoza, 2009) with the usual constants; the talk is the query, each remit a document.
const k1 = 1.2
const b = 0.6

/**
 * Ranks remits by how much of the talk lies in them. Newer messages count more; a word said often counts little more
 * than a word said once.
 * @param messages texts of the discussion, oldest first
 * @returns matches with a score above 0, best first
 */
export function matchRemits(index: RemitIndex, messages: readonly string[]): RemitMatch[] {
  const weights = new Map<string, { weight: number; word: string }>()
  messages.forEach((text, position) => {
    const recency = 0.5 + (0.5 * (position + 1)) / messages.length
    for (const { stem: term, word } of telling(text)) {
      const held = weights.get(term)
      weights.set(term, {
        weight: Math.max(held?.weight ?? 0, recency) + (held ? 0.1 : 0),
        word: held?.word ?? word,
      })
    }
  })
  const count = index.entries.length
  return index.entries
    .map((entry) => {
      const hits = [...weights]
        .filter(([term]) => entry.terms.has(term))
        .map(([term, { weight, word }]) => {
          const frequency = entry.terms.get(term) ?? 0
          const documents = index.documentFrequency.get(term) ?? 1
          const idf = Math.log(1 + (count - documents + 0.5) / (documents + 0.5))
          const saturation =
            (frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * entry.length) / index.averageLength))
          return { word, score: Math.min(weight, 1.5) * idf * saturation }
        })
        .sort((left, right) => right.score - left.score)
      return {
        entryId: entry.id,
        score: hits.reduce((sum, hit) => sum + hit.score, 0),
        words: hits.slice(0, 5).map((hit) => hit.word),
      }
    })
    .filter((match) => match.score > 0)
    .sort((left, right) => right.score - left.score || (left.entryId < right.entryId ? -1 : 1))
}
