import type { Policy } from '../config/index.js'
import { asTyped, type Card, type CommandName } from '../platform/index.js'
import type { GroupRow } from './groups.js'
import { officeInWords, whoSeesTheRecord } from './office-words.js'

/** What the bot says in the open when it arrives: what it records, why, who can see it, whom to ask. */
export function arrivalCard(
  group: Pick<GroupRow, 'name' | 'registration' | 'platform'>,
  policy: Policy,
): Card {
  const registered = group.registration !== null
  const typed = (command: CommandName): string => asTyped(group.platform, command)
  return {
    heading: 'Remembrancer is now the active administrator of this group',
    summary: 'Remembrancer has joined: what it records, why, and who can see it.',
    text: registered
      ? [
          'I keep a log of who is in this group, keep what is said for the record, and privately remind people when a decision looks worth recording.',
          `Any member can record a decision: ${typed('record-decision')}. Please record it within ${policy.recording.targetDays} days; the limit is ${policy.recording.limitDays}. Once a week ${officeInWords(group.registration?.privateOffice.name)} gets a list of those not yet recorded.`,
          'The law on official records and information requests applies to messages here. I do not measure how much or how well anyone writes.',
        ]
      : [
          'I log who joins and leaves this group. I keep none of its messages until it is registered with a purpose and an administrator.',
          `A member can register it: ${typed('register-group')}.`,
        ],
    facts: registered
      ? [
          { label: 'Purpose', value: group.registration?.purpose ?? '' },
          {
            label: 'Who can see the record',
            value: whoSeesTheRecord(group.registration),
          },
        ]
      : [],
    footer: `Questions? Type ${typed('help')}.`,
  }
}

/** What the records officer and the administrators of an official group are told when the bot is taken out of it. */
export function removedCard(
  group: Pick<GroupRow, 'name'>,
  at: Date,
  why: { readonly by?: string | undefined; readonly reason?: string | undefined },
): Card {
  const instant = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const by = why.by === undefined ? '; the platform does not say by whom' : ` by ${why.by}`
  const summary = `Remembrancer is no longer in ${group.name}`
  return {
    heading: summary,
    summary,
    text: [
      `${why.reason === undefined ? `It was removed at ${instant}${by}. Since then` : `${why.reason} Since ${instant}`} nothing of this official group is recorded: neither what is said nor who joins and leaves.`,
      ...(why.reason === undefined
        ? ['If the group is still used for official business, invite Remembrancer again.']
        : []),
      'What was recorded until then is kept.',
    ],
  }
}

/** What the bot says where a private office only receives its digests: nobody need register that. */
export function digestRoomCard(office: string, platform: GroupRow['platform']): Card {
  const whose = officeInWords(office)
  return {
    heading: `The weekly digest of ${whose} arrives here`,
    summary: `Remembrancer has joined to bring the weekly digest of ${whose}.`,
    text: [
      'It says which decisions in the groups the office answers for are not yet recorded, and who joined and left them.',
      'I log who joins and leaves this group too, for it reads about the others. I keep none of its messages, and it need not be registered.',
    ],
    footer: `Questions? Type ${asTyped(platform, 'help')}.`,
  }
}

/** What a person who joins is told, privately. */
export function inductionCard(
  group: Pick<GroupRow, 'name' | 'registration' | 'platform'>,
  policy: Policy,
): Card {
  const office = officeInWords(group.registration?.privateOffice.name)
  const typed = (command: CommandName): string => asTyped(group.platform, command)
  return {
    heading: `You joined ${group.name}, an official group`,
    summary: `What is recorded in ${group.name}, and who can see it.`,
    text: [
      'Messages here are kept for the record and can be released under information law. Your joining and leaving are logged.',
      `When a decision is taken here, record it: ${typed('record-decision')}. Decisions left unrecorded appear in the weekly digest to ${office}; the limit is ${policy.recording.limitDays} days.`,
    ],
    facts: [{ label: 'Purpose', value: group.registration?.purpose ?? 'not registered yet' }],
    footer: `This is the only message of its kind. Type ${typed('help')} for more.`,
  }
}
