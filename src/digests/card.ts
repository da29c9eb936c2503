import { dateInWords, timeInWords } from '../decisions/index.js'
import { gapReasonInWords } from '../delivery/index.js'
import { type Card, type CardItem, cutAtWord } from '../platform/index.js'
import type { DigestContent, DigestDecision } from './content.js'

const firstScreen = 6
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** Days left in words: overdue is said first and plainly. */
export function daysLeftInWords(daysLeft: number): string {
  if (daysLeft < 0) return `overdue by ${plural(-daysLeft, 'day')}`
  if (daysLeft === 0) return 'due today'
  return `${plural(daysLeft, 'day')} left`
}

/**
 * A digest as a card: one screen first, the rest a tap away. A quiet week is one line.
 * @param answered what became of decisions since the digest was made, in words, by signal id
 */
export function digestCard(
  content: DigestContent,
  pageUrl: string,
  answered: ReadonlyMap<string, string> = new Map(),
): Card {
  const day = (iso: string): string => dateInWords(new Date(iso), content.timeZone)
  const time = (iso: string): string => timeInWords(new Date(iso), content.timeZone)
  const heading = `Unrecorded decisions: ${content.office}`
  const week = `${day(content.from)} to ${day(content.to)}, ${plural(content.groups, 'group')}`
  const links = [{ label: 'Open the whole digest', url: pageUrl }]
  const footer = content.checkpoint
    ? `Ledger checkpoint ${content.checkpoint.seq}: ${content.checkpoint.hash.slice(0, 16)}. Keep it: it proves the record later.`
    : 'The ledger has no checkpoint yet.'
  if (
    content.unrecordedTotal === 0 &&
    content.recordedTotal === 0 &&
    content.membershipTotal === 0 &&
    content.gaps.length === 0
  )
    return {
      heading,
      summary: `${heading}: a quiet week`,
      text: [`A quiet week (${week}): nothing unrecorded, nothing recorded, nobody joined or left.`],
      links,
      footer,
    }
  const headline =
    content.unrecordedTotal === 0
      ? 'Nothing is unrecorded.'
      : `${plural(content.unrecordedTotal, 'decision')} not yet recorded${content.overdueTotal > 0 ? `, ${content.overdueTotal} overdue` : ''}.`
  const counts = [
    `${plural(content.recordedTotal, 'decision')} recorded`,
    `${plural(content.membershipTotal, 'membership change')}`,
    ...(content.setAsideTotal > 0 ? [`${content.setAsideTotal} set aside as not a decision`] : []),
    ...(content.offChannelTotal > 0
      ? [`${plural(content.offChannelTotal, 'prompt')} about moving to other channels`]
      : []),
    ...(content.backlogTotal > 0 ? [`${content.backlogTotal} from imported chats listed apart`] : []),
  ]
  return {
    heading,
    summary: `${heading}: ${headline}`,
    text: [`${headline} ${week}.`, `This week: ${counts.join('; ')}.`],
    lists: [
      ...(content.unrecorded.length > 0
        ? [
            {
              title: 'To be recorded, oldest first',
              items: content.unrecorded
                .slice(0, firstScreen)
                .map((decision) => item(decision, day, answered.get(decision.signalId))),
              total: content.unrecordedTotal,
              more: { label: 'See all', url: pageUrl },
            },
          ]
        : []),
      ...(content.recorded.length > 0
        ? [
            {
              title: 'Recorded',
              items: content.recorded.slice(0, 4).map((record) => ({
                text: `${record.reference}: ${cutAtWord(record.decision, 200)}`,
                detail: `${record.group}, decided by ${record.decidedBy}`,
              })),
              total: content.recordedTotal,
              more: { label: 'See all', url: pageUrl },
            },
          ]
        : []),
      ...(content.membership.length > 0
        ? [
            {
              title: 'Who joined and left',
              items: content.membership.slice(0, 5).map((line) => ({
                text: `${line.person}${line.external ? ' (external)' : ''}: ${line.change}`,
                detail: `${line.group}, ${day(line.at)}${line.by && line.by !== 'themselves' ? `, by ${line.by}` : ''}`,
              })),
              total: content.membershipTotal,
              more: { label: 'See all', url: pageUrl },
            },
          ]
        : []),
      ...(content.gaps.length > 0
        ? [
            {
              title: 'What we could not see',
              items: content.gaps.slice(0, 3).map((gap) => ({
                text: `${gap.group ?? 'All groups'}: ${gapReasonInWords(gap.reason)}`,
                detail: `${time(gap.from)} to ${time(gap.to)}${gap.open ? ', not yet closed' : ', filled from the history as far as it goes'}`,
              })),
              total: content.gaps.length,
              more: { label: 'See all', url: pageUrl },
            },
          ]
        : []),
    ],
    links,
    footer,
  }
}

function item(decision: DigestDecision, day: (iso: string) => string, outcome: string | undefined): CardItem {
  if (outcome !== undefined) return { text: decision.summary, detail: `${decision.group} – ${outcome}` }
  return {
    text: decision.summary,
    detail: `${decision.group}, ${day(decision.settledAt)}${decision.decidedBy ? `, ${decision.decidedBy}` : ''} – ${daysLeftInWords(decision.daysLeft)}`,
    buttons: [
      { label: 'Record', action: 'signal.record', value: decision.signalId, opensForm: true },
      { label: 'Not a decision', action: 'signal.set-aside', value: decision.signalId },
    ],
  }
}
