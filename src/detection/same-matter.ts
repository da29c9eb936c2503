import type { Candidate } from './candidate.js'
import type { KindName } from './model.js'
import { accepts, group, opens } from './moves.js'
import type { Signal } from './types.js'
import type { MessageView } from './view.js'

/** How near two firings must be to be one matter, in messages of the discussion. */
const sameMatter = 5
/** Weighing options goes on longer: however many arguments, one matter. */
const sameWeighing = 25
/** However many messages lie between, nobody decides twice in five seconds: a flood is one matter. */
const floodMs = 5000
/** Shorter questions ask back rather than put another matter, in tokens. */
const nextQuestion = 5
/** A ruling less sure than this is rather more about the matter before. */
const surelyNext = 0.6
/** A vote without a word more, in tokens. */
const bareVote = 2

/** What fired about one matter: the messages that bear it, and the signal drawn from the surest of them. */
export interface Firing {
  readonly kind: KindName
  readonly key: string
  readonly members: ReadonlyMap<string, { readonly place: number; readonly confidence: number }>
  readonly place: number
  /** The latest place a member ever had. */
  readonly until: number
  readonly lastAt: number
  /** Once it was worth a nudge its key never changes; a mere doubt is renamed when it moves. */
  readonly firm: boolean
  readonly signal: Signal
}

/** Whether a candidate of that confidence is about the matter of a firing. */
export function isSameMatter(
  firing: Firing,
  candidate: Candidate,
  confidence: number,
  recent: readonly Candidate[],
): boolean {
  if (candidate.view.at - firing.lastAt <= floodMs && firing.members.size > 1) return true
  if (firing.kind === 'decision' && votesOnNext(firing, candidate, recent)) return false
  if (firing.kind === 'decision' && confidence >= surelyNext && rulesOnNext(firing, candidate, recent))
    return false
  const away = Math.abs(firing.place - candidate.place)
  return away <= (firing.kind === 'options' ? sameWeighing : sameMatter) || continuesVote(firing, candidate)
}

const isVote = (view: MessageView): boolean => view.length <= bareVote && accepts(view)

/** One "+1" after another: a long list of votes is one matter, however long. */
function continuesVote(firing: Firing, { view, place: at }: Candidate): boolean {
  if (view.length > bareVote || firing.kind !== 'decision') return false
  for (const member of firing.members.values()) if (Math.abs(at - member.place) <= 2) return true
  return false
}

/** A vote on what was put after two or more had voted on the matter before: "+1", "+1", "and republish the note", "+1". */
function votesOnNext(firing: Firing, candidate: Candidate, recent: readonly Candidate[]): boolean {
  if (!isVote(candidate.view)) return false
  let i = recent.findIndex((c) => c.view.id === candidate.view.id) - 1
  while (i >= 0 && isVote((recent[i] as Candidate).view)) i--
  const put = recent[i]
  if (!put || put.view.endsAsking || put.view.length <= bareVote) return false
  if (!recent.slice(Math.max(0, i - 2), i).every((c) => isVote(c.view)) || i < 2) return false
  for (const member of firing.members.values()) if (member.place > put.place) return false
  return true
}

/** A ruling on a question that was put after the matter before had been settled: "close the road", "what do we say to the schools?", "tell them to stay open". */
function rulesOnNext(firing: Firing, candidate: Candidate, recent: readonly Candidate[]): boolean {
  const { view, asker, place: at } = candidate
  const rules = opens(view, group.settle) || opens(view, group.settleStrong) || opens(view, group.directive)
  if (!rules || view.endsAsking || accepts(view)) return false
  let latest = -1
  for (const member of firing.members.values()) latest = Math.max(latest, member.place)
  return recent.some(
    (c) =>
      c.place > latest &&
      c.place < at &&
      c.view.speaker === asker &&
      c.view.endsAsking &&
      c.view.length >= nextQuestion,
  )
}
