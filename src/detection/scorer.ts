import { featureNames, isLater } from './feature-names.js'

/** What a head sums up. */
export interface ScorerWeights {
  readonly base: number
  /** Feature number, weight, feature number, weight …. */
  readonly linear?: readonly number[] | undefined
  /** Per tree, node by node in preorder: feature number, threshold, then left and right; -1 and a value for a leaf. */
  readonly trees: readonly (readonly number[])[]
}

/** A part of a head's sum: the trees and linear terms that look at what later messages change, or all the others with the base. */
export function buildScorer(
  weights: ScorerWeights,
  resolve: (n: number) => number,
  wantsLater: boolean,
): (x: Float32Array) => number {
  const columnOf: number[] = []
  const values: number[] = []
  const children: number[] = []
  const roots: number[] = []
  for (const tree of weights.trees) {
    const start = columnOf.length
    let looksLater = false
    let i = 0
    const read = (): number => {
      const here = columnOf.length
      const feature = tree[i++] ?? -1
      const column = feature < 0 ? -1 : resolve(feature)
      if (isLater[column]) looksLater = true
      columnOf.push(column)
      values.push(tree[i++] ?? 0)
      children.push(0, 0)
      if (feature >= 0) {
        children[here * 2] = read()
        children[here * 2 + 1] = read()
      }
      return here
    }
    read()
    if (looksLater === wantsLater) roots.push(start)
    else {
      columnOf.length = start
      values.length = start
      children.length = 2 * start
    }
  }
  const nodeColumns = Int32Array.from(columnOf)
  const nodeValues = Float64Array.from(values)
  const nodeChildren = Int32Array.from(children)
  const starts = Int32Array.from(roots)
  const linear = weights.linear ?? []
  const terms = Array.from({ length: linear.length / 2 }, (_, k) => ({
    column: resolve(linear[2 * k] ?? 0),
    pull: linear[2 * k + 1] ?? 0,
  })).filter(({ column }) => isLater[column] === wantsLater)
  const columns = Int32Array.from(terms, ({ column }) => column)
  const pulls = Float64Array.from(terms, ({ pull }) => pull)
  const base = wantsLater ? 0 : weights.base
  return (x) => {
    let sum = base
    for (let k = 0; k < columns.length; k++) sum += (pulls[k] as number) * (x[columns[k] as number] as number)
    for (let t = 0; t < starts.length; t++) {
      let node = starts[t] as number
      let column = nodeColumns[node] as number
      while (column >= 0) {
        const goesRight = (x[column] as number) <= (nodeValues[node] as number) ? 0 : 1
        node = nodeChildren[2 * node + goesRight] as number
        column = nodeColumns[node] as number
      }
      sum += nodeValues[node] as number
    }
    return sum
  }
}

/** A logistic score: the weighted sum of the named features, each first shaped, as a probability. */
export function linear(
  features: readonly string[],
  weights: readonly number[],
  bias: number,
  shape: (value: number) => number = (value) => value,
): (x: Float32Array) => number {
  const places = Int32Array.from(features, (name) => featureNames.indexOf(name))
  return (x) => {
    let z = bias
    for (let k = 0; k < places.length; k++)
      z += (weights[k] as number) * shape(x[places[k] as number] as number)
    return 1 / (1 + Math.exp(-z))
  }
}
