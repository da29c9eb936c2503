import type { Episode } from './sources.js'

export interface Found {
  readonly at: number
  readonly confidence: number
}
export interface Tally {
  hits: number
  gold: number
  wrong: number
  repeated: number
  messages: number
}

/** Matches found decisions to labelled ones: within [from - 1, to + 3], one to one, nearest first; open, options and low-confidence ones are neutral. */
export function match(
  found: readonly Found[],
  episodes: readonly Episode[],
  messages: number,
  unlabelled?: ReadonlySet<number>,
): Tally & { hitAt: [number, Episode][]; wrongAt: number[]; missed: Episode[] } {
  const gold = episodes.filter((e) => e.type === 'decision' && !e.low)
  const soft = episodes.filter(
    (e) => (e.type === 'decision' && e.low) || e.type === 'open' || e.type === 'options',
  )
  const inside = (at: number, e: Episode): boolean => at >= e.from - 1 && at <= e.to + 3
  const pairs = found
    .flatMap((p, i) => gold.map((g, j) => ({ i, j, gap: Math.abs(p.at - g.at), ok: inside(p.at, g) })))
    .filter((pair) => pair.ok)
    .sort((a, b) => a.gap - b.gap)
  const usedP = new Map<number, number>()
  const usedG = new Set<number>()
  for (const { i, j } of pairs) {
    if (usedP.has(i) || usedG.has(j)) continue
    usedP.set(i, j)
    usedG.add(j)
  }
  const rest = found.flatMap((p, i) => (usedP.has(i) ? [] : [p]))
  const wrongAt = rest.flatMap((p) =>
    soft.some((e) => inside(p.at, e)) || gold.some((e) => inside(p.at, e)) || unlabelled?.has(p.at)
      ? []
      : [p.at],
  )
  return {
    hits: usedG.size,
    gold: gold.length,
    wrong: wrongAt.length,
    repeated: rest.filter((p) => gold.some((e) => inside(p.at, e))).length,
    messages,
    hitAt: [...usedP].flatMap(([i, j]) => {
      const p = found[i]
      const g = gold[j]
      return p && g ? [[p.at, g] as [number, Episode]] : []
    }),
    wrongAt,
    missed: gold.filter((_, j) => !usedG.has(j)),
  }
}

export interface Summary extends Tally {
  precision: number
  recall: number
  f1: number
  wrongPer1000: number
}

/** Adds tallies up into precision, recall and F1. */
export function summarise(tallies: readonly Tally[]): Summary {
  const sum: Tally = { hits: 0, gold: 0, wrong: 0, repeated: 0, messages: 0 }
  for (const t of tallies)
    for (const key of ['hits', 'gold', 'wrong', 'repeated', 'messages'] as const) sum[key] += t[key]
  const precision = sum.hits / (sum.hits + sum.wrong || 1)
  const recall = sum.hits / (sum.gold || 1)
  return {
    ...sum,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall || 1),
    wrongPer1000: (1000 * sum.wrong) / (sum.messages || 1),
  }
}
