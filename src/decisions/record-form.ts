import { z } from 'zod'
import { type DecisionType, decisionTypes } from '../detection/index.js'
import { type GroupRow, whoSeesTheRecord } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import { type Choice, cutAtWord, type Form } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { byOrder, isDeleted } from '../transcript/index.js'
import { parseLocalInput, timeInWords } from './local-time.js'
import { type FormSettings, pageOf, type RecordDraft } from './record-draft.js'
import type { DecisionContent } from './records.js'

/** What each decision type is called in forms and reports. */
export const decisionTypeNames: Readonly<Record<DecisionType, string>> = {
  'start-or-end-project': 'Start or end a project',
  'approval-to-spend': 'Approval to spend',
  'policy-choice': 'Policy choice',
  'commitment-to-third-party': 'Commitment to a third party',
  appointment: 'Appointment',
  'operational-direction': 'Operational direction',
  communications: 'Communications',
  procurement: 'Procurement',
  other: 'Other',
}

const places: readonly Choice[] = [
  { value: 'chat', label: 'In this chat' },
  { value: 'call', label: 'On a call' },
  { value: 'meeting', label: 'In a meeting' },
  { value: 'corridor', label: 'In conversation' },
  { value: 'whatsapp', label: 'In another chat app' },
  { value: 'email', label: 'By email' },
  { value: 'other', label: 'Elsewhere' },
]

const optional = (limit: number, name: string) =>
  z
    .string()
    .trim()
    .max(limit, `${name} must be ${limit.toLocaleString('en-GB')} characters or fewer`)
    .optional()
    .transform((value) => value ?? '')

const submitted = z.object({
  decision: z
    .string()
    .trim()
    .min(1, 'Say what was decided')
    .max(2000, 'What was decided must be 2,000 characters or fewer'),
  decidedBy: z
    .string()
    .trim()
    .min(1, 'Say who decided')
    .max(300, 'Who decided must be 300 characters or fewer'),
  decidedAt: z.string().trim().min(1, 'Say when it was decided'),
  decisionType: z.enum(decisionTypes as [DecisionType, ...DecisionType[]], {
    error: 'Choose the type of decision',
  }),
  reasons: optional(2000, 'Why'),
  options: optional(2000, 'Options considered'),
  consulted: optional(500, 'Who was consulted'),
  actions: optional(1000, 'Who must act'),
  takenElsewhere: z
    .string()
    .optional()
    .transform((value) => value ?? 'chat'),
})

/** The form as people see it. */
export async function renderRecordForm(
  tx: Tx,
  draft: RecordDraft,
  group: GroupRow,
  settings: FormSettings,
): Promise<Form> {
  const value = (name: string): string => {
    const typed = draft.values[name]
    return typeof typed === 'string' ? typed : (typed?.[0] ?? '')
  }
  const { ids, page, pages } = pageOf(draft, settings)
  const rows = await tx.message.findMany({ where: { groupId: draft.groupId, externalId: { in: ids } } })
  const names = await peopleById(
    tx,
    rows.map((row) => row.authorId),
  )
  const choices = rows.sort(byOrder).map((row) => ({
    value: row.externalId,
    label: `${shownName(names.get(row.authorId ?? ''))}: ${cutAtWord(row.text, 120)}`,
    hint: `${timeInWords(row.postedAt ?? new Date(0), settings.timeZone)}${isDeleted(row) ? ', since deleted' : ''}`,
  }))
  const elsewhere = value('takenElsewhere') || 'chat'
  const evidence: Form['fields'] =
    elsewhere === 'chat' || draft.chosen.length > 0
      ? [
          {
            type: 'checkboxes',
            name: 'evidence',
            label: 'Evidence',
            hint: 'Messages copied into the record as they stand',
            required: false,
            choices,
            values: draft.chosen.filter((id) => ids.includes(id)),
          },
        ]
      : []
  return {
    id: 'record-decision',
    state: draft.id,
    title: 'Record a decision',
    intro: [`In ${group.name}. ${whoSeesTheRecord(group.registration)} can see the record.`],
    submitLabel: 'Record decision',
    fields: [
      {
        type: 'textarea',
        name: 'decision',
        label: 'What was decided',
        required: true,
        maxLength: 2000,
        value: value('decision'),
      },
      {
        type: 'text',
        name: 'decidedBy',
        label: 'Who decided',
        hint: 'Full name, or several',
        required: true,
        maxLength: 300,
        value: value('decidedBy'),
      },
      { type: 'date-time', name: 'decidedAt', label: 'When', required: true, value: value('decidedAt') },
      {
        type: 'select',
        name: 'decisionType',
        label: 'Type of decision',
        required: true,
        choices: decisionTypes.map((type) => ({ value: type, label: decisionTypeNames[type] })),
        value: value('decisionType'),
      },
      {
        type: 'textarea',
        name: 'reasons',
        label: 'Why',
        hint: 'Reasons someone may need later',
        required: false,
        maxLength: 2000,
        value: value('reasons'),
      },
      {
        type: 'textarea',
        name: 'options',
        label: 'Options considered',
        required: false,
        maxLength: 2000,
        value: value('options'),
      },
      {
        type: 'text',
        name: 'consulted',
        label: 'Who was consulted',
        required: false,
        maxLength: 500,
        value: value('consulted'),
      },
      {
        type: 'text',
        name: 'actions',
        label: 'Who must act',
        required: false,
        maxLength: 1000,
        value: value('actions'),
      },
      {
        type: 'select',
        name: 'takenElsewhere',
        label: 'Where it was taken',
        required: false,
        refreshes: true,
        choices: places,
        value: elsewhere,
      },
      ...evidence,
    ],
    ...(pages > 1 && evidence.length > 0
      ? { pager: { field: 'evidence', page: page + 1, pages, label: `Messages ${page + 1} of ${pages}` } }
      : {}),
  }
}

/**
 * Checks what was submitted.
 * @returns the content, or errors by field name
 */
export function checkRecordForm(
  draft: RecordDraft,
  now: Date,
  settings: FormSettings,
):
  | { content: DecisionContent; errors?: undefined }
  | { content?: undefined; errors: Record<string, string> } {
  const parsed = submitted.safeParse(draft.values)
  const errors: Record<string, string> = {}
  if (!parsed.success)
    for (const issue of parsed.error.issues) errors[String(issue.path[0])] ??= issue.message
  const typedTime = draft.values.decidedAt
  const decidedAt = typeof typedTime === 'string' ? parseLocalInput(typedTime, settings.timeZone) : undefined
  if (!errors.decidedAt && !decidedAt) errors.decidedAt = 'Give a real date and time, like 2026-11-23T14:30'
  // A minute's grace: the form shows whole minutes.
  if (decidedAt && decidedAt.getTime() > now.getTime() + 60_000)
    errors.decidedAt = 'When it was decided must be in the past'
  if (!parsed.success || !decidedAt || Object.keys(errors).length > 0) return { errors }
  const { takenElsewhere, decidedAt: _local, ...rest } = parsed.data
  return {
    content: { ...rest, decidedAt, takenElsewhere: takenElsewhere === 'chat' ? null : takenElsewhere },
  }
}
