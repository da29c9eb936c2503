import { type Language, languageNamed } from '../language.js'
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
  weak: [
    { name: 'delidata', weight: 0.2, others: 0.1 },
    { name: 'ami', weight: 0.15, others: 0.05 },
  ],
  formal: [
    { name: 'w3c', weight: 1, others: 0.12 },
    { name: 'w3c-thin', weight: 1, others: 0.12 },
  ],
}

/** Our own written discussions. */
export const corpusFolders = ['scripts/corpus', 'test/detection/corpus'] as const

/** Our own meetings, minuted as they go: they train the head for meetings beside the working groups' minutes. */
const minutedCorpus = { group: 'corpus/minuted', weight: 0.6, others: 0.2 } as const

/** Loads all that may train: sources under the data folder, and our corpus. Throws for a source that may not train. */
export function loadTrainingSet(
  dataFolder: string,
  corpora: readonly string[],
  language: Language = languageNamed(),
): TrainingSet {
  const load = (name: string) => {
    const source = sources.find((s) => s.name === name)
    if (!source?.trains)
      throw new Error(`"${name}" may not train the detector: its licence allows evaluation only`)
    return loadSource(source, dataFolder)
  }
  const weak = (shares: readonly SourceShare[]): WeakShare[] =>
    shares.flatMap(({ name, weight, others }) =>
      load(name).map((d) => ({ prepared: prepare(d, false, language), weight, others })),
    )
  const own = corpora.flatMap(loadCorpus)
  const minuted = own.filter((d) => d.group === minutedCorpus.group)
  const chats = own.filter((d) => d.group !== minutedCorpus.group)
  const { weight, others } = minutedCorpus
  return {
    language,
    exact: [...plan.exact.flatMap(load), ...chats].map((d) => prepare(d, true, language)),
    weak: weak(plan.weak),
    formal: [
      ...weak(plan.formal),
      ...minuted.map((d) => ({ prepared: prepare(d, false, language), weight, others })),
    ],
  }
}
