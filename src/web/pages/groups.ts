import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { countUnrecorded, deadlineOf, feedbackCounts } from '../../decisions/index.js'
import {
  administratorsOf,
  type GroupRow,
  listGroups,
  listOffices,
  memberCounts,
  whoSeesTheRecord,
} from '../../groups/index.js'
import { membersAt } from '../../membership/index.js'
import { listNudges } from '../../nudges/index.js'
import { peopleById, shownName } from '../../people/index.js'
import { listSuggestions } from '../../stakeholders/index.js'
import type { WebContext } from '../context.js'
import { optionalId, pageNumber, pageSize, paginate, searchWords } from '../paging.js'
import { groupOf, zoneOf } from './shared.js'

const listQuery = z.object({ search: searchWords, office: optionalId, page: pageNumber })
const pageQuery = z.object({ page: pageNumber })

/** The list of official groups, and of each its overview, suggestions and nudges. */
export function registerGroups(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  const list = async (request: FastifyRequest, reply: FastifyReply) => {
    const { search, office, page } = listQuery.parse(request.query)
    const { rows, total } = await listGroups(prisma, { search, officeId: office, page, size: pageSize })
    const now = context.now()
    return reply.view('pages/groups.njk', {
      title: 'Official groups',
      nav: 'groups',
      search,
      office,
      offices: await listOffices(prisma),
      total,
      tagged: rows.some((row) => row.unrecorded > 0),
      groups: rows.map((row) => ({
        ...row,
        oldest: row.oldestUnrecorded ? deadlineOf(row.oldestUnrecorded, now, context.policy) : undefined,
      })),
      pagination: paginate('/groups', { search, office }, page, total),
    })
  }
  app.get('/', list)
  app.get('/groups', list)

  app.get('/groups/:id', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const administrators = await peopleById(prisma, await administratorsOf(prisma, group.id))
    const officer = group.registration?.recordsOfficerId
    const people = await peopleById(prisma, [officer, group.registration?.registeredById])
    const external = (await membersAt(prisma, group.id)).filter((member) => member.external)
    return reply.view('pages/group-overview.njk', {
      ...(await groupFrame(context, group, 'overview')),
      title: group.name,
      whoSees: whoSeesTheRecord(group.registration),
      administrators: [...administrators.values()].map((person) => shownName(person)).sort(),
      recordsOfficer: shownName(people.get(officer ?? ''), null),
      registeredBy: shownName(people.get(group.registration?.registeredById ?? ''), null),
      members: (await memberCounts(prisma, [group.id])).get(group.id) ?? 0,
      external: external.map((member) => member.fullName),
      reviewDue: group.registration ? group.registration.reviewDate <= context.now() : false,
      targetDays: context.policy.recording.targetDays,
      limitDays: context.policy.recording.limitDays,
      justRegistered: (request.query as { registered?: unknown }).registered === 'now',
    })
  })

  app.get('/groups/:id/suggestions', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const { page } = pageQuery.parse(request.query)
    const { rows, total } = await listSuggestions(prisma, group.id, { page, size: pageSize })
    return reply.view('pages/group-suggestions.njk', {
      ...(await groupFrame(context, group, 'suggestions')),
      title: `Suggestions – ${group.name}`,
      suggestions: rows,
      pagination: paginate(`/groups/${group.id}/suggestions`, {}, page, total),
    })
  })

  app.get('/groups/:id/nudges', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const { page } = pageQuery.parse(request.query)
    const { rows, total, offChannel } = await listNudges(prisma, group.id, { page, size: pageSize })
    return reply.view('pages/group-nudges.njk', {
      ...(await groupFrame(context, group, 'nudges')),
      title: `Nudges – ${group.name}`,
      nudges: rows,
      offChannel,
      feedback: await feedbackCounts(prisma, group.id),
      pagination: paginate(`/groups/${group.id}/nudges`, {}, page, total),
    })
  })
}

/** Which page of a group is shown. */
export type GroupSection =
  | 'overview'
  | 'unrecorded'
  | 'decisions'
  | 'membership'
  | 'suggestions'
  | 'nudges'
  | 'none'

/** What every page of a group shows around its content. */
export async function groupFrame(context: WebContext, group: GroupRow, section: GroupSection) {
  const open = await countUnrecorded(context.database.prisma, { groupId: group.id, backlog: false })
  const places: [GroupSection, string, string][] = [
    ['overview', 'Overview', ''],
    ['unrecorded', open > 0 ? `Unrecorded decisions (${open})` : 'Unrecorded decisions', '/unrecorded'],
    ['decisions', 'Decisions', '/decisions'],
    ['membership', 'Membership', '/membership'],
    ['suggestions', 'Suggestions', '/suggestions'],
    ['nudges', 'Nudges', '/nudges'],
  ]
  return {
    nav: 'groups',
    group,
    zone: zoneOf(group, context),
    section,
    subNavigation: places.map(([key, text, path]) => ({
      text,
      href: `/groups/${group.id}${path}`,
      active: key === section,
    })),
  }
}
