import type { Policy } from '../config/index.js'
import { membersAt } from '../membership/index.js'
import { shownName } from '../people/index.js'
import type { Form, FormValues } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import type { GroupRow } from './groups.js'
import { newOffice } from './registration.js'

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
    label: shownName(member),
    ...(member.title ? { hint: member.title } : {}),
  }))
  const office = value(
    'privateOffice',
    held?.privateOfficeId ??
      (offices.length === 1 ? (offices[0]?.id ?? '') : offices.length === 0 ? newOffice : ''),
  )
  const rooms = await tx.group.findMany({
    where: { platform: group.platform, tenant: group.tenant, botPresent: true, archived: false },
    orderBy: { name: 'asc' },
    take: 100,
  })
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
        refreshes: true,
        choices: [
          ...offices.map((known) => ({ value: known.id, label: known.name })),
          { value: newOffice, label: 'Another private office' },
        ],
        value: office,
      },
      ...(office === newOffice ? newOfficeFields(rooms, value) : []),
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

function newOfficeFields(
  rooms: readonly { externalId: string; name: string }[],
  value: (name: string, fallback: string) => string,
): Form['fields'] {
  return [
    {
      type: 'text',
      name: 'officeName',
      label: 'Name of the private office',
      required: true,
      maxLength: 200,
      value: value('officeName', ''),
    },
    {
      type: 'text',
      name: 'officeOfficial',
      label: 'Whose office it is',
      hint: 'Minister or senior official',
      required: true,
      maxLength: 200,
      value: value('officeOfficial', ''),
    },
    {
      type: 'select',
      name: 'officeRoom',
      label: 'Room for its weekly digest',
      hint: 'A group the bot is in',
      required: true,
      choices: rooms.map((room) => ({ value: room.externalId, label: room.name })),
      value: value('officeRoom', ''),
    },
  ]
}
