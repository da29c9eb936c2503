import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Guards every route, whoever adds it. Pages listen on loopback until sign-in exists, so a request under any other
 * name is a site that had its own name point here (DNS rebinding); and a change must come from our own pages.
 */
export function registerGuard(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopbackHost(request.headers.host))
      return refuse(reply, 421, 'These pages answer only under the name localhost.')
    if (isForeign(request))
      return refuse(reply, 403, 'This request came from another site and was refused. Nothing was changed.')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    reply.header('x-content-type-options', 'nosniff')
    reply.header('cross-origin-opener-policy', 'same-origin')
  })
}

/** Whether a Host header names this machine itself. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)?.[1]
  return name !== undefined && loopbackNames.has(name.toLowerCase())
}

/** Whether another site made a browser send this. Browsers say where a change comes from; programs say nothing. */
export function isForeign(request: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const { origin, host } = request.headers
  if (origin === undefined) return false
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return true
  // Through a URL, so that a port written out though it is the usual one makes no difference.
  return new URL(origin).host !== new URL(`http://${host}`).host
}

function refuse(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(sentence)
}
