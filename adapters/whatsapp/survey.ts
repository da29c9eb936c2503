import { RemembrancerError } from '../../src/errors.js'
import type { DateOrder, ImportOptions } from '../../src/platform/index.js'
import { type ChatFile, textLimit } from './chat-file.js'
import { DateSurvey } from './date-order.js'
import { type Heading, isCutHeading, readHeading } from './heading.js'
import { type Line, readLines } from './lines.js'
import { leftToRight, plainNotice } from './marks.js'
import { displayName } from './people.js'
import { isIdleNotice, readNotice } from './phrases.js'
import { splitAuthor } from './statement.js'

/** What the first reading of a file settles. */
export interface Survey {
  readonly dialect: string
  readonly order: DateOrder
  /** Name the group had first, by its own notices. */
  readonly groupName: string | undefined
  /** Names under which the chat itself speaks. */
  readonly voices: ReadonlySet<string>
  readonly authors: ReadonlySet<string>
}

const mostNames = 20_000

/**
 * Reads a chat from end to end without handing anything over.
 * @throws RemembrancerError IMPORT_NOT_RECOGNISED, IMPORT_TRUNCATED, IMPORT_TOO_LARGE, IMPORT_DATES_AMBIGUOUS
 */
export async function survey(chat: ChatFile, options: ImportOptions): Promise<Survey> {
  const dates = new DateSurvey()
  const authors = new Set<string>()
  const voices = new Set<string>()
  let groupName: string | undefined
  let last: Line | undefined
  let isFirst = true
  for await (const line of readLines(await chat.open(), chat.shown, textLimit)) {
    last = line
    const heading = readHeading(line.text)
    if (heading === undefined) continue
    dates.add(heading)
    const voice = isFirst ? voiceOf(heading) : undefined
    if (voice !== undefined) voices.add(voice)
    isFirst = false
    const said = splitAuthor(heading.rest)
    if (said !== undefined && authors.size < mostNames) authors.add(displayName(said.author))
    if (said === undefined && groupName === undefined) groupName = nameTold(heading.rest)
  }
  if (last !== undefined && !last.ended && readHeading(last.text) === undefined && isCutHeading(last.text))
    throw new RemembrancerError('IMPORT_TRUNCATED', `${chat.shown} breaks off in the middle of a heading.`)
  const [voice] = voices
  return { ...dates.decide(chat.shown, options.dateOrder), groupName: groupName ?? voice, voices, authors }
}

/** On an iPhone the first line of a group is a notice under the group's own name. */
function voiceOf(heading: Heading): string | undefined {
  const said = splitAuthor(heading.rest)
  if (heading.form !== 'ios' || !said?.text.startsWith(leftToRight)) return undefined
  const notice = plainNotice(said.text)
  return isIdleNotice(notice) || readNotice(notice) !== undefined ? displayName(said.author) : undefined
}

function nameTold(text: string): string | undefined {
  const notice = text.length < 2000 ? readNotice(plainNotice(text)) : undefined
  if (notice?.kind !== 'created' && notice?.kind !== 'renamed') return undefined
  const name = notice.old ?? notice.name
  return name === undefined ? undefined : displayName(name)
}
