import { z } from 'zod'
import { isRemembrancerError } from '../../src/errors.js'
import type { PersonRef } from '../../src/platform/index.js'
import type { SlackApi } from './client.js'
import type { Clock } from './clock.js'
import { personOf } from './identity.js'
import { user } from './payloads.js'

/** Names and details of accounts, remembered for a while. */
export interface People {
  /** What we know now, without asking Slack. */
  known(id: string): PersonRef | undefined
  /** Asks Slack when we do not know, or not lately. Undefined for an account Slack does not know. */
  find(id: string): Promise<PersonRef | undefined>
  /** Tries to know these people within `ms`; afterwards `known` may still miss some. Never rejects. */
  within(ids: readonly string[], ms: number): Promise<void>
  /** Loads many people with as few calls as possible. */
  preload(ids: readonly string[]): Promise<void>
  remember(person: PersonRef): void
}

const infoAnswer = z.looseObject({ user })
const listAnswer = z.looseObject({ members: z.array(z.unknown()) })
const fresh = 6 * 60 * 60_000
const capacity = 100_000
/** From this many unknown people on, paging through `users.list` costs fewer calls than asking for each. */
const manyUnknown = 40
const isAccount = (id: string) => /^[UW][A-Z0-9]+$/.test(id)

/** Creates the cache. `where` gives the workspace, known once `auth.test` has answered. */
export function createPeople(
  api: SlackApi,
  clock: Clock,
  where: () => { tenant: string; enterprise?: string } | undefined,
): People {
  const cache = new Map<string, { person: PersonRef; at: number }>()
  const asking = new Map<string, Promise<PersonRef | undefined>>()
  let listing: Promise<void> | undefined
  /** After a failure we do not make events wait for names for a little while. */
  let pausedUntil = 0

  function remember(person: PersonRef): void {
    cache.delete(person.id)
    cache.set(person.id, { person, at: clock.now() })
    if (cache.size > capacity) for (const [oldest] of cache) return void cache.delete(oldest)
  }

  function read(raw: unknown): PersonRef | undefined {
    const parsed = user.safeParse(raw)
    const place = where()
    if (!parsed.success || place === undefined) return undefined
    return personOf(parsed.data, place.tenant, place.enterprise)
  }

  async function ask(id: string, budgetMs: number): Promise<PersonRef | undefined> {
    try {
      const answer = await api.call('users.info', { user: id }, infoAnswer, { budgetMs })
      const person = read(answer.user)
      if (person !== undefined) remember(person)
      return person
    } catch (error) {
      if (isRemembrancerError(error, 'PLATFORM_NOT_FOUND')) return undefined
      throw error
    }
  }

  /** One pass through the workspace serves everybody who waits for names meanwhile. */
  async function listEverybody(): Promise<void> {
    for await (const page of api.pages('users.list', { limit: 500 }, listAnswer))
      for (const raw of page.members) {
        const person = read(raw)
        if (person !== undefined) remember(person)
      }
  }

  function askOnce(id: string, budgetMs: number): Promise<PersonRef | undefined> {
    const already = asking.get(id)
    if (already !== undefined) return already
    const asked = ask(id, budgetMs).finally(() => asking.delete(id))
    asking.set(id, asked)
    return asked
  }

  return {
    remember,
    known: (id) => cache.get(id)?.person,
    async find(id) {
      const entry = cache.get(id)
      if (entry !== undefined && clock.now() - entry.at < fresh) return entry.person
      if (!isAccount(id)) return entry?.person
      try {
        return await askOnce(id, 30_000)
      } catch (error) {
        if (entry !== undefined) return entry.person
        throw error
      }
    },
    async within(ids, ms) {
      const unknown = ids.filter((id) => isAccount(id) && !cache.has(id))
      if (unknown.length === 0 || clock.now() < pausedUntil) return
      const all = Promise.allSettled(unknown.map((id) => askOnce(id, ms))).then((results) => {
        if (results.some((result) => result.status === 'rejected')) pausedUntil = clock.now() + 10_000
      })
      await Promise.race([all, clock.sleep(ms)])
    },
    async preload(ids) {
      const missing = new Set(ids.filter((id) => isAccount(id) && !cache.has(id)))
      if (missing.size >= manyUnknown) {
        listing ??= listEverybody().finally(() => {
          listing = undefined
        })
        await listing
      }
      // Members of other organisations are not in users.list.
      for (const id of missing) if (!cache.has(id)) await askOnce(id, 120_000)
    },
  }
}
