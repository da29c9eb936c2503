import { fileURLToPath } from 'node:url'
import fastifyFormbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { AdapterPages } from '../../src/platform/index.js'
import { registerActs } from './routes-acts.js'
import { registerControls } from './routes-controls.js'
import { refuseForeign, registerProblems } from './routes-guard.js'
import { registerRooms, statusView } from './routes-rooms.js'
import type { StoryPlayer } from './story-player.js'
import { createStreams, type Fragments, type Streams } from './streams.js'
import { groupsView, membersView } from './view.js'
import { formView } from './view-card.js'
import type { World } from './world.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Renders a view as text; the program's page frame provides it. */
    render(name: string, data?: Readonly<Record<string, unknown>>): string
  }
  interface FastifyReply {
    /** Renders a view as an HTML page; the program's page frame provides it. */
    view(name: string, data?: Readonly<Record<string, unknown>>): FastifyReply
  }
}

/** What the routes share. */
export interface PageContext {
  readonly world: () => World
  readonly player: () => StoryPlayer
  readonly streams: Streams
  readonly fragments: () => Fragments
}

/** The sandbox's pages under `/sandbox`. */
export function createPages(source: { readonly world: () => World; readonly player: () => StoryPlayer }): {
  readonly adapterPages: AdapterPages
  /** Listens to a sandbox just opened. */
  follow(world: World, player: StoryPlayer): void
  /** Ends live updates, so that the program can stop. */
  endStreams(): void
} {
  const { world, player } = source
  let render: FastifyInstance['render'] = () => ''
  const fragments: Fragments = {
    item: (item) => render('sandbox/part-item.njk', { item }),
    groups: (person, room) => render('sandbox/part-groups.njk', { list: groupsView(world(), person, room) }),
    members(person, room) {
      return render('sandbox/part-members.njk', { panel: membersView(world(), world().room(room), person) })
    },
    form(person, room) {
      const open = world().state.forms.get(person)
      return open?.room === room
        ? render('sandbox/part-form.njk', { form: formView(world(), person, open) })
        : ''
    },
    status: () => render('sandbox/part-status.njk', { status: statusView(world(), player()) }),
  }
  const streams = createStreams(world, () => fragments)
  const context: PageContext = { world, player, streams, fragments: () => fragments }

  async function register(app: FastifyInstance): Promise<void> {
    render = (name, data) => app.render(name, data)
    await app.register(async (scope) => {
      if (!scope.hasContentTypeParser('application/x-www-form-urlencoded'))
        await scope.register(fastifyFormbody)
      await scope.register(fastifyStatic, {
        root: fileURLToPath(new URL('./static', import.meta.url)),
        prefix: '/sandbox/static/',
        decorateReply: false,
        index: false,
      })
      scope.addHook('onRequest', refuseForeign)
      scope.addHook('preClose', async () => streams.end())
      registerProblems(scope, context)
      registerRooms(scope, context)
      registerActs(scope, context)
      registerControls(scope, context)
    })
  }

  return {
    adapterPages: { views: fileURLToPath(new URL('./views', import.meta.url)), register },
    follow(opened, playing) {
      opened.subscribe((record) => streams.changed(record))
      playing.onChange(() => streams.statusChanged())
    },
    endStreams: () => streams.end(),
  }
}
