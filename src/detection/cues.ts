import cues from './cues-en.json' with { type: 'json' }

/** Names of the cue groups (dialogue moves and topics), in the order of the language file; a feature's index is its place here. */
export const groupNames: readonly string[] = Object.keys(cues.groups)
export const groupCount = groupNames.length

/** Index of a cue group by name; the compiler refuses a name the language file lacks. */
export function groupIndex(name: keyof typeof cues.groups): number {
  return groupNames.indexOf(name)
}

export const strongTitles: ReadonlySet<string> = new Set(cues.titles.strong)
export const officeTitles: ReadonlySet<string> = new Set(cues.titles.office)
export const ambiguousNames: ReadonlySet<string> = new Set(cues.ambiguousNames)
/** Small words a clause may open with before its verb. */
export const openers: ReadonlySet<string> = new Set(cues.openers)
/** How words look by which somebody says that they are doing it, or did. */
export const underWayWords = {
  endings: cues.underWay.endings,
  also: new Set(cues.underWay.also),
  except: new Set(cues.underWay.except),
  before: new Set(cues.underWay.before),
} as const
export const dayWords: ReadonlySet<string> = new Set(cues.days)
export const monthWords: ReadonlySet<string> = new Set(cues.months)

/** How much each move says that a message puts a matter of substance (above 0) or only help, status, logistics (below). */
export const matterWeights: Float32Array = Float32Array.from(
  groupNames,
  (name) => (cues.matter as Partial<Record<string, number>>)[name] ?? 0,
)
export const matterPlain = { length: cues.matter.length, endsAsking: cues.matter.endsAsking } as const

/** Log-odds given by hand to features that written corpora teach too weakly, because their writers set traps with them; added to what training found. */
export const priors: Readonly<Record<string, number>> = cues.priors

interface TrieNode {
  next: Map<string, TrieNode> | undefined
  groups: number[] | undefined
}

/** Spellings without apostrophes that are other words: alone they would match everything. */
const otherWords = new Set(['well', 'were', 'ill', 'id', 'wed', 'shell', 'hell', 'cant', 'wont'])
const longestPhrase = 7

function insert(root: TrieNode, phrase: readonly string[], group: number): void {
  let node = root
  for (const token of phrase) {
    node.next ??= new Map()
    let child = node.next.get(token)
    if (!child) {
      child = { next: undefined, groups: undefined }
      node.next.set(token, child)
    }
    node = child
  }
  node.groups ??= []
  if (!node.groups.includes(group)) node.groups.push(group)
}

/** Groups whose "^" also holds after a comma, a name or a small opener ("ok, pause it"): orders are given mid-sentence. */
const clauseGroups = new Set(cues.clauseGroups)

function buildTrie(): TrieNode {
  const root: TrieNode = { next: undefined, groups: undefined }
  groupNames.forEach((name, group) => {
    for (const raw of cues.groups[name as keyof typeof cues.groups]) {
      const phrase = raw.split(' ').map((token) => token.replace(/^([a-z].*):$/, '$1'))
      if (phrase[0] === '^' && clauseGroups.has(name)) phrase[0] = '~'
      insert(root, phrase, group)
      if (!raw.includes("'")) continue
      const bare = phrase.map((token) => token.replaceAll("'", ''))
      if (bare.length > 1 || !otherWords.has(bare[0] ?? '')) insert(root, bare, group)
    }
  })
  return root
}

const trie = buildTrie()

const sentenceStart = trie.next?.get('^')
const clauseStart = trie.next?.get('~')

/**
 * Counts, for each cue group, how often one of its phrases starts in the tokens (capped at 3). `classes[i]` is the class
 * token of `tokens[i]` (`<num>`, `<day>` …) or ''; `starts[i]` is 2 where a sentence starts, 1 where a clause does.
 * `opening` marks the groups found at the start of a clause. The last token must be '$'. Linear: a phrase has at most seven tokens.
 */
export function matchCues(
  tokens: readonly string[],
  classes: readonly string[],
  starts: readonly number[],
  counts: Uint8Array,
  opening: Uint8Array,
): void {
  let since = 0
  for (let at = 0; at < tokens.length; at++) {
    const start = starts[at]
    since = start || at === 0 ? 0 : since + 1
    const opens = since < opensWithin ? opening : undefined
    walk(trie, tokens, classes, at, longestPhrase, counts, opens)
    if (start === 2 && sentenceStart) walk(sentenceStart, tokens, classes, at, longestPhrase, counts, opens)
    if (start && clauseStart) walk(clauseStart, tokens, classes, at, longestPhrase, counts, opens)
  }
}

/** A move this near the start of its clause is what the clause does; further in it is often only talked about. */
const opensWithin = 3

function walk(
  node: TrieNode,
  tokens: readonly string[],
  classes: readonly string[],
  at: number,
  left: number,
  counts: Uint8Array,
  opening: Uint8Array | undefined,
): void {
  if (node.groups) {
    for (const group of node.groups) {
      const count = counts[group] ?? 0
      if (count < 3) counts[group] = count + 1
      if (opening) opening[group] = 1
    }
  }
  if (!node.next || left === 0 || at >= tokens.length) return
  const token = tokens[at] ?? ''
  const exact = node.next.get(token)
  if (exact) walk(exact, tokens, classes, at + 1, left - 1, counts, opening)
  const kind = classes[at]
  if (!kind || kind === token) return
  const byClass = node.next.get(kind)
  if (byClass) walk(byClass, tokens, classes, at + 1, left - 1, counts, opening)
}
