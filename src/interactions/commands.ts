import { timeInWords } from '../decisions/index.js'
import { postDigestIn } from '../digests/index.js'
import { officeInWords, registrationForm } from '../groups/index.js'
import { byWhom, howWeKnow, isOwnDoing, membersAt, membershipLog } from '../membership/index.js'
import { shownName } from '../people/index.js'
import {
  asTyped,
  type Card,
  type CommandName,
  type InteractionReply,
  type PlatformName,
} from '../platform/index.js'
import { recordFromAnywhere } from './choose-group.js'
import { type Asked, groupOf, type InteractionOf, say } from './context.js'
import { withAccounts } from './people-fields.js'
import { mayRecord, openRecordForm } from './record-decision.js'
import { mayRegister } from './register-group.js'

const shownChanges = 15

/** Answers a typed command. */
export async function answerCommand(asked: Asked<InteractionOf<'command'>>): Promise<InteractionReply> {
  const { tx, interaction, world, now } = asked
  if (interaction.command === 'help') return { kind: 'card', card: helpCard(interaction.platform) }
  const group = await groupOf(tx, interaction)
  if (!group && interaction.command === 'record-decision' && interaction.conversation === undefined)
    return await recordFromAnywhere(asked, interaction.text)
  if (!group && interaction.command === 'register-group' && interaction.conversation !== undefined)
    return say(
      'Please invite me first',
      'I do not know this group yet. Add Remembrancer to it, then register it.',
    )
  if (!group)
    return say('Use this in a group', 'This command works in a group chat that Remembrancer is a member of.')
  switch (interaction.command) {
    case 'record-decision':
      return await openRecordForm(asked, group, {
        ...(interaction.text.trim() === '' ? {} : { text: interaction.text }),
        ...(interaction.thread === undefined ? {} : { around: interaction.thread }),
      })
    case 'register-group': {
      const refusal = await mayRegister(tx, group, asked.personId)
      if (refusal) return refusal
      return {
        kind: 'form',
        form: await withAccounts(tx, group, await registrationForm(tx, group, world.policy, now)),
      }
    }
    case 'membership-log': {
      const log = await membershipLog(tx, group.id)
      const members = await membersAt(tx, group.id)
      if (!members.some((member) => member.id === asked.personId))
        return say('Only members can do this', `You are not a member of ${group.name}.`)
      const newest = log.slice(-shownChanges).reverse()
      const timeZone = group.registration?.privateOffice.timeZone ?? world.policy.digest.timeZone
      const time = (at: Date): string => timeInWords(at, timeZone)
      const present = `${members.length} ${members.length === 1 ? 'member' : 'members'} now`
      return {
        kind: 'card',
        card: {
          heading: `Membership of ${group.name}`,
          summary: present,
          text: [`${present}: ${members.map((member) => shownName(member)).join(', ')}.`],
          lists: [
            {
              title: 'Newest changes',
              items: newest.map((line) => ({
                text: `${shownName(line.person)} ${line.kind}`,
                detail: `${time(line.at)}, by ${line.actor || isOwnDoing(line) ? '' : 'whom is '}${byWhom(line)}; ${howWeKnow(line, time)}`,
              })),
              total: log.length,
              more: { label: 'The whole log', url: `${world.publicUrl}/groups/${group.id}/membership` },
            },
          ],
          footer: `Only you can see this. Times are in ${timeZone}.`,
        },
      }
    }
    case 'send-digest': {
      const office = group.registration?.privateOffice
      if (!office) return say('This group is not registered', 'It has no private office to send a digest to.')
      const refusal = await mayRecord(tx, group, asked.personId)
      if (refusal) return refusal
      await postDigestIn(tx, office.id, undefined, asked.personId, {
        policy: world.policy,
        now,
        publicUrl: world.publicUrl,
      })
      return say(
        'Digest sent',
        `It is in the room of ${officeInWords(office.name)}. The scheduled one comes all the same.`,
      )
    }
  }
}

/** What Remembrancer does and how to use it, with the commands as they are typed there. */
export function helpCard(platform: PlatformName): Card {
  const command = (name: CommandName, detail: string) => ({ text: asTyped(platform, name), detail })
  return {
    heading: 'Remembrancer',
    summary: 'What Remembrancer does and how to use it',
    text: [
      'I keep the membership log of official groups, remind people when a decision looks worth recording, and send each private office a weekly list of what is not recorded.',
    ],
    lists: [
      {
        title: 'What you can do',
        items: [
          command(
            'record-decision',
            'Record a decision in seconds, with the messages that prove it. In a thread, use the message menu: Record a decision.',
          ),
          command('membership-log', 'Who is in this group, who joined and left, and how we know.'),
          command('register-group', 'Make this an official group: purpose, administrators, private office.'),
          command('send-digest', 'Send the private office its list now, without waiting for the week.'),
          command('help', 'Show this list.'),
        ],
      },
    ],
    footer: 'I report on groups and decisions, never on how much or how well anyone writes.',
  }
}
