import path from 'node:path'
import { RemembrancerError } from '../../src/errors.js'
import type { PlatformHost } from '../../src/platform/index.js'
import type { Cast } from './cast.js'
import { createDelivery } from './delivery.js'
import { envelopeOf, unreadableEnvelope } from './events.js'
import { openLog } from './log.js'
import type { LogRecord } from './records.js'
import { applyRecord, emptyState, type Room, type State } from './state.js'

/** Hears of every line once it is on disk and in the state. */
export type Listener = (record: LogRecord, line: number) => void

/** The sandbox while it is open: its state, its log, and the way to the inbox. */
export interface World {
  readonly cast: Cast
  readonly host: PlatformHost
  readonly state: State
  /**
   * Writes one line. Its event, if it makes one, is on its way to the inbox but not waited for: the core may be the
   * caller, in the middle of a transaction the inbox has to wait for.
   */
  write(record: LogRecord): Promise<number>
  /** Writes one line and waits until its event has been offered to the inbox (what is not taken is tried again later). */
  tell(record: LogRecord): Promise<number>
  /** The program's time, as the log writes it. */
  now(): string
  /** A new id for a message or post, unique in this sandbox. */
  newId(prefix: 'm' | 'p'): string
  subscribe(listener: Listener): () => void
  /** Events the inbox has not taken yet. */
  undelivered(): number
  /** Tries to hand over what waits. */
  deliver(): Promise<void>
  /** The room, or PLATFORM_NOT_FOUND. */
  room(id: string): Room
  close(): Promise<void>
}

/**
 * Opens the sandbox kept in the host's data folder, or begins it with the cast's rooms. Whatever the inbox had not
 * taken when the program last stopped is delivered again.
 */
export async function openWorld(cast: Cast, host: PlatformHost): Promise<World> {
  const state = emptyState(cast)
  const listeners = new Set<Listener>()
  let lastLine = 0
  let ids = 0

  const delivery = createDelivery({
    accept: (envelopes) => host.accept(envelopes),
    accepted: (through) => {
      // Not awaited: should the marker be lost in a crash, the inbox knows the events by their keys.
      log.append({ type: 'accepted', at: host.now().toISOString(), through }).catch((error: unknown) => {
        host.log.warn({ error: String(error) }, 'The sandbox could not note what was delivered')
      })
    },
    log: host.log,
  })
  const take = (record: LogRecord, line: number) => {
    applyRecord(state, record, line)
    lastLine = line
    const envelope = envelopeOf(state, record, line)
    if (envelope) delivery.enqueue(line, envelope)
    for (const listener of listeners) listener(record, line)
  }
  const log = await openLog(path.join(host.dataDir, 'sandbox.jsonl'), take)

  const accepted = Math.max(
    0,
    ...log.found.map((row) => ('record' in row && row.record.type === 'accepted' ? row.record.through : 0)),
  )
  for (const row of log.found) {
    lastLine = row.line
    if ('record' in row) applyRecord(state, row.record, row.line)
    if (row.line <= accepted) continue
    const envelope =
      'record' in row ? envelopeOf(state, row.record, row.line) : unreadableEnvelope(row.raw, row.unreadable)
    if (envelope) delivery.enqueue(row.line, envelope)
  }

  const world: World = {
    cast,
    host,
    state,
    async write(record) {
      const line = await log.append(record)
      if (delivery.waiting() > 0) void delivery.attempt()
      return line
    },
    async tell(record) {
      const line = await log.append(record)
      await delivery.attempt()
      return line
    },
    now: () => host.now().toISOString(),
    newId(prefix) {
      ids += 1
      return `${prefix}${lastLine + 1}-${ids.toString(36)}${Date.now().toString(36)}`
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    undelivered: () => delivery.waiting(),
    deliver: () => delivery.attempt(),
    room(id) {
      const room = state.rooms.get(id)
      if (!room)
        throw new RemembrancerError('PLATFORM_NOT_FOUND', `There is no conversation ${id} in the sandbox.`)
      return room
    },
    async close() {
      await delivery.stop()
      listeners.clear()
      await log.close()
    },
  }
  // A clock moved in an earlier run stays moved: the sandbox's past must not lie in its future.
  const moved = new Date(Date.now() + state.clockAheadMs)
  if (state.clockAheadMs > 0 && moved > host.now()) await host.setClock?.(moved)
  await begin(world)
  return world
}

/** Adds the cast's rooms that the log does not have yet. */
async function begin(world: World): Promise<void> {
  for (const room of world.cast.rooms) {
    if (world.state.rooms.has(room.id)) continue
    const { id, name, topic, visibility, owners, members, botPresent } = room
    await world.write({
      type: 'room',
      at: world.now(),
      room: id,
      name,
      topic,
      visibility,
      owners: [...owners],
      members: [...members],
      bot: botPresent,
    })
  }
  await world.deliver()
}
