/** A seeded generator (mulberry32): the same seed gives the same training run to the bit. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface Sample {
  readonly x: Float32Array
  readonly y: 0 | 1
  readonly weight: number
}

/** One regression tree, flat: node i asks x[feature] <= threshold; left child i*2+1, right i*2+2; feature -1 is a leaf. */
export interface Tree {
  readonly feature: number[]
  readonly threshold: number[]
  readonly value: number[]
}

export interface BoostOptions {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  readonly l2: number
  readonly minWeight: number
  readonly featureShare: number
  readonly rowShare: number
  readonly seed: number
}

const bins = 24
/** Values nearer than this are one. */
const nearest = 1e-5
/** A threshold as it stands in the weights file. */
const roundedThreshold = (v: number): number => Math.round(v * 1e6) / 1e6

/** Where a feature may be split: between two values that occur, so that a threshold rounded for the file parts the same samples. */
function cutPoints(samples: readonly Sample[], feature: number): number[] {
  const values: number[] = []
  const stride = Math.max(1, Math.floor(samples.length / 4000))
  for (let i = 0; i < samples.length; i += stride) values.push(samples[i]?.x[feature] ?? 0)
  values.sort((a, b) => a - b)
  const distinct: number[] = []
  for (const v of values)
    if (distinct.length === 0 || v - (distinct[distinct.length - 1] ?? 0) > nearest) distinct.push(v)
  const between = distinct.slice(1).map((v, i) => roundedThreshold((v + (distinct[i] ?? 0)) / 2))
  if (between.length < bins) return between
  // Half the cuts by rank, half evenly over distinct values, so that rare large counts keep their own bins.
  const chosen = new Set<number>()
  const choose = (value: number): void => {
    const next = between.find((cut) => cut > value)
    if (next !== undefined) chosen.add(next)
  }
  for (let b = 1; b < bins; b++) choose(values[Math.floor((b * values.length) / bins)] ?? 0)
  for (let b = 1; b < bins; b += 2) choose(distinct[Math.floor((b * distinct.length) / bins)] ?? 0)
  return [...chosen].sort((a, b) => a - b)
}

/** Gradient-boosted trees on logistic loss, histogram-based. Returns the trees and the starting log-odds. */
export function boost(
  samples: readonly Sample[],
  width: number,
  options: BoostOptions,
  allowed: (feature: number) => boolean = () => true,
): { base: number; trees: Tree[] } {
  const n = samples.length
  const random = seededRandom(options.seed)
  const cuts = Array.from({ length: width }, (_, f) => cutPoints(samples, f))
  const binned = cuts.map((points, f) => {
    const column = new Uint8Array(n)
    if (points.length === 0) return column
    for (let i = 0; i < n; i++) {
      const v = samples[i]?.x[f] ?? 0
      let low = 0
      let high = points.length
      while (low < high) {
        const mid = (low + high) >> 1
        if (v <= (points[mid] ?? 0)) high = mid
        else low = mid + 1
      }
      column[i] = low
    }
    return column
  })
  const usable = cuts.flatMap((points, f) => (points.length > 0 && allowed(f) ? [f] : []))
  let positive = 0
  let total = 0
  for (const s of samples) {
    total += s.weight
    if (s.y) positive += s.weight
  }
  const base = Math.log(positive / (total - positive))
  const margin = new Float64Array(n).fill(base)
  const grad = new Float64Array(n)
  const hess = new Float64Array(n)
  const trees: Tree[] = []
  const maxNodes = 2 ** (options.depth + 1) - 1
  const node = new Int32Array(n)
  for (let t = 0; t < options.trees; t++) {
    for (let i = 0; i < n; i++) {
      const s = samples[i]
      const p = 1 / (1 + Math.exp(-(margin[i] ?? 0)))
      const w = s?.weight ?? 0
      grad[i] = w * (p - (s?.y ?? 0))
      hess[i] = w * p * (1 - p)
      node[i] = random() < options.rowShare ? 0 : -1
    }
    const features = usable.filter(() => random() < options.featureShare)
    const tree: Tree = {
      feature: Array(maxNodes).fill(-1),
      threshold: Array(maxNodes).fill(0),
      value: Array(maxNodes).fill(0),
    }
    growTree(tree, features, { cuts, binned, grad, hess, node }, options)
    trees.push(tree)
    for (let i = 0; i < n; i++)
      margin[i] = (margin[i] ?? 0) + scoreTree(tree, samples[i]?.x ?? new Float32Array(0))
  }
  return { base, trees }
}

interface Columns {
  readonly cuts: readonly number[][]
  readonly binned: readonly Uint8Array[]
  readonly grad: Float64Array
  readonly hess: Float64Array
  readonly node: Int32Array
}

