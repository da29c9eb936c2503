import { randomUUID } from 'node:crypto'
import { append } from '../ledger/index.js'
import type { ChatEvent, PlatformName } from '../platform/index.js'
import type { Tx } from '../storage/index.js'

/** A group with its registration, as most rooms need it. */
export type GroupRow = NonNullable<Awaited<ReturnType<typeof findGroup>>>

/** Where a group lives. */
export interface GroupAddress {
  readonly platform: PlatformName
  readonly tenant: string
  readonly externalId: string
}

const withRegistration = { registration: { include: { privateOffice: true } } } as const

/** Finds a group by its platform address, or undefined. */
export async function findGroup(tx: Tx, address: GroupAddress) {
  const row = await tx.group.findUnique({
    where: { platform_tenant_externalId: { ...address } },
    include: withRegistration,
  })
  return row ? { ...row, platform: row.platform as PlatformName } : undefined
}

/** Finds a group by id, or undefined. */
export async function groupById(tx: Tx, id: string): Promise<GroupRow | undefined> {
  const row = await tx.group.findUnique({ where: { id }, include: withRegistration })
  return row ? { ...row, platform: row.platform as PlatformName } : undefined
}

/** Finds a group or begins to know it. */
export async function resolveGroup(
  tx: Tx,
  address: GroupAddress,
  firstSeenAt: Date,
): Promise<{ group: GroupRow; isNew: boolean }> {
  const known = await findGroup(tx, address)
  if (known) return { group: known, isNew: false }
  const { count } = await tx.group.createMany({
    data: [{ id: randomUUID(), ...address, name: address.externalId, firstSeenAt, botPresent: true }],
    skipDuplicates: true,
  })
  const group = await findGroup(tx, address)
  if (!group) throw new Error('group vanished while it was made')
  if (count > 0)
    await append(tx, {
      kind: 'group-first-seen',
      group: group.id,
      platform: address.platform,
      at: firstSeenAt.toISOString(),
    })
  return { group, isNew: count > 0 }
}

/** Applies names, archiving and the bot's presence; later facts win whatever the order of arrival. */
export async function applyGroupEvent(tx: Tx, group: GroupRow, event: ChatEvent): Promise<void> {
  const at = new Date(event.at)
  switch (event.kind) {
    case 'group-created':
    case 'group-renamed':
    case 'bot-added': {
      if (isNewer(group.nameAt, at, event.name > group.name))
        await tx.group.update({
          where: { id: group.id },
          data: {
            name: event.name,
            nameAt: at,
            ...(event.visibility ? { visibility: event.visibility } : {}),
            ...(event.team === undefined ? {} : { team: event.team }),
            ...(event.shared === undefined ? {} : { shared: event.shared }),
          },
        })
      if (event.kind === 'bot-added') await setBotPresence(tx, group, true, at)
      return
    }
    case 'group-archived':
    case 'group-restored':
      if (isNewer(group.archivedAt, at, event.kind === 'group-archived'))
        await tx.group.update({
          where: { id: group.id },
          data: { archived: event.kind === 'group-archived', archivedAt: at },
        })
      return
    case 'bot-removed':
      return await setBotPresence(tx, group, false, at)
    default:
      return
  }
}

/** Of two facts of the same instant the same one must win whichever came first. */
function isNewer(held: Date | null, at: Date, winsTie: boolean): boolean {
  return held === null || at > held || (at.getTime() === held.getTime() && winsTie)
}

async function setBotPresence(tx: Tx, group: GroupRow, present: boolean, at: Date): Promise<void> {
  const { count } = await tx.group.updateMany({
    where: {
      id: group.id,
      OR: [{ botAt: null }, { botAt: { lt: at } }, ...(present ? [] : [{ botAt: at, botPresent: true }])],
    },
    data: { botPresent: present, botAt: at },
  })
  if (count > 0) await append(tx, { kind: 'bot-presence', group: group.id, present, at: at.toISOString() })
}
