import { randomUUID } from 'node:crypto'
import type { PersonRef, PlatformName } from '../platform/index.js'
import type { Tx } from '../storage/index.js'

const saidAgainMs = 3_600_000

/** Where an account lives. */
export interface AccountScope {
  readonly platform: PlatformName
  readonly tenant: string
}

/** A person as other rooms need them. */
export interface PersonRow {
  readonly id: string
  readonly fullName: string
  readonly email: string | null
  readonly title: string | null
  readonly external: boolean
  readonly bot: boolean
}

/**
 * A person's name as shown to others: who belongs to another organisation, or is a guest, is marked wherever named.
 * @param otherwise what stands for a person who is not known
 */
export function shownName(person: Named | undefined): string
export function shownName<T>(person: Named | undefined, otherwise: T): string | T
export function shownName(person: Named | undefined, otherwise: unknown = 'unknown'): unknown {
  return person ? person.fullName + (person.external ? ' (external)' : '') : otherwise
}

type Named = Pick<PersonRow, 'fullName' | 'external'>

/** A reference with the instant its details were true. */
export interface DatedRef {
  readonly ref: PersonRef
  readonly at: Date
}

/**
 * Finds or makes the person behind each account and applies newer details.
 * @param refs accounts with the instant their details were stated; the same account may occur often
 * @returns person ids by account id
 */
export async function resolvePeople(
  tx: Tx,
  scope: AccountScope,
  refs: readonly DatedRef[],
): Promise<Map<string, string>> {
  const newest = newestDetails(refs)
  const ids = [...newest.keys()].sort()
  if (ids.length === 0) return new Map()
  const where = { platform: scope.platform, tenant: scope.tenant, externalId: { in: ids } }
  let known = await tx.account.findMany({ where, include: { person: true } })
  const missing = ids.filter((id) => !known.some((account) => account.externalId === id))
  if (missing.length > 0) {
    await createAccounts(tx, scope, missing, newest)
    known = await tx.account.findMany({ where, include: { person: true } })
  }
  for (const account of known) {
    const dated = newest.get(account.externalId)
    if (!dated || !hasDetails(dated.ref)) continue
    const age = account.detailsAt === null ? Infinity : dated.at.getTime() - account.detailsAt.getTime()
    if (age <= 0) {
      await fillUnknown(tx, account, dated.ref)
      continue
    }
    // Details said again are noted once in a while, so that older ones arriving late do not pass for news.
    if (!differs(dated.ref, account) && age < saidAgainMs) continue
    await tx.account.update({
      where: { id: account.id },
      data: { detailsAt: dated.at, ...(dated.ref.active === undefined ? {} : { active: dated.ref.active }) },
    })
    await tx.person.update({ where: { id: account.personId }, data: details(dated.ref) })
  }
  return new Map(known.map((account) => [account.externalId, account.personId]))
}

/** Older details say nothing new, but may tell what nobody has said since: a message names no email address. */
async function fillUnknown(
  tx: Tx,
  account: { externalId: string; personId: string; person: PersonRow },
  ref: PersonRef,
): Promise<void> {
  const { person } = account
  const data = {
    ...(person.fullName === account.externalId && ref.name !== undefined ? { fullName: ref.name } : {}),
    ...(person.email === null && ref.email !== undefined ? { email: ref.email } : {}),
    ...(person.title === null && ref.title !== undefined ? { title: ref.title } : {}),
  }
  const changes = Object.entries(data).some(([key, value]) => value !== person[key as keyof PersonRow])
  if (changes) await tx.person.update({ where: { id: account.personId }, data })
}

/** Accounts of people on one platform: who can be reached there, by person id. */
export async function accountsOf(
  tx: Tx,
  scope: AccountScope,
  personIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.account.findMany({
    where: { platform: scope.platform, tenant: scope.tenant, personId: { in: [...personIds] }, active: true },
  })
  return new Map(rows.map((row) => [row.personId, row.externalId]))
}

/** People by id. */
export async function peopleById(
  tx: Tx,
  ids: readonly (string | null | undefined)[],
): Promise<Map<string, PersonRow>> {
  const wanted = [...new Set(ids.filter((id): id is string => typeof id === 'string'))]
  if (wanted.length === 0) return new Map()
  const rows = await tx.person.findMany({ where: { id: { in: wanted } } })
  return new Map(rows.map((row) => [row.id, row]))
}

async function createAccounts(
  tx: Tx,
  scope: AccountScope,
  ids: readonly string[],
  newest: ReadonlyMap<string, DatedRef>,
): Promise<void> {
  const rows = ids.map((externalId) => {
    const dated = newest.get(externalId)
    const ref = dated?.ref ?? { id: externalId }
    return { externalId, personId: randomUUID(), ref, at: dated?.at ?? new Date(0) }
  })
  await tx.person.createMany({
    data: rows.map(({ personId, ref, at }) => ({
      id: personId,
      fullName: ref.name ?? ref.id,
      ...details(ref),
      createdAt: at,
    })),
  })
  await tx.account.createMany({
    data: rows.map(({ externalId, personId, ref, at }) => ({
      id: randomUUID(),
      personId,
      platform: scope.platform,
      tenant: scope.tenant,
      externalId,
      active: ref.active ?? true,
      detailsAt: hasDetails(ref) ? at : null,
    })),
    skipDuplicates: true,
  })
  // Another process may have made the same account meanwhile: drop the persons nobody points to.
  const personIds = rows.map((row) => row.personId)
  await tx.person.deleteMany({ where: { id: { in: personIds }, accounts: { none: {} } } })
}

function newestDetails(refs: readonly DatedRef[]): Map<string, DatedRef> {
  const newest = new Map<string, DatedRef>()
  for (const { ref, at } of [...refs].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const held = newest.get(ref.id)
    const known = Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== undefined))
    newest.set(ref.id, {
      ref: { ...held?.ref, ...known, id: ref.id },
      at: held && !hasDetails(ref) ? held.at : at,
    })
  }
  return newest
}

function hasDetails(ref: PersonRef): boolean {
  return ref.name !== undefined || ref.email !== undefined || ref.active !== undefined
}

function details(ref: PersonRef): {
  fullName?: string
  email?: string
  title?: string
  external?: boolean
  bot?: boolean
} {
  return {
    ...(ref.name === undefined ? {} : { fullName: ref.name }),
    ...(ref.email === undefined ? {} : { email: ref.email }),
    ...(ref.title === undefined ? {} : { title: ref.title }),
    ...(ref.external === undefined ? {} : { external: ref.external }),
    ...(ref.bot === undefined ? {} : { bot: ref.bot }),
  }
}

function differs(ref: PersonRef, account: { active: boolean; person: PersonRow }): boolean {
  const wanted = details(ref)
  const held = account.person
  return (
    (wanted.fullName !== undefined && wanted.fullName !== held.fullName) ||
    (wanted.email !== undefined && wanted.email !== held.email) ||
    (wanted.title !== undefined && wanted.title !== held.title) ||
    (wanted.external !== undefined && wanted.external !== held.external) ||
    (ref.active !== undefined && ref.active !== account.active)
  )
}
