import type { BacklogDecision, ImportReport } from './report.js'

const width = 80
const shownDecisions = 20
const shownGroups = 20
const names: Readonly<Record<string, string>> = {
  whatsapp: 'WhatsApp chat',
  'slack-export': 'Slack export',
}

/** The report as an operator reads it in a terminal, at most 80 columns but for addresses. */
export function formatReport(report: ImportReport): string {
  const what = names[report.platform] ?? report.platform
  const lines = [...wrap(`${what} imported: ${safe(report.file)}`, ''), '', ...figures(report)]
  if (report.importedBefore !== undefined)
    lines.push(
      '',
      ...wrap(
        `This very file was imported before, on ${day(report.importedBefore, report.timeZone)}. Nothing is held twice.`,
        '',
      ),
    )
  lines.push(...decisions(report), ...addresses(report))
  return `${lines.join('\n')}\n`
}

function figures(report: ImportReport): string[] {
  const { messages, membershipChanges, linesNotUnderstood, leftOut, notApplied } = report
  const rows: (readonly [string, number, string])[] = [
    ['Messages taken', messages.read, `${number(messages.added)} new, ${number(messages.held)} held`],
    ['Lines not understood', linesNotUnderstood.count, firstLines(report)],
    ...leftOut.map(({ what, count }) => ['Left out', count, what] as const),
    ['Groups', report.groups.length, ''],
    ['People', report.people, ''],
    ['Membership changes', membershipChanges.held, `${number(membershipChanges.added)} new`],
    ['Unrecorded decisions', report.unrecordedDecisions.total, ''],
    ...(notApplied.waiting === 0
      ? []
      : [
          [
            'Events still to come',
            notApplied.waiting,
            'these failed and are tried again by themselves',
          ] as const,
        ]),
    ...(notApplied.setAside === 0
      ? []
      : [['Events set aside', notApplied.setAside, 'these failed: see npx remembrancer doctor'] as const]),
  ]
  return rows.flatMap(([label, count, detail]) => {
    const start = `  ${label.padEnd(22)}${number(count).padStart(10)}`
    const [first = '', ...more] = wrap(detail, '', width - start.length - 3)
    return [
      first === '' ? start : `${start}   ${first}`,
      ...more.map((line) => `${' '.repeat(start.length + 3)}${line}`),
    ]
  })
}

function firstLines({ linesNotUnderstood: { count, first } }: ImportReport): string {
  if (count === 0) return ''
  const places = first.map(({ file, line }) => (file === undefined ? `${line}` : `${safe(file)} no. ${line}`))
  const more = count > first.length ? ', …' : ''
  return `${first[0]?.file === undefined ? 'line ' : ''}${places.join(', ')}${more}`
}

function decisions(report: ImportReport): string[] {
  const { total, oldest } = report.unrecordedDecisions
  if (total === 0) return ['', 'No unrecorded decisions were found.']
  const shown = oldest.slice(0, shownDecisions)
  const rest = total - shown.length
  return [
    '',
    'Unrecorded decisions, oldest first',
    ...shown.flatMap((decision, index) => ['', ...oneDecision(decision, index + 1, report.timeZone)]),
    ...(rest > 0 ? ['', `  and ${number(rest)} more, in the browser.`] : []),
  ]
}

function oneDecision(decision: BacklogDecision, index: number, timeZone: string): string[] {
  const indent = '      '
  const days = decision.ageDays === 1 ? '1 day ago' : `${number(decision.ageDays)} days ago`
  const head = `${day(decision.settledAt, timeZone)} (${days}), ${safe(decision.group)}`
  const by = decision.author === undefined ? '' : ` (${safe(decision.author)})`
  const evidence =
    decision.excerpt === undefined ? 'The message was deleted.' : `“${safe(decision.excerpt)}”${by}`
  const summary = safe(decision.summary)
  const repeats = decision.excerpt !== undefined && summary === safe(decision.excerpt)
  const [first = '', ...more] = wrap(head, indent)
  return [
    `${String(index).padStart(4)}. ${first.trimStart()}`,
    ...more,
    ...(repeats || summary === '' ? [] : wrap(summary, indent)),
    ...wrap(evidence, indent),
    `${indent}${decision.address}`,
  ]
}

function addresses(report: ImportReport): string[] {
  if (report.groups.length === 0) return []
  const shown = report.groups.slice(0, shownGroups)
  const rest = report.groups.length - shown.length
  return [
    '',
    'Where to read them',
    ...shown.flatMap((group) => [...wrap(safe(group.name), '  '), `    ${group.address}`]),
    ...(rest > 0 ? [`  and ${number(rest)} more groups: ${report.webAddress}/groups`] : []),
  ]
}

function day(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone }).format(at)
}

function number(value: number): string {
  return value.toLocaleString('en-GB')
}

/** Text from a chat on one line, without what could drive the terminal or turn the writing direction. */
function safe(text: string): string {
  return text
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** Breaks text at spaces so that no line is wider than the terminal; a word wider than that is cut up. */
function wrap(text: string, indent: string, columns = width - indent.length): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((part) => pieces(part, columns))) {
    if (line !== '' && [...line].length + 1 + [...word].length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.map((found) => indent + found)
}

function pieces(word: string, columns: number): string[] {
  const letters = [...word]
  if (letters.length <= columns) return [word]
  const parts: string[] = []
  for (let from = 0; from < letters.length; from += columns)
    parts.push(letters.slice(from, from + columns).join(''))
  return parts
}
