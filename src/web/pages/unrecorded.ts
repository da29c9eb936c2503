import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  decisionTypeNames,
  type UnrecordedDecision,
  unrecordedDecision,
  unrecordedDecisions,
} from '../../decisions/index.js'
import { groupById, groupNames, listOffices } from '../../groups/index.js'
import type { WebContext } from '../context.js'
import { optionalId, pageNumber, paginate } from '../paging.js'
import { notFound } from '../problems.js'
import { groupFrame } from './groups.js'
import { actorsOf, bodyOf, groupOf, oneOf, zoneOf } from './shared.js'

/** Each item carries its evidence: fewer to a page than elsewhere. */
const size = 15

const query = z.object({
  office: optionalId,
  group: optionalId,
  list: z.enum(['current', 'backlog']).catch('current').default('current'),
  page: pageNumber,
  'set-aside': z.string().optional().catch(undefined),
})
const signalParams = z.object({ signal: z.uuid() })

/** Lists of unrecorded decisions, over all groups and of one, and the page that sets one aside. */
export function registerUnrecorded(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  async function listing(
    path: string,
    asked: z.infer<typeof query>,
    filter: { groupId?: string | undefined; officeId?: string | undefined },
  ) {
    const base = { ...filter, now: context.now(), policy: context.policy, size }
    const backlog = asked.list === 'backlog'
    const shown = await unrecordedDecisions(prisma, { ...base, backlog, page: asked.page })
    const other = await unrecordedDecisions(prisma, { ...base, backlog: !backlog, page: 1, size: 1 })
    const kept = { office: asked.office, group: asked.group }
    const link = (list: string) => paginate(path, { ...kept, list }, 1, 1).items[0]?.href
    return {
      path,
      list: asked.list,
      decisions: shown.rows.map(withTypeName),
      total: shown.total,
      overdue: shown.overdue,
      otherTotal: other.total,
      links: { current: link(''), backlog: link('backlog') },
      limitDays: context.policy.recording.limitDays,
      wasSetAside: asked['set-aside'] !== undefined,
      pagination: paginate(path, { ...kept, list: backlog ? 'backlog' : '' }, asked.page, shown.total, size),
    }
  }

  app.get('/unrecorded', async (request, reply) => {
    const asked = query.parse(request.query)
    return reply.view('pages/unrecorded.njk', {
      title: 'Unrecorded decisions',
      nav: 'unrecorded',
      office: asked.office,
      offices: await listOffices(prisma),
      groupId: asked.group,
      groupName: (await groupNames(prisma, [asked.group])).get(asked.group ?? ''),
      ...(await listing('/unrecorded', asked, { groupId: asked.group, officeId: asked.office })),
    })
  })

  app.get('/groups/:id/unrecorded', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const asked = query.parse(request.query)
    const path = `/groups/${group.id}/unrecorded`
    return reply.view('pages/group-unrecorded.njk', {
      ...(await groupFrame(context, group, 'unrecorded')),
      title: `Unrecorded decisions – ${group.name}`,
      inGroup: true,
      ...(await listing(path, { ...asked, group: undefined, office: undefined }, { groupId: group.id })),
    })
  })

  async function setAsideView(params: unknown) {
    const found = await unrecordedDecision(
      prisma,
      signalParams.parse(params).signal,
      context.now(),
      context.policy,
    )
    const group = found ? await groupById(prisma, found.groupId) : undefined
    if (!found || !group || found.signal.kind !== 'decision')
      throw notFound('There is no such unrecorded decision.')
    return {
      title: 'Set aside: not a decision',
      nav: 'unrecorded',
      group,
      zone: zoneOf(group, context),
      decision: withTypeName(found),
      state: found.state,
      actors: await actorsOf(prisma, group),
    }
  }

  app.get('/unrecorded/:signal/set-aside', async (request, reply) =>
    reply.view('pages/set-aside.njk', await setAsideView(request.params)),
  )

  app.post('/unrecorded/:signal/set-aside', async (request, reply) => {
    const view = await setAsideView(request.params)
    const by = oneOf(bodyOf(request.body), 'by')
    if (!view.actors.some((actor) => actor.id === by))
      return reply.code(422).view('pages/set-aside.njk', {
        ...view,
        hasErrors: true,
        by,
        problem: 'Choose who sets this aside',
      })
    if (view.state === 'open') await context.setAside(view.decision.signalId, by)
    return reply.redirect(`/groups/${view.group.id}/unrecorded?set-aside=done`, 303)
  })
}

function withTypeName<T extends UnrecordedDecision>(decision: T) {
  const names: Readonly<Record<string, string>> = decisionTypeNames
  return { ...decision, typeName: decision.decisionType ? names[decision.decisionType] : undefined }
}
