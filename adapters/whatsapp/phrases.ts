import { plainNotice } from './marks.js'
import data from './phrases.json' with { type: 'json' }
import { matchTemplate, parseTemplate, type Template } from './template.js'

/** What a notice of WhatsApp's own says. */
export const noticeKinds = [
  'created',
  'renamed',
  'promoted',
  'demoted',
  'joined',
  'added',
  'removed',
  'left',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** A notice taken apart; `people` is still one string ("A, B and C"). */
export interface Notice {
  readonly kind: NoticeKind
  readonly actor?: string
  readonly person?: string
  readonly people?: string
  readonly name?: string
  readonly old?: string
  /** How the notice's language joins the last of a list: " and ". */
  readonly and: readonly string[]
}

interface Language {
  readonly you: readonly string[]
  readonly and: readonly string[]
  readonly others: readonly string[]
  readonly fileNames: readonly string[]
  readonly system: Readonly<Record<NoticeKind, readonly string[]>>
  readonly deleted: readonly string[]
  readonly deletedByAdmin: readonly string[]
  readonly edited: readonly string[]
  readonly omitted: Readonly<Record<string, string | undefined>>
  readonly attached: readonly string[]
  readonly notices: readonly string[]
}

const languages: readonly Language[] = data
const exporter = 'You'

const you = new Set(languages.flatMap((language) => language.you))
const templates = noticeKinds.map((kind) => ({
  kind,
  templates: languages.flatMap((language) =>
    language.system[kind].map((wording) => ({ way: parseTemplate(wording), and: language.and })),
  ),
}))
const attached = languages.flatMap((language) => language.attached).map(parseTemplate)
const fileNames = languages.flatMap((language) => language.fileNames).map(parseTemplate)
const omitted = new Map(
  languages.flatMap((language) =>
    Object.entries(language.omitted).flatMap(([wording, what]) =>
      what === undefined ? [] : [[wording.toLowerCase(), what] as const],
    ),
  ),
)
const deleted = new Set(languages.flatMap((language) => language.deleted))
const deletedByAdmin = languages.flatMap((language) => language.deletedByAdmin)
const edited = languages.flatMap((language) => language.edited)
const notices = languages.flatMap((language) => language.notices)
const others = new Set(languages.flatMap((language) => language.others))

/** Whether a displayed name stands for whoever exported the chat. */
export function isYou(name: string): boolean {
  return you.has(name)
}

/** Takes a notice apart, or undefined when it is none we know. Give it {@link plainNotice} text. */
export function readNotice(notice: string): Notice | undefined {
  for (const { kind, templates: ways } of templates)
    for (const { way, and } of ways) {
      const found = matchTemplate(way, notice)
      if (found && namesAreNames(found)) return { kind, ...found, ...missing(way), and }
    }
  return undefined
}

function missing(way: Template): { actor?: string; people?: string; person?: string } {
  return way.exporterIs === undefined ? {} : { [way.exporterIs]: exporter }
}

/** `Bob: Alice left` is a message that says so, not a notice. */
function namesAreNames(found: Readonly<Record<string, string>>): boolean {
  return ['actor', 'person', 'people'].every((role) => !found[role]?.includes(': '))
}

/** A notice that is understood and tells nothing we keep: icons, settings, encryption, calls. */
export function isIdleNotice(notice: string): boolean {
  return notices.some((part) => notice.includes(part))
}

/** Splits "A, B and C"; a name known from elsewhere in the file stays whole. `unnamed` when "and 3 others" follows. */
export function splitPeople(
  people: string,
  and: readonly string[],
  known: ReadonlySet<string>,
): { names: string[]; unnamed: boolean } {
  const names: string[] = []
  let unnamed = false
  for (const part of people.split(', ')) {
    const pair = known.has(part) ? undefined : splitAt(part, and, known)
    for (const name of pair ?? [part]) {
      const last = name.slice(name.lastIndexOf(' ') + 1)
      if (/^\d+ /.test(name) && others.has(last)) unnamed = true
      else if (name !== '') names.push(name)
    }
  }
  return { names, unnamed }
}

function splitAt(part: string, ands: readonly string[], known: ReadonlySet<string>): string[] | undefined {
  const cuts: string[][] = []
  for (const and of ands) {
    const bare = `${and.trim().replace(/^, /, '')} `
    // After a comma the word opens the part: "A, B, and C".
    if (part.startsWith(bare)) cuts.push(['', part.slice(bare.length)])
    for (let at = part.indexOf(and); at > 0; at = part.indexOf(and, at + 1))
      cuts.push([part.slice(0, at), part.slice(at + and.length)])
  }
  return cuts.find((cut) => cut.some((name) => known.has(name))) ?? cuts.at(-1)
}

/** The name of an attached file, when a line is nothing but that. */
export function attachedFile(line: string): string | undefined {
  for (const way of attached) {
    const file = matchTemplate(way, line)?.file
    if (file !== undefined) return file
  }
  return undefined
}

/** What was left out of an export without media ("image"), when a line is nothing but that. */
export function omittedMedia(line: string): string | undefined {
  return omitted.get(line.toLowerCase())
}

/** Who deleted a message, when its text is the notice of that: its author, or an administrator. */
export function deletedBy(text: string): 'author' | 'administrator' | undefined {
  const notice = plainNotice(text)
  if (deleted.has(notice)) return 'author'
  return deletedByAdmin.some((wording) => notice.startsWith(wording)) ? 'administrator' : undefined
}

/** The text without the mark of an edit; undefined when there is none. */
export function withoutEditMark(text: string): string | undefined {
  const trimmed = text.trimEnd()
  const mark = edited.find((wording) => trimmed.endsWith(wording))
  return mark === undefined ? undefined : trimmed.slice(0, -mark.length).trimEnd()
}

/** The name of the chat in the name of its file, or undefined when it is not named as WhatsApp does. */
export function nameInFileName(fileName: string): string | undefined {
  const stem = fileName.replace(/\.(txt|zip)$/i, '').replace(/ ?\(\d{1,3}\)$/, '')
  for (const way of fileNames) {
    const name = matchTemplate(way, stem)?.name
    if (name !== undefined) return name
  }
  return undefined
}
