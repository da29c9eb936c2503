import { type SignalRow, setAside } from '../decisions/index.js'
import { enqueuePost } from '../delivery/index.js'
import { refreshDigests } from '../digests/index.js'
import { administratorsOf, groupById } from '../groups/index.js'
import { answerNudge, closeNudges, type NudgeAnswer } from '../nudges/index.js'
import { accountsOf, peopleById, shownName } from '../people/index.js'
import { cutAtWord, type InteractionReply } from '../platform/index.js'
import { answerSuggestion, briefingCard } from '../stakeholders/index.js'
import { type Asked, type InteractionOf, note, say } from './context.js'
import { mayRecord, openRecordForm } from './record-decision.js'

type Pressed = Asked<InteractionOf<'button'>>

const nudgeAnswers: Readonly<Record<string, NudgeAnswer>> = {
  'nudge.meeting': 'meeting',
  'nudge.not-a-decision': 'not-a-decision',
  'nudge.mute': 'muted',
  'nudge.thanks': 'thanks',
}

/** Something to do after the transaction, on the platform itself. */
export interface Afterwards {
  readonly reply: InteractionReply
  /** Id of a group that has just been registered. */
  readonly registered?: string
  readonly addMember?: {
    readonly tenant: string
    readonly conversation: string
    readonly account: string
    readonly suggestion: string
    /** The administrator who asked for it. */
    readonly by: string
    /** What to say if the platform refuses. */
    readonly refused: InteractionReply
  }
}

/** Answers a pressed button. Values are ids; anything else is refused in words. */
export async function answerButton(asked: Pressed): Promise<Afterwards> {
  const { action, value } = asked.interaction
  if (!/^[0-9a-f-]{36}$/.test(value)) return { reply: gone() }
  const answer = nudgeAnswers[action]
  if (answer) return { reply: await pressNudge(asked, answer) }
  switch (action) {
    case 'nudge.record': {
      const nudge = await asked.tx.nudge.findUnique({ where: { id: value } })
      return {
        reply:
          nudge && (nudge.shared || nudge.personId === asked.personId)
            ? await recordSignal(asked, nudge.signalId)
            : gone(),
      }
    }
    case 'signal.record':
      return { reply: await recordSignal(asked, value) }
    case 'signal.set-aside':
      return { reply: await pressSetAside(asked, value) }
    case 'suggestion.add':
    case 'suggestion.brief':
    case 'suggestion.not-needed':
      return await pressSuggestion(asked, action, value)
    default:
      return { reply: gone() }
  }
}

async function pressNudge(asked: Pressed, answer: NudgeAnswer): Promise<InteractionReply> {
  const nudge = await asked.tx.nudge.findUnique({ where: { id: asked.interaction.value } })
  if (!nudge) return gone()
  if (nudge.shared) {
    const group = await groupById(asked.tx, nudge.groupId)
    const refusal = group ? await mayRecord(asked.tx, group, asked.personId) : gone()
    if (refusal) return refusal
    // Nobody is muted by another's hand.
    if (answer === 'muted') return gone()
  }
  // Elsewhere a nudge is private to one person: a forwarded or guessed button does nothing.
  else if (nudge.personId !== asked.personId) return gone()
  const card = await answerNudge(asked.tx, nudge.id, answer, asked.personId, asked.now)
  if (answer === 'not-a-decision')
    await refreshDigests(asked.tx, nudge.signalId, asked.world.publicUrl, asked.now)
  return { kind: 'replace', card }
}

async function recordSignal(asked: Pressed, signalId: string): Promise<InteractionReply> {
  const signal = await asked.tx.signal.findUnique({ where: { id: signalId } })
  const group = signal ? await groupById(asked.tx, signal.groupId) : undefined
  return signal && group ? await openRecordForm(asked, group, { signal }) : gone()
}

