import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RemembrancerError } from '../../src/errors.js'
import { createRoom } from './acts.js'
import { daysAfter, nextMonday } from './clock.js'
import type { PageContext } from './pages.js'
import { wantsJson } from './routes-guard.js'
import { type ClockMove, clockBody, groupBody, personParams, storyBody } from './schema.js'
import { hrefOf } from './view-address.js'

const nine = 9 * 60

/** New groups, the story and the clock. */
export function registerControls(app: FastifyInstance, context: PageContext): void {
  const { world, player, fragments } = context

  app.post('/sandbox/as/:person/groups', async (request, reply) => {
    const { person } = personParams.parse(request.params)
    if (!world().state.people.has(person))
      throw new RemembrancerError('PLATFORM_NOT_FOUND', 'Nobody of that name is in this department.')
    const { name, visibility } = groupBody.parse(request.body)
    const room = await createRoom(world(), person, name, visibility === 'public')
    const location = hrefOf(person, room)
    return wantsJson(request) ? reply.send({ ok: true, location }) : reply.redirect(location, 303)
  })

  app.post('/sandbox/story', async (request, reply) => {
    const { action, speed } = storyBody.parse(request.body)
    if (action === 'pause') await player().pause()
    else if (action === 'speed' && speed) player().setSpeed(speed)
    else
      player()
        .play(speed ? { speed } : {})
        .catch((error: unknown) => world().host.log.error({ error: String(error) }, 'The story broke off'))
    return answered(request, reply)
  })

  app.post('/sandbox/clock', async (request, reply) => {
    const { to } = clockBody.parse(request.body)
    const { host } = world()
    if (!host.setClock)
      throw new RemembrancerError('PLATFORM_REFUSED', 'The clock of this program cannot be moved.')
    await player().pause()
    const at = target(host.now(), to)
    await host.setClock(at)
    await world().write({ type: 'clock', at: at.toISOString(), aheadMs: at.getTime() - Date.now() })
    return answered(request, reply)
  })

  function answered(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (wantsJson(request)) return reply.send({ ok: true, status: fragments().status() })
    return reply.redirect(backOf(request), 303)
  }
}

function target(now: Date, to: ClockMove): Date {
  switch (to) {
    case 'hour':
      return new Date(now.getTime() + 3_600_000)
    case 'tomorrow':
      return daysAfter(now, 1, nine)
    case 'monday':
      return nextMonday(now, nine)
    case 'limit':
      return daysAfter(now, 20, nine)
  }
}

/** The sandbox page the request came from. */
function backOf(request: FastifyRequest): string {
  try {
    const { pathname, search } = new URL(request.headers.referer ?? '')
    return pathname.startsWith('/sandbox/') ? pathname + search : '/sandbox'
  } catch {
    return '/sandbox'
  }
}
