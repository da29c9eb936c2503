import { isRemembrancerError } from '../../src/errors.js'
import { edit, join, leave, remove, removeMember, say } from './acts.js'
import { daysAfter, nextMonday } from './clock.js'
import { type StoryStep, story } from './story.js'
import type { World } from './world.js'

/** How fast the story goes: pauses between lines are divided by this; `instant` has none. */
export const storySpeeds = { slow: 0.4, normal: 1, fast: 4, instant: Number.POSITIVE_INFINITY } as const
export type StorySpeed = keyof typeof storySpeeds

export interface PlayOptions {
  readonly speed?: StorySpeed
  /** Waits after every step until the program has done all it does about it, so that each play ends alike. */
  readonly stepwise?: boolean
}

/** Where the story stands. */
export interface StoryProgress {
  readonly done: number
  readonly total: number
  readonly playing: boolean
  readonly speed: StorySpeed
}

/** Plays the scripted week in the sandbox, moving the program's clock along with it. */
export interface StoryPlayer {
  /** Plays on from where the story stands; while it plays, only changes the speed. Resolves at the end or a pause. */
  play(options?: PlayOptions): Promise<void>
  /** Stops after the line being said. */
  pause(): Promise<void>
  setSpeed(speed: StorySpeed): void
  progress(): StoryProgress
  /** Ids of the messages said so far, by their keys in the screenplay. */
  messageIds(): Readonly<Record<string, string>>
  /** Hears when progress changes. */
  onChange(listener: () => void): () => void
}

const settleAfterMinutes = 10
/** A clock this far past a step means the visitor moved it: the rest of the story then plays in a later week. */
const lateMs = 12 * 3_600_000

/** Creates the player of an open world; the story goes on where an earlier run left it. */
export function createPlayer(world: World, steps: readonly StoryStep[] = story): StoryPlayer {
  const listeners = new Set<() => void>()
  let speed: StorySpeed = 'normal'
  let playing: Promise<void> | undefined
  let stepwise = false
  let stopping = false
  let wake: (() => void) | undefined
  const done = () => world.state.story?.done ?? 0
  const keys = () => world.state.story?.keys ?? {}
  let start = world.state.story ? new Date(world.state.story.start) : undefined
  const changed = () => {
    for (const listener of listeners) listener()
  }

  async function pass(ms: number): Promise<void> {
    if (ms <= 0 || stopping) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = undefined
  }

  /** Moves the clock to a step's time, never backwards; a step long past moves the rest by whole weeks. */
  async function moveClock(step: StoryStep): Promise<void> {
    const now = world.host.now()
    start ??= nextMonday(now, 0)
    while (daysAfter(start, step.day, step.minute).getTime() < now.getTime() - lateMs)
      start = daysAfter(start, 7, 0)
    const at = daysAfter(start, step.day, step.minute)
    if (at <= now || !world.host.setClock) return
    await world.host.setClock(at)
    await world.write({ type: 'clock', at: at.toISOString(), aheadMs: at.getTime() - Date.now() })
  }

  async function run(): Promise<void> {
    for (let index = done(); index < steps.length && !stopping; index += 1) {
      const step = steps[index]
      if (!step) break
      const before = steps[index - 1]
      const gap = before ? (step.day - before.day) * 1440 + step.minute - before.minute : 0
      if (speed !== 'instant') await pass(Math.min(2600, 700 + gap * 130) / storySpeeds[speed])
      else if (stepwise || gap >= settleAfterMinutes) await world.host.settled?.()
      if (stopping) break
      await moveClock(step)
      const said = await perform(world, step, keys())
      await world.write({
        type: 'story',
        at: world.now(),
        start: (start ?? world.host.now()).toISOString(),
        done: index + 1,
        ...(said !== undefined && { said }),
      })
      changed()
    }
    if (!stopping) await world.host.settled?.()
  }

  return {
    play(options = {}) {
      if (options.speed) speed = options.speed
      stepwise = options.stepwise ?? stepwise
      wake?.()
      if (playing) return playing
      stopping = false
      playing = run().finally(() => {
        playing = undefined
        changed()
      })
      changed()
      return playing
    },
    async pause() {
      stopping = true
      wake?.()
      await playing
      changed()
    },
    setSpeed(to) {
      speed = to
      wake?.()
      changed()
    },
    progress: () => ({
      done: done(),
      total: steps.length,
      playing: playing !== undefined && !stopping,
      speed,
    }),
    messageIds: () => ({ ...keys() }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Does one step. What the visitor has made impossible (the speaker was removed) is passed over. */
async function perform(
  world: World,
  step: StoryStep,
  keys: Readonly<Record<string, string>>,
): Promise<{ key: string; message: string } | undefined> {
  const { room, person } = step
  try {
    switch (step.does) {
      case 'says': {
        const thread = step.thread === undefined ? undefined : keys[step.thread]
        return { key: step.key, message: await say(world, room, person, step.text, thread) }
      }
      case 'edits':
        await edit(world, room, keys[step.key] ?? '', person, step.text)
        break
      case 'deletes':
        await remove(world, room, keys[step.key] ?? '', person)
        break
      case 'adds':
        await join(world, room, step.whom, person)
        break
      case 'removes':
        await removeMember(world, room, step.whom, person)
        break
      case 'joins':
        await join(world, room, person, person)
        break
      case 'leaves':
        await leave(world, room, person)
    }
  } catch (error) {
    if (!isRemembrancerError(error, 'PLATFORM_REFUSED')) throw error
    world.host.log.info({ room, does: step.does }, 'A step of the story was passed over')
  }
  return undefined
}
