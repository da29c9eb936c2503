import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  countedAtMost,
  decisionTypeNames,
  listRecords,
  parseLocalInput,
  recordByReference,
} from '../../decisions/index.js'
import { groupById, groupNames } from '../../groups/index.js'
import type { WebContext } from '../context.js'
import { optionalId, pageNumber, pageSize, paginate, searchWords } from '../paging.js'
import { notFound } from '../problems.js'
import { groupFrame } from './groups.js'
import { groupOf, zoneOf } from './shared.js'

const types = Object.keys(decisionTypeNames) as (keyof typeof decisionTypeNames)[]
const day = z.iso.date().optional().catch(undefined)
const query = z.object({
  search: searchWords,
  type: z
    .enum(types as [(typeof types)[number], ...typeof types])
    .optional()
    .catch(undefined),
  group: optionalId,
  from: day,
  to: day,
  page: pageNumber,
})
const referenceParams = z.object({ reference: z.string().regex(/^[A-Z]{2,6}-\d{4}-\d{5,9}$/) })
const placeNames: Readonly<Record<string, string>> = {
  call: 'On a call',
  meeting: 'In a meeting',
  corridor: 'In conversation',
  whatsapp: 'In another chat app',
  email: 'By email',
  other: 'Elsewhere',
}

/** The register of decisions, and each record. */
export function registerDecisions(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database
  const home = context.policy.digest.timeZone

  async function listing(path: string, asked: z.infer<typeof query>, zone: string) {
    const { rows, total } = await listRecords(prisma, {
      search: asked.search,
      type: asked.type,
      groupId: asked.group,
      from: asked.from ? parseLocalInput(`${asked.from}T00:00`, zone) : undefined,
      to: asked.to ? dayAfter(asked.to, zone) : undefined,
      page: asked.page,
      size: pageSize,
    })
    const { page, group, ...filters } = asked
    const kept = { ...filters, ...(path === '/decisions' ? { group } : {}) }
    return {
      path,
      asked,
      filtered: Object.values(kept).some((value) => value !== undefined && value !== ''),
      types: types.map((value) => ({ value, text: decisionTypeNames[value] })),
      decisions: rows.map((row) => ({ ...row, typeName: typeName(row.decisionType) })),
      total,
      many: total >= countedAtMost,
      pagination: paginate(path, kept, page, total),
    }
  }

  app.get('/decisions', async (request, reply) => {
    const asked = query.parse(request.query)
    return reply.view('pages/decisions.njk', {
      title: 'Decisions',
      nav: 'decisions',
      zone: home,
      groupName: (await groupNames(prisma, [asked.group])).get(asked.group ?? ''),
      ...(await listing('/decisions', asked, home)),
    })
  })

  app.get('/groups/:id/decisions', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const asked = { ...query.parse(request.query), group: group.id }
    return reply.view('pages/group-decisions.njk', {
      ...(await groupFrame(context, group, 'decisions')),
      title: `Decisions – ${group.name}`,
      inGroup: true,
      ...(await listing(`/groups/${group.id}/decisions`, asked, zoneOf(group, context))),
    })
  })

  app.get('/decisions/:reference', async (request, reply) => {
    const { reference } = referenceParams.parse(request.params)
    const record = await recordByReference(prisma, reference)
    if (!record) throw notFound(`There is no decision record ${reference}.`)
    const group = record.groupId ? await groupById(prisma, record.groupId) : undefined
    const versions = record.versions.map((version) => ({
      ...version,
      typeName: typeName(version.decisionType),
      place: version.takenElsewhere
        ? (placeNames[version.takenElsewhere] ?? 'Elsewhere')
        : 'In the group chat',
    }))
    return reply.view('pages/decision.njk', {
      title: `${reference}`,
      nav: 'decisions',
      zone: group ? zoneOf(group, context) : home,
      record: {
        ...record,
        evidence: record.evidence.map((item) => ({ ...item, link: safeLink(item.permalink) })),
      },
      versions,
      newest: versions[0],
      justRecorded: (request.query as { recorded?: unknown }).recorded === 'now',
    })
  })
}

/** A link of a platform, if it is one a browser may follow. */
function safeLink(link: string | null): string | undefined {
  return link !== null && URL.canParse(link) && /^(https?|slack|msteams):$/.test(new URL(link).protocol)
    ? link
    : undefined
}

function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = decisionTypeNames
  return names[type] ?? 'Other'
}

function dayAfter(date: string, zone: string): Date | undefined {
  const next = new Date(Date.parse(`${date}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  return parseLocalInput(`${next}T00:00`, zone)
}
