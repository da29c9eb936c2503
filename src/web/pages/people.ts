import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type LineProblem, listDirectory, loadDirectory, parseDirectory } from '../../stakeholders/index.js'
import type { WebContext } from '../context.js'
import { pageNumber, pageSize, paginate, searchWords } from '../paging.js'

const count = z.coerce.number().int().min(0).optional().catch(undefined)
const query = z.object({ search: searchWords, page: pageNumber, loaded: count, retired: count })

/** A directory of 50,000 people fits. */
const uploadLimit = 16 * 1024 * 1024

/** Who is responsible for what, and loading it from a file. */
export function registerPeople(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  app.get('/people', async (request, reply) => {
    const { search, page, loaded, retired } = query.parse(request.query)
    const { rows, total } = await listDirectory(prisma, { search, page, size: pageSize })
    return reply.view('pages/people.njk', {
      title: 'People and remits',
      nav: 'people',
      search,
      people: rows,
      total,
      loaded,
      retired,
      pagination: paginate('/people', { search }, page, total),
    })
  })

  const uploadView = { title: 'Load a directory', nav: 'people' }
  app.get('/people/upload', (_request, reply) => reply.view('pages/people-upload.njk', uploadView))

  // A scope of its own: only this page takes files, and only this page takes so much.
  app.register(async (scope) => {
    scope.addContentTypeParser(
      'multipart/form-data',
      { parseAs: 'buffer', bodyLimit: uploadLimit },
      (_request, body, done) => done(null, body),
    )
    scope.post('/people/upload', { bodyLimit: uploadLimit }, async (request, reply) => {
      const { text, whole } = await readUpload(request.body, request.headers['content-type'])
      const problems: readonly LineProblem[] | undefined =
        text === undefined
          ? undefined
          : text === null
            ? [{ line: 1, problem: 'The file is not text in UTF-8: save it as “CSV UTF-8”' }]
            : parseDirectory(text).problems
      if (text === undefined || problems)
        return reply.code(422).view('pages/people-upload.njk', {
          ...uploadView,
          hasErrors: true,
          whole,
          problem: text === undefined ? 'Choose a CSV file' : 'The file was not loaded: correct these lines',
          problems,
        })
      const rows = (text === null ? undefined : parseDirectory(text).rows) ?? []
      const result = await context.database.transaction((tx) => loadDirectory(tx, rows, { whole }))
      return reply.redirect(`/people?loaded=${result.loaded}&retired=${result.retired}`, 303)
    })
  })
}

/** The uploaded file as text: undefined when none was chosen, null when it is not UTF-8. */
async function readUpload(
  body: unknown,
  contentType: string | undefined,
): Promise<{ text: string | null | undefined; whole: boolean }> {
  if (!Buffer.isBuffer(body)) return { text: undefined, whole: false }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType ?? '' } })
    .formData()
    .catch(() => undefined)
  const file = form?.get('file')
  const whole = form?.get('whole') === 'yes'
  if (!file || typeof file === 'string' || file.size === 0) return { text: undefined, whole }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()), whole }
  } catch {
    return { text: null, whole }
  }
}
