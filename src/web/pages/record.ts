import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  checkRecordForm,
  type FormSettings,
  keepTyped,
  loadDraft,
  openedOnPage,
  openRecordDraft,
  type RecordDraft,
  renderRecordForm,
  turnPage,
  unrecordedDecision,
} from '../../decisions/index.js'
import { RemembrancerError } from '../../errors.js'
import type { GroupRow } from '../../groups/index.js'
import type { WebContext } from '../context.js'
import { formValues, formView } from '../form-view.js'
import { notFound } from '../problems.js'
import { groupFrame } from './groups.js'
import { actorsOf, bodyOf, groupOf, oneOf, zoneOf } from './shared.js'

const query = z.object({
  signal: z.uuid().optional().catch(undefined),
  draft: z.uuid().optional().catch(undefined),
})
/** Most messages the page shows at once. */
const maxChoices = 20

/**
 * The record form: opened from an unrecorded decision or by hand. What is typed is kept in a draft, so that turning a
 * page of evidence, an error or a reload loses nothing.
 */
export function registerRecord(app: FastifyInstance, context: WebContext): void {
  const { database } = context
  const settingsOf = (group: GroupRow): FormSettings => ({ timeZone: zoneOf(group, context), maxChoices })

  app.get('/groups/:id/record', async (request, reply) => {
    const group = await registeredGroup(request.params)
    const asked = query.parse(request.query)
    if (asked.draft !== undefined) {
      const draft = await draftOf(group, asked.draft)
      return reply.view('pages/record.njk', await view(group, draft))
    }
    const found = asked.signal
      ? await unrecordedDecision(database.prisma, asked.signal, context.now(), context.policy)
      : undefined
    if (asked.signal && found?.groupId !== group.id)
      throw notFound('There is no such unrecorded decision in this group.')
    if (found?.state === 'recorded' && found.signal.recordId) {
      const record = await database.prisma.decisionRecord.findUnique({ where: { id: found.signal.recordId } })
      if (record) return reply.redirect(`/decisions/${record.reference}`, 303)
    }
    const draft = await database.transaction((tx) =>
      openRecordDraft(tx, {
        group,
        personId: openedOnPage,
        ...(found ? { signal: found.signal } : {}),
        now: context.now(),
        settings: settingsOf(group),
      }),
    )
    return reply.redirect(`/groups/${group.id}/record?draft=${draft.id}`, 303)
  })

  app.post('/groups/:id/record', async (request, reply) => {
    const group = await registeredGroup(request.params)
    const body = bodyOf(request.body)
    const settings = settingsOf(group)
    const opened = await draftOf(group, oneOf(body, 'draft'))
    const by = oneOf(body, 'recordedBy')
    const form = await renderRecordForm(database.prisma, opened, group, settings)
    const values = { ...formValues(form, body), recordedBy: by }
    const turned = /^page:(\d{1,4})$/.exec(oneOf(body, 'turn'))
    const draft = await database.transaction(async (tx) => {
      const kept = await keepTyped(tx, opened, values, context.now(), settings)
      return turned ? await turnPage(tx, kept, Number(turned[1]), context.now(), settings) : kept
    })
    if (turned) return reply.redirect(`/groups/${group.id}/record?draft=${draft.id}#evidence`, 303)
    const actors = await actorsOf(database.prisma, group)
    const errors: Record<string, string> = { ...checkRecordForm(draft, context.now(), settings).errors }
    // The room's words speak of one text box; here there are four.
    if (errors.decidedAt?.startsWith('Give a real'))
      errors.decidedAt = 'Enter a real date and time, like 23 11 2026 and 14:30'
    if (!actors.some((actor) => actor.id === by)) errors.recordedBy = 'Choose who records this decision'
    if (Object.keys(errors).length > 0)
      return reply.code(422).view('pages/record.njk', await view(group, draft, errors))
    const outcome = await context.submitDecision(draft.id, by)
    if (outcome.errors)
      return reply.code(422).view('pages/record.njk', await view(group, draft, outcome.errors))
    return reply.redirect(`/decisions/${encodeURIComponent(outcome.reference)}?recorded=now`, 303)
  })

  async function registeredGroup(params: unknown): Promise<GroupRow> {
    const group = await groupOf(database.prisma, params)
    if (!group.registration)
      throw new RemembrancerError('GROUP_NOT_REGISTERED', 'This group is not registered yet.')
    return group
  }

  async function draftOf(group: GroupRow, id: string): Promise<RecordDraft> {
    const draft = await loadDraft(database.prisma, id, openedOnPage)
    if (draft?.groupId !== group.id)
      throw notFound(
        'This draft is no longer kept. Open the form again from the list of unrecorded decisions.',
      )
    return draft
  }

  async function view(group: GroupRow, draft: RecordDraft, errors: Readonly<Record<string, string>> = {}) {
    const form = await renderRecordForm(database.prisma, draft, group, settingsOf(group))
    const actors = await actorsOf(database.prisma, group)
    const recordedBy = draft.values.recordedBy
    const whole = {
      ...form,
      fields: [
        ...form.fields,
        {
          type: 'select' as const,
          name: 'recordedBy',
          label: 'Recorded by',
          hint: 'There is no sign-in yet: choose your own name',
          required: true,
          choices: actors.map((actor) => ({ value: actor.id, label: actor.name })),
          value: typeof recordedBy === 'string' ? recordedBy : '',
        },
      ],
    }
    return {
      ...(await groupFrame(context, group, 'unrecorded')),
      title: `Record a decision – ${group.name}`,
      hasErrors: Object.keys(errors).length > 0,
      form: formView(whole, errors),
      draftId: draft.id,
    }
  }
}
