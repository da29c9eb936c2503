import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ZodError } from 'zod'
import { type ErrorCode, isRemembrancerError, RemembrancerError } from '../errors.js'
import type { Logger } from '../platform/index.js'

const statuses: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  NOT_ALLOWED: 403,
  FORM_INVALID: 422,
  GROUP_NOT_REGISTERED: 409,
  PLATFORM_NOT_FOUND: 409,
  PLATFORM_REFUSED: 409,
  PLATFORM_UNAVAILABLE: 503,
}

/**
 * Pages for what goes wrong. A foreseeable failure says what happened and what to do; anything else shows an id under
 * which the log tells the operator more, and nothing of the program's inside.
 */
export function registerProblems(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).view('pages/not-found.njk', { title: 'Page not found' }),
  )
  app.setErrorHandler((error, request, reply) => {
    if (reply.raw.headersSent) return reply
    const known = explain(error)
    if (known?.status === 404)
      return reply.code(404).view('pages/not-found.njk', { title: 'Page not found', what: known.what })
    if (known) return reply.code(known.status).view('pages/refused.njk', { ...known })
    const id = randomBytes(4).toString('hex')
    log.error({ id, route: request.routeOptions.url, ...describe(error) }, 'A page failed')
    return reply.code(500).view('pages/failed.njk', { title: 'Something went wrong', id })
  })
}

/** The error of a page that is not there. */
export function notFound(what: string): RemembrancerError {
  return new RemembrancerError('NOT_FOUND', what)
}

interface Explained {
  readonly status: number
  readonly title: string
  readonly what: string
  readonly fix?: string
  readonly code?: string
}

function explain(error: unknown): Explained | undefined {
  if (error instanceof ZodError) return { status: 404, title: 'Page not found', what: '' }
  if (isRemembrancerError(error)) {
    const status = statuses[error.code]
    return status === undefined
      ? undefined
      : { status, title: 'That did not work', what: error.message, fix: error.fix, code: error.code }
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  if (status === 413)
    return { status, title: 'That is too large', what: 'What was sent is larger than this page takes.' }
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, title: 'That cannot be read', what: 'What was sent is not a form of this page.' }
  return undefined
}

/**
 * For the log: kind and place of an unforeseen error. Its message may quote data, so it is left out, but for a
 * template's, which names the template and what is undefined there.
 */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = (error as { code?: unknown }).code
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.name === 'Template render error' ? { template: error.message.slice(0, 300) } : {}),
    at: frames.slice(0, 4),
  }
}
