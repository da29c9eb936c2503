import { draftSignal } from './explain.js'
import {
  emptyRunning,
  followFeatures,
  lookAhead,
  lookBack,
  type Running,
  remember,
  settledFeatures,
} from './features.js'
import type { KindName, Model } from './model.js'
import type { Signal } from './types.js'
import type { MessageView } from './view.js'

/** How near two firings must be to be one matter, in messages of the discussion. */
const sameMatter = 5
const windowSize = lookBack + lookAhead + 1
/** Below this share of its threshold a firing is not worth keeping even as a doubt. */
const floorShare = 0.5
const keptSignals = 64

export interface Candidate {
  readonly view: MessageView
  readonly features: Float32Array
  readonly place: number
}

interface Firing {
  readonly kind: KindName
  readonly key: string
  readonly members: ReadonlyMap<string, { readonly place: number; readonly confidence: number }>
  readonly place: number
  readonly signal: Signal
}

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

const headNames = ['decision', 'reported', 'options', 'off-channel'] as const satisfies readonly KindName[]

/** Adds a message. Cost does not depend on how long the discussion already is: only the last five messages are scored again. */
export function addMessage(
  discussion: Discussion,
  view: MessageView,
  model: Model,
  nudgeThreshold: number,
): DiscussionChange {
  const earlier = discussion.recent.slice(-lookBack).map((c) => c.view)
  const features = settledFeatures(earlier, view, discussion.running)
  const added: Candidate = { view, features, place: discussion.running.count }
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
  nudgeThreshold: number,
): DiscussionChange {
  const index = discussion.recent.findIndex((c) => c.view.id === id)
  if (index < 0) return { discussion, changed: [], withdrawn: [] }
  const views = discussion.recent.flatMap((c) => (c.view.id === id ? (view ? [{ ...c, view }] : []) : [c]))
  const recent = views.map((c, i) => ({
    ...c,
    features: settledFeatures(
      views.slice(Math.max(0, i - lookBack), i).map((v) => v.view),
      c.view,
      discussion.running,
    ),
  }))
  const without = discussion.firings.map((f) => {
    const members = new Map(f.members)
    members.delete(id)
    return { ...f, members }
  })
  return rescore(
    { ...discussion, recent, firings: without },
    model,
    nudgeThreshold,
    Math.max(0, index - lookAhead),
  )
}

function rescore(
  discussion: Discussion,
  model: Model,
  nudgeThreshold: number,
  first: number,
): DiscussionChange {
  const { recent } = discussion
  let firings: Firing[] | undefined
  for (let i = first; i < recent.length; i++) {
    const candidate = recent[i]
    if (!candidate) continue
    const last = Math.min(recent.length, i + 1 + lookAhead)
    const later: MessageView[] = []
    for (let k = i + 1; k < last; k++) later.push((recent[k] as Candidate).view)
    followFeatures(candidate.features, candidate.view, later)
    const decided = model.confidence('decision', candidate.features)
    for (const kind of headNames) {
      const head = model.heads[kind]
      let confidence = kind === 'decision' ? decided : model.confidence(kind, candidate.features)
      if (kind === 'reported' && confidence < decided) confidence = 0
      const threshold = kind === 'decision' ? nudgeThreshold : head.threshold
      const floor = kind === 'decision' ? threshold * floorShare : threshold
      const known = (firings ?? discussion.firings).some(
        (f) => f.kind === kind && f.members.has(candidate.view.id),
      )
      if (confidence >= floor || known) {
        firings = place(
          firings ?? [...discussion.firings],
          kind,
          candidate,
          confidence >= floor ? confidence : 0,
        )
      }
    }
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
    const drawn = draftSignal({
      kind: firing.kind,
      key: firing.key,
      recent,
      index,
      confidence: top.confidence,
      threshold: firing.kind === 'decision' ? nudgeThreshold : model.heads[firing.kind].threshold,
      type:
        firing.kind === 'decision'
          ? model.decisionType(recent[index]?.features ?? new Float32Array(0))
          : undefined,
    })
    kept.push({ ...firing, place: top.place, signal: drawn })
    if (!before || !sameSignal(before.signal, drawn)) changed.push(drawn)
  }
  return { discussion: { ...discussion, firings: kept.slice(-keptSignals) }, changed, withdrawn }
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

function place(firings: Firing[], kind: KindName, candidate: Candidate, confidence: number): Firing[] {
  const id = candidate.view.id
  let index = firings.findIndex((f) => f.kind === kind && f.members.has(id))
  if (index < 0) {
    if (confidence === 0) return firings
    index = firings.findIndex(
      (f) => f.kind === kind && f.members.size > 0 && Math.abs(f.place - candidate.place) <= sameMatter,
    )
  }
  const found = firings[index]
  if (!found) {
    const members = new Map([[id, { place: candidate.place, confidence }]])
    const key = firings.some((f) => f.key === id) ? `${id}:${kind}` : id
    return [...firings, { kind, key, members, place: candidate.place, signal: emptySignal(kind, key, id) }]
  }
  const members = new Map(found.members)
  if (confidence > 0) members.set(id, { place: candidate.place, confidence })
  else members.delete(id)
  const next = [...firings]
  const top = topMember({ ...found, members })
  next[index] = { ...found, members, place: members.size > 0 ? top.place : found.place }
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
