const asked = process.env.REMEMBRANCER_CRASH_AT?.split(':')
const wanted = asked?.slice(0, -1).join(':')
let left = asked ? Number(asked.at(-1)) : 0

/**
 * A named write boundary. Does nothing, unless the crash harness asked for a sudden death here
 * (`REMEMBRANCER_CRASH_AT=name:n` ends the process with SIGKILL at the n-th passing).
 */
export function crashPoint(name: CrashPoint): void {
  if (wanted === undefined || wanted !== name) return
  left -= 1
  if (left <= 0) process.kill(process.pid, 'SIGKILL')
}

/** Every place where dying is tried on purpose. */
export const crashPoints = [
  'inbox-before-commit',
  'inbox-committed',
  'lane-applied',
  'lane-before-commit',
  'lane-committed',
  'outbox-claimed',
  'outbox-posted',
  'outbox-marked',
  'ledger-before-commit',
  'ledger-committed',
  'job-claimed',
  'job-worked',
  'gap-read',
] as const
export type CrashPoint = (typeof crashPoints)[number]
