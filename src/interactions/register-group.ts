import { enqueuePost } from '../delivery/index.js'
import { RemembrancerError } from '../errors.js'
import {
  administratorsOf,
  arrivalCard,
  findGroup,
  type GroupRow,
  groupById,
  register,
  registrationValues,
} from '../groups/index.js'
import { membersAt } from '../membership/index.js'
import type { FormValues, Interaction, InteractionReply, PlatformName } from '../platform/index.js'
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
      return {
        errors: { [error.message.includes('person') ? 'administrators' : 'privateOffice']: error.message },
      }
    throw error
  }
  const registered = await groupById(tx, group.id)
  // Where the bot is not yet, it says so when it comes. A group that leaves its dry run has not been told either.
  const announced = group.registration !== null && !group.registration.dryRun
  if (registered?.botPresent && !announced && !registered.registration?.dryRun)
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

const meetMs = 1_500

/**
 * Begins to know a group somebody wants to register and the bot has never been in, where the platform shows its
 * members all the same (a public channel). Whoever asks is answered in seconds, so this gives up soon.
 */
export async function meetGroup(world: InteractionWorld, interaction: Interaction): Promise<void> {
  const { platform: name, tenant, conversation } = interaction
  if (interaction.kind !== 'command' || interaction.command !== 'register-group' || !conversation) return
  const platform = world.platform(name)
  if (!platform?.capabilities.joinsPublicGroups) return
  const address = { platform: name, tenant, externalId: conversation }
  const known = async (): Promise<boolean> => {
    const group = await findGroup(world.database.prisma, address)
    const where = { groupId: group?.id ?? '' }
    return group !== undefined && (await world.database.prisma.membership.count({ where, take: 1 })) > 0
  }
  if (await known()) return
  const until = Date.now() + meetMs
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, meetMs, undefined).unref())
  const roster = await Promise.race([platform.roster(tenant, conversation).catch(() => undefined), late])
  if (!roster) return
  await world.accept([roster])
  while (Date.now() < until && !(await known())) await new Promise((resolve) => setTimeout(resolve, 25))
}

/** A registered group the bot is not in: it joins by itself where the platform lets it. */
export async function joinOnceRegistered(
  world: Pick<InteractionWorld, 'database' | 'platform'>,
  groupId: string,
): Promise<'present' | 'joined' | 'not-invited'> {
  const group = await world.database.prisma.group.findUnique({
    where: { id: groupId },
    include: { registration: true },
  })
  if (!group?.registration || group.botPresent) return 'present'
  const platform = world.platform(group.platform as PlatformName)
  if (group.visibility === 'private' || !platform?.capabilities.joinsPublicGroups) return 'not-invited'
  await platform.joinGroup(group.tenant, group.externalId)
  return 'joined'
}
