import { RemembrancerError } from '../../src/errors.js'
import type {
  Capabilities,
  ChatPlatform,
  OutgoingPost,
  PlatformHost,
  PostReceipt,
  PostTarget,
} from '../../src/platform/index.js'
import { addByBot, setBot } from './acts.js'
import { type Cast, sandboxCast } from './cast.js'
import { pastEnvelope, personRefOf, rosterEnvelope, tenant } from './events.js'
import { createPages } from './pages.js'
import { directRoomOf } from './state.js'
import { createPlayer, type PlayOptions, type StoryPlayer } from './story-player.js'
import { openWorld, type World } from './world.js'

const capabilities: Capabilities = {
  reportsRemovalActor: true,
  reportsJoinActor: true,
  ephemeralMessages: true,
  updatesPosts: true,
  recognisesOwnPosts: true,
  addsMembers: true,
  joinsPublicGroups: true,
  history: true,
  commandsInThreads: true,
  maxFormChoices: 100,
}

/** The sandbox as the composition root sees it: a chat platform that can also tell its story. */
export interface SandboxPlatform extends ChatPlatform {
  /** Plays the scripted week from where it stands; resolves when it is over or paused. */
  playStory(options?: PlayOptions): Promise<void>
  /** The open world, for pages and tests. Throws before `start`. */
  world(): World
  /** The player of the story, for pages and tests. Throws before `start`. */
  player(): StoryPlayer
}

/**
 * Creates the sandbox: a chat in the browser with a fictional department, behind the same port as Slack and Teams.
 * Its log lies in the host's data folder.
 * @param options `cast` other than the Department for Rivers and Coasts
 */
export function createSandboxPlatform(options: { readonly cast?: Cast } = {}): SandboxPlatform {
  const cast = options.cast ?? sandboxCast
  let opened: { readonly world: World; readonly player: StoryPlayer } | undefined
  const open = () => {
    if (!opened) throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'The sandbox is not open.')
    return opened
  }
  const world = () => open().world
  const pages = createPages({ world, player: () => open().player })

  function roomOfTarget(target: PostTarget): string {
    if (target.kind !== 'person') return target.conversation
    return directRoomOf(target.person)
  }

  async function post(_tenant: string, { outboxId, target, card }: OutgoingPost): Promise<PostReceipt> {
    const room = world().room(roomOfTarget(target))
    if (!room.botPresent) throw new RemembrancerError('PLATFORM_REFUSED', `The bot is not in ${room.id}.`)
    if (target.kind === 'ephemeral' && !room.members.has(target.person))
      throw new RemembrancerError('PLATFORM_REFUSED', `That person is not in ${room.id}.`)
    const thread = target.kind === 'person' ? undefined : target.thread
    const id = world().newId('p')
    await world().write({
      type: 'post',
      at: world().now(),
      id,
      room: room.id,
      card,
      outboxId,
      ...(thread !== undefined && { thread }),
      ...(target.kind === 'ephemeral' && { onlyFor: target.person }),
    })
    return { conversation: room.id, message: id }
  }

  return {
    name: 'sandbox',
    capabilities,
    rateLimits: { perConversationMs: 0, overallMs: 0 },
    tenants: () => [tenant],
    world,
    player: () => open().player,
    pages: pages.adapterPages,
    playStory: (how) => open().player.play(how),

    async start(host: PlatformHost) {
      const opening = await openWorld(cast, host)
      opened = { world: opening, player: createPlayer(opening) }
      pages.follow(opening, opened.player)
    },
    async stop() {
      if (!opened) return
      const { world: closing, player } = opened
      opened = undefined
      await player.pause()
      pages.endStreams()
      await closing.close()
    },

    post,
    async update(_tenant, receipt, card) {
      const item = world().room(receipt.conversation).byId.get(receipt.message)
      if (item?.kind !== 'post')
        throw new RemembrancerError(
          'PLATFORM_NOT_FOUND',
          `There is no post ${receipt.message} in the sandbox.`,
        )
      const { conversation: room, message: id } = receipt
      await world().write({ type: 'post-update', at: world().now(), room, id, card })
    },
    async findPost(_tenant, target, outboxId, since) {
      const room = roomOfTarget(target)
      const found = world()
        .state.posts.get(outboxId)
        ?.find((candidate) => candidate.room === room && candidate.at >= since.toISOString())
      return found && { conversation: found.room, message: found.id }
    },
    async roster(_tenant, conversation) {
      const { state, host } = world()
      return rosterEnvelope(state, world().room(conversation), host.now())
    },
    async *history(_tenant, conversation, after, before) {
      const room = world().room(conversation)
      const [from, to] = [after.toISOString(), before.toISOString()]
      for (const item of [...room.items])
        if (item.kind === 'message' && !item.deleted && item.at >= from && item.at <= to)
          yield pastEnvelope(world().state, room, item)
    },
    async *conversations() {
      for (const { id, name, visibility, botPresent, direct } of [...world().state.rooms.values()])
        if (direct === undefined) yield { id, name, visibility, botPresent }
    },
    async joinGroup(_tenant, conversation) {
      if (world().room(conversation).visibility === 'private')
        throw new RemembrancerError(
          'PLATFORM_REFUSED',
          `${conversation} is private: a member has to add the bot.`,
        )
      await setBot(world(), conversation, true)
    },
    addMember: (_tenant, conversation, person) => addByBot(world(), conversation, person),
    async permalink(_tenant, conversation, message) {
      const { host } = world()
      return `${host.publicUrl}/sandbox/go/${encodeURIComponent(conversation)}/${encodeURIComponent(message)}`
    },
    async person(_tenant, id) {
      return world().state.people.has(id) ? personRefOf(world().state, id) : undefined
    },
    async doctor() {
      const { state, undelivered } = world()
      const waiting = undelivered()
      return [
        {
          check: 'sandbox',
          ok: waiting === 0,
          detail: `${state.rooms.size - state.people.size} groups, ${state.people.size} people, ${waiting} events not yet taken`,
          ...(waiting > 0 && {
            fix: 'Look in the log for why the inbox refuses; events are offered again by themselves.',
          }),
        },
      ]
    },
  }
}
