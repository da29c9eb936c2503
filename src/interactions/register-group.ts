import { enqueuePost } from '../delivery/index.js'
import { RemembrancerError } from '../errors.js'
import {
  administratorsOf,
  arrivalCard,
  type GroupRow,
  groupById,
  register,
  registrationValues,
} from '../groups/index.js'
import { membersAt } from '../membership/index.js'
import type { FormValues, InteractionReply } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { type InteractionWorld, say } from './context.js'

/** Members may register a group; once it is registered, its administrators may change that. */
export async function mayRegister(
  tx: Tx,
  group: GroupRow,
  personId: string,
): Promise<InteractionReply | undefined> {
  const members = await membersAt(tx, group.id)
  const administrators = await administratorsOf(tx, group.id)
  if (administrators.includes(personId)) return undefined
  if (!members.some((member) => member.id === personId))
    return say('Only members can do this', `You are not a member of ${group.name}.`)
  return administrators.length === 0
    ? undefined
    : say(
        'Only administrators can change this',
        'Ask an administrator of the group to change its registration.',
      )
}

/**
 * Registers a group from a form, and says in the group what is recorded from now on.
 * @returns errors by field when something is wrong; nothing is changed then
 */
export async function submitRegistration(
  tx: Tx,
  world: Pick<InteractionWorld, 'policy'>,
  group: GroupRow,
  values: FormValues,
  personId: string,
  now: Date,
): Promise<{ errors?: Record<string, string> }> {
  const parsed = registrationValues.safeParse(values)
  if (!parsed.success) {
    const errors: Record<string, string> = {}
    for (const issue of parsed.error.issues) errors[String(issue.path[0])] ??= issue.message
    return { errors }
  }
  if (new Date(parsed.data.reviewDate) <= now)
    return { errors: { reviewDate: 'Review date must be in the future' } }
  try {
    await register(tx, group, parsed.data, personId, world.policy, now)
  } catch (error) {
    if (error instanceof RemembrancerError && error.code === 'FORM_INVALID')
      return { errors: { privateOffice: error.message } }
    throw error
  }
  const registered = await groupById(tx, group.id)
  if (registered && group.registration === null && !registered.registration?.dryRun)
    await enqueuePost(tx, {
      key: `arrival:${group.id}:registered`,
      platform: group.platform,
      tenant: group.tenant,
      target: { kind: 'group', conversation: group.externalId },
      card: arrivalCard(registered, world.policy),
      purpose: 'induction',
      at: now,
    })
  return {}
}
