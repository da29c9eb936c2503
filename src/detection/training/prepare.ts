import { groupIndex } from '../cues.js'
import { slot } from '../feature-names.js'
import { emptyRunning, lookBack, type Running, remember, settledFeatures } from '../features.js'
import { followFeatures, lookAhead } from '../follow.js'
import { type Language, languageNamed } from '../language.js'
import type { KindName } from '../model.js'
import { emptyBook, withSpeaker } from '../names.js'
import { type MessageView, readMessage } from '../view.js'
import type { Sample } from './learn.js'
import type { Episode, LabelledDiscussion } from './sources.js'

/** A discussion with the features of each message: all its replies seen, and (for training) only some of them seen. */
export interface Prepared {
  readonly discussion: LabelledDiscussion
  readonly views: readonly MessageView[]
  readonly full: readonly Float32Array[]
  readonly early: readonly Float32Array[]
}

/** Computes features exactly as the running detector does for one given discussion. */
export function prepare(
  discussion: LabelledDiscussion,
  withEarly: boolean,
  language: Language = languageNamed(),
): Prepared {
  let book = emptyBook
  const views = discussion.messages.map((message) => {
    book = withSpeaker(book, message.speaker, language)
    return readMessage(message, book, language)
  })
  let running: Running = emptyRunning
  const full: Float32Array[] = []
  const early: Float32Array[] = []
  views.forEach((view, i) => {
    const { features, asker } = settledFeatures(views.slice(Math.max(0, i - lookBack), i), view, running)
    if (withEarly) {
      const copy = features.slice()
      followFeatures(copy, view, asker, views.slice(i + 1, i + 1 + ((i * 7 + views.length) % 3)))
      early.push(copy)
    }
    followFeatures(features, view, asker, views.slice(i + 1, i + 1 + lookAhead))
    full.push(features)
    running = remember(running, view)
  })
  return { discussion, views, full, early }
}

const agreeing = (['agree', 'yes', 'approve', 'settle', 'ackShort'] as const).map((name) => groupIndex(name))
const agreeingWeight = [1, 0.7, 1, 0.7, 0.5]

/** Where a matter was settled when the labels only say from where to where: the strongest agreement by someone else, early ones first. */
export function settlingPlace(views: readonly MessageView[], episode: Episode): number {
  const first = views[episode.from]?.speaker
  let best = episode.to
  let top = -1
  for (let i = episode.from; i <= episode.to; i++) {
    const view = views[i]
    if (!view) continue
    let score = 0
    agreeing.forEach((group, k) => {
      if (view.cues[group]) score += agreeingWeight[k] ?? 0
    })
    score = score * (view.speaker === first ? 0.4 : 1) - (i - episode.from) * 0.01
    if (score > top) {
      top = score
      best = i
    }
  }
  return best
}

const move = slot['settling-move']
/** The labelled settling message, or where that makes no move a person could name, the nearest one of the matter that does. */
function movingPlace(full: readonly Float32Array[], e: Episode): number {
  for (const i of [e.at, e.at + 1, e.at - 1, e.at + 2, e.at - 2, e.at - 3])
    if (i >= e.from && i <= e.to + 1 && ((full[i]?.[move] ?? 0) as number) > 0) return i
  return e.at
}

/** Which messages of an episode show what it is: the settling one; the one that reports or moves; when weighing, all once it is under way. */
function examplePlaces(
  views: readonly MessageView[],
  full: readonly Float32Array[],
  e: Episode,
  options: SampleOptions,
): number[] {
  if (options.head === 'decision') return [options.weak ? settlingPlace(views, e) : movingPlace(full, e)]
  if (options.head === 'options') {
    return Array.from({ length: Math.max(1, e.to - e.from - 2) }, (_, k) => Math.min(e.to, e.from + 3 + k))
  }
  const telling = groupIndex(options.head === 'reported' ? 'reported' : 'offTarget')
  let best = e.at
  let top = views[e.at]?.cues[telling] ?? 0
  for (let i = e.to; i >= e.from; i--) {
    const count = views[i]?.cues[telling] ?? 0
    if (count >= top && count > 0) {
      top = count
      best = i
    }
  }
  return [best]
}

export interface SampleOptions {
  readonly head: KindName
  readonly weight: number
  /** Share of the other messages kept, each weighted up so that their sum stays. */
  readonly others: number
  /** Labels say only from where to where. */
  readonly weak: boolean
  /** Weight of the copy that has seen only some replies. */
  readonly early: number
}

/** Training samples for one head. Messages of a matter other than its settling one are left out, or count little. */
export function samplesOf(prepared: Prepared, options: SampleOptions, random: () => number): Sample[] {
  const { discussion, full, early, views } = prepared
  const n = full.length
  const share = new Float64Array(n).fill(1)
  const positive = new Uint8Array(n)
  for (const i of discussion.unlabelled) share[i] = 0
  for (const e of discussion.episodes) {
    if (options.head === 'decision' && e.type === 'open') for (let i = e.from; i <= e.to; i++) share[i] = 0.3
    if (e.type !== options.head) continue
    const to = Math.min(n - 1, e.to + 3)
    for (let i = Math.max(0, e.from - 1); i <= to; i++) {
      share[i] = options.head === 'decision' && !options.weak && i >= e.from && i < e.at - 1 ? 0.3 : 0
    }
  }
  for (const e of discussion.episodes) {
    if (e.type !== options.head || e.low) continue
    for (const at of examplePlaces(views, full, e, options)) {
      positive[at] = 1
      share[at] = 1
    }
  }
  const out: Sample[] = []
  for (let i = 0; i < n; i++) {
    const part = share[i] ?? 0
    const y = positive[i] ? 1 : 0
    const x = full[i]
    if (part === 0 || !x) continue
    if (!y && random() >= options.others) continue
    const weight = (options.weight * part) / (y ? 1 : options.others)
    out.push({ x, y, weight })
    const partial = early[i]
    if (options.early > 0 && partial) out.push({ x: partial, y, weight: weight * options.early })
  }
  return out
}
