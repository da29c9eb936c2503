import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CrashPoint, crashPoints } from '../../src/delivery/crash-point.js'
import type { ChatEvent } from '../../src/platform/index.js'
import { createRandom, type Random } from '../ledger/random.js'
import { addHistory } from './file-platform.js'
import { compareWithModel, type ModelReport } from './model.js'
import { crashEvent, type FromProgram, type ProgramSettings, type ToProgram } from './protocol.js'

const program = fileURLToPath(new URL('./program.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CrashOptions {
  /** PostgreSQL address; absent = embedded. */
  readonly url?: string
  readonly kills: number
  readonly seed: number
  /** Told of each kill, for runs that take long. */
  readonly progress?: (line: string) => void
}

export interface CrashReport extends ModelReport {
  readonly seed: number
  readonly kills: number
  /** How often the program died at each named boundary; the rest were killed at random moments. */
  readonly deaths: Readonly<Record<string, number>>
}

/** What the harness knows to be true: the model. */
export interface Model {
  /** Events whose acceptance was acknowledged, or which the platform's history holds. */
  readonly owed: Set<number>
  periods: number
}

/**
 * Runs the program under load, ends it `kills` times without warning (at named boundaries and at random moments),
 * lets it settle at last, and compares what it did with the model. The seed replays the harness's choices.
 */
export async function crashRun(options: CrashOptions): Promise<CrashReport> {
  const random = createRandom(options.seed)
  const folder = mkdtempSync(join(tmpdir(), 'remembrancer-crash-'))
  const model: Model = { owed: new Set(), periods: 0 }
  const place = { folder, ...(options.url === undefined ? {} : { url: options.url }) }
  const feed = createFeed(model, random)
  const deaths: Record<string, number> = {}
  const offset = random.below(crashPoints.length)
  try {
    for (let kill = 0; kill < options.kills; kill++) {
      const plan = planDeath(kill, offset, random)
      const died = await live(startProgram(place, model, plan.crashAt), feed, plan)
      deaths[died] = (deaths[died] ?? 0) + 1
      const missed = Array.from({ length: random.below(3) }, () => feed.nextNumber())
      addHistory(
        folder,
        missed.map((n) => crashEvent(n, 'backfill')),
      )
      for (const n of missed) model.owed.add(n)
      options.progress?.(`kill ${kill + 1}/${options.kills} ${died}, ${model.owed.size} events owed`)
    }
    await settle(startProgram(place, model), feed)
    const compared = await compareWithModel(model, place)
    return { seed: options.seed, kills: options.kills, deaths, ...compared }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Death {
  readonly crashAt?: { readonly point: CrashPoint; readonly passing: number }
  readonly afterMs: number
}

/** Boundaries in turn, beginning anywhere, each followed by a death at a random moment. */
function planDeath(kill: number, offset: number, random: Random): Death {
  const afterMs = 20 + random.below(300)
  const point = kill % 2 === 0 ? crashPoints[(kill / 2 + offset) % crashPoints.length] : undefined
  if (!point) return { afterMs }
  const often = point.startsWith('inbox') ? 12 : 2
  return { crashAt: { point, passing: 1 + random.below(often) }, afterMs: afterMs + 6_000 }
}

/** Starts the program on a folder (and a server's database). */
export function startProgram(
  place: { readonly folder: string; readonly platformFolder?: string; readonly url?: string },
  model: Model,
  crashAt?: Death['crashAt'],
): ChildProcess {
  const settings: ProgramSettings = { ...place, periods: model.periods }
  return spawn(process.execPath, ['--import', 'tsx', program], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      CRASH_SETTINGS: JSON.stringify(settings),
      ...(crashAt ? { REMEMBRANCER_CRASH_AT: `${crashAt.point}:${crashAt.passing}` } : {}),
    },
  })
}

/** What the outside world sends: events, some of them again, and rings of the bell. */
export function createFeed(model: Model, random: Random) {
  let next = 0
  let call = 0
  const unacknowledged = new Map<number, readonly number[]>()
  const nextNumber = (): number => next++

  function send(child: ChildProcess, numbers: readonly number[], text?: string): void {
    call += 1
    unacknowledged.set(call, numbers)
    const events = numbers.map(
      (n): ChatEvent => ({ ...crashEvent(n), ...(text === undefined ? {} : { text }) }),
    )
    tell(child, { type: 'accept', call, events })
  }
  /** A platform delivers again what was never acknowledged. */
  function redeliver(child: ChildProcess): void {
    const lost = [...unacknowledged.values()]
    unacknowledged.clear()
    for (const numbers of lost) send(child, numbers)
  }
  function pulse(child: ChildProcess): void {
    if (unacknowledged.size < 20)
      for (let n = 0; n < 4; n++) send(child, Array.from({ length: 1 + random.below(4) }, nextNumber))
    // And at times what it was acknowledged for: retries cross with answers.
    if (model.owed.size > 0 && random.next() < 0.3) send(child, [random.below(next)])
    if (random.next() < 0.2) {
      tell(child, { type: 'ring', period: model.periods })
      model.periods += 1
    }
  }
  function acknowledged(number: number): void {
    for (const n of unacknowledged.get(number) ?? []) model.owed.add(n)
    unacknowledged.delete(number)
  }
  return { nextNumber, send, redeliver, pulse, acknowledged, waiting: () => unacknowledged.size }
}
type Feed = ReturnType<typeof createFeed>

/** One life of the program, to its sudden end. @returns where it died */
async function live(child: ChildProcess, feed: Feed, plan: Death): Promise<string> {
  const ended = exited(child)
  let pulse: NodeJS.Timeout | undefined
  let end: NodeJS.Timeout | undefined
  child.on('message', (message: FromProgram) => {
    if (message.type === 'accepted') feed.acknowledged(message.call)
    if (message.type !== 'ready') return
    feed.redeliver(child)
    pulse = setInterval(() => feed.pulse(child), 15)
    end = setTimeout(() => child.kill('SIGKILL'), plan.afterMs)
  })
  const started = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const { signal, code } = await ended
  const byItself = end === undefined || !child.killed
  for (const timer of [pulse, end, started]) clearTimeout(timer)
  if (signal !== 'SIGKILL') throw new Error(`The program ended by itself (${signal ?? code})`)
  return byItself && plan.crashAt ? plan.crashAt.point : 'random moment'
}

/** The last life: everything is delivered, worked off and stopped in order. */
export async function settle(child: ChildProcess, feed: Feed): Promise<void> {
  const ended = exited(child)
  const limit = setTimeout(() => child.kill('SIGKILL'), 120_000)
  child.on('message', (message: FromProgram) => {
    if (message.type === 'ready') feed.redeliver(child)
    if (message.type === 'accepted') feed.acknowledged(message.call)
    if (message.type === 'settled') tell(child, { type: 'stop' })
    else if (message.type !== 'ready' || feed.waiting() === 0)
      if (feed.waiting() === 0) tell(child, { type: 'settle' })
  })
  const { code, signal } = await ended
  clearTimeout(limit)
  if (code !== 0) throw new Error(`The program did not settle (${signal ?? code})`)
}

function tell(child: ChildProcess, message: ToProgram): void {
  if (child.connected) child.send(message, () => undefined)
}

function exited(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.on('error', () => undefined)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}