async function pressSetAside(asked: Pressed, signalId: string): Promise<InteractionReply> {
  const signal: SignalRow | null = await asked.tx.signal.findUnique({ where: { id: signalId } })
  const group = signal ? await groupById(asked.tx, signal.groupId) : undefined
  if (!signal || !group) return gone()
  const refusal = await mayRecord(asked.tx, group, asked.personId)
  if (refusal) return refusal
  if (signal.state !== 'open')
    return say('Already answered', 'Somebody has recorded this decision or set it aside.')
  const aside = await setAside(asked.tx, signal.id, 'not-a-decision', asked.personId, asked.now)
  await closeNudges(asked.tx, aside, group, 'not-a-decision', asked.now)
  await refreshDigests(asked.tx, signal.id, asked.world.publicUrl, asked.now)
  return say(
    'Set aside',
    `“${cutAtWord(signal.summary, 120)}” is no longer listed. It stays counted, and can still be recorded.`,
  )
}

async function pressSuggestion(asked: Pressed, action: string, id: string): Promise<Afterwards> {
  const { tx, now, personId } = asked
  const suggestion = await tx.suggestion.findUnique({ where: { id } })
  const group = suggestion ? await groupById(tx, suggestion.groupId) : undefined
  if (!suggestion || !group) return { reply: gone() }
  if (!(await administratorsOf(tx, group.id)).includes(personId))
    return { reply: say('Only administrators can do this', `You do not administer ${group.name}.`) }
  const entry = await tx.directoryEntry.findUniqueOrThrow({ where: { id: suggestion.entryId } })
  if (suggestion.state !== 'open')
    return {
      reply: { kind: 'replace', card: note('Already answered', `About ${entry.name}: ${suggestion.state}.`) },
    }
  const account = entry.personId
    ? (await accountsOf(tx, group, [entry.personId])).get(entry.personId)
    : undefined
  const unreachable = note(
    `${entry.name} is not on this platform`,
    `Reach them at ${entry.email}. The suggestion stays open.`,
  )
  if (action === 'suggestion.not-needed') {
    await answerSuggestion(tx, id, 'not-needed', personId, now)
    return {
      reply: {
        kind: 'replace',
        card: note('Not needed', `${entry.name} will not be suggested for ${group.name} again.`),
      },
    }
  }
  if (account === undefined) return { reply: { kind: 'card', card: unreachable } }
  if (action === 'suggestion.brief') {
    await answerSuggestion(tx, id, 'briefed', personId, now)
    const by = shownName((await peopleById(tx, [personId])).get(personId), 'An administrator')
    await enqueuePost(tx, {
      key: `briefing:${id}`,
      platform: group.platform,
      tenant: group.tenant,
      target: { kind: 'person', person: account },
      card: briefingCard(group, suggestion.words, by),
      purpose: 'briefing',
      at: now,
    })
    return {
      reply: {
        kind: 'replace',
        card: note(
          'Briefed',
          `${entry.name} has been told that ${group.name} touches their remit. They see none of its messages.`,
        ),
      },
    }
  }
  if (!asked.world.platform(group.platform)?.capabilities.addsMembers)
    return {
      reply: {
        kind: 'card',
        card: note(
          'Please add them yourself',
          `The bot may not add people to ${group.name} on this platform. Add ${entry.name} there; the log will show it.`,
        ),
      },
    }
  await answerSuggestion(tx, id, 'added', personId, now)
  return {
    reply: {
      kind: 'replace',
      card: note('Added', `${entry.name} is being added to ${group.name}. The membership log will show it.`),
    },
    addMember: {
      tenant: group.tenant,
      conversation: group.externalId,
      account,
      suggestion: id,
      by: personId,
      // A card of its own: the suggestion and its buttons stay as they are.
      refused: say(
        `${entry.name} could not be added`,
        `The platform refused to add them to ${group.name}. Add them yourself, or try again: the suggestion stays open.`,
      ),
    },
  }
}

function gone(): InteractionReply {
  return say('Nothing to do', 'This button belongs to something that no longer exists, or to someone else.')
}
