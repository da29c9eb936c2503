// Messages a second through the detector, beside two text libraries merely tokenising the same text.
//   tsx scripts/bench-detection.ts
import { pathToFileURL } from 'node:url'
import { type DetectMessage, initialState, step } from '../src/detection/index.js'
import { corpusFolders } from '../src/detection/training/plan.js'
import { loadCorpus } from '../src/detection/training/sources.js'

export interface BenchRow {
  readonly name: string
  readonly messagesPerSecond: number
  /** Against the detector: 2 means twice as fast as it. 0: not installed. */
  readonly ratio: number
}

const count = 30_000

/** The written corpus over and over, as one endless group: each message once, a minute apart. */
function flow(): DetectMessage[] {
  const texts = corpusFolders.flatMap(loadCorpus).flatMap((d) => d.messages)
  return Array.from({ length: count }, (_, i) => {
    const m = texts[i % texts.length]
    return { id: `m${i}`, speaker: m?.speaker ?? 'nobody', at: i * 60_000, text: m?.text ?? '' }
  })
}

/** Messages per second of one core's time, best of eight once warm: other processes must not count. */
function rate(run: () => void): number {
  run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    const before = process.cpuUsage()
    run()
    const used = process.cpuUsage(before)
    best = Math.min(best, (used.user + used.system) / 1e6)
  }
  return Math.round(count / best)
}

async function optional(name: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await import(name)) as Record<string, unknown>
  } catch {
    console.error(`${name} is not installed: left out of the comparison (npm install --save-dev ${name})`)
    return undefined
  }
}

type Tokeniser = (text: string) => unknown

/** Detection beside tokenisation by compromise and wink-nlp, where installed. */
export async function benchDetection(): Promise<BenchRow[]> {
  const messages = flow()
  const detecting = rate(() => {
    let state = initialState()
    for (const message of messages) state = step(state, message).state
  })
  const rows: BenchRow[] = [{ name: 'remembrancer: detect', messagesPerSecond: detecting, ratio: 1 }]
  const add = (name: string, speed: number): void => {
    rows.push({ name, messagesPerSecond: speed, ratio: Math.round((100 * speed) / detecting) / 100 })
  }
  // A new message must cost the same however long its discussion already is.
  for (const length of [10, 10_000]) {
    const speed = rate(() => {
      let state = initialState({}, true)
      messages.forEach((message, i) => {
        if (i % length === 0) state = initialState({}, true)
        state = step(state, message).state
      })
    })
    add(`the same, discussions of ${length}`, speed)
  }
  const compare = (name: string, tokenise: Tokeniser | undefined): void => {
    const speed = tokenise
      ? rate(() => {
          for (const m of messages) tokenise(m.text)
        })
      : 0
    add(name, speed)
  }
  const compromise = (await optional('compromise'))?.default as
    | { tokenize: (text: string) => { json(): unknown } }
    | undefined
  compare('compromise: tokenise only', compromise && ((text) => compromise.tokenize(text).json()))
  const wink = (await optional('wink-nlp'))?.default as
    | ((model: unknown, pipe: string[]) => { readDoc(t: string): { tokens(): { out(): unknown } } })
    | undefined
  const model = wink ? (await optional('wink-eng-lite-web-model'))?.default : undefined
  const nlp = wink && model ? wink(model, []) : undefined
  compare('wink-nlp: tokenise only', nlp && ((text) => nlp.readDoc(text).tokens().out()))
  return rows
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const row of await benchDetection())
    console.log(
      `${row.name.padEnd(28)} ${String(row.messagesPerSecond).padStart(8)} messages/s  x${row.ratio}`,
    )
}
