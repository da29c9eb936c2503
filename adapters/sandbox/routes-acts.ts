import type { FastifyInstance } from 'fastify'
import { RemembrancerError } from '../../src/errors.js'
import { edit, join, leave, remove, removeMember, say, setBot } from './acts.js'
import { readCommand } from './commands.js'
import { cancel, change, command, messageAction, press, submit } from './interactions.js'
import type { PageContext } from './pages.js'
import { done } from './routes-guard.js'
import { editBody, formBody, membersBody, messageBody, placeParams, pressBody, sayBody } from './schema.js'
import { hrefOf } from './view-address.js'

/** What people do in a room: write, change, use the bot, add and remove. */
export function registerActs(app: FastifyInstance, context: PageContext): void {
  const { world } = context
  const at = '/sandbox/as/:person/:room'

  app.post(`${at}/say`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const { text, thread } = sayBody.parse(request.body)
    const back = hrefOf(person, room, thread === undefined ? '' : `?thread=${encodeURIComponent(thread)}`)
    const read = readCommand(text)
    if (read.kind === 'unknown')
      throw new RemembrancerError(
        'PLATFORM_REFUSED',
        `There is no command ${read.typed}. Try /remembrancer help.`,
      )
    if (read.kind === 'command') {
      const setting = thread === undefined ? { person, room } : { person, room, thread }
      await command(world(), setting, read.name, read.text)
      return done(context, request, reply, { person, room }, back)
    }
    const message = await say(world(), room, person, text, thread)
    return done(context, request, reply, { person, room }, back, { message })
  })

  app.post(`${at}/edit`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const { message, text } = editBody.parse(request.body)
    await edit(world(), room, message, person, text)
    const location = hrefOf(person, room, `#item-${message}`)
    return done(context, request, reply, { person, room }, location, { location })
  })

  app.post(`${at}/delete`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    await remove(world(), room, messageBody.parse(request.body).message, person)
    return done(context, request, reply, { person, room }, hrefOf(person, room))
  })

  app.post(`${at}/record`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    await messageAction(world(), { person, room }, messageBody.parse(request.body).message)
    return done(context, request, reply, { person, room }, hrefOf(person, room))
  })

  app.post(`${at}/press`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const { post, place } = pressBody.parse(request.body)
    await press(world(), { person, room }, post, place)
    return done(context, request, reply, { person, room }, hrefOf(person, room, `#item-${post}`))
  })

  app.post(`${at}/form`, { bodyLimit: 2_000_000 }, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const { open, action, values } = formBody.parse(request.body)
    if (action === 'cancel') await cancel(world(), person)
    else if (action.startsWith('change:')) await change(world(), person, open, values, action.slice(7))
    else await submit(world(), person, open, values)
    return done(context, request, reply, { person, room }, hrefOf(person, room))
  })

  app.post(`${at}/members`, async (request, reply) => {
    const { person, room } = placeParams.parse(request.params)
    const body = membersBody.parse(request.body)
    switch (body.action) {
      case 'add':
        await join(world(), room, body.person, person)
        break
      case 'remove':
        await removeMember(world(), room, body.person, person)
        break
      case 'join':
        await join(world(), room, person, person)
        break
      case 'leave':
        await leave(world(), room, person)
        break
      case 'add-bot':
        await setBot(world(), room, true, person)
        break
      case 'remove-bot':
        await setBot(world(), room, false, person)
    }
    const stays = body.action === 'add' || body.action === 'remove'
    const location = stays ? hrefOf(person, room, '?panel=members') : hrefOf(person, room)
    return done(context, request, reply, { person, room }, location, stays ? {} : { location })
  })
}
