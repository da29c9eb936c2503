import type { FastifyInstance } from 'fastify'
import { readPolicy } from '../../src/config/index.js'
import {
  checkRecordForm,
  loadDraft,
  openedOnPage,
  recordDecision,
  setAside,
} from '../../src/decisions/index.js'
import { postDigest } from '../../src/digests/index.js'
import { groupById } from '../../src/groups/index.js'
import { submitRegistration } from '../../src/interactions/index.js'
import { createWeb, readStatus, type WebContext } from '../../src/web/index.js'
import { openTestDatabase, type TestDatabase } from '../support/database.js'
import { type Seeded, seed, seedNow } from './seed.js'

/** Pages over a database of their own. */
export interface OpenWeb {
  readonly app: FastifyInstance
  readonly test: TestDatabase
  readonly seeded: Seeded
  readonly context: WebContext
  /** What was logged as an error. */
  readonly errors: Record<string, unknown>[]
  close(): Promise<void>
}

/** Opens the pages over a seeded database, wired to the rooms as the program does but without platforms. */
export async function openWeb(
  options: { empty?: boolean; change?: Partial<WebContext> } = {},
): Promise<OpenWeb> {
  const test = await openTestDatabase()
  const { database } = test
  const policy = readPolicy(undefined)
  const now = () => seedNow
  const nothing: Seeded = {
    officeId: '',
    flood: '',
    lunch: '',
    people: new Map(),
    signals: [],
    backlogSignal: '',
    reference: '',
  }
  const seeded = options.empty ? nothing : await seed(database, policy)
  const errors: Record<string, unknown>[] = []
  const context: WebContext = {
    database,
    policy,
    now,
    kind: 'official',
    log: { info() {}, warn() {}, error: (fields) => errors.push(fields) },
    adapterPages: [],
    sendDigestNow: (officeId, by) =>
      postDigest(database, officeId, undefined, by, { policy, now: seedNow, publicUrl: 'http://localhost' }),
    submitDecision: (draftId, by) =>
      database.transaction(async (tx) => {
        const draft = await loadDraft(tx, draftId, openedOnPage)
        const group = draft ? await groupById(tx, draft.groupId) : undefined
        if (!draft || !group) throw new Error('no draft')
        const checked = checkRecordForm(draft, seedNow, { timeZone: 'Europe/London', maxChoices: 20 })
        if (checked.errors) return { errors: checked.errors }
        const { content } = checked
        return await recordDecision(tx, {
          group,
          content,
          evidence: draft.chosen,
          signalId: draft.signalId,
          by,
          now: seedNow,
        })
      }),
    submitRegistration: (groupId, values, by) =>
      database.transaction(async (tx) => {
        const group = await groupById(tx, groupId)
        if (!group) throw new Error('no group')
        return await submitRegistration(tx, { policy }, group, values, by, seedNow)
      }),
    setAside: (signalId, by) =>
      database.transaction(async (tx) => void (await setAside(tx, signalId, 'not-a-decision', by, seedNow))),
    ledger: {
      summary: async () => ({
        entries: 1234,
        checkpoint: { seq: '1230', at: seedNow, hash: 'ab'.repeat(32) },
      }),
    },
    status: () => readStatus(database.prisma),
    ...options.change,
  }
  const app = await createWeb(context)
  return {
    app,
    test,
    seeded,
    context,
    errors,
    async close() {
      await app.close()
      await test.close()
    },
  }
}

/** A form as a browser posts it. */
export function posted(values: Record<string, string | readonly string[]>) {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(values))
    for (const one of typeof value === 'string' ? [value] : value) search.append(key, one)
  return {
    payload: search.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:80' },
  }
}
