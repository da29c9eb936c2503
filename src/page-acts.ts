/**
 * What people do on the pages: the same acts as in a chat, committed in one transaction each, but answered to a browser
 * instead of a platform.
 */
import { loadDraft, openedOnPage, setAside } from './decisions/index.js'
import { postDigest, refreshDigests } from './digests/index.js'
import { isRemembrancerError, RemembrancerError } from './errors.js'
import { groupById } from './groups/index.js'
import {
  type InteractionWorld,
  joinOnceRegistered,
  mayRecord,
  mayRegister,
  submitDecision,
  submitRegistration,
} from './interactions/index.js'
import { currentCheckpoint } from './ledger/index.js'
import { closeNudges } from './nudges/index.js'
import type { FormValues, Logger } from './platform/index.js'

/** Acts of the pages in one world. */
export interface PageActs {
  /** Posts a private office's digest at once, without using up the week's; returns its id. */
  sendDigestNow(officeId: string, by: string | undefined): Promise<string>
  /** Records the decision of a draft opened on a page, or says what is wrong with it, by field. */
  submitDecision(
    draftId: string,
    personId: string,
  ): Promise<{ reference: string; id: string } | { errors: Record<string, string> }>
  /** Registers a group, or says what is wrong, by field. */
  submitRegistration(
    groupId: string,
    values: FormValues,
    personId: string,
  ): Promise<{ errors?: Record<string, string> }>
  /** Sets an open unrecorded decision aside; one already answered stays as it is. */
  setAside(signalId: string, personId: string): Promise<void>
  /** How long the ledger is, and its newest signed head. */
  ledgerSummary(): Promise<{ entries: number; checkpoint?: { seq: string; at: Date; hash: string } }>
}

/** Creates the acts over a world as interactions see it. */
export function createPageActs(world: InteractionWorld, log: Logger): PageActs {
  const { database, policy, publicUrl, now, wake } = world
  return {
    async sendDigestNow(officeId, by) {
      const id = await postDigest(database, officeId, undefined, by, { policy, now: now(), publicUrl })
      wake()
      return id
    },

    async submitDecision(draftId, personId) {
      const result = await database.transaction(async (tx) => {
        const draft = await loadDraft(tx, draftId, openedOnPage)
        const group = draft ? await groupById(tx, draft.groupId) : undefined
        if (!draft || !group) throw new RemembrancerError('NOT_FOUND', 'This form is no longer open.')
        if (await mayRecord(tx, group, personId))
          return { errors: { recordedBy: 'Choose someone who may record decisions of this group' } }
        const timeZone = group.registration?.privateOffice.timeZone ?? policy.digest.timeZone
        return await submitDecision(tx, world, {
          draft,
          group,
          personId,
          now: now(),
          settings: { timeZone, maxChoices: 100 },
        })
      })
      wake()
      return result
    },

    async submitRegistration(groupId, values, personId) {
      const result = await database.transaction(async (tx) => {
        const group = await groupById(tx, groupId)
        if (!group) throw new RemembrancerError('NOT_FOUND', 'There is no such group.')
        if (await mayRegister(tx, group, personId))
          return {
            errors: {
              registeredBy: 'Only members may register a group, and only its administrators may change that',
            },
          }
        return await submitRegistration(tx, world, group, values, personId, now())
      })
      wake()
      if (!result.errors)
        await joinOnceRegistered(world, groupId).catch((error: unknown) =>
          log.warn(
            { code: isRemembrancerError(error) ? error.code : 'unknown' },
            'a registered group could not be joined',
          ),
        )
      return result
    },

    async setAside(signalId, personId) {
      await database.transaction(async (tx) => {
        const signal = await tx.signal.findUnique({ where: { id: signalId } })
        const group = signal ? await groupById(tx, signal.groupId) : undefined
        if (!signal || !group)
          throw new RemembrancerError('NOT_FOUND', 'There is no such unrecorded decision.')
        if (signal.state !== 'open') return
        await closeNudges(
          tx,
          await setAside(tx, signalId, 'not-a-decision', personId, now()),
          group,
          'not-a-decision',
          now(),
        )
        await refreshDigests(tx, signalId, publicUrl, now())
      })
      wake()
    },

    async ledgerSummary() {
      const newest = await database.prisma.ledgerEntry.findFirst({
        orderBy: { seq: 'desc' },
        select: { seq: true },
      })
      const checkpoint = await currentCheckpoint(database)
      return {
        entries: Number(newest?.seq ?? 0),
        ...(checkpoint
          ? {
              checkpoint: { seq: String(checkpoint.seq), at: new Date(checkpoint.at), hash: checkpoint.hash },
            }
          : {}),
      }
    },
  }
}
