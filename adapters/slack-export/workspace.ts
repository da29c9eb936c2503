import type { PersonRef } from '../../src/platform/index.js'
import type { ExportedChannel, ExportedMessage, ExportedUser } from './payloads.js'
import type { Names } from './text.js'

/** A conversation that is imported, with the folder its days lie in. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly folder: string
  readonly visibility: 'public' | 'private'
  readonly shared: boolean
  readonly archived: boolean
  readonly createdAt: string | undefined
  readonly creator: string | undefined
  /** Complete list at the time of the export; undefined when the export does not give it. */
  readonly members: readonly string[] | undefined
}

/** Who and what the lists of an export name. */
export class Workspace implements Names {
  readonly tenant: string
  readonly #users: ReadonlyMap<string, ExportedUser>
  readonly #channels = new Map<string, string>()
  readonly #seen = new Set<string>()

  constructor(users: readonly ExportedUser[]) {
    this.#users = new Map(users.map((user) => [user.id, user]))
    this.tenant = commonTeam(users) ?? 'local-export'
  }

  /** Remembers the name of a conversation, for mentions. */
  nameChannel(id: string, name: string): void {
    this.#channels.set(id, name)
  }

  channel(id: string): string | undefined {
    return this.#channels.get(id)
  }

  person(id: string): string | undefined {
    const user = this.#users.get(id)
    return user === undefined ? undefined : nameOf(user)
  }

  /** Someone by account, with what `users.json` says of them. */
  ref(id: string): PersonRef {
    this.#seen.add(id)
    const user = this.#users.get(id)
    if (user === undefined) return { id }
    const name = nameOf(user)
    const { email, title } = user.profile ?? {}
    return {
      id,
      ...(name === undefined ? {} : { name: name.slice(0, 400) }),
      ...(email ? { email: email.slice(0, 400) } : {}),
      ...(title ? { title: title.slice(0, 400) } : {}),
      external: isExternal(user, this.tenant),
      bot: user.is_bot === true || id === 'USLACKBOT',
      active: user.deleted !== true,
    }
  }

  /** Who wrote a message: an account, or a program that has none. */
  author(message: ExportedMessage): PersonRef {
    if (message.user && (this.#users.has(message.user) || !message.bot_id))
      return this.#stranger(message.user, message)
    const id = message.bot_id ?? message.username ?? 'unknown'
    const name = message.username ?? message.bot_profile?.name
    this.#seen.add(id)
    return { id: id.slice(0, 500), ...(name ? { name: name.slice(0, 400) } : {}), bot: true }
  }

  get people(): number {
    return this.#seen.size
  }

  /** People of other organisations are not in `users.json`; their messages carry a little about them. */
  #stranger(id: string, message: ExportedMessage): PersonRef {
    const known = this.ref(id)
    if (this.#users.has(id)) return known
    const name = message.user_profile?.real_name ?? message.user_profile?.display_name
    const foreign =
      message.user_team !== undefined && message.user_team !== null && message.user_team !== this.tenant
    return { ...known, ...(name ? { name: name.slice(0, 400) } : {}), ...(foreign ? { external: true } : {}) }
  }
}

/** The conversation of a list entry. */
export function channelOf(
  raw: ExportedChannel,
  kind: 'channel' | 'group' | 'mpim',
  workspace: Workspace,
): Channel {
  const created = Number(raw.created ?? 0)
  const folder = raw.name ?? raw.id
  return {
    id: raw.id,
    name: (kind === 'mpim' ? namesOf(raw.members ?? [], workspace) : folder).slice(0, 400),
    folder,
    visibility: kind === 'channel' ? 'public' : 'private',
    shared: raw.is_ext_shared === true,
    archived: raw.is_archived === true,
    createdAt: created > 0 && created < 1e11 ? new Date(created * 1000).toISOString() : undefined,
    creator: raw.creator || undefined,
    // Slack empties the list of an archived channel: that is no account of who left.
    members: raw.is_archived === true || !raw.members?.length ? undefined : raw.members,
  }
}

function namesOf(members: readonly string[], workspace: Workspace): string {
  const names = members.map((id) => workspace.person(id) ?? id)
  return names.length === 0 ? 'Group conversation' : names.join(', ')
}

function nameOf(user: ExportedUser): string | undefined {
  const { profile } = user
  return (
    [profile?.real_name, user.real_name, profile?.display_name, user.name].find((name) => name) ?? undefined
  )
}

function isExternal(user: ExportedUser, tenant: string): boolean {
  const guest = user.is_restricted === true || user.is_ultra_restricted === true || user.is_stranger === true
  return guest || (tenant !== 'local-export' && !!user.team_id && user.team_id !== tenant)
}

/** The team most accounts belong to: people shared in from elsewhere carry another. */
function commonTeam(users: readonly ExportedUser[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { team_id: team } of users) if (team) counts.set(team, (counts.get(team) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
}
