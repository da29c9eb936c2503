import type { Language } from './language.js'

/**
 * Name tokens of the people seen lately, each to the speaker it names. Immutable and bounded: the oldest are forgotten.
 * New names are written on a short page, so that a newcomer does not cost a copy of the whole book.
 */
export interface NameBook {
  readonly page: ReadonlyMap<string, string>
  readonly bound: ReadonlyMap<string, string>
}
export const emptyBook: NameBook = { page: new Map(), bound: new Map() }
const longestBook = 400
const longestPage = 32

/** Whom a word names, if anybody: the one who bore the name first. */
export const named = (book: NameBook, token: string): string | undefined =>
  book.bound.get(token) ?? book.page.get(token)

const letters = (part: string): string =>
  part
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}]/gu, '')

/**
 * The words by which a speaker may be called: "Dr Annis Moore" → annis, moore; "justin_o" → justin, justino. What
 * stands in brackets ("(external)", "(Treasury)") says where somebody belongs, and calls nobody.
 */
export function nameTokens(
  speaker: string,
  { ambiguousNames, strongTitles, officeTitles }: Language,
): string[] {
  const parts = speaker
    .slice(0, 80)
    .replace(/\([^)]*\)?/g, ' ')
    .split(/[\s._\-),/]+/)
  const names = parts.map(letters).filter((part) => part.length > 2 && !ambiguousNames.has(part))
  const whole = letters(parts.join(''))
  if (whole.length > 2 && !ambiguousNames.has(whole)) names.push(whole)
  return names.filter((name) => !strongTitles.has(name) && !officeTitles.has(name))
}

/** The book with this speaker in it; the same book when nothing changes. */
export function withSpeaker(book: NameBook, speaker: string, language: Language): NameBook {
  const entry = ` ${speaker}`
  if (named(book, entry) !== undefined) return book
  const page = new Map(book.page)
  page.set(entry, speaker)
  for (const name of nameTokens(speaker, language))
    if (named(book, name) === undefined) page.set(name, speaker)
  if (page.size <= longestPage) return { ...book, page }
  const bound = new Map([...book.bound, ...page])
  for (const key of bound.keys()) {
    if (bound.size <= longestBook) break
    bound.delete(key)
  }
  return { page: new Map(), bound }
}

/** 0 to 1: how much say a name's own title claims ("Minister Okafor" 1, "Karen" 0). */
export function titleAuthority(
  speaker: string,
  { strongTitles, officeTitles }: Language,
): { authority: number; office: boolean } {
  let authority = 0
  let office = false
  for (const part of speaker
    .slice(0, 80)
    .toLowerCase()
    .split(/[\s._\-(),/]+/)) {
    if (strongTitles.has(part)) authority = 1
    if (officeTitles.has(part)) office = true
  }
  return { authority, office }
}
