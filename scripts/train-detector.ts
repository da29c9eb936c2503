// Trains src/detection/weights-en.json from the labelled conversations and our own corpus. Same input, same file, to the bit.
//   tsx scripts/train-detector.ts [--data ../shared/data] [--out src/detection/weights-en.json]
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { corpusFolders, loadTrainingSet } from '../src/detection/training/plan.js'
import { printWeights, train } from '../src/detection/training/train.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.REMEMBRANCER_DATA ?? '../shared/data' },
    out: { type: 'string', default: 'src/detection/weights-en.json' },
  },
})

if (!existsSync(join(values.data, 'gov-dev.jsonl'))) {
  console.error(
    `No labelled conversations in ${values.data}: give their folder with --data. The shipped weights stay as they are.`,
  )
  process.exit(1)
}
const set = loadTrainingSet(values.data, corpusFolders)
const weights = train(set, {
  folds: 5,
  version: '1',
  trainedOn: [
    'government chats',
    'own corpus',
    'W3C minutes',
    'DeliData (Karadzhov et al. 2023, CC-BY-4.0)',
    'AMI Meeting Corpus (Carletta 2005, CC-BY-4.0)',
  ],
})
const text = printWeights(weights)
writeFileSync(values.out, text)
console.log(
  `${values.out}: ${text.length} bytes, sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
)
for (const [name, head] of Object.entries(weights.heads)) {
  console.log(`${name}: ${head.trees.length} trees, threshold ${head.threshold}`)
}
