import type { Policy } from '../config/index.js'
import type { FormSettings } from '../decisions/index.js'
import { findGroup, type GroupRow } from '../groups/index.js'
import { resolvePeople } from '../people/index.js'
import type {
  Capabilities,
  Card,
  ChatPlatform,
  Envelope,
  Interaction,
  InteractionReply,
  PlatformName,
} from '../platform/index.js'
import type { Database, Tx } from '../storage/index.js'

/** What answering interactions needs to know of the world. */
export interface InteractionWorld {
  readonly database: Database
  readonly policy: Policy
  readonly publicUrl: string
  now(): Date
  platform(name: PlatformName): ChatPlatform | undefined
  /** Rings the outbox after a commit. */
  wake(): void
  /** Takes in what was learnt of a group; resolves once it is committed to the inbox. */
  accept(envelopes: readonly Envelope[]): Promise<void>
}

/** One interaction being answered, inside its transaction. */
export interface Asked<I extends Interaction = Interaction> {
  readonly tx: Tx
  readonly world: InteractionWorld
  readonly interaction: I
  /** The person who asks. */
  readonly personId: string
  readonly now: Date
}

/** An interaction of one kind. */
export type InteractionOf<K extends Interaction['kind']> = Extract<Interaction, { kind: K }>

/** The person who interacts, found or made. */
export async function personBehind(tx: Tx, interaction: Interaction): Promise<string> {
  const people = await resolvePeople(tx, interaction, [{ ref: interaction.person, at: interaction.at }])
  const id = people.get(interaction.person.id)
  if (id === undefined) throw new Error('interaction without a person')
  return id
}

/** The group an interaction happened in, if we know it. */
export async function groupOf(tx: Tx, interaction: Interaction): Promise<GroupRow | undefined> {
  if (interaction.conversation === undefined) return undefined
  return await findGroup(tx, {
    platform: interaction.platform,
    tenant: interaction.tenant,
    externalId: interaction.conversation,
  })
}

/** Form limits of the platform an interaction came from, in the time zone of the group's private office. */
export function formSettings(
  world: InteractionWorld,
  platform: PlatformName,
  group: GroupRow | undefined,
): FormSettings {
  const capabilities: Capabilities | undefined = world.platform(platform)?.capabilities
  return {
    timeZone: group?.registration?.privateOffice.timeZone ?? world.policy.digest.timeZone,
    maxChoices: capabilities?.maxFormChoices ?? 50,
  }
}

/** A private answer of one or more sentences. */
export function say(heading: string, ...text: string[]): InteractionReply {
  return { kind: 'card', card: note(heading, ...text) }
}

/** A card of one or more sentences. */
export function note(heading: string, ...text: string[]): Card {
  return { heading, summary: [heading, ...text].join('. ').slice(0, 200), text }
}

/** What people typed, without NUL characters and halves of surrogate pairs: PostgreSQL can store neither. */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD') as T
  if (Array.isArray(value)) return value.map(storable) as T
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]),
  ) as T
}
