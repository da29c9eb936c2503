import { type SignalRow, timeInWords } from '../decisions/index.js'
import type { GroupRow } from '../groups/index.js'
import { peopleById, shownName } from '../people/index.js'
import { type Card, cutAtWord } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { byOrder } from '../transcript/index.js'
import { nudgePolicyFor } from './policies.js'

const quoted = 3

/**
 * The card a concerned person gets: what was seen, why, and what they can do about it.
 * @param nudge `shared` where the whole group sees it: then it offers nothing that is one person's alone
 */
export async function nudgeCard(
  tx: Tx,
  nudge: { readonly id: string; readonly shared: boolean },
  signal: SignalRow,
  group: GroupRow,
  publicUrl: string,
): Promise<Card> {
  const policy = nudgePolicyFor(signal.kind)
  if (!policy) throw new Error(`no nudge policy for ${signal.kind}`)
  const timeZone = group.registration?.privateOffice.timeZone ?? 'Europe/London'
  const mute = { label: 'Not here again', action: 'nudge.mute', value: nudge.id }
  const seenBy = nudge.shared ? 'Any member of the group can answer.' : 'Only you can see this.'
  const base = {
    heading: policy.heading,
    summary: `${policy.heading}: ${group.name}`,
    quotes: await quotes(tx, signal, timeZone),
  }
  if (signal.kind === 'decision')
    return {
      ...base,
      text: [`In ${group.name}: ${signal.summary}`, ...policy.text],
      facts: [{ label: 'Why you see this', value: signal.because }],
      buttons: [
        { label: 'Record it', action: 'nudge.record', value: nudge.id, style: 'primary', opensForm: true },
        { label: 'Move to a meeting', action: 'nudge.meeting', value: nudge.id },
        { label: 'Not a decision', action: 'nudge.not-a-decision', value: nudge.id },
        ...(nudge.shared ? [] : [mute]),
      ],
      footer: `${seenBy} In a thread, use the message menu: Record a decision.`,
      links: [
        { label: 'Unrecorded decisions of this group', url: `${publicUrl}/groups/${group.id}/unrecorded` },
      ],
    }
  return {
    ...base,
    text: [...policy.text],
    facts: [
      { label: 'Group', value: group.name },
      { label: 'Why you see this', value: signal.because },
    ],
    buttons: [{ label: 'Thanks', action: 'nudge.thanks', value: nudge.id }, ...(nudge.shared ? [] : [mute])],
    footer: seenBy,
  }
}

/** What a nudge turns into once it is answered. */
export function answeredNudgeCard(
  signal: SignalRow,
  group: Pick<GroupRow, 'name'>,
  answer: string,
  reference?: string,
): Card {
  const words: Record<string, string> = {
    recorded: `Recorded as ${reference ?? 'a decision'}. Thank you.`,
    'not-a-decision': 'Set aside: not a decision. Thank you, this makes later prompts better.',
    meeting:
      'Noted: moving to a meeting. It stays in the list of unrecorded decisions until the outcome is recorded.',
    muted: `You will get no more prompts about ${group.name}.`,
    thanks: 'Thank you.',
    withdrawn: 'No longer needed: the discussion moved on.',
  }
  const text = words[answer] ?? 'Answered.'
  return {
    heading:
      signal.kind === 'decision'
        ? cutAtWord(signal.summary, 120)
        : (nudgePolicyFor(signal.kind)?.heading ?? 'Note'),
    summary: text,
    text: [text],
    footer: group.name,
    ...(answer === 'meeting'
      ? {
          buttons: [
            {
              label: 'Record it now',
              action: 'signal.record',
              value: signal.id,
              style: 'primary' as const,
              opensForm: true,
            },
          ],
        }
      : {}),
  }
}

async function quotes(tx: Tx, signal: SignalRow, timeZone: string): Promise<NonNullable<Card['quotes']>> {
  const wanted = [...new Set([...signal.evidence.slice(0, quoted - 1), signal.atMessage])]
  const rows = await tx.message.findMany({ where: { groupId: signal.groupId, externalId: { in: wanted } } })
  const names = await peopleById(
    tx,
    rows.map((row) => row.authorId),
  )
  return rows.sort(byOrder).map((row) => ({
    author: shownName(names.get(row.authorId ?? '')),
    at: timeInWords(row.postedAt ?? signal.settledAt, timeZone),
    text: row.text.length > 300 ? `${row.text.slice(0, 299)}…` : row.text,
  }))
}
