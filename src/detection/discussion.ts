import { type Candidate, judgeOf, noOthers, scoreAlone, unscored } from './candidate.js'
import { draftSignal } from './explain.js'
import { emptyRunning, lookBack, type Running, remember, settledFeatures } from './features.js'
import { lookAhead } from './follow.js'
import type { KindName, Model } from './model.js'
import { type Firing, isSameMatter } from './same-matter.js'
import { supportOf, supportReach } from './support.js'
import type { Signal } from './types.js'
import type { MessageView } from './view.js'

const mostMembers = 12
const windowSize = lookBack + lookAhead + 1
/** Below this share of its threshold a firing is not worth keeping even as a doubt. */
const floorShare = 0.8
/** A candidate whose log-odds are this low is not looked at again: no reply lifts it high enough. */
const hopeless = -5.5
const keptSignals = 32

/** A run of messages about one matter, as much of it as later messages can still change. */
export interface Discussion {
  readonly number: number
  readonly thread: string | undefined
  readonly recent: readonly Candidate[]
  readonly running: Running
  readonly lastAt: number
  readonly firings: readonly Firing[]
}

export interface DiscussionChange {
  readonly discussion: Discussion
  readonly changed: readonly Signal[]
  readonly withdrawn: readonly string[]
}

export function openDiscussion(number: number, thread: string | undefined): Discussion {
  return { number, thread, recent: [], running: emptyRunning, lastAt: Number.NEGATIVE_INFINITY, firings: [] }
}

/** Adds a message. Cost does not depend on how long the discussion already is: only the last five messages are scored again. */
export function addMessage(
  discussion: Discussion,
  view: MessageView,
  model: Model,
  nudgeThreshold: number | undefined,
): DiscussionChange {
  const earlier = discussion.recent.slice(-lookBack).map((c) => c.view)
  const { features, asker } = settledFeatures(earlier, view, discussion.running)
  const score = unscored(view)
  const added: Candidate = { view, features, asker, place: discussion.running.count, score }
  const recent = [...discussion.recent.slice(-(windowSize - 1)), added]
  const next = {
    ...discussion,
    recent,
    running: remember(discussion.running, view),
    lastAt: Math.max(discussion.lastAt, view.at),
  }
  return rescore(next, model, nudgeThreshold, Math.max(0, recent.length - lookAhead - 1))
}

/** Takes a message out (deleted) or puts its new text in (edited), and scores again whatever it may have changed. */
export function replaceMessage(
  discussion: Discussion,
  id: string,
  view: MessageView | undefined,
  model: Model,
  nudgeThreshold: number | undefined,
): DiscussionChange {
  const index = discussion.recent.findIndex((c) => c.view.id === id)
  if (index < 0) return { discussion, changed: [], withdrawn: [] }
  const views = discussion.recent.flatMap((c) => (c.view.id === id ? (view ? [{ ...c, view }] : []) : [c]))
  const first = Math.max(0, index - lookAhead)
  const recent = views.map((c, i) =>
    i < first
      ? c
      : {
          ...c,
          score: unscored(c.view),
          ...settledFeatures(
            views.slice(Math.max(0, i - lookBack), i).map((v) => v.view),
            c.view,
            discussion.running,
          ),
        },
  )
  const without = discussion.firings.map((f) => {
    if (f.key === id) return { ...f, members: new Map() }
    const members = new Map(f.members)
    members.delete(id)
    return { ...f, members }
  })
  return rescore({ ...discussion, recent, firings: without }, model, nudgeThreshold, first)
}

