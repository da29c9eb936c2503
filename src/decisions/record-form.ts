import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type DecisionType, decisionTypes } from '../detection/index.js'
import type { GroupRow } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { Choice, Form, FormValues } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { byOrder, isDeleted, type MessageRow } from '../transcript/index.js'
import { localInput, parseLocalInput, timeInWords } from './local-time.js'
import type { DecisionContent } from './records.js'
import type { SignalRow } from './signals.js'

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

const draftData = z.object({
  groupId: z.string(),
  signalId: z.string().optional(),
  candidates: z.array(z.string()),
  chosen: z.array(z.string()),
  page: z.number().int(),
  values: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
})
export type RecordDraft = z.infer<typeof draftData> & {
  readonly id: string
  /** Who opened it, and alone may go on with it; `openedOnPage` until pages know who is at the keyboard. */
  readonly personId: string
}

/** Stands for whoever opens a form on a page: there is no sign-in yet, and who records is chosen in the form. */
export const openedOnPage = '00000000-0000-0000-0000-000000000000'

const list = z.union([z.string().transform((one) => (one === '' ? [] : [one])), z.array(z.string())])
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

/** How forms fit a platform and a place. */
export interface FormSettings {
  readonly timeZone: string
  /** Most choices one checkbox field may show. */
  readonly maxChoices: number
}

/**
 * Opens a draft of a decision record, filled in from the signal, or from the messages around `around`, or from the
 * newest messages of the group.
 */
export async function openRecordDraft(
  tx: Tx,
  given: {
    group: GroupRow
    personId: string
    signal?: SignalRow
    around?: string
    text?: string
    now: Date
    settings: FormSettings
  },
): Promise<RecordDraft> {
  const { group, signal, now } = given
  const messages = await candidateMessages(tx, group.id, signal, given.around, now)
  const chosen = signal
    ? signal.evidence.filter((id) => messages.some((row) => row.externalId === id))
    : given.around
      ? [given.around]
      : []
  const names = await peopleById(tx, [
    signal?.decidedById,
    given.personId,
    ...messages.map((row) => row.authorId),
  ])
  const anchor = messages.find((row) => row.externalId === (signal?.atMessage ?? given.around))
  const decider = shownName(
    names.get(signal?.decidedById ?? (given.around ? (anchor?.authorId ?? '') : '')),
    '',
  )
  const candidates = messages.map((row) => row.externalId)
  // The page opened first is the one that shows what is already ticked.
  const ticked = candidates.findIndex((id) => chosen.includes(id))
  const draft: RecordDraft = {
    id: randomUUID(),
    personId: given.personId,
    groupId: group.id,
    ...(signal ? { signalId: signal.id } : {}),
    candidates,
    chosen,
    page: Math.max(0, Math.floor(ticked / given.settings.maxChoices)),
    values: {
      decision:
        given.text?.trim() || signal?.summary || (given.around ? (anchor?.text.slice(0, 500) ?? '') : ''),
      decidedBy: decider,
      decidedAt: localInput(signal?.settledAt ?? anchor?.postedAt ?? now, given.settings.timeZone),
      decisionType: signal?.decisionType ?? '',
      takenElsewhere: 'chat',
    },
  }
  await insertDraft(tx, draft, now)
  return draft
}

/** Loads a draft by id; undefined when it is gone, another form's, or was opened by someone else. */
export async function loadDraft(tx: Tx, id: string, personId: string): Promise<RecordDraft | undefined> {
  if (!z.uuid().safeParse(id).success) return undefined
  const row = await tx.formDraft.findUnique({ where: { id } })
  const data = row?.personId === personId ? draftData.safeParse(row.data) : undefined
  return data?.success ? { id, personId, ...data.data } : undefined
}

