import { randomUUID } from 'node:crypto'
import {
  type DetectMessage,
  type DetectOptions,
  type GroupState,
  initialState,
  type Signal,
  step,
} from '../detection/index.js'
import type { GroupRow } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import {
  beginsSession,
  type Captured,
  isDeleted,
  type MessageRow,
  sessionsAround,
} from '../transcript/index.js'
import { reconcileSignals, type SignalChange } from './signals.js'

interface Live {
  readonly token: string
  state: GroupState
  last: Date
  /** Speaker strings given to the detector, by person id. */
  readonly speakers: Map<string, string>
}

/** Reads captured messages with the detector and keeps what it saw. */
export interface DiscussionReader {
  /**
   * Steps the detector over new messages, or reads the sessions anew that a late, edited or deleted message touches.
   * @returns signals that appeared, changed or are no longer borne out
   */
  read(
    tx: Tx,
    group: GroupRow,
    captured: Captured,
    now: Date,
    options: { backlog: boolean },
  ): Promise<SignalChange[]>
}

/**
 * @param capacity groups whose open discussions are held in memory; others are read again from the transcript
 * @param detectOptions threshold and authority given to the detector
 */
export function createDiscussionReader(capacity = 2000, detectOptions: DetectOptions = {}): DiscussionReader {
  const live = new Map<string, Live>()
  return {
    async read(tx, group, captured, now, options) {
      const rows = captured.touched.filter((row) => row.postedAt !== null)
      if (rows.length === 0) return []
      const held = live.get(group.id)
      live.delete(group.id)
      const token = randomUUID()
      await tx.group.update({ where: { id: group.id }, data: { detectionToken: token } })
      const usable =
        held &&
        held.token === group.detectionToken &&
        captured.appendedOnly &&
        rows[0] &&
        at(rows[0]) >= held.last
      const result = usable ? await follow(tx, held, rows) : await reread(tx, group, rows)
      remember(group.id, { ...result.live, token })
      return await reconcileSignals(tx, group, result, now, options)
    },
  }

  async function follow(tx: Tx, held: Live, rows: readonly MessageRow[]) {
    const speakers = await nameSpeakers(tx, rows, held.speakers)
    const changed = new Map<string, Signal>()
    const withdrawn = new Set<string>()
    let { state, last } = held
    const breathe = createBreather()
    for (const row of rows) {
      await breathe()
      if (beginsSession(last, at(row))) state = initialState(detectOptions)
      state = advance(state, row, speakers, changed, withdrawn)
      last = at(row)
    }
    return {
      live: { state, last, speakers },
      speakers,
      changed: [...changed.values()],
      withdrawn: [...withdrawn],
      whole: undefined,
    }
  }

  async function reread(tx: Tx, group: GroupRow, rows: readonly MessageRow[]) {
    const sessions = await sessionsAround(tx, group.id, rows.map(at))
    const changed: Signal[] = []
    const whole = new Set<string>()
    let state = initialState(detectOptions)
    let last = new Date(0)
    const speakers = new Map<string, string>()
    const breathe = createBreather()
    for (const session of sessions) {
      await nameSpeakers(tx, session, speakers)
      state = initialState(detectOptions)
      const seen = new Map<string, Signal>()
      for (const row of session) {
        await breathe()
        state = advance(state, row, speakers, seen, new Set())
        whole.add(row.externalId)
        last = at(row)
      }
      changed.push(...seen.values())
    }
    const newest = await tx.message.findFirst({
      where: { groupId: group.id, postedAt: { not: null } },
      orderBy: { orderKey: 'desc' },
    })
    const reachesEnd = newest !== null && whole.has(newest.externalId)
    return {
      live: reachesEnd ? { state, last, speakers } : undefined,
      speakers,
      changed,
      withdrawn: [],
      whole,
    }
  }

  function advance(
    state: GroupState,
    row: MessageRow,
    speakers: ReadonlyMap<string, string>,
    changed: Map<string, Signal>,
    withdrawn: Set<string>,
  ): GroupState {
    if (row.automatic || row.authorId === null || row.text === '') return state
    const result = step(state, toDetectMessage(row, speakers))
    for (const key of result.withdrawn) {
      changed.delete(key)
      withdrawn.add(key)
    }
    for (const signal of result.changed) {
      changed.set(signal.key, signal)
      withdrawn.delete(signal.key)
    }
    return result.state
  }

  function remember(groupId: string, entry: Partial<Live> & { token: string }): void {
    if (entry.state === undefined || entry.last === undefined || entry.speakers === undefined) return
    live.set(groupId, { token: entry.token, state: entry.state, last: entry.last, speakers: entry.speakers })
    const oldest = live.keys().next().value
    if (live.size > capacity && oldest !== undefined) live.delete(oldest)
  }
}

/** Longest stretch of reading at once: acknowledgements, pages and answers to people wait meanwhile. */
const breathMs = 10

/** Gives way to whatever waits once reading has gone on for a while. */
function createBreather(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < breathMs) return
    await new Promise((resolve) => setImmediate(resolve))
    since = performance.now()
  }
}

function at(row: MessageRow): Date {
  return row.postedAt ?? new Date(0)
}

/** Gives every author a speaker string: the full name, made distinct where two people share one. */
async function nameSpeakers(
  tx: Tx,
  rows: readonly MessageRow[],
  speakers: Map<string, string>,
): Promise<Map<string, string>> {
  const missing = [
    ...new Set(rows.flatMap((row) => (row.authorId && !speakers.has(row.authorId) ? [row.authorId] : []))),
  ]
  const people = await peopleById(tx, missing)
  const taken = new Set(speakers.values())
  for (const id of missing) {
    const name = shownName(people.get(id), id)
    const speaker = taken.has(name) ? `${name} (${id.slice(0, 8)})` : name
    taken.add(speaker)
    speakers.set(id, speaker)
  }
  return speakers
}

function toDetectMessage(row: MessageRow, speakers: ReadonlyMap<string, string>): DetectMessage {
  return {
    id: row.externalId,
    speaker: speakers.get(row.authorId ?? '') ?? 'unknown',
    at: at(row).getTime(),
    text: row.text,
    ...(row.threadId === null || row.threadId === row.externalId ? {} : { threadId: row.threadId }),
    ...(row.replyTo === null ? {} : { replyTo: row.replyTo }),
    ...(isDeleted(row) ? { deleted: true } : {}),
  }
}
