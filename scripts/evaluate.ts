// Measures the detector: written chats cross-validated by discussion, minuted meetings with one group left out, evaluation-only
// chat with the shipped weights.   npm run evaluate -- [--data <folder>] [--sets chats,formal,workplace,background]
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildModel, parseWeights } from '../src/detection/model.js'
import {
  bootstrap,
  byType,
  calibrationTable,
  crossValidate,
  type Judged,
  judge,
  keywordTally,
  kindLevel,
  leaveOneGroupOut,
  messageLevel,
} from '../src/detection/training/evaluation.js'
import { seededRandom } from '../src/detection/training/learn.js'
import { corpusFolders, loadTrainingSet } from '../src/detection/training/plan.js'
import { summarise, type Tally } from '../src/detection/training/scoring.js'
import { loadSource, sources } from '../src/detection/training/sources.js'

const everySet = ['chats', 'formal', 'workplace', 'background']
const usage = `npm run evaluate -- [--data <folder>] [--sets ${everySet.join(',')}]

    --data   Folder of the labelled conversations, as its README describes them; else REMEMBRANCER_DATA, else ../shared/data.
    --sets   What to measure, of: chats (written chats, cross-validated: minutes), formal (minuted meetings, one group
             left out: minutes), workplace and background (real chat, shipped weights: seconds). All when not given.

Prints precision, recall and F1 of episodes and messages with 95 % bootstrap intervals, wrong nudges per 1,000 messages,
keyword rules beside them, calibration, decision types, other kinds, and the worst mistakes: their text only where the
source may be quoted.
`

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader had seen enough, as `| head` has.
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
const values = readArguments()
const wanted = new Set(values.sets.split(','))
if (!existsSync(join(values.data, 'gov-dev.jsonl'))) {
  console.error(
    `No labelled conversations in ${values.data}: give their folder with --data. Nothing was measured.`,
  )
  process.exit(1)
}

