import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { detectDiscussion } from './detector.js'
import type { DetectMessage, DetectOptions, Signal } from './types.js'

const inputSchema = z.object({
  id: z.union([z.string(), z.number()]),
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

function instant(
  ts: string | number | null | undefined,
  minute: number | null | undefined,
): number | undefined {
  if (minute != null) return minute * 60_000
  if (typeof ts === 'number') return ts > 1e11 ? ts : ts * 1000
  if (typeof ts === 'string') {
    const parsed = Date.parse(ts)
    if (!Number.isNaN(parsed)) return parsed
  }
  return undefined
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
    last = instant(m.ts, m.minute) ?? last + 30_000
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

/**
 * `remembrancer detect`: one discussion a line in, one answer a line out, in order. Holds one line at a time, waits for a
 * slow reader, reports a bad line with its number on `errors` and goes on. Returns how many lines it read and how many were bad.
 */
export async function detectStream(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  errors: NodeJS.WritableStream,
): Promise<{ lines: number; bad: number }> {
  let lines = 0
  let bad = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines++
    if (line.trim() === '') continue
    const result = detectLine(line, lines)
    const [stream, text] = result.ok
      ? [output, `${JSON.stringify(result.answer)}\n`]
      : [errors, `line ${result.lineNumber}: ${result.problem}\n`]
    if (!result.ok) bad++
    if (!stream.write(text)) await once(stream, 'drain')
  }
  return { lines, bad }
}
