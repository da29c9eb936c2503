/**
 * The pages: what officials, private offices and operators see in a browser. Owns no data; reads through the rooms
 * and acts through the verbs of {@link WebContext}. No script is needed for anything.
 */
import fastifyFormbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import { registerAssets } from './assets.js'
import type { WebContext } from './context.js'
import { registerGuard } from './guard.js'
import { registerDecisions } from './pages/decisions.js'
import { registerDigests } from './pages/digests.js'
import { registerGroups } from './pages/groups.js'
import { registerMembership } from './pages/membership.js'
import { registerOperations } from './pages/operations.js'
import { registerPeople } from './pages/people.js'
import { registerRecord } from './pages/record.js'
import { registerRegistration } from './pages/registration.js'
import { registerUnrecorded } from './pages/unrecorded.js'
import { registerProblems } from './problems.js'
import { createTemplates, registerTemplates } from './templates.js'

export type { LedgerSummary, RecordOutcome, WebContext } from './context.js'
export { readStatus, type StatusReport } from './status.js'

/** Bytes a posted form may have; the longest record form is a tenth of it. */
const bodyLimit = 256 * 1024

/** The program's pages with those its adapters add, ready to listen on loopback. */
export async function createWeb(context: WebContext): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit, routerOptions: { maxParamLength: 200 } })
  registerGuard(app)
  registerTemplates(
    app,
    createTemplates(
      context.adapterPages.map((pages) => pages.views),
      {
        timeZone: context.policy.digest.timeZone,
        hide: context.kind === 'sandbox' ? [] : ['sandbox'],
        globals: { kind: context.kind },
      },
    ),
  )
  registerProblems(app, context.log)
  await app.register(fastifyFormbody, { bodyLimit })
  await registerAssets(app)
  app.get('/healthz', async () => ({ status: 'ok' }))
  registerGroups(app, context)
  registerRegistration(app, context)
  registerMembership(app, context)
  registerUnrecorded(app, context)
  registerRecord(app, context)
  registerDecisions(app, context)
  registerDigests(app, context)
  registerPeople(app, context)
  registerOperations(app, context)
  for (const pages of context.adapterPages) await pages.register(app)
  return app
}
