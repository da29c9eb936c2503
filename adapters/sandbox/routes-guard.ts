import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ZodError } from 'zod'
import { isRemembrancerError } from '../../src/errors.js'
import type { PageContext } from './pages.js'
import { hrefOf } from './view-address.js'

/**
 * Refuses what another site makes a browser send: a form or script on it could otherwise act as the visitor.
 * Browsers always say where such a request comes from; programs that say nothing are not browsers.
 */
export async function refuseForeign(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const site = request.headers['sec-fetch-site']
  const { origin, host } = request.headers
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none'
  const foreignOrigin = origin !== undefined && hostOf(origin) !== host
  if (foreignSite || foreignOrigin)
    await reply.code(403).type('text/plain').send('This request came from another site and was refused.')
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

/** Whether the page's script asks, and wants JSON rather than a page. */
export function wantsJson(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('application/json') ?? false
}

/**
 * After an act: JSON for the page's script (with the open form, so that it shows at once), the page again for a
 * browser without script.
 */
export function done(
  { fragments }: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { person, room }: { readonly person: string; readonly room: string },
  location: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  if (!wantsJson(request)) return reply.redirect(location, 303)
  return reply.send({ ok: true, form: fragments().form(person, room), ...more })
}

/** Says what is wrong in one sentence: as JSON, or on a page of its own that leads back. */
export function registerProblems(app: FastifyInstance, context: PageContext): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, code, problem } = explain(error)
    if (status >= 500)
      context.world().host.log.error({ code, error: String(error) }, 'A page of the sandbox failed')
    reply.code(status)
    if (wantsJson(request)) return reply.send({ ok: false, code, problem })
    const { person = '', room = '' } = (request.params ?? {}) as { person?: string; room?: string }
    const text =
      typeof request.body === 'object' ? (request.body as { text?: unknown } | null)?.text : undefined
    return reply.view('sandbox/problem.njk', {
      title: 'That did not work',
      nav: 'sandbox',
      problem,
      typed: typeof text === 'string' ? text : undefined,
      back: person && room ? hrefOf(person, room) : '/sandbox',
    })
  })
}

function explain(error: unknown): { status: number; code: string; problem: string } {
  if (error instanceof ZodError)
    return { status: 400, code: 'FORM_INVALID', problem: error.issues[0]?.message ?? 'That cannot be read.' }
  if (isRemembrancerError(error)) {
    const status = { PLATFORM_NOT_FOUND: 404, PLATFORM_REFUSED: 409, PLATFORM_UNAVAILABLE: 503 }[
      error.code as string
    ]
    return { status: status ?? 500, code: error.code, problem: error.message }
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  if (typeof status === 'number' && status < 500)
    return { status, code: 'USAGE', problem: (error as Error).message }
  return {
    status: 500,
    code: 'INTERNAL',
    problem: 'Something went wrong in the sandbox. Try again in a moment.',
  }
}
