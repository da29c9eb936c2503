import type { FastifyInstance } from 'fastify'
import type { WebContext } from '../context.js'

/** The ledger's page, and the status for operators. */
export function registerOperations(app: FastifyInstance, context: WebContext): void {
  app.get('/ledger', async (_request, reply) => {
    const { entries, checkpoint } = await context.ledger.summary()
    return reply.view('pages/ledger.njk', {
      title: 'Ledger',
      nav: 'ledger',
      entries,
      checkpoint,
      fingerprint: checkpoint ? fingerprint(checkpoint.hash) : undefined,
    })
  })

  app.get('/status', async (_request, reply) =>
    reply.view('pages/status.njk', {
      title: 'Status',
      now: context.now(),
      status: await context.status(),
    }),
  )
}

/** The first 16 characters of a hash in groups of four: short enough to write down and compare by eye. */
function fingerprint(hash: string): string {
  return (
    hash
      .slice(0, 16)
      .match(/.{1,4}/g)
      ?.join(' ') ?? hash
  )
}
