import { prepare } from './prepare.js'
import { loadCorpus, loadSource, sources } from './sources.js'
import type { TrainingSet } from './train.js'

/** What each source that may train brings: the weight of a message of it, and the share of its ordinary messages that is used. */
export const weakSources: readonly {
  readonly name: string
  readonly weight: number
  readonly others: number
}[] = [
  { name: 'w3c', weight: 0.15, others: 0.08 },
  { name: 'w3c-thin', weight: 0.2, others: 0.08 },
  { name: 'delidata', weight: 0.1, others: 0.1 },
]

/** Loads all that may train: government chats and records under the data folder, and our corpus. Refuses a source that may not. */
export function loadTrainingSet(
  dataFolder: string,
  corpusFolder: string,
  leaveOut?: (group: string) => boolean,
): TrainingSet {
  const load = (name: string) => {
    const source = sources.find((s) => s.name === name)
    if (!source?.trains)
      throw new Error(`"${name}" may not train the detector: its licence allows evaluation only`)
    return loadSource(source, dataFolder).filter((d) => !leaveOut?.(d.group))
  }
  return {
    exact: [...load('government'), ...loadCorpus(corpusFolder)].map((d) => prepare(d, true)),
    weak: weakSources.flatMap(({ name, weight, others }) =>
      load(name).map((d) => ({ prepared: prepare(d, false), weight, others })),
    ),
  }
}
