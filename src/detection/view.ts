import { groupCount, groupIndex, matchCues } from './cues.js'
import type { Language } from './language.js'
import { type NameBook, named, titleAuthority } from './names.js'
import { tokenise } from './text.js'
import type { DetectMessage } from './types.js'

/** Kept of a message's text, for the draft of what was decided and for explanations. */
const keptText = 600
/** A message that mentions more speaks to everybody. */
const mostMentions = 50

/** A message as read: its cues, to whom it speaks, its words as hashes. Immutable once made. */
export interface MessageView {
  readonly id: string
  readonly speaker: string
  readonly at: number
  readonly text: string
  readonly threadId: string | undefined
  readonly replyTo: string | undefined
  readonly cues: Uint8Array
  /** 1 for the groups with which one of its clauses opens: what it does, not only what it talks about. */
  readonly opening: Uint8Array
  /** The cue groups that are there, for loops that need only those. */
  readonly present: Uint8Array
  /** How much of a matter of substance it puts: 0 for help, status, thanks; about 1 for a proposal to the group. */
  readonly matter: number
  readonly length: number
  readonly endsAsking: boolean
  /** Opens with what its speaker is doing or has done: "opening now", "cancelled". */
  readonly underWay: boolean
  readonly quoted: boolean
  readonly exclamations: number
  readonly addressees: readonly string[]
  /** Its longer words as hashes, in rising order. */
  readonly words: readonly number[]
  readonly authority: number
  readonly office: boolean
}

function hash(text: string): number {
  let h = 2166136261
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
  return h >>> 0
}

const questionGroup = groupIndex('question')

/** Reads one message. Linear in the length read; the book tells which words are names. */
export function readMessage(
  message: DetectMessage,
  book: NameBook,
  language: Language,
  authority?: (speaker: string) => number,
): MessageView {
  const { tokens, classes, starts, quoted, exclamations } = tokenise(message.text, language)
  const outTokens: string[] = []
  const outClasses: string[] = []
  const outStarts: number[] = []
  const addressees: string[] = []
  let boundary = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? ''
    const start = Math.max(starts[i] ?? 0, boundary)
    boundary = 0
    const called = token.length > 2 ? named(book, token.length > 3 ? letterPart(token) : token) : undefined
    if (called !== undefined || token === '<name>') {
      if (called !== undefined && called !== message.speaker && !addressees.includes(called))
        addressees.push(called)
      boundary = start === 2 || outTokens.length === 0 ? 2 : 1
      continue
    }
    outTokens.push(token)
    outClasses.push(classes[i] ?? '')
    outStarts.push(start)
    if (language.openers.has(token)) boundary = 1
  }
  for (const mention of message.mentions?.slice(0, mostMentions) ?? [])
    if (!addressees.includes(mention)) addressees.push(mention)
  const length = outTokens.length
  const endsAsking = outTokens[length - 1] === '?'
  const words: number[] = []
  for (let i = 0; i < Math.min(length, 80) && words.length < 30; i++) {
    const shown = outClasses[i] || (outTokens[i] ?? '')
    if (shown.length > 3 && shown.charCodeAt(0) > 96) words.push(hash(shown))
  }
  words.sort((a, b) => a - b)
  outTokens.push('$')
  outClasses.push('')
  outStarts.push(0)
  const cues = new Uint8Array(groupCount)
  const opening = new Uint8Array(groupCount)
  matchCues(language.cues, outTokens, outClasses, outStarts, cues, opening)
  if (endsAsking) cues[questionGroup] = Math.min(3, (cues[questionGroup] ?? 0) + 1)
  const present: number[] = []
  const { matterWeights, matterPlain } = language
  let matter = matterPlain.length * Math.min(1, length / 20) + (endsAsking ? matterPlain.endsAsking : 0)
  for (let g = 0; g < groupCount; g++) {
    if (!cues[g]) continue
    present.push(g)
    matter += matterWeights[g] as number
  }
  const titled = titleAuthority(message.speaker, language)
  return {
    id: message.id,
    speaker: message.speaker,
    at: message.at,
    text: message.text.slice(0, keptText),
    threadId: message.threadId,
    replyTo: message.replyTo,
    cues,
    opening,
    present: new Uint8Array(present),
    matter: length < 4 ? 0 : Math.max(0, Math.min(2, matter / 1.5)),
    length,
    endsAsking,
    underWay: !endsAsking && opensUnderWay(outTokens, language),
    quoted,
    exclamations,
    addressees,
    words,
    authority: authority ? authority(message.speaker) : titled.authority,
    office: titled.office,
  }
}

const longestUnderWay = 14

/** "ok, telling them", "shut. told": after the small openers comes what is being done or has been done. */
function opensUnderWay(tokens: readonly string[], { underWay, openers }: Language): boolean {
  if (tokens.length - 1 > longestUnderWay) return false
  for (let i = 0; i < Math.min(4, tokens.length); i++) {
    const token = tokens[i] ?? ''
    if (underWay.before.has(token) || openers.has(token) || token.charCodeAt(0) < 97) continue
    return (
      underWay.also.has(token) ||
      (token.length > 4 &&
        !underWay.except.has(token) &&
        underWay.endings.some((ending) => token.endsWith(ending)))
    )
  }
  return false
}

function letterPart(token: string): string {
  let end = token.length
  while (end > 0) {
    const c = token.charCodeAt(end - 1)
    if ((c >= 48 && c <= 57) || c === 95 || c === 45) end--
    else break
  }
  if (token.endsWith("'s")) end = token.length - 2
  return end === token.length ? token : token.slice(0, end)
}
