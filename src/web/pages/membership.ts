import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { administratorsOf } from '../../groups/index.js'
import { byWhom, howWeKnow, membersAt, membershipCsv, membershipLog } from '../../membership/index.js'
import type { WebContext } from '../context.js'
import { pageNumber, pageSize, paginate } from '../paging.js'
import { gapsOfGroup } from '../status.js'
import { formatInstant } from '../templates.js'
import { instantOf, type TypedInstant, typedInstant } from '../when.js'
import { groupFrame } from './groups.js'
import { groupOf, zoneOf } from './shared.js'

const box = z.string().max(40).catch('').default('')
const query = z.object({
  page: pageNumber,
  'at-day': z.string().max(40).optional().catch(undefined),
  'at-month': box,
  'at-year': box,
  'at-time': box,
})

/** The membership log of a group, who was in it at an instant, and the same log as a file. */
export function registerMembership(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  app.get('/groups/:id/membership', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const zone = zoneOf(group, context)
    const asked = query.parse(request.query)
    const typed = typedOf(asked) ?? typedInstant(context.now(), zone)
    const problem = typedOf(asked) ? problemWith(typed, zone, context.now()) : undefined
    const at = typedOf(asked) && !problem ? instantOf(typed, zone) : undefined
    const log = (await membershipLog(prisma, group.id)).reverse()
    const shown = log.slice((asked.page - 1) * pageSize, asked.page * pageSize)
    const view = {
      ...(await groupFrame(context, group, 'membership')),
      title: `Membership – ${group.name}`,
      hasErrors: problem !== undefined,
      members: await membersAt(prisma, group.id),
      administrators: await administratorsOf(prisma, group.id),
      typed,
      problem,
      at,
      membersThen: at ? await membersAt(prisma, group.id, at) : undefined,
      firstKnown: log.at(-1)?.at,
      log: shown.map((line) => ({
        ...line,
        byWhom: sentence(byWhom(line)),
        howWeKnow: sentence(howWeKnow(line, (instant) => formatInstant(instant, 'dateTime', zone))),
      })),
      gaps: await gapsOfGroup(prisma, group),
      pagination: paginate(`/groups/${group.id}/membership`, {}, asked.page, log.length),
    }
    return reply.code(problem ? 422 : 200).view('pages/group-membership.njk', view)
  })

  app.get('/groups/:id/membership.csv', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const name = group.name.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'group'
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="membership-${name.slice(0, 60)}.csv"`)
      .send(membershipCsv(await membershipLog(prisma, group.id)))
  })
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function typedOf(asked: z.infer<typeof query>): TypedInstant | undefined {
  const day = asked['at-day']
  if (day === undefined) return undefined
  return { day, month: asked['at-month'], year: asked['at-year'], time: asked['at-time'] }
}

function problemWith(typed: TypedInstant, zone: string, now: Date): string | undefined {
  const at = instantOf(typed, zone)
  if (!at) return 'Enter a real date and time, like 23 11 2026 and 14:30'
  return at > now ? 'The date and time must be in the past' : undefined
}
