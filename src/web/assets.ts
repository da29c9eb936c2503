import { readFileSync } from 'node:fs'
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
 * Serves styles, scripts and images under `/assets`: ours first, then GOV.UK Frontend's and MOJ Frontend's
 * (whose style sheets expect `/assets/images`), and their built css and js under
 * `/assets/govuk/` and `/assets/moj/`. Sets the headers that keep pages safe on every answer.
 */
export async function registerAssets(app: FastifyInstance): Promise<void> {
  const own = fileURLToPath(new URL('./assets', import.meta.url))
  const roots = [own, path.join(govuk(), 'govuk/assets'), path.join(moj(), 'moj/assets')]
  const caching = { cacheControl: true, maxAge: 3_600_000, index: false as const, decorateReply: false }
  const licensed = (name: string) => !name.startsWith('/fonts/')
  await app.register(fastifyStatic, { ...caching, root: roots, prefix: '/assets/', allowedPath: licensed })
  const built = (name: string) => /\.min\.(css|js)$/.test(name)
  serveStyle(app, '/assets/govuk/govuk-frontend.min.css', path.join(govuk(), 'govuk/govuk-frontend.min.css'))
  serveStyle(app, '/assets/moj/moj-frontend.min.css', path.join(moj(), 'moj/moj-frontend.min.css'))
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

/**
 * Serves a package's style sheet without GDS Transport: that font is licensed for services on gov.uk alone, and this
 * program may be hosted by anyone. GOV.UK's own fallback, Arial, is what people read.
 */
function serveStyle(app: FastifyInstance, url: string, file: string): void {
  const css = readFileSync(file, 'utf8')
    .replaceAll(/@font-face\{[^}]*\}/g, '')
    .replaceAll(/["']?GDS Transport["']?,\s*/g, '')
  app.get(url, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').type('text/css; charset=utf-8').send(css),
  )
}
