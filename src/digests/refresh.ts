import { enqueueUpdate } from '../delivery/index.js'
import type { Tx } from '../storage/index.js'
import { digestCard } from './card.js'
import { digestContent } from './queries.js'

const dayMs = 86_400_000
/** Older digests are history: what became of their decisions is on the page. */
const freshDays = 35

/**
 * Redraws the posted digests that list a decision once it is answered: its line says what became of it and loses its
 * buttons, so that nobody is asked twice.
 */
export async function refreshDigests(tx: Tx, signalId: string, publicUrl: string, now: Date): Promise<void> {
  const listing = JSON.stringify([{ signalId }])
  const since = new Date(now.getTime() - freshDays * dayMs)
  const digests = await tx.$queryRaw<{ id: string; outbox_id: string; content: unknown }[]>`
    SELECT id::text, outbox_id::text, content FROM digest
    WHERE outbox_id IS NOT NULL AND created_at >= ${since} AND content->'unrecorded' @> ${listing}::jsonb`
  for (const digest of digests) {
    const content = digestContent.safeParse(digest.content)
    if (!content.success) continue
    const answered = await answers(
      tx,
      content.data.unrecorded.map((decision) => decision.signalId),
    )
    await enqueueUpdate(tx, {
      key: `digest-refresh:${digest.id}:${signalId}`,
      replaces: digest.outbox_id,
      card: digestCard(content.data, `${publicUrl}/digests/${digest.id}`, answered),
      purpose: 'digest',
      at: now,
    })
  }
}

/** What became of decisions that are no longer open, in words, by signal id. */
async function answers(tx: Tx, signalIds: readonly string[]): Promise<Map<string, string>> {
  const signals = await tx.signal.findMany({ where: { id: { in: [...signalIds] }, state: { not: 'open' } } })
  const records = await tx.decisionRecord.findMany({
    where: { id: { in: signals.flatMap((signal) => signal.recordId ?? []) } },
    select: { id: true, reference: true },
  })
  const references = new Map(records.map((record) => [record.id, record.reference]))
  return new Map(
    signals.map((signal) => {
      const reference = references.get(signal.recordId ?? '')
      if (signal.state === 'recorded') return [signal.id, `recorded as ${reference ?? 'a decision'}`]
      return [signal.id, signal.state === 'withdrawn' ? 'no longer needed' : 'set aside: not a decision']
    }),
  )
}
