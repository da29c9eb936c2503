import type { Candidate } from './candidate.js'
import { groupIndex } from './cues.js'
import { answeredIndex } from './features.js'
import { lookAhead } from './follow.js'
import type { Language, Sentences } from './language.js'
import { accepts } from './moves.js'
import { nameTokens } from './names.js'
import type { DecisionType, Signal, SignalKind } from './types.js'
import type { MessageView } from './view.js'

const move = {
  ask: groupIndex('ask'),
  askSteer: groupIndex('askSteer'),
  proposeStrong: groupIndex('proposeStrong'),
  approve: groupIndex('approve'),
  settle: groupIndex('settle'),
  settleStrong: groupIndex('settleStrong'),
  directive: groupIndex('directive'),
  enacted: groupIndex('enacted'),
  agree: groupIndex('agree'),
  commit: groupIndex('commit'),
  objection: groupIndex('objection'),
  options: groupIndex('optionsWeigh'),
  eitherOr: groupIndex('eitherOr'),
  question: groupIndex('question'),
  logistics: groupIndex('logistics'),
  availability: groupIndex('availability'),
  not: groupIndex('not'),
  social: groupIndex('social'),
} as const
const has = (view: MessageView, name: keyof typeof move): boolean => (view.cues[move[name]] ?? 0) > 0
const opens = (view: MessageView, name: keyof typeof move): boolean => view.opening[move[name]] === 1

export interface Draft {
  readonly kind: SignalKind
  readonly key: string
  readonly recent: readonly Candidate[]
  readonly index: number
  readonly confidence: number
  readonly threshold: number
  readonly type: DecisionType | undefined
  readonly language: Language
}

const summaryLength = 200
const quoteLength = 70
const nameLength = 60
/** How far back the message that put the matter is looked for. */
const basisReach = 8

