import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Policy } from '../config/index.js'
import { RemembrancerError } from '../errors.js'
import { append, saltedHash } from '../ledger/index.js'
import type { Tx } from '../storage/index.js'
import type { GroupRow } from './groups.js'

const list = z.union([z.string().transform((one) => (one === '' ? [] : [one])), z.array(z.string())])

/** Value of the private office field that asks for a new one. */
export const newOffice = 'new'

/** What a registration form must hold. The limits are those of the smallest platform. */
export const registrationValues = z
  .object({
    purpose: z
      .string()
      .trim()
      .min(1, 'Say what the group is for')
      .max(500, 'Purpose must be 500 characters or fewer'),
    businessNeed: z
      .string()
      .trim()
      .min(1, 'Say why it needs a chat group')
      .max(1000, 'Business need must be 1,000 characters or fewer'),
    administrators: list.pipe(
      z.array(z.uuid('An administrator chosen is not known')).min(1, 'Choose at least one administrator'),
    ),
    privateOffice: z.string().trim().min(1, 'Choose the private office that answers for this group'),
    officeName: z.string().trim().max(200, 'Name must be 200 characters or fewer').optional(),
    officeOfficial: z.string().trim().max(200, 'Name must be 200 characters or fewer').optional(),
    officeRoom: z.string().trim().optional(),
    recordsOfficer: list
      .optional()
      .transform((values) => values?.[0] || undefined)
      .pipe(z.uuid('The records officer chosen is not known').optional()),
    reviewDate: z.iso.date('Review date must be a real date'),
    dryRun: list.optional().transform((values) => values?.includes('on') ?? false),
  })
  .superRefine((values, context) => {
    if (values.privateOffice !== newOffice) return
    const need = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (!values.officeName) need('officeName', 'Name the private office')
    if (!values.officeOfficial) need('officeOfficial', 'Say whose office it is')
    if (!values.officeRoom) need('officeRoom', 'Choose the room its digest is posted to')
  })
export type RegistrationValues = z.infer<typeof registrationValues>

/**
 * Registers a group or changes its registration.
 * @throws RemembrancerError FORM_INVALID when a chosen person or office is unknown, or the review date is past
 */
export async function register(
  tx: Tx,
  group: GroupRow,
  values: RegistrationValues,
  by: string,
  policy: Policy,
  now: Date,
): Promise<void> {
  const officeId = await chosenOffice(tx, group, values, policy, now)
  const chosen = [...values.administrators, ...(values.recordsOfficer ? [values.recordsOfficer] : [])]
  const known = await tx.person.count({ where: { id: { in: chosen } } })
  if (known !== new Set(chosen).size)
    throw new RemembrancerError('FORM_INVALID', 'A chosen person is not known.')
  const data = {
    purpose: values.purpose,
    businessNeed: values.businessNeed,
    privateOfficeId: officeId,
    recordsOfficerId: values.recordsOfficer ?? null,
    reviewDate: new Date(values.reviewDate),
    dryRun: values.dryRun,
    updatedAt: now,
  }
  await tx.registration.upsert({
    where: { groupId: group.id },
    create: { ...data, groupId: group.id, registeredById: by, registeredAt: now },
    update: data,
  })
  await tx.groupAdministrator.deleteMany({ where: { groupId: group.id } })
  await tx.groupAdministrator.createMany({
    data: [...new Set(values.administrators)].map((personId) => ({ groupId: group.id, personId })),
  })
  await append(tx, {
    kind: 'registration-changed',
    group: group.id,
    by,
    at: now.toISOString(),
    contentHash: await saltedHash(
      tx,
      `registration:${group.id}:${now.toISOString()}`,
      JSON.stringify({ ...data, administrators: values.administrators }),
    ),
  })
}

async function chosenOffice(
  tx: Tx,
  group: GroupRow,
  values: RegistrationValues,
  policy: Policy,
  now: Date,
): Promise<string> {
  if (values.privateOffice === newOffice) {
    const room = { platform: group.platform, tenant: group.tenant, room: values.officeRoom ?? '' }
    return await ensurePrivateOffice(
      tx,
      { name: values.officeName ?? '', official: values.officeOfficial ?? '', ...room },
      policy,
      now,
    )
  }
  const id = z.uuid().safeParse(values.privateOffice).data
  const office = id ? await tx.privateOffice.findUnique({ where: { id } }) : null
  if (!office) throw new RemembrancerError('FORM_INVALID', 'The private office is not known.')
  return office.id
}

/** Makes a private office, or returns the one of that name. */
export async function ensurePrivateOffice(
  tx: Tx,
  office: {
    name: string
    official: string
    platform: string
    tenant: string
    room: string
    escalationAccount?: string
  },
  policy: Policy,
  now: Date,
): Promise<string> {
  const held = await tx.privateOffice.findUnique({ where: { name: office.name } })
  if (held) return held.id
  const id = randomUUID()
  await tx.privateOffice.create({
    data: {
      id,
      name: office.name,
      official: office.official,
      platform: office.platform,
      tenant: office.tenant,
      room: office.room,
      escalationAccount: office.escalationAccount ?? null,
      timeZone: policy.digest.timeZone,
      digestDay: policy.digest.day,
      digestTime: policy.digest.time,
      createdAt: now,
    },
  })
  return id
}

/** Ids of the group's administrators. */
export async function administratorsOf(tx: Tx, groupId: string): Promise<string[]> {
  const rows = await tx.groupAdministrator.findMany({ where: { groupId } })
  return rows.map((row) => row.personId)
}
