import type { Tx } from '../storage/index.js'
import { byOrder, type MessageRow } from './capture.js'

// Discussions never run over a silence this long, nor over the small hours of Sunday (UTC): both depend on the
// messages' own times alone, so a late message changes the reading of one session and of nothing beyond it.
const silenceMs = 72 * 3_600_000
const weekMs = 7 * 86_400_000
const firstSundayThreeUtc = Date.UTC(1970, 0, 4, 3)

/** Number of the week (Sunday 03:00 UTC to the next) an instant lies in. */
export function weekOf(at: Date): number {
  return Math.floor((at.getTime() - firstSundayThreeUtc) / weekMs)
}

/** Whether a message at `next` begins a new session after one at `previous`. */
export function beginsSession(previous: Date, next: Date): boolean {
  return weekOf(previous) !== weekOf(next) || next.getTime() - previous.getTime() >= silenceMs
}

/**
 * The sessions of a group that contain the given instants, each a list of messages in order.
 * Reads at most the weeks concerned.
 */
export async function sessionsAround(
  tx: Tx,
  groupId: string,
  instants: readonly Date[],
): Promise<MessageRow[][]> {
  const weeks = [...new Set(instants.map(weekOf))].sort((a, b) => a - b)
  const sessions: MessageRow[][] = []
  for (const week of weeks) {
    const from = new Date(firstSundayThreeUtc + week * weekMs)
    const rows = await tx.message.findMany({
      where: { groupId, postedAt: { gte: from, lt: new Date(from.getTime() + weekMs) } },
      orderBy: { orderKey: 'asc' },
    })
    sessions.push(
      ...split(rows.sort(byOrder)).filter((session) => instants.some((at) => covers(session, at))),
    )
  }
  return sessions
}

function split(rows: readonly MessageRow[]): MessageRow[][] {
  const sessions: MessageRow[][] = []
  for (const row of rows) {
    const current = sessions.at(-1)
    const previous = current?.at(-1)?.postedAt
    if (current && previous && row.postedAt && !beginsSession(previous, row.postedAt)) current.push(row)
    else sessions.push([row])
  }
  return sessions
}

function covers(session: readonly MessageRow[], at: Date): boolean {
  const first = session[0]?.postedAt
  const last = session.at(-1)?.postedAt
  return (
    first != null &&
    last != null &&
    first.getTime() - silenceMs < at.getTime() &&
    at.getTime() < last.getTime() + silenceMs
  )
}