function readArguments(): { data: string; sets: string } {
  try {
    const { values: given } = parseArgs({
      options: {
        data: { type: 'string', default: process.env.REMEMBRANCER_DATA ?? '../shared/data' },
        sets: { type: 'string', default: everySet.join(',') },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (given.help) {
      console.log(usage)
      process.exit(0)
    }
    const unknown = given.sets.split(',').find((name) => !everySet.includes(name))
    if (unknown === undefined) return given
    console.error(`There is no set "${unknown}".\n\n${usage}`)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
  process.exit(2)
}
const shipped = parseWeights(
  readFileSync(new URL('../src/detection/weights-en.json', import.meta.url), 'utf8'),
)
const shippedModel = buildModel(shipped)
const two = (x: number): string => x.toFixed(2)

function line(name: string, tallies: readonly Tally[]): void {
  const s = summarise(tallies)
  const p = bootstrap(tallies, (x) => x.precision)
  const r = bootstrap(tallies, (x) => x.recall)
  const f = bootstrap(tallies, (x) => x.f1)
  console.log(
    `${name.padEnd(34)} P ${two(s.precision)} [${two(p.low)}, ${two(p.high)}]  R ${two(s.recall)} [${two(r.low)}, ${two(r.high)}]  ` +
      `F1 ${two(s.f1)} [${two(f.low)}, ${two(f.high)}]  decisions ${s.gold}, found ${s.hits}, wrong ${s.wrong}, ` +
      `wrong per 1,000 messages ${two(s.wrongPer1000)}`,
  )
}

function report(name: string, judged: readonly Judged[]): void {
  line(
    name,
    judged.map((j) => j.result),
  )
  line(
    '  keyword rules',
    judged.map((j) => keywordTally(j.discussion)),
  )
  const m = messageLevel(judged)
  const [p, r, f] = messageIntervals(judged)
  console.log(`  message level: P ${two(m.precision)} ${p}  R ${two(m.recall)} ${r}  F1 ${two(m.f1)} ${f}`)
}

const resamples = 200

/** 95 % bootstrap intervals over discussions of the message level's precision, recall and F1, as printed. */
function messageIntervals(judged: readonly Judged[]): readonly [string, string, string] {
  const random = seededRandom(20261121)
  const drawn = Array.from({ length: resamples }, () =>
    messageLevel(judged.flatMap(() => judged[Math.floor(random() * judged.length)] ?? [])),
  )
  const interval = (key: 'precision' | 'recall' | 'f1'): string => {
    const sorted = drawn.map((one) => one[key]).sort((a, b) => a - b)
    return `[${two(sorted[Math.floor(resamples * 0.025)] ?? 0)}, ${two(sorted[Math.ceil(resamples * 0.975) - 1] ?? 0)}]`
  }
  return [interval('precision'), interval('recall'), interval('f1')]
}

function details(judged: readonly Judged[]): void {
  console.log('  calibration (confidence: how many, how often right):')
  for (const b of calibrationTable(judged))
    console.log(`    ${two(b.mean)}: ${String(b.count).padStart(4)}  ${two(b.right)}`)
  const types = byType(judged)
  if (types.size > 0) console.log('  per decision type (labelled, found, of those typed right):')
  for (const [type, t] of types) console.log(`    ${type.padEnd(26)} ${t.gold} ${t.found} ${t.typed}`)
  for (const kind of ['reported', 'options', 'off-channel'] as const) {
    const s = kindLevel(judged, kind)
    if (s.gold > 0) console.log(`  ${kind}: P ${two(s.precision)} R ${two(s.recall)} of ${s.gold}`)
  }
}

function worst(judged: readonly Judged[]): void {
  const mistakes = judged.flatMap(({ discussion, signals, result }) => {
    const show = (at: number): string => {
      const quotable =
        discussion.source === 'corpus' || sources.find((s) => s.name === discussion.source)?.quotable
      return quotable ? ` ${discussion.messages[at]?.text.slice(0, 90) ?? ''}` : ''
    }
    const confidenceAt = (at: number): number =>
      signals.find((s) => s.kind === 'decision' && Number(s.at) === at)?.confidence ?? 0
    return [
      ...result.wrongAt.map((at) => ({
        weight: confidenceAt(at),
        text: `wrong  ${discussion.id}:${at}${show(at)}`,
      })),
      ...result.missed.map((e) => ({ weight: 0.5, text: `missed ${discussion.id}:${e.at}${show(e.at)}` })),
    ]
  })
  if (mistakes.length === 0) return
  console.log('  worst mistakes:')
  for (const m of mistakes.sort((a, b) => b.weight - a.weight).slice(0, 20)) console.log(`    ${m.text}`)
}

const all: Judged[] = []
if (wanted.has('chats') || wanted.has('formal')) {
  const set = loadTrainingSet(values.data, corpusFolders)
  if (wanted.has('chats')) {
    const { apart: judged, inOneGroup } = crossValidate(set, shipped, 5)
    const government = judged.filter((j) => j.discussion.source === 'government')
    report('government chats, cross-validated', government)
    details(government)
    report('  one after another in one group', inOneGroup)
    const own = judged.filter((j) => j.discussion.source === 'corpus')
    report('own corpus, cross-validated', own)
    for (const group of new Set(own.map((j) => j.discussion.group)))
      line(
        `  ${group}`,
        own.filter((j) => j.discussion.group === group).map((j) => j.result),
      )
    details(own)
    const logistics = judged.filter(
      (j) => j.discussion.main === 'logistics' || j.discussion.main === 'social',
    )
    const fired = logistics.filter((j) => j.result.wrong > 0).length
    console.log(`  logistics and social discussions with a nudge: ${fired} of ${logistics.length}`)
    all.push(...judged)
  }
  if (wanted.has('formal')) {
    const judged = leaveOneGroupOut(set, shipped)
    for (const [source, name] of [
      ['w3c', 'minuted meetings'],
      ['w3c-thin', 'the same, votes thinned, reworded'],
    ] as const) {
      const mine = judged.filter((j) => j.discussion.source === source)
      report(`${name}, group left out`, mine)
      for (const group of new Set(mine.map((j) => j.discussion.group)))
        line(
          `  ${group}`,
          mine.filter((j) => j.discussion.group === group).map((j) => j.result),
        )
    }
    all.push(...judged)
  }
}
if (wanted.has('workplace')) {
  const source = sources.find((s) => s.name === 'workplace')
  const judged = source ? loadSource(source, values.data).map((d) => judge(d, shippedModel)) : []
  report('workplace chat (evaluation only)', judged)
  const random = judged.filter((j) => j.discussion.stratum === 'random')
  report('  its randomly drawn half', random)
  const logistics = judged.filter((j) => j.discussion.main === 'logistics')
  console.log(
    `  logistics discussions with a wrong nudge: ${logistics.filter((j) => j.result.wrong > 0).length} of ${logistics.length}`,
  )
  details(judged)
  all.push(...judged)
}
if (wanted.has('background')) {
  const source = sources.find((s) => s.name === 'background')
  const judged = source ? loadSource(source, values.data).map((d) => judge(d, shippedModel)) : []
  const messages = judged.reduce((n, j) => n + j.discussion.messages.length, 0)
  const nudges = judged.reduce(
    (n, j) => n + j.signals.filter((s) => s.kind === 'decision' && s.wouldNudge).length,
    0,
  )
  console.log(
    `unlabelled chat: ${nudges} nudges in ${messages} messages, ${two((1000 * nudges) / (messages || 1))} per 1,000`,
  )
}
worst(all)
