import { RemembrancerError } from '../errors.js'
import { type GroupRow, groupById, registrationForm } from '../groups/index.js'
import type { Form, FormValues, Interaction, InteractionReply, Logger } from '../platform/index.js'
import { reopenSuggestion } from '../stakeholders/index.js'
import { type Afterwards, answerButton } from './buttons.js'
import { chooseGroupForm, submitChosenGroup } from './choose-group.js'
import { answerCommand } from './commands.js'
import {
  type Asked,
  groupOf,
  type InteractionOf,
  type InteractionWorld,
  note,
  personBehind,
  say,
  storable,
} from './context.js'
import { answerHome } from './home.js'
import { withAccounts, withPersons } from './people-fields.js'
import { changeRecordForm, openRecordForm, submitRecordForm } from './record-decision.js'
import { joinOnceRegistered, mayRegister, meetGroup, submitRegistration } from './register-group.js'

/**
 * Answers an interaction in one transaction, idempotently on its id: a second delivery gets the first answer and
 * changes nothing. Foreseeable failures become words for the person; unforeseen ones are logged without content and
 * answered with an apology, so that nobody is left waiting.
 */
export async function answerInteraction(
  world: InteractionWorld,
  given: Interaction,
  log: Logger,
): Promise<InteractionReply> {
  const interaction = storable(given)
  const key = `${interaction.platform}|${interaction.tenant}|${interaction.id}`
  try {
    await meetGroup(world, interaction)
    const done = await world.database.transaction(async (tx): Promise<Afterwards> => {
      const now = world.now()
      // Two deliveries at once: the second waits for the first and gets its answer.
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 7236709))::text`
      const held = await tx.answeredInteraction.findUnique({ where: { key } })
      if (held) return { reply: held.reply as unknown as InteractionReply }
      const asked: Asked = { tx, world, interaction, personId: await personBehind(tx, interaction), now }
      const result = await dispatch(asked)
      // Forms and errors are drawn anew each time; what changed something is kept with its answer.
      if (changesState(interaction))
        await tx.answeredInteraction.create({
          data: { key, reply: JSON.parse(JSON.stringify(result.reply)), at: now },
        })
      return result
    })
    world.wake()
    if (done.addMember && !(await addMember(world, interaction, done.addMember)))
      return await takeBack(world, key, done.addMember)
    return (done.registered ? await joinRegistered(world, done.registered) : undefined) ?? done.reply
  } catch (error) {
    if (error instanceof RemembrancerError) return say('That did not work', error.message, error.fix)
    log.error(
      {
        code: 'INTERACTION_FAILED',
        kind: interaction.kind,
        name: error instanceof Error ? error.name : 'unknown',
      },
      'an interaction failed',
    )
    return say(
      'Something went wrong',
      'Nothing was changed. Please try again; if it happens again, tell your administrator.',
    )
  }
}

async function dispatch(asked: Asked): Promise<Afterwards> {
  const { interaction } = asked
  switch (interaction.kind) {
    case 'command':
      return { reply: await answerCommand(asked as Asked<InteractionOf<'command'>>) }
    case 'message-action': {
      const group = await groupOf(asked.tx, interaction)
      return {
        reply: group
          ? await openRecordForm(asked, group, { around: interaction.message })
          : say(
              'Use this in a group',
              'This works on messages of a group chat that Remembrancer is a member of.',
            ),
      }
    }
    case 'button':
      return await answerButton(asked as Asked<InteractionOf<'button'>>)
    case 'form-change':
      return { reply: await change(asked as Asked<InteractionOf<'form-change'>>) }
    case 'form-submit':
      return await submit(asked as Asked<InteractionOf<'form-submit'>>)
    case 'home':
      return { reply: await answerHome(asked as Asked<InteractionOf<'home'>>) }
  }
}

const peopleFields = ['administrators', 'recordsOfficer']

async function change(asked: Asked<InteractionOf<'form-change'>>): Promise<InteractionReply> {
  if (asked.interaction.form === 'record-decision') return await changeRecordForm(asked)
  if (asked.interaction.form !== 'register-group') return closed()
  const group = await groupById(asked.tx, asked.interaction.state)
  if (!group) return closed()
  return { kind: 'form', form: await registration(asked, group, asked.interaction.values) }
}

async function submit(asked: Asked<InteractionOf<'form-submit'>>): Promise<Afterwards> {
  const { tx, interaction, world, now, personId } = asked
  if (interaction.form === 'record-decision') return { reply: await submitRecordForm(asked) }
  if (interaction.form === chooseGroupForm) return { reply: await submitChosenGroup(asked) }
  const group = interaction.form === 'register-group' ? await groupById(tx, interaction.state) : undefined
  if (!group) return { reply: closed() }
  const refusal = await mayRegister(tx, group, personId)
  if (refusal) return { reply: refusal }
  const values = await withPersons(tx, group, interaction.values, peopleFields, now)
  const { errors } = await submitRegistration(tx, world, group, values, personId, now)
  if (errors) {
    const form = await registration(asked, group, interaction.values)
    return { reply: { kind: 'errors', errors, form } }
  }
  const silent = [values.dryRun ?? []].flat().includes('on')
  const told = silent
    ? 'In a dry run nothing is posted: tell the members yourself what is recorded and who can see it.'
    : 'The group is told what is recorded and who can see it.'
  const text = `Messages are kept for the record from now on. ${told}`
  return {
    reply: { kind: 'closed', card: note(`${group.name} is registered`, text) },
    registered: group.id,
  }
}

/** The bot joins a group registered without it, or says that it has to be invited. */
async function joinRegistered(
  world: InteractionWorld,
  groupId: string,
): Promise<InteractionReply | undefined> {
  try {
    if ((await joinOnceRegistered(world, groupId)) !== 'not-invited') return undefined
  } catch {
    // The platform would not let it: to the person it is the same.
  }
  const text = 'I am not in it, and cannot join by myself: invite me there. Nothing is recorded before that.'
  return { kind: 'closed', card: note('Registered, but please invite me', text) }
}

/** The registration form as the platform draws it: people by account. */
async function registration(asked: Asked, group: GroupRow, typed: FormValues): Promise<Form> {
  const values = await withPersons(asked.tx, group, typed, peopleFields, asked.now)
  return await withAccounts(
    asked.tx,
    group,
    await registrationForm(asked.tx, group, asked.world.policy, asked.now, values),
  )
}

function closed(): InteractionReply {
  return say('Nothing to do', 'This form is no longer open.')
}

function changesState(interaction: Interaction): boolean {
  return (
    (interaction.kind === 'form-submit' && interaction.form !== chooseGroupForm) ||
    (interaction.kind === 'command' && interaction.command === 'send-digest') ||
    (interaction.kind === 'button' && !interaction.action.endsWith('.record'))
  )
}

async function addMember(
  world: InteractionWorld,
  interaction: Interaction,
  { tenant, conversation, account }: NonNullable<Afterwards['addMember']>,
): Promise<boolean> {
  const platform = world.platform(interaction.platform)
  if (!platform) return false
  return await platform.addMember(tenant, conversation, account).then(
    () => true,
    () => false,
  )
}

/** Opens the suggestion again; whoever pressed hears so, on a second delivery of the press too. */
async function takeBack(
  world: InteractionWorld,
  key: string,
  { suggestion, by, refused }: NonNullable<Afterwards['addMember']>,
): Promise<InteractionReply> {
  await world.database.transaction(async (tx) => {
    await reopenSuggestion(tx, suggestion, by, world.now())
    await tx.answeredInteraction.updateMany({
      where: { key },
      data: { reply: JSON.parse(JSON.stringify(refused)) },
    })
  })
  world.wake()
  return refused
}
