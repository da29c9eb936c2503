import type { Database, SqlClient } from '../storage/index.js'

/** A lock that lives as long as a database session: gone at once with a process that dies. */
export interface Leadership {
  /** Takes the lock if it is free, or makes sure that it is still ours. @throws when the database is away */
  holds(): Promise<boolean>
  release(): Promise<void>
}

interface Held {
  readonly client: SqlClient
  lost: boolean
  end(): void
}

/**
 * Lets one process at a time do something. On PostgreSQL an advisory lock on a session of its own; the embedded
 * database belongs to one process anyway.
 * @param name what is led; the same name in every process
 */
export function createLeadership(database: Database, name: string, checkMs = 5_000): Leadership {
  let held: Held | undefined
  const sessions = new Set<Promise<void>>()

  async function acquire(): Promise<boolean> {
    return await new Promise<boolean>((resolve, reject) => {
      const session = database.session(async (client) => {
        let end: () => void = () => undefined
        const ended = new Promise<void>((finish) => {
          end = finish
        })
        const mine: Held = { client, lost: false, end }
        withoutSurprises(client)
        const { rows } = await client.query(
          'SELECT pg_try_advisory_lock(hashtextextended($1, 7236707)) AS locked',
          [name],
        )
        if (rows[0]?.locked !== true) return resolve(false)
        held = mine
        resolve(true)
        await ended
        // Thrown away rather than given back: the pool must not lend out a session that may hold our lock.
        if (mine.lost) throw new Error('The session of a lock was lost')
        await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 7236707))', [name])
      })
      sessions.add(session)
      session.catch(reject).finally(() => sessions.delete(session))
    })
  }

  async function release(): Promise<void> {
    held?.end()
    held = undefined
    await Promise.allSettled(sessions)
  }

  return {
    async holds() {
      if (database.embedded) return true
      const mine = held
      if (!mine) return await acquire()
      if (!mine.lost && (await answers(mine.client, checkMs))) return true
      mine.lost = true
      await release()
      return false
    },
    release,
  }
}

async function answers(client: SqlClient, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs)
  })
  const answered = client.query('SELECT 1').then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([answered, late])
  } finally {
    clearTimeout(timer)
  }
}

const guarded = new WeakSet<SqlClient>()

/**
 * A connection that breaks while it is lent out says so by an `error` event, and an event nobody listens to ends the
 * process. The query under way rejects anyway; this takes the event. @returns the same client
 */
export function withoutSurprises(client: SqlClient): SqlClient {
  const { on } = client as { on?: unknown }
  if (typeof on !== 'function') return client
  if (!guarded.has(client)) on.call(client, 'error', () => undefined)
  guarded.add(client)
  return client
}
