import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { GroupRow } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import type { FormValues } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { candidateMessages } from './evidence-candidates.js'
import { localInput } from './local-time.js'
import type { SignalRow } from './signals.js'

const draftData = z.object({
  groupId: z.string(),
  signalId: z.string().optional(),
  candidates: z.array(z.string()),
  chosen: z.array(z.string()),
  page: z.number().int(),
  values: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
})

/** A form of a decision record that somebody has open: what was typed and ticked so far, on every page of it. */
export type RecordDraft = z.infer<typeof draftData> & {
  readonly id: string
  /** Who opened it, and alone may go on with it; `openedOnPage` until pages know who is at the keyboard. */
  readonly personId: string
}

/** Stands for whoever opens a form on a page: there is no sign-in yet, and who records is chosen in the form. */
export const openedOnPage = '00000000-0000-0000-0000-000000000000'

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

/** One ticked box comes from a browser as a word, several as a list. */
const ticks = z.union([z.string().transform((one) => (one === '' ? [] : [one])), z.array(z.string())])

/** Takes what was typed into the draft: the evidence ticked on the shown page joins what was ticked on others. */
export async function keepTyped(
  tx: Tx,
  draft: RecordDraft,
  values: FormValues,
  now: Date,
  settings: FormSettings,
): Promise<RecordDraft> {
  const shown = pageOf(draft, settings).ids
  const ticked = values.evidence === undefined ? draft.chosen : ticks.parse(values.evidence)
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

/** The candidates for evidence that the page shown holds; pages are counted from 0 here. */
export function pageOf(
  draft: RecordDraft,
  settings: FormSettings,
): { ids: string[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(draft.candidates.length / settings.maxChoices))
  const page = Math.min(draft.page, pages - 1)
  return {
    ids: draft.candidates.slice(page * settings.maxChoices, (page + 1) * settings.maxChoices),
    page,
    pages,
  }
}
