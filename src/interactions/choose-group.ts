import { z } from 'zod'
import { groupById } from '../groups/index.js'
import { asTyped, type InteractionReply } from '../platform/index.js'
import { type Asked, type InteractionOf, say } from './context.js'
import { openRecordForm } from './record-decision.js'

/** Id of the form that asks which group a decision was taken in. */
export const chooseGroupForm = 'choose-group'

const mostGroups = 100

/** Recording from anywhere (a global shortcut, a chat with the bot alone): asks for the group first, if there are several. */
export async function recordFromAnywhere(asked: Asked, text: string): Promise<InteractionReply> {
  const groups = await ownGroups(asked)
  const [only] = groups
  if (!only)
    return say(
      'You are in no official group yet',
      `Decisions are recorded for registered groups you are a member of. Use this in such a group, or register one: ${asTyped(asked.interaction.platform, 'register-group')}.`,
    )
  if (groups.length === 1) return await openIn(asked, only.id, text)
  return {
    kind: 'form',
    form: {
      id: chooseGroupForm,
      state: `text:${text.slice(0, 400)}`,
      title: 'Record a decision',
      submitLabel: 'Continue',
      fields: [
        {
          type: 'select',
          name: 'group',
          label: 'Group the decision belongs to',
          hint: 'Registered groups you are in',
          required: true,
          choices: groups.map((group) => ({ value: group.id, label: group.name })),
        },
      ],
    },
  }
}

/** Answers the chosen group with the record form for it. */
export async function submitChosenGroup(
  asked: Asked<InteractionOf<'form-submit'>>,
): Promise<InteractionReply> {
  const id = z.uuid().safeParse(asked.interaction.values.group)
  const text = asked.interaction.state.replace(/^text:/, '')
  if (id.success) return await openIn(asked, id.data, text)
  const again = await recordFromAnywhere(asked, text)
  return again.kind === 'form'
    ? { kind: 'errors', form: again.form, errors: { group: 'Choose the group the decision belongs to' } }
    : again
}

async function openIn(asked: Asked, groupId: string, text: string): Promise<InteractionReply> {
  const group = await groupById(asked.tx, groupId)
  if (!group) return say('Nothing to do', 'There is no such group.')
  return await openRecordForm(asked, group, text.trim() === '' ? {} : { text })
}

/** Registered groups of this platform the person is in or administers, by name. */
async function ownGroups({ tx, interaction, personId }: Asked): Promise<{ id: string; name: string }[]> {
  const stays = await tx.membership.findMany({ where: { personId, until: null }, select: { groupId: true } })
  const own = await tx.groupAdministrator.findMany({ where: { personId }, select: { groupId: true } })
  return await tx.group.findMany({
    where: {
      id: { in: [...stays, ...own].map((row) => row.groupId) },
      platform: interaction.platform,
      tenant: interaction.tenant,
      archived: false,
      registration: { isNot: null },
    },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
    take: mostGroups,
  })
}
