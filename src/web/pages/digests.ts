import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { daysLeftInWords, digestById, listDigests } from '../../digests/index.js'
import { listOffices } from '../../groups/index.js'
import type { WebContext } from '../context.js'
import { optionalId, pageNumber, pageSize, paginate } from '../paging.js'
import { notFound } from '../problems.js'
import { bodyOf, oneOf } from './shared.js'

const listQuery = z.object({ office: optionalId, page: pageNumber })
const digestParams = z.object({ id: z.uuid() })

/** Weekly digests as they were posted, and sending one now. */
export function registerDigests(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  async function listView(query: unknown) {
    const { office, page } = listQuery.parse(query)
    const { rows, total } = await listDigests(prisma, { officeId: office, page, size: pageSize })
    return {
      title: 'Digests',
      nav: 'digests',
      offices: await listOffices(prisma),
      office,
      digests: rows,
      pagination: paginate('/digests', { office }, page, total),
    }
  }

  app.get('/digests', async (request, reply) =>
    reply.view('pages/digests.njk', await listView(request.query)),
  )

  app.post('/digests', async (request, reply) => {
    const view = await listView({})
    const officeId = oneOf(bodyOf(request.body), 'office')
    if (!view.offices.some((office) => office.id === officeId))
      return reply
        .code(422)
        .view('pages/digests.njk', { ...view, hasErrors: true, problem: 'Choose a private office' })
    const id = await context.sendDigestNow(officeId, undefined)
    return reply.redirect(`/digests/${id}?sent=now`, 303)
  })

  app.get('/digests/:id', async (request, reply) => {
    const digest = await digestById(prisma, digestParams.parse(request.params).id)
    if (!digest) throw notFound('There is no such digest.')
    const { content } = digest
    return reply.view('pages/digest.njk', {
      title: content ? `Digest: ${content.office}` : 'Digest',
      nav: 'digests',
      digest,
      zone: content?.timeZone,
      unrecorded: content?.unrecorded.map((decision) => ({
        ...decision,
        left: daysLeftInWords(decision.daysLeft),
        since: digest.since.get(decision.signalId),
      })),
      quiet:
        content !== undefined &&
        content.unrecordedTotal + content.recordedTotal + content.membershipTotal + content.gaps.length === 0,
      justSent: (request.query as { sent?: unknown }).sent === 'now',
    })
  })
}
