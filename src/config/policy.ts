import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { RemembrancerError } from '../errors.js'

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
/** One sentence says all that a number must be, whichever of it is broken. */
const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error })
}
const number = (min: number, max?: number) => {
  const error =
    max === undefined ? `must be a number, ${min} or more` : `must be a number from ${min} to ${max}`
  const least = z.number({ error }).min(min, { error })
  return max === undefined ? least : least.max(max, { error })
}
const days = whole(0, 3660)

const policySchema = z
  .object({
    /** Working limits for recording; docs/policy.md names the law and guidance behind each default. */
    recording: z.object({ targetDays: days, limitDays: days, escalateDaysBefore: days }).strict(),
    nudges: z
      .object({
        enabled: z.boolean(),
        /** Seconds of settling before a nudge, in which an objection or a correction withdraws it. */
        waitSeconds: whole(0, 3600),
        perGroupPerDay: whole(0, 100),
        perPersonPerDay: whole(0, 100),
        /** A decision older than this when we learn of it goes to the digest only. */
        notOlderThanHours: number(0, 720),
        /** `direct` to those concerned, `ephemeral` or `thread` in the group where the platform can. */
        place: z.enum(['direct', 'ephemeral', 'thread']),
        quietHours: z
          .object({ from: clockTime, to: clockTime, timeZone: z.string(), weekends: z.boolean() })
          .strict(),
        /** Confidence from which options and off-channel talk draw a nudge; for decisions the model's own. */
        leastConfidence: z.object({ options: number(0, 1), 'off-channel': number(0, 1) }).strict(),
        kinds: z.object({ decision: z.boolean(), options: z.boolean(), 'off-channel': z.boolean() }).strict(),
      })
      .strict(),
    suggestions: z
      .object({
        enabled: z.boolean(),
        minimumScore: number(0),
        perGroupPerDay: whole(0, 100),
      })
      .strict(),
    digest: z.object({ timeZone: z.string(), day: whole(1, 7), time: clockTime }).strict(),
    review: z.object({ everyDays: days }).strict(),
    retention: z.object({ rawPayloadDays: days, interactionDays: days }).strict(),
    delivery: z.object({ giveUpAfterHours: number(0.01), maximumAttempts: whole(1, 50) }).strict(),
  })
  .strict()

/** What a department may decide without touching code; versioned in the ledger. */
export type Policy = z.infer<typeof policySchema>

const shipped = fileURLToPath(new URL('./policy.default.yaml', import.meta.url))

/**
 * Reads the shipped policy with `policy.yaml` of the data folder laid over it.
 * @param dataDir folder that may hold policy.yaml; undefined = shipped defaults
 * @throws RemembrancerError POLICY_INVALID naming the key that is wrong
 */
export function readPolicy(dataDir: string | undefined): Policy {
  const defaults: unknown = parse(readFileSync(shipped, 'utf8'))
  const own = dataDir === undefined ? undefined : join(dataDir, 'policy.yaml')
  let laid: unknown = {}
  if (own !== undefined && existsSync(own)) {
    try {
      laid = parse(readFileSync(own, 'utf8')) ?? {}
    } catch (cause) {
      throw new RemembrancerError('POLICY_INVALID', `${own} is not valid YAML.`, { cause })
    }
  }
  const parsed = policySchema.safeParse(lay(defaults, laid))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RemembrancerError(
      'POLICY_INVALID',
      `policy.yaml at ${issue?.path.join('.') || 'top'}: ${issue?.message}.`,
    )
  }
  for (const zone of [parsed.data.digest.timeZone, parsed.data.nudges.quietHours.timeZone])
    assertTimeZone(zone)
  return parsed.data
}

function assertTimeZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
  } catch {
    throw new RemembrancerError('POLICY_INVALID', `policy.yaml names an unknown time zone, ${zone}.`)
  }
}

function lay(under: unknown, over: unknown): unknown {
  if (!isRecord(under) || !isRecord(over)) return over === undefined ? under : over
  const keys = new Set([...Object.keys(under), ...Object.keys(over)])
  return Object.fromEntries(
    [...keys].map((key) => [key, key in over ? lay(under[key], over[key]) : under[key]]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
