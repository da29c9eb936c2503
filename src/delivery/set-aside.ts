import type { Database } from '../storage/index.js'

/** An event that could not be applied, without anything of what it says. */
export interface SetAsideEvent {
  readonly id: bigint
  readonly platform: string
  readonly tenant: string
  readonly lane: string
  readonly kind: string
  readonly receivedAt: Date
  readonly attempts: number
  readonly error: string | null
}

const visible = {
  id: true,
  platform: true,
  tenant: true,
  lane: true,
  kind: true,
  receivedAt: true,
  attempts: true,
  error: true,
} as const

/** Events set aside (or, with `status: 'unreadable'`, payloads not understood), newest first. */
export async function listSetAside(
  database: Database,
  options: { limit?: number; before?: bigint; status?: 'set-aside' | 'unreadable' } = {},
): Promise<SetAsideEvent[]> {
  return await database.prisma.inboxEvent.findMany({
    where: {
      status: options.status ?? 'set-aside',
      ...(options.before === undefined ? {} : { id: { lt: options.before } }),
    },
    orderBy: { id: 'desc' },
    take: options.limit ?? 100,
    select: visible,
  })
}

/** Puts events set aside back in line, all or those named. @returns how many */
export async function replaySetAside(database: Database, ids?: readonly bigint[]): Promise<number> {
  const { count } = await database.prisma.inboxEvent.updateMany({
    where: { status: 'set-aside', ...(ids === undefined ? {} : { id: { in: [...ids] } }) },
    data: { status: 'pending', attempts: 0, notBefore: null, error: null },
  })
  return count
}