/** Cuts a text to a length at a word, in one line, never through a character. */
export function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= length) return line
  const cut = wellFormed(line.slice(0, length - 1))
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > length / 2 ? space : cut.length).trimEnd()}…`
}

const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')

/** Draws up a signal from the messages around its settling message: span, evidence, who, why, and a draft of what. */
export function draftSignal(draft: Draft): Signal {
  const { recent, index, language } = draft
  const views = recent.map((c) => c.view)
  const settling = views[index] as MessageView
  const earlier = views.slice(0, index)
  const before = earlier[answeredIndex(earlier, settling)]
  const ruler = before && onlyFollows(settling) && rules(before) ? before : undefined
  const basis = ruler ? { message: ruler, bears: true } : basisOf(earlier, settling, language)
  const replies = views.slice(index + 1, index + 1 + lookAhead).filter((v) => v.speaker !== settling.speaker)
  const supporters = replies.filter((v) => goesAlong(v) && toThem(v, settling))
  const doubter = replies.find((v) => has(v, 'objection') && !goesAlong(v) && toThem(v, settling))
  const asked = basis.message
  const to = supporters[supporters.length - 1] ?? settling
  const evidence = [...new Set([...(asked ? [asked.id] : []), settling.id, ...supporters.map((v) => v.id)])]
  const decision = draft.kind === 'decision'
  const decidedBy = (ruler ?? settling).speaker
  return {
    kind: draft.kind,
    key: draft.key,
    from: (asked ?? settling).id,
    to: to.id,
    at: settling.id,
    evidence,
    ...(decision && draft.type ? { decisionType: draft.type } : {}),
    ...(decision ? { decidedBy } : {}),
    ...(decision && asked && asked.speaker !== decidedBy ? { askedBy: asked.speaker } : {}),
    confidence: Math.round(draft.confidence * 1000) / 1000,
    wouldNudge: draft.kind !== 'reported' && draft.confidence >= draft.threshold,
    because: because(
      {
        kind: draft.kind,
        settling,
        asked: basis.bears ? asked : undefined,
        ruled: ruler !== undefined,
        supporters,
        doubter,
        answered: replies.length > 0,
      },
      language,
    ),
    summary: summary(settling, asked),
  }
}

/** Says yes, or sets about it; "I never approved that" and "not sure I agree" do neither. */
const goesAlong = (view: MessageView): boolean =>
  !has(view, 'objection') &&
  !view.endsAsking &&
  (opens(view, 'commit') || (accepts(view) && !has(view, 'not')))
const toThem = (view: MessageView, settling: MessageView): boolean =>
  view.replyTo === settling.id || view.addressees.length === 0 || view.addressees.includes(settling.speaker)

/** Settles, directs or approves in so many words, and neither asks nor only proposes. */
const rules = (view: MessageView): boolean =>
  !view.endsAsking &&
  !has(view, 'proposeStrong') &&
  (opens(view, 'settle') || opens(view, 'settleStrong') || opens(view, 'directive') || opens(view, 'approve'))
/** "Will do", "ok, ringing them": takes up what somebody else has settled. Who says yes to a proposal settles it. */
const onlyFollows = (view: MessageView): boolean =>
  view.authority === 0 &&
  opens(view, 'commit') &&
  !opens(view, 'agree') &&
  !has(view, 'settleStrong') &&
  !opens(view, 'settle') &&
  !opens(view, 'directive') &&
  !opens(view, 'approve') &&
  !has(view, 'enacted')

interface Basis {
  readonly message: MessageView | undefined
  /** Whether it can be said to have put the matter; else it only came before. */
  readonly bears: boolean
}

/**
 * The message that put the matter: the one that most asks or proposes among the last few. Near ones count for more, and
 * those that share words with the settling message or speak to its author; arrangements and questions to others for less.
 */
function basisOf(earlier: readonly MessageView[], settling: MessageView, language: Language): Basis {
  const answered = answeredIndex(earlier, settling)
  if (settling.replyTo !== undefined && earlier[answered]?.id === settling.replyTo)
    return { message: earlier[answered], bears: true }
  const others = [...new Set(earlier.map((v) => v.speaker))].filter((name) => name !== settling.speaker)
  const saysYes = accepts(settling)
  let best = answered
  let top = 1
  for (let i = earlier.length - 1; i >= 0 && i >= earlier.length - basisReach; i--) {
    const other = earlier[i]
    if (!other || other.speaker === settling.speaker) continue
    let score = (i - earlier.length) * 0.25 + Math.min(1, other.matter) * 0.5
    if (has(other, 'askSteer')) score += 1.5
    if (has(other, 'ask')) score += 1
    if (other.endsAsking) score += 1
    if (has(other, 'proposeStrong')) score += 1
    if (has(other, 'options')) score += 0.5
    const named = settling.addressees.includes(other.speaker)
    const spoken = speaksTo(other, settling.speaker, language)
    if (spoken && (other.length >= 6 || other.addressees.length > 0)) score += 1
    else if (!spoken && others.some((speaker) => speaksTo(other, speaker, language))) score -= 3
    if (named || (i === answered && saysYes)) score += 1
    else if (i === answered) score += 0.5
    const shared = sharedWords(other, settling)
    score += Math.min(2, shared)
    if (shared === 0 && !named && (isArranging(other) || other.length < 6)) score -= 1
    else if (other.length < 4) score -= 1
    if (score > top) {
      top = score
      best = i
    }
  }
  return { message: earlier[best], bears: top > 1 }
}

const isArranging = (view: MessageView): boolean =>
  has(view, 'logistics') || has(view, 'availability') || has(view, 'social')

/** Names somebody, or opens with a name of theirs: until they first speak the detector does not know it for one. */
function speaksTo(view: MessageView, speaker: string, language: Language): boolean {
  if (view.speaker === speaker) return false
  if (view.addressees.includes(speaker)) return true
  const first = /^[\s@]*(\p{L}+)/u.exec(view.text)?.[1]?.toLowerCase()
  return first !== undefined && nameTokens(speaker, language).includes(first)
}

function sharedWords(a: MessageView, b: MessageView): number {
  let shared = 0
  for (const word of new Set(a.words)) if (b.words.includes(word)) shared++
  return shared
}

// Marks that turn the writing direction could make a sentence of ours read as something else; controls have no place in it.
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

const nameOf = (view: MessageView, sentences: Sentences): string =>
  shorten(wellFormed(view.speaker.replace(invisible, '')), nameLength) || sentences.somebody

/** A message's own words: without the lines it quotes, which are somebody else's. */
function ownWords(view: MessageView): string {
  const text = wellFormed(view.text.replace(invisible, ''))
  if (!view.quoted) return text
  const own = text
    .split('\n')
    .filter((line) => !/^\s*(?:>|&gt;)/.test(line))
    .join('\n')
  return own.trim() === '' ? text : own
}

const says = (view: MessageView, sentences: Sentences): string =>
  fill(sentences.said, { text: shorten(ownWords(view), quoteLength) })

interface Account {
  readonly kind: SignalKind
  readonly settling: MessageView
  readonly asked: MessageView | undefined
  /** The one asked had already settled it; the settling message took it up. */
  readonly ruled: boolean
  readonly supporters: readonly MessageView[]
  readonly doubter: MessageView | undefined
  readonly answered: boolean
}

function because(account: Account, language: Language): string {
  const { kind, settling, asked } = account
  const { sentences } = language
  const who = nameOf(settling, sentences)
  const said = says(settling, sentences)
  if (kind === 'reported') return fill(sentences.reported, { who, said })
  if (kind === 'options') return fill(sentences.options, { who, said })
  if (kind === 'off-channel') return fill(sentences.offChannel, { who, said })
  const after = whatFollowed(account, sentences)
  if (!asked || asked.speaker === settling.speaker) return fill(sentences.settled, { who, said, after })
  const asking = { who, said, after, asker: nameOf(asked, sentences), asked: says(asked, sentences) }
  if (account.ruled) return fill(sentences.ruled, asking)
  const asks = asked.endsAsking || has(asked, 'askSteer') || has(asked, 'question')
  if (asks && has(asked, 'options') && has(asked, 'ask')) return fill(sentences.chose, asking)
  if (asks) return fill(sentences.answered, asking)
  return fill(has(asked, 'proposeStrong') ? sentences.agreed : sentences.followed, asking)
}

/** Puts values in the braces of a sentence. What a value holds in braces stays as it is. */
const fill = (sentence: string, values: Readonly<Record<string, string>>): string =>
  sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')

/** What the next messages made of it. A doubt is quoted, not judged. */
function whatFollowed({ supporters, doubter, answered }: Account, sentences: Sentences): string {
  const names = [...new Set(supporters.map((v) => nameOf(v, sentences)))]
  const along = names.length > 0 ? fill(sentences.along, { names: listed(names, sentences) }) : undefined
  const doubted = doubter
    ? fill(sentences.doubted, { who: nameOf(doubter, sentences), said: says(doubter, sentences) })
    : undefined
  if (along && doubted) return fill(sentences.alongAndDoubted, { along, doubted })
  return along ?? doubted ?? (answered ? sentences.unopposed : sentences.unanswered)
}

function listed(names: readonly string[], sentences: Sentences): string {
  if (names.length > 3) return fill(sentences.andOthers, { names: names.slice(0, 3).join(', ') })
  const last = names[names.length - 1] ?? ''
  if (names.length === 1) return last
  return fill(sentences.and, { names: names.slice(0, -1).join(', '), last })
}

/** A draft of what was decided: the settling words when they say it themselves, else what they answered. */
function summary(settling: MessageView, asked: MessageView | undefined): string {
  if (settling.length >= 7 || !asked) return shorten(ownWords(settling), summaryLength)
  return shorten(`${ownWords(asked)} — ${ownWords(settling)}`, summaryLength)
}
