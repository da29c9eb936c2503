import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const require = createRequire(import.meta.url)
const packageFolder = (name: string) => path.dirname(require.resolve(`${name}/package.json`))
const govuk = () => path.join(packageFolder('govuk-frontend'), 'dist')
const moj = () => packageFolder('@ministryofjustice/frontend')

/** Folders in which templates find the components of GOV.UK Frontend and MOJ Frontend. */
export function frontendFolders(): readonly string[] {
  return [govuk(), moj()]
}

/**
 * What pages may load: our own files and nothing inline, but for the one line of GOV.UK's template that marks the
 * page as scripted, allowed by its hash (published by GOV.UK Frontend; a test compares it).
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves styles, scripts, fonts and images under `/assets`: ours first, then GOV.UK Frontend's and MOJ Frontend's
 * (whose style sheets expect `/assets/fonts` and `/assets/images`), and their built css and js under
 * `/assets/govuk/` and `/assets/moj/`. Sets the headers that keep pages safe on every answer.
 */
export async function registerAssets(app: FastifyInstance): Promise<void> {
  const own = fileURLToPath(new URL('./assets', import.meta.url))
  const roots = [own, path.join(govuk(), 'govuk/assets'), path.join(moj(), 'moj/assets')]
  const caching = { cacheControl: true, maxAge: 3_600_000, index: false as const, decorateReply: false }
  await app.register(fastifyStatic, { ...caching, root: roots, prefix: '/assets/' })
  const built = (name: string) => /\.min\.(css|js)$/.test(name)
  await app.register(fastifyStatic, {
    ...caching,
    root: path.join(govuk(), 'govuk'),
    prefix: '/assets/govuk/',
    allowedPath: built,
  })
  await app.register(fastifyStatic, {
    ...caching,
    root: path.join(moj(), 'moj'),
    prefix: '/assets/moj/',
    allowedPath: built,
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', contentSecurityPolicy)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'same-origin')
    reply.header('x-frame-options', 'DENY')
  })
}
