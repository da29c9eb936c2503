import { leftToRight, plainName, plainText } from './marks.js'
import { displayName } from './people.js'
import { attachedFile, deletedBy, omittedMedia, withoutEditMark } from './phrases.js'

/** What a message says, taken apart. */
export type Body =
  | { readonly kind: 'deleted'; readonly by: 'author' | 'administrator' }
  | {
      readonly kind: 'text'
      readonly text: string
      readonly edited: boolean
      readonly files: readonly { readonly name: string }[]
      /** Names mentioned, as shown. */
      readonly mentions: readonly string[]
    }

/** Longest text kept: WhatsApp's own limit is 65,536 characters. */
export const longestText = 70_000

/**
 * Reads the text of a message: attachments, what was left out, deletion and edit marks, mentions.
 * @param raw first line and continuation lines, joined by line feeds
 * @param form the iPhone marks what WhatsApp says with a left-to-right mark; Android does not
 */
export function readBody(raw: string, form: 'android' | 'ios'): Body {
  if (form === 'android' || raw.startsWith(leftToRight)) {
    const by = raw.length < 200 ? deletedBy(raw) : undefined
    if (by !== undefined) return { kind: 'deleted', by }
  }
  const mentions = [...new Set([...raw.matchAll(/@\u2068([^\u2068\u2069\n]{1,200})\u2069/g)].map(mentioned))]
  const withoutMark = withoutEditMark(plainText(raw))
  const { text, files } = takeFiles(withoutMark === undefined ? raw : dropLast(raw), form)
  return {
    kind: 'text',
    text: text.slice(0, longestText),
    edited: withoutMark !== undefined,
    files,
    mentions,
  }
}

/** The raw text without its edit mark, marks of direction kept for what follows. */
function dropLast(raw: string): string {
  return raw.slice(0, raw.lastIndexOf('<')).replace(/[\s\u200e]+$/, '')
}

function mentioned(match: RegExpExecArray): string {
  return displayName(match[1] ?? '')
}

function takeFiles(raw: string, form: 'android' | 'ios'): { text: string; files: { name: string }[] } {
  if (form === 'ios') {
    const mark = raw.lastIndexOf(leftToRight)
    const name = mark < 0 ? undefined : fileName(raw.slice(mark + 1))
    if (name === undefined) return { text: plainText(raw), files: [] }
    return { text: plainText(raw.slice(0, mark)).trimEnd(), files: [{ name }] }
  }
  const lineEnd = raw.indexOf('\n')
  const first = lineEnd < 0 ? raw : raw.slice(0, lineEnd)
  const name = fileName(first)
  if (name === undefined) return { text: plainText(raw), files: [] }
  return { text: lineEnd < 0 ? '' : plainText(raw.slice(lineEnd + 1)), files: [{ name }] }
}

function fileName(line: string): string | undefined {
  if (line.length > 1000) return undefined
  const plain = plainName(line)
  const file = attachedFile(plain)
  if (file !== undefined) return plainName(file)
  const what = omittedMedia(plain)
  return what === undefined ? undefined : `${what} (not in the export)`
}
