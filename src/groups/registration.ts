import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Policy } from '../config/index.js'
import { RemembrancerError } from '../errors.js'
import { append, saltedHash } from '../ledger/index.js'
import { membersAt } from '../membership/index.js'
import type { Form, FormValues } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import type { GroupRow } from './groups.js'

const list = z.union([z.string().transform((one) => (one === '' ? [] : [one])), z.array(z.string())])

/** What a registration form must hold. The limits are those of the smallest platform. */
export const registrationValues = z.object({
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
  administrators: list.pipe(z.array(z.string()).min(1, 'Choose at least one administrator')),
  privateOffice: z.string().trim().min(1, 'Choose the private office that answers for this group'),
  recordsOfficer: z
    .string()
    .optional()
    .transform((value) => value || undefined),
  reviewDate: z.iso.date('Review date must be a real date'),
  dryRun: list.optional().transform((values) => values?.includes('on') ?? false),
})
export type RegistrationValues = z.infer<typeof registrationValues>

/** The registration form of a group, filled in from what is known. People fields hold person ids. */
export async function registrationForm(
  tx: Tx,
  group: GroupRow,
  policy: Policy,
  now: Date,
  typed?: FormValues,
): Promise<Form> {
  const members = await membersAt(tx, group.id)
  const offices = await tx.privateOffice.findMany({ orderBy: { name: 'asc' } })
  const administrators = await tx.groupAdministrator.findMany({ where: { groupId: group.id } })
  const held = group.registration
  const value = (name: string, fallback: string): string => {
    const given = typed?.[name]
    return typeof given === 'string' ? given : fallback
  }
  const values = (name: string, fallback: string[]): string[] => {
    const given = typed?.[name]
    return given === undefined ? fallback : typeof given === 'string' ? [given] : [...given]
  }
  const people = members.map((member) => ({
    value: member.id,
    label: member.fullName,
    ...(member.title ? { hint: member.title } : {}),
  }))
  const review = held?.reviewDate ?? new Date(now.getTime() + policy.review.everyDays * 86_400_000)
  return {
    id: 'register-group',
    state: group.id,
    title: 'Register this group',
    intro: [
      `${group.name} becomes an official group: from then on what is said here is kept for the record.`,
    ],
    submitLabel: 'Register',
    fields: [
      {
        type: 'text',
        name: 'purpose',
        label: 'Purpose',
        hint: 'What the group is for',
        required: true,
        maxLength: 500,
        value: value('purpose', held?.purpose ?? ''),
      },
      {
        type: 'textarea',
        name: 'businessNeed',
        label: 'Business need',
        hint: 'Why this must be done in chat',
        required: true,
        maxLength: 1000,
        value: value('businessNeed', held?.businessNeed ?? ''),
      },
      {
        type: 'people',
        name: 'administrators',
        label: 'Administrators',
        hint: 'They keep the membership right and answer suggestions',
        required: true,
        multiple: true,
        choices: people,
        values: values(
          'administrators',
          administrators.map((row) => row.personId),
        ),
      },
      {
        type: 'select',
        name: 'privateOffice',
        label: 'Private office',
        hint: 'It receives the weekly digest',
        required: true,
        choices: offices.map((office) => ({ value: office.id, label: office.name })),
        value: value(
          'privateOffice',
          held?.privateOfficeId ?? (offices.length === 1 ? (offices[0]?.id ?? '') : ''),
        ),
      },
      {
        type: 'people',
        name: 'recordsOfficer',
        label: 'Records officer',
        required: false,
        multiple: false,
        choices: people,
        values: values('recordsOfficer', held?.recordsOfficerId ? [held.recordsOfficerId] : []),
      },
      {
        type: 'date',
        name: 'reviewDate',
        label: 'Review date',
        hint: 'When membership and need are looked at again',
        required: true,
        value: value('reviewDate', review.toISOString().slice(0, 10)),
      },
      {
        type: 'checkboxes',
        name: 'dryRun',
        label: 'Dry run',
        required: false,
        choices: [{ value: 'on', label: 'Show nudges to the administrators only, post nothing' }],
        values: values('dryRun', held?.dryRun ? ['on'] : []),
      },
    ],
  }
}

/**
 * Registers a group or changes its registration.
 * @throws RemembrancerError FORM_INVALID when a chosen person or office is unknown, or the review date is past
 */
export async function register(
  tx: Tx,
  group: GroupRow,
  values: RegistrationValues,
  by: string,
  now: Date,
): Promise<void> {
  const office = await tx.privateOffice.findUnique({ where: { id: values.privateOffice } })
  if (!office) throw new RemembrancerError('FORM_INVALID', 'The private office is not known.')
  const chosen = [...values.administrators, ...(values.recordsOfficer ? [values.recordsOfficer] : [])]
  const known = await tx.person.count({ where: { id: { in: chosen } } })
  if (known !== new Set(chosen).size)
    throw new RemembrancerError('FORM_INVALID', 'A chosen person is not known.')
  const data = {
    purpose: values.purpose,
    businessNeed: values.businessNeed,
    privateOfficeId: office.id,
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