/** Takes what was typed into the draft: the evidence ticked on the shown page joins what was ticked on others. */
export async function keepTyped(
  tx: Tx,
  draft: RecordDraft,
  values: FormValues,
  now: Date,
  settings: FormSettings,
): Promise<RecordDraft> {
  const shown = pageOf(draft, settings).ids
  const ticked = values.evidence === undefined ? draft.chosen : list.parse(values.evidence)
  const chosen = draft.candidates.filter((id) =>
    shown.includes(id) ? ticked.includes(id) : draft.chosen.includes(id),
  )
  const { evidence: _evidence, ...rest } = values
  const typed = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
  )
  const kept: RecordDraft = { ...draft, chosen, values: { ...draft.values, ...typed } }
  await updateDraft(tx, kept, now)
  return kept
}

/** Moves the draft to another page of evidence, counted from 1 as people and the port count them. */
export async function turnPage(
  tx: Tx,
  draft: RecordDraft,
  page: number,
  now: Date,
  settings: FormSettings,
): Promise<RecordDraft> {
  const pages = pageOf(draft, settings).pages
  const turned = { ...draft, page: Math.min(Math.max(page, 1), pages) - 1 }
  await updateDraft(tx, turned, now)
  return turned
}

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
    label: `${shownName(names.get(row.authorId ?? ''))}: ${excerpt(row.text, 120)}`,
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
    intro: [
      `In ${group.name}. Members of the group, its administrators, ${group.registration?.privateOffice.name ?? 'the private office'} and records officers can see the record.`,
    ],
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

/** Keeps a draft that has none yet, or that was taken out to be submitted and had errors. */
export async function insertDraft(tx: Tx, draft: RecordDraft, now: Date): Promise<void> {
  const { id, personId, ...data } = draft
  await tx.formDraft.create({ data: { id, form: 'record-decision', personId, data, at: now } })
}

// Never makes the row anew: a second press, arriving as the first is committed, would record the decision twice.
async function updateDraft(tx: Tx, draft: RecordDraft, now: Date): Promise<void> {
  const { id, personId: _personId, ...data } = draft
  await tx.formDraft.updateMany({ where: { id }, data: { data, at: now } })
}

function pageOf(draft: RecordDraft, settings: FormSettings): { ids: string[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(draft.candidates.length / settings.maxChoices))
  const page = Math.min(draft.page, pages - 1)
  return {
    ids: draft.candidates.slice(page * settings.maxChoices, (page + 1) * settings.maxChoices),
    page,
    pages,
  }
}

async function candidateMessages(
  tx: Tx,
  groupId: string,
  signal: SignalRow | undefined,
  around: string | undefined,
  now: Date,
): Promise<MessageRow[]> {
  const anchors = signal ? [signal.fromMessage, signal.toMessage, ...signal.evidence] : around ? [around] : []
  const known = await tx.message.findMany({
    where: { groupId, externalId: { in: anchors }, postedAt: { not: null } },
    orderBy: { orderKey: 'asc' },
  })
  const first = known[0]
  const last = known.at(-1)
  const visible = { groupId, automatic: false, postedAt: { not: null } }
  if (!first || !last) {
    const newest = await tx.message.findMany({
      where: { ...visible, postedAt: { lte: now } },
      orderBy: { orderKey: 'desc' },
      take: 20,
    })
    return newest.reverse()
  }
  const inside = await tx.message.findMany({
    where: { ...visible, orderKey: { gte: first.orderKey, lte: last.orderKey } },
    orderBy: { orderKey: 'asc' },
    take: 80,
  })
  const before = await tx.message.findMany({
    where: { ...visible, orderKey: { lt: first.orderKey } },
    orderBy: { orderKey: 'desc' },
    take: signal ? 3 : 10,
  })
  const after = await tx.message.findMany({
    where: { ...visible, orderKey: { gt: last.orderKey } },
    orderBy: { orderKey: 'asc' },
    take: signal ? 3 : 10,
  })
  return [...before.reverse(), ...inside, ...after]
}

function excerpt(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
}
