import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPolicy } from '../../src/config/index.js'
import { membershipLog } from '../../src/membership/index.js'
import { createPipeline, type Pipeline } from '../../src/pipeline.js'
import type { ChatEvent } from '../../src/platform/index.js'
import type { Tx } from '../../src/storage/index.js'
import { openTestDatabase, type TestDatabase } from '../support/database.js'
import { batches, histories, randomness, shuffled } from './histories.js'

const runs = process.env.CI === 'true' ? 1000 : 100
const now = new Date('2027-01-15T12:00:00Z')
const policy = readPolicy(undefined)

describe('the way of an event', () => {
  let opened: TestDatabase
  const found = { signals: 0, messages: 0, changes: 0 }

  beforeAll(async () => {
    opened = await openTestDatabase()
  }, 60_000)
  afterAll(async () => {
    await opened.close()
  })

  test(
    'any order and repetition of the same events gives the same transcript, membership and open signals',
    async () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
      console.log(`convergence: ${runs} histories, SEED=${seed}`)
      await fc.assert(
        fc.asyncProperty(histories, fc.nat(), async (history, shuffle) => {
          const once = await outcome(inOrder(history, shuffle))
          const disturbed = await outcome(redelivered(history, shuffle))
          for (const group of once) {
            found.signals += group.signals.length
            found.messages += group.messages.length
            found.changes += group.log.length
          }
          expect(disturbed).toEqual(once)
        }),
        { numRuns: runs, seed, endOnFailure: false, interruptAfterTimeLimit: runs * 3_000 },
      )
      // Histories in which nothing happens would prove nothing.
      expect(found.signals).toBeGreaterThan(runs / 10)
      expect(found.messages).toBeGreaterThan(runs)
      expect(found.changes).toBeGreaterThan(runs)
    },
    runs * 4_000,
  )

  /** Every event once, in the order in which it happened, in small batches by one process. */
  function inOrder(history: readonly ChatEvent[], seed: number) {
    return { batches: batches(history, randomness(seed), 6), processes: 1, random: randomness(seed + 1) }
  }

  /** Every event four times, shuffled, in batches of any size, by two processes in turn of which one restarts. */
  function redelivered(history: readonly ChatEvent[], seed: number) {
    const random = randomness(seed + 2)
    const four = shuffled([history, history, history, history].flat(), random)
    return { batches: batches(four, random, 40), processes: 2, random }
  }

  /** Applies batches to empty groups and tells what there is then; nothing stays in the database. */
  async function outcome(plan: {
    batches: readonly (readonly ChatEvent[])[]
    processes: number
    random: () => number
  }) {
    let result: Awaited<ReturnType<typeof whatThereIs>> = []
    const undo = new Error('only looking')
    await opened.database
      .transaction(async (tx) => {
        await registerGroups(tx, ['C0', 'C1'])
        const pipelines = Array.from({ length: plan.processes }, newPipeline)
        for (const batch of plan.batches) {
          const process = Math.floor(plan.random() * pipelines.length)
          if (plan.processes > 1 && plan.random() < 0.1) pipelines[process] = newPipeline()
          const stored = batch.map((event, index) => ({ id: BigInt(index), event, receivedAt: now }))
          await (pipelines[process] as Pipeline)(tx, stored)
        }
        result = await whatThereIs(tx)
        throw undo
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error
      })
    return result
  }
})

function newPipeline(): Pipeline {
  return createPipeline({ policy, now: () => now, detect: { nudgeThreshold: 0.3 } })
}

async function registerGroups(tx: Tx, conversations: readonly string[]): Promise<void> {
  const officeId = randomUUID()
  await tx.privateOffice.create({
    data: {
      id: officeId,
      name: 'Office of the Secretary of State',
      official: 'The Secretary of State',
      platform: 'slack',
      tenant: 'T1',
      room: 'C9',
      createdAt: now,
    },
  })
  for (const externalId of conversations) {
    const id = randomUUID()
    await tx.group.create({
      data: { id, platform: 'slack', tenant: 'T1', externalId, name: externalId, firstSeenAt: now },
    })
    await tx.registration.create({
      data: {
        groupId: id,
        purpose: 'Test',
        businessNeed: 'Test',
        privateOfficeId: officeId,
        reviewDate: now,
        registeredById: randomUUID(),
        registeredAt: now,
        updatedAt: now,
      },
    })
  }
}

/** Transcript, membership and open signals of every group, people by account. */
async function whatThereIs(tx: Tx) {
  const accounts = await tx.account.findMany()
  const account = (id: string | null): string | null =>
    accounts.find((row) => row.personId === id)?.externalId ?? null
  const groups = await tx.group.findMany({ orderBy: { externalId: 'asc' } })
  const result = []
  for (const group of groups) {
    const groupId = group.id
    const messages = await tx.message.findMany({ where: { groupId }, orderBy: { externalId: 'asc' } })
    const revisions = await tx.messageRevision.findMany({
      where: { groupId },
      orderBy: [{ externalId: 'asc' }, { revision: 'asc' }],
    })
    const stays = await tx.membership.findMany({ where: { groupId }, orderBy: { since: 'asc' } })
    const signals = await tx.signal.findMany({
      where: { groupId, state: 'open' },
      orderBy: [{ key: 'asc' }, { kind: 'asc' }],
    })
    result.push({
      group: group.externalId,
      name: group.name,
      archived: group.archived,
      botPresent: group.botPresent,
      messages: messages.map(({ id: _id, groupId: _group, authorId, ...rest }) => ({
        ...rest,
        author: account(authorId),
      })),
      revisions: revisions.map(({ groupId: _group, ...rest }) => rest),
      stays: stays
        .map((stay) => ({
          person: account(stay.personId),
          since: stay.since.toISOString(),
          until: stay.until?.toISOString() ?? null,
          role: stay.role,
        }))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      log: (await membershipLog(tx, groupId))
        .map((line) => ({
          person: account(line.personId),
          kind: line.kind,
          at: line.at.toISOString(),
          notBefore: line.notBefore?.toISOString() ?? null,
          actor: account(line.actorId),
          reason: line.reason,
          role: line.role,
          source: line.source,
        }))
        .sort((a, b) =>
          `${a.at}${a.person}` < `${b.at}${b.person}`
            ? -1
            : `${a.at}${a.person}` > `${b.at}${b.person}`
              ? 1
              : 0,
        ),
      signals: signals.map((signal) => ({
        kind: signal.kind,
        key: signal.key,
        at: signal.atMessage,
        span: [signal.fromMessage, signal.toMessage],
        evidence: signal.evidence,
        wouldNudge: signal.wouldNudge,
        settledAt: signal.settledAt.toISOString(),
        decidedBy: account(signal.decidedById),
        askedBy: account(signal.askedById),
      })),
    })
  }
  return result
}