function growTree(tree: Tree, features: readonly number[], columns: Columns, options: BoostOptions): void {
  const { binned, grad, hess, node } = columns
  const n = node.length
  for (let depth = 0; depth <= options.depth; depth++) {
    const first = 2 ** depth - 1
    const count = 2 ** depth
    const rows: number[][] = Array.from({ length: count }, () => [])
    for (let i = 0; i < n; i++) {
      const at = (node[i] ?? -1) - first
      if (at >= 0) rows[at]?.push(i)
    }
    for (let k = 0; k < count; k++) {
      const mine = rows[k] ?? []
      if (mine.length === 0) continue
      let g = 0
      let h = 0
      for (const i of mine) {
        g += grad[i] ?? 0
        h += hess[i] ?? 0
      }
      const here = first + k
      tree.value[here] = (-options.rate * g) / (h + options.l2)
      if (depth === options.depth) continue
      const split = bestSplit(mine, features, columns, g, h, options)
      if (!split) {
        continue
      }
      tree.feature[here] = split.feature
      tree.threshold[here] = columns.cuts[split.feature]?.[split.bin] ?? 0
      const column = binned[split.feature]
      for (const i of mine) node[i] = (column?.[i] ?? 0) <= split.bin ? here * 2 + 1 : here * 2 + 2
    }
  }
}

const histGrad = new Float64Array(64)
const histHess = new Float64Array(64)

function bestSplit(
  rows: readonly number[],
  features: readonly number[],
  { cuts, binned, grad, hess }: Columns,
  g: number,
  h: number,
  options: BoostOptions,
): { feature: number; bin: number } | undefined {
  let best = 1e-3
  let found: { feature: number; bin: number } | undefined
  const parent = (g * g) / (h + options.l2)
  for (const feature of features) {
    const column = binned[feature]
    const points = cuts[feature]?.length ?? 0
    if (!column) continue
    histGrad.fill(0, 0, points + 1)
    histHess.fill(0, 0, points + 1)
    for (let r = 0; r < rows.length; r++) {
      const i = rows[r] as number
      const b = column[i] as number
      histGrad[b] = (histGrad[b] as number) + (grad[i] as number)
      histHess[b] = (histHess[b] as number) + (hess[i] as number)
    }
    let lg = 0
    let lh = 0
    for (let b = 0; b < points; b++) {
      lg += histGrad[b] as number
      lh += histHess[b] as number
      const rh = h - lh
      if (lh < options.minWeight || rh < options.minWeight) continue
      const rg = g - lg
      const gain = (lg * lg) / (lh + options.l2) + (rg * rg) / (rh + options.l2) - parent
      if (gain > best) {
        best = gain
        found = { feature, bin: b }
      }
    }
  }
  return found
}

/** The tree's answer for one feature vector. */
export function scoreTree(tree: Tree, x: Float32Array): number {
  let at = 0
  for (;;) {
    const feature = tree.feature[at] ?? -1
    if (feature < 0) return tree.value[at] ?? 0
    at = (x[feature] ?? 0) <= (tree.threshold[at] ?? 0) ? at * 2 + 1 : at * 2 + 2
  }
}

/** L2-regularised logistic regression by Adam over shuffled mini-batches; x is used as it stands. */
export function logistic(
  samples: readonly Sample[],
  width: number,
  options: { epochs: number; rate: number; l2: number; seed: number },
): { bias: number; weights: Float64Array } {
  const random = seededRandom(options.seed)
  const w = new Float64Array(width + 1)
  const m = new Float64Array(width + 1)
  const v = new Float64Array(width + 1)
  const g = new Float64Array(width + 1)
  const order = samples.map((_, i) => i)
  let total = 0
  for (const s of samples) total += s.weight
  const scale = samples.length / total
  const batch = 256
  let step = 0
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const a = order[i] as number
      order[i] = order[j] as number
      order[j] = a
    }
    const rate = options.rate * (1 - epoch / options.epochs)
    for (let start = 0; start < order.length; start += batch) {
      g.fill(0)
      const end = Math.min(order.length, start + batch)
      for (let k = start; k < end; k++) {
        const s = samples[order[k] as number] as Sample
        let z = w[width] as number
        for (let f = 0; f < width; f++) {
          const xv = s.x[f] as number
          if (xv !== 0) z += (w[f] as number) * xv
        }
        const d = scale * s.weight * (1 / (1 + Math.exp(-z)) - s.y)
        for (let f = 0; f < width; f++) {
          const xv = s.x[f] as number
          if (xv !== 0) g[f] = (g[f] as number) + d * xv
        }
        g[width] = (g[width] as number) + d
      }
      step++
      const size = end - start
      for (let f = 0; f <= width; f++) {
        const grad = (g[f] as number) / size + (f < width ? options.l2 * (w[f] as number) : 0)
        m[f] = 0.9 * (m[f] as number) + 0.1 * grad
        v[f] = 0.999 * (v[f] as number) + 0.001 * grad * grad
        const mh = (m[f] as number) / (1 - 0.9 ** step)
        const vh = (v[f] as number) / (1 - 0.999 ** step)
        w[f] = (w[f] as number) - (rate * mh) / (Math.sqrt(vh) + 1e-8)
      }
    }
  }
  return { bias: w[width] as number, weights: w.slice(0, width) }
}
