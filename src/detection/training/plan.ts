import type { TrainingSet, WeakShare } from './heads.js'
import { prepare } from './prepare.js'
import { loadCorpus, loadSource, sources } from './sources.js'

interface SourceShare {
  readonly name: string
  readonly weight: number
  readonly others: number
}
/** What each source that may train brings: the weight of a message of it, and the share of its ordinary messages that is used. */
export const plan: {
  readonly exact: readonly string[]
  readonly weak: readonly SourceShare[]
  readonly formal: readonly SourceShare[]
} = {
  exact: ['government'],
  weak: [{ name: 'delidata', weight: 0.2, others: 0.1 }],
  formal: [
    { name: 'w3c', weight: 1, others: 0.12 },
    { name: 'w3c-thin', weight: 1, others: 0.12 },
  ],
}

/** Our own written discussions. */
export const corpusFolders = ['scripts/corpus', 'test/detection/corpus'] as const

/** Loads all that may train: sources under the data folder, and our corpus. Throws for a source that may not train. */
export function loadTrainingSet(dataFolder: string, corpora: readonly string[]): TrainingSet {
  const load = (name: string) => {
    const source = sources.find((s) => s.name === name)
    if (!source?.trains)
      throw new Error(`"${name}" may not train the detector: its licence allows evaluation only`)
    return loadSource(source, dataFolder)
  }
  const weak = (shares: readonly SourceShare[]): WeakShare[] =>
    shares.flatMap(({ name, weight, others }) =>
      load(name).map((d) => ({ prepared: prepare(d, false), weight, others })),
    )
  return {
    exact: [...plan.exact.flatMap(load), ...corpora.flatMap(loadCorpus)].map((d) => prepare(d, true)),
    weak: weak(plan.weak),
    formal: weak(plan.formal),
  }
}
