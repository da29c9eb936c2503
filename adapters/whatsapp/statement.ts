import type { Heading } from './heading.js'
import { leftToRight, plainNotice } from './marks.js'
import { displayName } from './people.js'
import { isIdleNotice, isYou, type Notice, readNotice } from './phrases.js'

/** Who says what under a heading: a person, WhatsApp itself, or nothing we know. */
export type Statement =
  | { readonly kind: 'message'; readonly author: string; readonly text: string }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'idle' }
  | { readonly kind: 'unknown' }

const longestName = 300
const longestNotice = 2000

/** Splits `Name: text`, or undefined when nobody is named. */
export function splitAuthor(text: string): { author: string; text: string } | undefined {
  const lineEnd = text.indexOf('\n')
  const first = lineEnd < 0 ? text : text.slice(0, lineEnd)
  const at = first.indexOf(': ')
  if (at > 0 && at <= longestName) return { author: text.slice(0, at), text: text.slice(at + 2) }
  if (at < 0 && first.endsWith(':') && first.length > 1 && first.length <= longestName)
    return { author: first.slice(0, -1), text: lineEnd < 0 ? '' : text.slice(lineEnd + 1) }
  return undefined
}

/**
 * Tells messages from notices.
 * @param voices names under which the chat itself speaks on an iPhone: the group's own
 */
export function readStatement(form: Heading['form'], text: string, voices: ReadonlySet<string>): Statement {
  const said = splitAuthor(text)
  if (said === undefined) return withoutAuthor(text)
  // `Ann changed the subject to "Roads: closures"`: the colon stands inside the name.
  if (/["“„«]/.test(said.author)) {
    const notice = readNotice(plainNotice(text.slice(0, longestNotice)))
    if (notice?.name !== undefined) return { kind: 'notice', notice }
  }
  if (form === 'ios' && said.text.startsWith(leftToRight) && said.text.length <= longestNotice) {
    const plain = plainNotice(said.text)
    const notice = readNotice(plain)
    if (notice && mayAnnounce(displayName(said.author), notice, voices)) return { kind: 'notice', notice }
    if (!notice && isIdleNotice(plain)) return { kind: 'idle' }
  }
  return { kind: 'message', ...said }
}

function withoutAuthor(text: string): Statement {
  const plain = plainNotice(text.slice(0, longestNotice))
  const notice = readNotice(plain)
  if (notice) return { kind: 'notice', notice }
  return isIdleNotice(plain) ? { kind: 'idle' } : { kind: 'unknown' }
}

/**
 * On an iPhone a notice stands under the group's name or under the name of whom it is about. Under anyone else's it
 * is something a person typed.
 */
function mayAnnounce(author: string, notice: Notice, voices: ReadonlySet<string>): boolean {
  if (voices.has(author)) return true
  const subjects = [notice.actor, notice.person, notice.people].filter((name) => name !== undefined)
  return subjects.some((name) => !isYou(name) && displayName(name) === author)
}
