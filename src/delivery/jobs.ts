import type { Database, Tx } from '../storage/index.js'
import { crashPoint } from './crash-point.js'
import { describeFailure } from './failure.js'
import { createLeadership } from './leadership.js'

/** Hold on a job's period while it is worked on. */
export interface Claim {
  /** 1 for the first try of this period. */
  readonly attempt: number
  /**
   * Marks the period as done in the job's own transaction, so that its effects and the mark are one.
   * @throws when another process has taken the period over: roll back
   */
  complete(tx: Tx): Promise<void>
}

/** Work that must happen once a period, whoever rings and however often. */
export interface Jobs {
  /**
   * Does the work of a period unless it is done (`already`) or another process is at it (`busy`). A period whose
   * process died is taken over when its lease has ended; one that failed is tried again at the next ring.
   * The work of a period that was cut off runs again from its start: it must bear that, or use `claim.complete`.
   * @throws what `work` throws, after writing down that it failed
   */
  run(job: string, period: string, work: (claim: Claim) => Promise<void>): Promise<JobOutcome>
  /** Those of these periods that are not done, in the order given: what downtime has left over. */
  missed(job: string, periods: readonly string[]): Promise<string[]>
  /** Runs every missed period in order. @returns outcome by period */
  catchUp(
    job: string,
    periods: readonly string[],
    work: (period: string, claim: Claim) => Promise<void>,
  ): Promise<Map<string, JobOutcome>>
}

export type JobOutcome = 'done' | 'already' | 'busy'

export interface JobsOptions {
  readonly now: () => Date
  /** Identity of this process: a UUID made at its start. */
  readonly processId: string
  /** How long after its last sign of life a dead process's period may be taken over. */
  readonly leaseMs: number
}

class ClaimLost extends Error {}

/** Creates the job table's keeper. */
export function createJobs(database: Database, options: JobsOptions): Jobs {
  const here = new Set<string>()
  const { processId, leaseMs } = options

  async function run(
    job: string,
    period: string,
    work: (claim: Claim) => Promise<void>,
  ): Promise<JobOutcome> {
    const name = `job|${job}|${period}`
    if (await isDone(job, period)) return 'already'
    if (here.has(name)) return 'busy'
    here.add(name)
    // The lease alone would let a process that merely stalled be doubled; its session's lock says it is alive.
    const lock = createLeadership(database, name)
    try {
      if (!(await lock.holds())) return 'busy'
      const attempt = await claim(job, period)
      if (attempt === undefined) return (await isDone(job, period)) ? 'already' : 'busy'
      crashPoint('job-claimed')
      await worked(job, period, attempt, work)
      return 'done'
    } finally {
      here.delete(name)
      await lock.release()
    }
  }

  async function isDone(job: string, period: string): Promise<boolean> {
    const row = await database.prisma.jobRun.findUnique({
      where: { job_period: { job, period } },
      select: { status: true },
    })
    return row?.status === 'done'
  }

  async function claim(job: string, period: string): Promise<number | undefined> {
    const now = options.now()
    const lease = new Date(now.getTime() + leaseMs)
    // A claim made in the future means that the clock was set back since: its lease is void.
    const future = new Date(now.getTime() + 5 * 60_000)
    const rows = await database.prisma.$queryRaw<{ attempts: number }[]>`
      INSERT INTO job_run (job, period, status, claimed_by, claimed_at, lease_until, attempts)
      VALUES (${job}, ${period}, 'running', ${processId}::uuid, ${now}, ${lease}, 1)
      ON CONFLICT (job, period) DO UPDATE SET
        status = 'running', claimed_by = EXCLUDED.claimed_by, claimed_at = EXCLUDED.claimed_at,
        lease_until = EXCLUDED.lease_until, attempts = job_run.attempts + 1, error = NULL, finished_at = NULL
      WHERE job_run.status = 'failed' OR (job_run.status = 'running' AND (
        job_run.lease_until <= ${now} OR job_run.claimed_at > ${future}
        OR job_run.claimed_by = ${processId}::uuid OR ${database.embedded}))
      RETURNING attempts`
    return rows[0]?.attempts
  }

  async function worked(
    job: string,
    period: string,
    attempt: number,
    work: (claim: Claim) => Promise<void>,
  ): Promise<void> {
    const ours = { job, period, claimedBy: processId, attempts: attempt, status: 'running' }
    const renewal = setInterval(() => {
      const leaseUntil = new Date(options.now().getTime() + leaseMs)
      database.prisma.jobRun.updateMany({ where: ours, data: { leaseUntil } }).catch(() => undefined)
    }, leaseMs / 3)
    renewal.unref()
    let completed = false
    const complete = async (tx: Tx): Promise<void> => {
      const done = { status: 'done', finishedAt: options.now(), error: null }
      const { count } = await tx.jobRun.updateMany({ where: ours, data: done })
      if (count === 0) throw new ClaimLost('Another process has taken this period over')
      completed = true
    }
    try {
      await work({ attempt, complete })
      crashPoint('job-worked')
      if (!completed) await complete(database.prisma)
    } catch (error) {
      const failed = { status: 'failed', error: describeFailure(error), finishedAt: options.now() }
      await database.prisma.jobRun.updateMany({ where: ours, data: failed }).catch(() => undefined)
      throw error
    } finally {
      clearInterval(renewal)
    }
  }

  async function missed(job: string, periods: readonly string[]): Promise<string[]> {
    const rows = await database.prisma.jobRun.findMany({
      where: { job, period: { in: [...periods] }, status: 'done' },
      select: { period: true },
    })
    const done = new Set(rows.map((row) => row.period))
    return periods.filter((period) => !done.has(period))
  }

  return {
    run,
    missed,
    async catchUp(job, periods, work) {
      const outcomes = new Map<string, JobOutcome>()
      for (const period of await missed(job, periods))
        outcomes.set(period, await run(job, period, (claimed) => work(period, claimed)))
      return outcomes
    },
  }
}
