// Trains the weights of a language from the labelled conversations and our own corpus. Same input, same file, to the bit.
//   tsx scripts/train-detector.ts [--data ../shared/data] [--language en] [--corpus <folder>]... [--out src/detection/weights-en.json]
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { languageNamed } from '../src/detection/language.js'
import { corpusFolders, loadTrainingSet } from '../src/detection/training/plan.js'
import { printWeights, train } from '../src/detection/training/train.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.REMEMBRANCER_DATA ?? '../shared/data' },
    language: { type: 'string', default: 'en' },
    corpus: { type: 'string', multiple: true, default: [...corpusFolders] },
    out: { type: 'string' },
  },
})

if (!existsSync(join(values.data, 'gov-dev.jsonl'))) {
  console.error(
    `No labelled conversations in ${values.data}: give their folder with --data. The shipped weights stay as they are.`,
  )
  process.exit(1)
}
const out = values.out ?? `src/detection/weights-${values.language}.json`
const set = loadTrainingSet(values.data, values.corpus, languageNamed(values.language))
/** What each source is called in the weights, where its licence asks for it with whom to thank. */
const credits: Readonly<Record<string, string>> = {
  government: 'government chats',
  corpus: 'own corpus',
  w3c: 'W3C minutes',
  delidata: 'DeliData (Karadzhov et al. 2023, CC-BY-4.0)',
  ami: 'AMI Meeting Corpus (Carletta 2005, CC-BY-4.0)',
}
const used = new Set(
  [...set.exact, ...[...set.weak, ...set.formal].map((w) => w.prepared)].map((p) => p.discussion.source),
)
const weights = train(set, {
  folds: 5,
  version: '1',
  trainedOn: Object.entries(credits).flatMap(([source, credit]) => (used.has(source) ? [credit] : [])),
})
const text = printWeights(weights)
writeFileSync(out, text)
console.log(
  `${out}: ${text.length} bytes, sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
)
for (const [name, head] of Object.entries(weights.heads)) {
  console.log(`${name}: ${head.trees.length} trees, threshold ${head.threshold}`)
}
