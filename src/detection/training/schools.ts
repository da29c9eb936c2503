/** A family of corpora that share a voice and a notion of what is plain. Each trains a scorer of its own. */
export interface School {
  readonly name: string
  readonly weight: number
  teaches(group: string): boolean
}

const named = (names: string): ReadonlySet<string> =>
  new Set(['government', ...names.split(' ').map((name) => `corpus/${name}`)])
const rooms = named('rooms days cabinet')
const officesSchool = named('government hard office ministry services cabinet weighing steers passing')
/** What came later and in bulk: in one pot with the traps it would drown them. */
const late = new Set([...named('rooms days cabinet ministry services minuted')].slice(1))

/** Corpora of offices at their business, and of teams that build and run software. */
export const offices: ReadonlySet<string> = named('government hard office ministry services cabinet')
export const technical = /^corpus\/(irc|ops|workplace|dialogue|rooms|days)$/

/**
 * The decision head is the weighted mean of what the schools say. Mixed into one, the corpus that sets most traps taught
 * that a plain "sounds good" is worth nothing, and the one with the most of them taught that it is worth everything;
 * their mean is wrong less often than either at the same number of nudges. The government chats teach every school.
 */
export const schools: readonly School[] = [
  { name: 'traps', weight: 0.3, teaches: (group) => !late.has(group) },
  { name: 'rooms', weight: 0.3, teaches: (group) => rooms.has(group) },
  { name: 'offices', weight: 0.4, teaches: (group) => officesSchool.has(group) },
]
