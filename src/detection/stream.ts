import { z } from 'zod'
import { detectDiscussion } from './detector.js'
import { type InputLine, linesOf } from './lines.js'
import { requireLanguage } from './model.js'
import type { DetectMessage, DetectOptions, Signal } from './types.js'

const inputSchema = z.object({
  id: z.union([z.string(), z.number()], 'neither text nor a number'),
  messages: z.array(
    z.object({
      speaker: z.string(),
      minute: z.number().nullish(),
      ts: z.union([z.string(), z.number()]).nullish(),
      text: z.string(),
      replyTo: z.number().int().nonnegative().nullish(),
    }),
  ),
})

/** A signal with positions of messages instead of ids. */
export interface PlacedSignal {
  readonly kind: Signal['kind']
  readonly from: number
  readonly to: number
  readonly at: number
  readonly decisionType?: Signal['decisionType']
  readonly decidedBy?: string
  readonly confidence: number
  readonly wouldNudge: boolean
  readonly because: string
}
export type LineResult =
  | {
      readonly ok: true
      readonly answer: { readonly id: string | number; readonly signals: readonly PlacedSignal[] }
    }
  | { readonly ok: false; readonly lineNumber: number; readonly problem: string }

/** The last instant a Date can hold: beyond it a clock is nonsense, and arithmetic on it would poison the features. */
const latest = 8.64e15
const day = 24 * 60 * 60_000

/**
 * When a message was sent, of what exports write: minutes since the start, epoch seconds or milliseconds (as numbers or
 * in a string, as Slack does), ISO 8601, or a bare time of day. Where no zone stands it is taken for UTC, so that the
 * answer does not depend on where it is computed. Undefined when it is none of these.
 * @param before when the message before it was sent: times of day go on from there, over midnight too
 */
function instant(
  ts: string | number | null | undefined,
  minute: number | null | undefined,
  before: number,
): number | undefined {
  const at =
    minute != null ? minute * 60_000 : typeof ts === 'string' ? readClock(ts.trim(), before) : epoch(ts)
  return at !== undefined && Math.abs(at) <= latest ? at : undefined
}

const epoch = (ts: number | null | undefined): number | undefined =>
  ts == null ? undefined : ts > 1e11 ? ts : ts * 1000

function readClock(text: string, before: number): number | undefined {
  if (/^\d{9,16}(\.\d{1,9})?$/.test(text)) return epoch(Number(text))
  const time = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text)
  if (time) {
    const ofDay = (Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? 0)) * 1000
    const sameDay = Math.floor(before / day) * day + ofDay
    return before - sameDay > day / 2 ? sameDay + day : sameDay
  }
  const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/.exec(text)
  const parsed = Date.parse(zoneless ? `${zoneless[1]}T${zoneless[2]}Z` : text)
  return Number.isNaN(parsed) ? undefined : parsed
}

/** Detects in one line of JSON, one discussion. Never throws: what is wrong with a line is in the answer, without its text. */
export function detectLine(line: string, lineNumber: number, options?: DetectOptions): LineResult {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return { ok: false, lineNumber, problem: 'not JSON' }
  }
  const parsed = inputSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return {
      ok: false,
      lineNumber,
      problem: `${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'not a discussion'}`,
    }
  }
  let last = 0
  const messages = parsed.data.messages.map((m, i): DetectMessage => {
    last = instant(m.ts, m.minute, last) ?? last + 30_000
    const reply = m.replyTo
    return {
      id: String(i),
      speaker: m.speaker,
      at: last,
      text: m.text,
      ...(reply == null ? {} : { replyTo: String(reply) }),
    }
  })
  const signals = detectDiscussion(messages, options).map(
    (s): PlacedSignal => ({
      kind: s.kind,
      from: Number(s.from),
      to: Number(s.to),
      at: Number(s.at),
      ...(s.decisionType ? { decisionType: s.decisionType } : {}),
      ...(s.decidedBy === undefined ? {} : { decidedBy: s.decidedBy }),
      confidence: s.confidence,
      wouldNudge: s.wouldNudge,
      because: s.because,
    }),
  )
  return { ok: true, answer: { id: parsed.data.id, signals } }
}

/** What became of a run of `detectStream`. */
export interface StreamOutcome {
  readonly lines: number
  readonly bad: number
  /** The reader had seen enough (`| head`) and went away: what was left was not read. */
  readonly stopped: boolean
}

/**
 * `remembrancer detect`: one discussion a line in, one answer a line out, in order. Holds one line at a time, waits for a
 * slow reader, reports a bad line with its number on `errors` and goes on.
 * @throws what `input` or `output` fail with, other than the reader's going away; RemembrancerError DETECTION_LANGUAGE_UNKNOWN
 */
export async function detectStream(
  input: AsyncIterable<Buffer | string>,
  output: NodeJS.WritableStream,
  errors: NodeJS.WritableStream,
  options: DetectOptions = {},
): Promise<StreamOutcome> {
  // A language there is none of is said before anything is read.
  requireLanguage(options.language)
  // A failed write is told to its callback; the event that follows it later would end the process.
  for (const stream of [output, errors]) stream.on('error', () => undefined)
  let lines = 0
  let bad = 0
  for await (const line of linesOf(input)) {
    lines++
    if (line.text?.trim() === '') continue
    const result = read(line, lines, options)
    if (result.ok) {
      if (!(await write(output, `${JSON.stringify(result.answer)}\n`))) return { lines, bad, stopped: true }
    } else {
      bad++
      await write(errors, `line ${result.lineNumber}: ${result.problem}\n`)
    }
  }
  return { lines, bad, stopped: false }
}

function read(line: InputLine, lineNumber: number, options: DetectOptions): LineResult {
  return line.text === undefined
    ? { ok: false, lineNumber, problem: line.problem }
    : detectLine(line.text, lineNumber, options)
}

/** Writes and waits until it is taken. False when the other side has closed: not a failure of ours. */
async function write(stream: NodeJS.WritableStream, text: string): Promise<boolean> {
  const failure = await new Promise<Error | null | undefined>((done) => {
    stream.write(text, (error) => done(error))
  })
  if (!failure) return true
  if ('code' in failure && typeof failure.code === 'string' && closed.has(failure.code)) return false
  throw failure
}

const closed: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])
