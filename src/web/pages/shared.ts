import { z } from 'zod'
import { administratorsOf, type GroupRow, groupById } from '../../groups/index.js'
import { membersAt } from '../../membership/index.js'
import { peopleById, shownName } from '../../people/index.js'
import type { Tx } from '../../storage/index.js'
import type { WebContext } from '../context.js'
import type { PostedBody } from '../form-view.js'
import { notFound } from '../problems.js'

/** Parameters of a page about one group. */
export const groupParams = z.object({ id: z.uuid() })

/** The group of a page, or the page is not there. */
export async function groupOf(tx: Tx, params: unknown): Promise<GroupRow> {
  const group = await groupById(tx, groupParams.parse(params).id)
  if (!group) throw notFound('There is no such group.')
  return group
}

/** Zone in which a group's pages show and take times: its private office's. */
export function zoneOf(group: GroupRow, context: Pick<WebContext, 'policy'>): string {
  return group.registration?.privateOffice.timeZone ?? context.policy.digest.timeZone
}

const postedBody = z.record(z.string(), z.union([z.string(), z.array(z.string()).max(500)]))

/** A posted form: strings only, whatever was sent. */
export function bodyOf(body: unknown): PostedBody {
  return postedBody.parse(body ?? {})
}

/** One value of a posted form; empty when absent. */
export function oneOf(body: PostedBody, name: string): string {
  const given = body[name]
  return typeof given === 'string' ? given : (given?.[0] ?? '')
}

/** A person who may be named as acting: until sign-in exists, pages ask who is at the keyboard. */
export interface Actor {
  readonly id: string
  /** As shown: with the mark of who belongs elsewhere. */
  readonly name: string
  readonly title: string | null
}

/** Who may act for a group: its members, administrators and records officer. */
export async function actorsOf(tx: Tx, group: GroupRow): Promise<Actor[]> {
  const members = await membersAt(tx, group.id)
  const others = [...(await administratorsOf(tx, group.id)), group.registration?.recordsOfficerId]
  const people = await peopleById(tx, others)
  const all = new Map([...people, ...members.map((member) => [member.id, member] as const)])
  return [...all.values()]
    .map((person) => ({ id: person.id, name: shownName(person), title: person.title }))
    .sort((a, b) => a.name.localeCompare(b.name))
}
