import english from './cues-en.json' with { type: 'json' }

/**
 * Names of the cue groups (dialogue moves and topics); a feature's index is its place here. They are the same in every
 * language, and the English file is where they are named.
 */
export const groupNames: readonly string[] = Object.keys(english.groups)
export const groupCount = groupNames.length

/** Index of a cue group by name; the compiler refuses a name the English file lacks. */
export function groupIndex(name: keyof typeof english.groups): number {
  return groupNames.indexOf(name)
}

interface TrieNode {
  next: Map<string, TrieNode> | undefined
  groups: number[] | undefined
}

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

/** A language's phrases, ready to be matched. */
export interface CueTrie {
  readonly root: TrieNode
  readonly sentenceStart: TrieNode | undefined
  readonly clauseStart: TrieNode | undefined
}
interface Phrases {
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Groups whose "^" also holds after a comma, a name or a small opener ("ok, pause it"): orders are given mid-sentence. */
  readonly clauseGroups: readonly string[]
  /** Spellings without apostrophes that are other words: alone they would match everything. */
  readonly otherWords: readonly string[]
}

/** Builds the trie of all phrases. A group the phrases lack matches nothing. */
export function buildTrie({ groups, clauseGroups, otherWords }: Phrases): CueTrie {
  const root: TrieNode = { next: undefined, groups: undefined }
  groupNames.forEach((name, group) => {
    for (const raw of groups[name] ?? []) {
      const phrase = raw.split(' ').map((token) => token.replace(/^([a-z].*):$/, '$1'))
      if (phrase[0] === '^' && clauseGroups.includes(name)) phrase[0] = '~'
      insert(root, phrase, group)
      if (!raw.includes("'")) continue
      const bare = phrase.map((token) => token.replaceAll("'", ''))
      if (bare.length > 1 || !otherWords.includes(bare[0] ?? '')) insert(root, bare, group)
    }
  })
  return { root, sentenceStart: root.next?.get('^'), clauseStart: root.next?.get('~') }
}

/**
 * Counts, for each cue group, how often one of its phrases starts in the tokens (capped at 3). `classes[i]` is the class
 * token of `tokens[i]` (`<num>`, `<day>` …) or ''; `starts[i]` is 2 where a sentence starts, 1 where a clause does.
 * `opening` marks the groups found at the start of a clause. The last token must be '$'. Linear: a phrase has at most seven tokens.
 */
export function matchCues(
  { root, sentenceStart, clauseStart }: CueTrie,
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
    const first = root.next?.get(tokens[at] ?? '')
    if (first) walk(first, tokens, classes, at + 1, longestPhrase - 1, counts, opens)
    const kind = classes[at]
    const byClass = kind && kind !== tokens[at] ? root.next?.get(kind) : undefined
    if (byClass) walk(byClass, tokens, classes, at + 1, longestPhrase - 1, counts, opens)
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
