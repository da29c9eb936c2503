import type { PersonRef } from '../../src/platform/index.js'
import type { EventCallback, SlackUser } from './payloads.js'

/** Who we are in a workspace, from `auth.test`. */
export interface Identity {
  readonly tenant: string
  readonly enterprise?: string
  readonly botUserId: string
  readonly botId?: string
  readonly appId?: string
  /** Base address of the workspace, for permalinks. */
  readonly workspaceUrl?: string
}

/**
 * The workspace an event belongs to: the one that installed us, which in a Slack Connect channel is not always the
 * one that sent the message. An installation on a whole Enterprise organisation names no team there: then the
 * context's team, then the organisation.
 */
export function tenantOf(body: EventCallback): string | undefined {
  const installed = body.authorizations?.[0]
  return (
    firstOf(installed?.team_id, body.context_team_id, body.team_id) ??
    firstOf(installed?.enterprise_id, body.context_enterprise_id, body.enterprise_id)
  )
}

function firstOf(...ids: (string | null | undefined)[]): string | undefined {
  return ids.find((id): id is string => typeof id === 'string' && id !== '')
}

/** A Slack user as the port knows people. Guests, strangers and other organisations' members are external. */
export function personOf(user: SlackUser, tenant: string, enterprise?: string): PersonRef {
  const profile = user.profile
  const name = firstOf(profile?.real_name, user.real_name, profile?.display_name, user.name)
  const email = firstOf(profile?.email)
  const title = firstOf(profile?.title)
  return {
    id: user.id,
    ...(name !== undefined ? { name: name.slice(0, 400) } : {}),
    ...(email !== undefined ? { email: email.slice(0, 400) } : {}),
    ...(title !== undefined ? { title: title.slice(0, 400) } : {}),
    external: isExternal(user, tenant, enterprise),
    bot: user.is_bot === true || user.id === 'USLACKBOT',
    active: user.deleted !== true,
  }
}

function isExternal(user: SlackUser, tenant: string, enterprise: string | undefined): boolean {
  if (user.is_restricted === true || user.is_ultra_restricted === true || user.is_stranger === true)
    return true
  return isForeignTeam(user.team_id, tenant, enterprise, user.enterprise_user?.enterprise_id)
}

/** True when a team id is neither this workspace nor its Enterprise organisation. */
export function isForeignTeam(
  team: string | null | undefined,
  tenant: string,
  enterprise: string | undefined,
  teamsEnterprise?: string | null,
): boolean {
  if (typeof team !== 'string' || team === '' || team === tenant) return false
  if (enterprise === undefined) return true
  return team !== enterprise && teamsEnterprise !== enterprise
}
