import type { Database } from '../storage/index.js'

/**
 * Empties payloads whose own retention has ended: raw text and parsed event of what was applied. Keys stay, so that
 * a late repetition is still known. Set-aside and unreadable payloads stay until somebody has looked at them.
 * @param options received in [`from`, `before`); `from` bounds the work of a daily run
 * @returns how many were emptied
 */
export async function emptyPayloads(
  database: Database,
  options: { before: Date; from?: Date; chunk?: number },
): Promise<number> {
  const chunk = options.chunk ?? 1_000
  const from = options.from ?? new Date(0)
  for (let total = 0; ; ) {
    const emptied = await database.prisma.$executeRaw`
      UPDATE inbox_event SET raw = NULL, event = NULL WHERE id IN (
        SELECT id FROM inbox_event
        WHERE received_at >= ${from} AND received_at < ${options.before} AND status = 'applied'
          AND (raw IS NOT NULL OR event IS NOT NULL)
        LIMIT ${chunk})`
    total += emptied
    if (emptied < chunk) return total
  }
}

/**
 * Empties the cards of posts that need no further delivery, written before `before`: they quote people. Key and
 * receipt stay, so that the same post is not written again and can still be replaced.
 * @param options `from` bounds the work of a daily run
 * @returns how many were emptied
 */
export async function emptyCards(
  database: Database,
  options: { before: Date; from?: Date; chunk?: number },
): Promise<number> {
  const chunk = options.chunk ?? 1_000
  const from = options.from ?? new Date(0)
  for (let total = 0; ; ) {
    const emptied = await database.prisma.$executeRaw`
      UPDATE outbox_post SET card = '{}' WHERE id IN (
        SELECT id FROM outbox_post
        WHERE created_at >= ${from} AND created_at < ${options.before}
          AND status IN ('sent', 'failed', 'superseded') AND card <> '{}'
        LIMIT ${chunk})`
    total += emptied
    if (emptied < chunk) return total
  }
}