function rescore(
  discussion: Discussion,
  model: Model,
  nudgeThreshold: number | undefined,
  first: number,
): DiscussionChange {
  const { recent } = discussion
  let firings: readonly Firing[] | undefined
  scoreAlone(recent, first, model)
  const around = recent.map((c) => c.score)
  const windowStart = recent[0]?.place ?? 0
  const live = discussion.firings.filter((f) => f.until >= windowStart)
  const offer = (kind: KindName, candidate: Candidate, confidence: number, floor: number): void => {
    const { id } = candidate.view
    const enough = confidence >= floor
    if (!enough && !(firings ?? live).some((f) => f.kind === kind && f.members.has(id))) return
    firings = place(firings ?? discussion.firings, kind, candidate, enough ? confidence : 0, recent)
  }
  for (let i = Math.max(0, first - supportReach); i < recent.length; i++) {
    const candidate = recent[i]
    if (!candidate || candidate.score.done) continue
    const { margin, others = noOthers } = candidate.score
    const judge = judgeOf(candidate, model)
    const decided = Number.isFinite(margin) ? judge.confidenceAt(margin + supportOf(around, i)) : 0
    // A message that moves business elsewhere settles nothing here, unless settling is what it does above all.
    const moves = others.find((o) => o.kind === 'off-channel')
    const leaving = moves && moves.confidence >= moves.head.threshold && moves.confidence >= decided
    const threshold = nudgeThreshold ?? judge.threshold
    offer('decision', candidate, leaving ? 0 : decided, threshold * floorShare)
    // Those before the first can only be borne out differently; nothing else about them has changed.
    if (i < first) continue
    for (const { kind, head, confidence } of others)
      offer(kind, candidate, kind === 'reported' && confidence < decided ? 0 : confidence, head.threshold)
    candidate.score.done = margin <= hopeless && !others.some((o) => o.confidence > 0.05)
  }
  if (!firings) {
    const emptied = discussion.firings.some((f) => f.members.size === 0)
    if (!emptied) return { discussion, changed: [], withdrawn: [] }
    firings = [...discussion.firings]
  }
  const changed: Signal[] = []
  const withdrawn: string[] = []
  const kept: Firing[] = []
  for (const firing of firings) {
    if (firing.place < windowStart && firing.members.size > 0) {
      kept.push(firing)
      continue
    }
    const before = discussion.firings.find((f) => f.key === firing.key && f.kind === firing.kind)
    if (firing.members.size === 0) {
      if (before) withdrawn.push(firing.key)
      continue
    }
    const top = topMember(firing)
    const index = recent.findIndex((c) => c.view.id === top.id)
    if (index < 0) {
      kept.push(firing)
      continue
    }
    const threshold = thresholdOf(firing.kind, recent[index], model, nudgeThreshold)
    const renamed = !firing.firm && top.id !== firing.key && !firings.some((f) => f.key === top.id)
    if (renamed && before) withdrawn.push(firing.key)
    const key = renamed ? top.id : firing.key
    const drawn = draftSignal({
      kind: firing.kind,
      key,
      recent,
      index,
      confidence: top.confidence,
      threshold,
      language: model.language,
      type:
        firing.kind === 'decision'
          ? model.decisionType(recent[index]?.features ?? new Float32Array(0))
          : undefined,
    })
    kept.push({
      ...firing,
      key,
      place: top.place,
      firm: firing.firm || top.confidence >= threshold,
      signal: drawn,
    })
    if (!before || renamed || !sameSignal(before.signal, drawn)) changed.push(drawn)
  }
  return { discussion: { ...discussion, firings: kept.slice(-keptSignals) }, changed, withdrawn }
}

function thresholdOf(
  kind: KindName,
  candidate: Candidate | undefined,
  model: Model,
  nudgeThreshold: number | undefined,
): number {
  if (kind !== 'decision') return model.heads[kind].threshold
  if (nudgeThreshold !== undefined) return nudgeThreshold
  return candidate ? judgeOf(candidate, model).threshold : 1
}

function topMember(firing: Firing): { id: string; place: number; confidence: number } {
  let top = { id: '', place: 0, confidence: -1 }
  for (const [id, member] of firing.members) if (member.confidence > top.confidence) top = { id, ...member }
  return top
}

function sameSignal(a: Signal, b: Signal): boolean {
  return (
    a.at === b.at &&
    a.wouldNudge === b.wouldNudge &&
    Math.abs(a.confidence - b.confidence) < 0.005 &&
    a.from === b.from &&
    a.to === b.to &&
    a.because === b.because
  )
}

function place(
  firings: readonly Firing[],
  kind: KindName,
  candidate: Candidate,
  confidence: number,
  recent: readonly Candidate[],
): readonly Firing[] {
  const id = candidate.view.id
  let index = firings.findIndex((f) => f.kind === kind && f.members.has(id))
  if (index < 0) {
    if (confidence === 0) return firings
    index = firings.findIndex(
      (f) => f.kind === kind && f.members.size > 0 && isSameMatter(f, candidate, confidence, recent),
    )
  }
  const found = firings[index]
  if (!found) {
    const members = new Map([[id, { place: candidate.place, confidence }]])
    const key = firings.some((f) => f.key === id) ? `${id}:${kind}` : id
    const { place: at, view } = candidate
    const signal = emptySignal(kind, key, id)
    return [...firings, { kind, key, members, place: at, until: at, lastAt: view.at, firm: false, signal }]
  }
  const members = new Map(found.members)
  if (confidence > 0) members.set(id, { place: candidate.place, confidence })
  else members.delete(id)
  const next = [...firings]
  const top = topMember({ ...found, members })
  for (const old of members.keys()) {
    if (members.size <= mostMembers) break
    if (old !== top.id) members.delete(old)
  }
  const lastAt = Math.max(found.lastAt, candidate.view.at)
  const until = Math.max(found.until, candidate.place)
  next[index] = { ...found, members, until, lastAt, place: members.size > 0 ? top.place : found.place }
  return next
}

function emptySignal(kind: KindName, key: string, id: string): Signal {
  return {
    kind,
    key,
    from: id,
    to: id,
    at: id,
    evidence: [id],
    confidence: 0,
    wouldNudge: false,
    because: '',
    summary: '',
  }
}
