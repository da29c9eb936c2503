import { type CastPerson, sandboxCast } from './cast.js'
import { storyWeek } from './story-week.js'

/** Days and minutes of the story's own week: Monday 00:00 is day 0, minute 0. */
interface StepTime {
  readonly day: number
  readonly minute: number
}

/** One thing that happens in the story. */
export type StoryStep = StepTime & { readonly room: string } & (
    | {
        readonly does: 'says'
        readonly person: string
        readonly text: string
        readonly key: string
        readonly thread?: string
      }
    | { readonly does: 'edits'; readonly person: string; readonly key: string; readonly text: string }
    | { readonly does: 'deletes'; readonly person: string; readonly key: string }
    | { readonly does: 'adds' | 'removes'; readonly person: string; readonly whom: string }
    | { readonly does: 'joins' | 'leaves'; readonly person: string }
  )

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** Reads a screenplay (see `story-week.ts`) into steps in the order of time. Throws naming the line it cannot read. */
export function readStory(
  script: string,
  people: readonly CastPerson[] = sandboxCast.people,
): readonly StoryStep[] {
  const steps: StoryStep[] = []
  let day = -1
  let room = ''
  let minute = 0
  let first = true
  let lastKey = ''
  const idOf = (short: string, line: number) => {
    const found = people.find(({ id }) => id === short || id.startsWith(`${short}-`))
    if (!found) throw new Error(`Story line ${line}: there is nobody called "${short}"`)
    return found.id
  }
  for (const [index, raw] of script.split('\n').entries()) {
    const number = index + 1
    const line = raw.trim()
    if (line === '') continue
    const heading = /^# (\w+)$/.exec(line)
    if (heading) {
      day = days.indexOf(heading[1] ?? '')
      continue
    }
    const place = /^@ ([\w-]+) (\d\d):(\d\d)$/.exec(line)
    if (place) {
      room = place[1] ?? ''
      minute = Number(place[2]) * 60 + Number(place[3])
      first = true
      continue
    }
    const timed = /^(?:\+(\d+) )?(.*)$/.exec(line)
    if (!first) minute += Number(timed?.[1] ?? 1)
    first = false
    const rest = timed?.[2] ?? ''
    const where = { day, minute, room }
    const said = /^(\w+)(?: \[([\w-]+)\])?(?: > ([\w-]+))?: (.+)$/.exec(rest)
    if (said) {
      lastKey = said[2] ?? `line-${number}`
      const says = {
        ...where,
        does: 'says',
        person: idOf(said[1] ?? '', number),
        text: said[4] ?? '',
        key: lastKey,
      } as const
      steps.push(said[3] === undefined ? says : { ...says, thread: said[3] })
      continue
    }
    const done = /^\* (\w+) (adds|removes|joins|leaves|edits|deletes)(?: ([\w-]+))?(?:: (.+))?$/.exec(rest)
    if (!done || day < 0 || room === '') throw new Error(`Story line ${number} is not understood: ${line}`)
    const person = idOf(done[1] ?? '', number)
    const does = done[2]
    const what = done[3] ?? ''
    if (does === 'edits') steps.push({ ...where, does, person, key: what, text: done[4] ?? '' })
    else if (does === 'deletes') steps.push({ ...where, does, person, key: what === 'last' ? lastKey : what })
    else if (does === 'adds' || does === 'removes')
      steps.push({ ...where, does, person, whom: idOf(what, number) })
    else if (does === 'joins' || does === 'leaves') steps.push({ ...where, does, person })
  }
  const time = (step: StoryStep) => step.day * 1440 + step.minute
  return steps
    .map((step, order) => ({ step, order }))
    .sort((a, b) => time(a.step) - time(b.step) || a.order - b.order)
    .map(({ step }) => step)
}

/** The scripted week, in order. */
export const story: readonly StoryStep[] = readStory(storyWeek)

/** What a good administrator would have noticed in the story: the measure of the acceptance test. Keys name messages. */
export interface StoryExpectations {
  readonly decisions: readonly {
    readonly key: string
    readonly room: string
    readonly decidedBy: string
    /** Message and author of the question it answers. */
    readonly askedIn: string
    readonly askedBy: string
    readonly type: string
    /** How it is taken. */
    readonly manner: 'openly' | 'in passing' | 'amid other talk'
  }[]
  /** A discussion that weighs options at length and belongs in a meeting. */
  readonly options: readonly { readonly firstKey: string; readonly room: string }[]
  readonly offChannel: readonly { readonly key: string; readonly room: string; readonly author: string }[]
  /** Remits touched in a group whose holder is not in it. */
  readonly suggestions: readonly { readonly room: string; readonly person: string; readonly about: string }[]
  /** Messages that look like agreement and must stay silent. */
  readonly silent: readonly string[]
  /** Membership changes in order. */
  readonly membership: readonly {
    readonly room: string
    readonly person: string
    readonly change: 'joined' | 'left' | 'removed'
    readonly by: string
  }[]
}

export const storyExpectations: StoryExpectations = {
  decisions: [
    {
      key: 'decision-evacuate',
      room: 'flood-response',
      decidedBy: 'amara-okonjo',
      askedIn: 'choice-asked',
      askedBy: 'nadia-rahman',
      type: 'operational-direction',
      manner: 'openly',
    },
    {
      key: 'decision-pumps',
      room: 'depot-logistics',
      decidedBy: 'joss-whitlock',
      askedIn: 'pumps-asked',
      askedBy: 'beatrix-holm',
      type: 'approval-to-spend',
      manner: 'in passing',
    },
    {
      key: 'decision-barrier',
      room: 'flood-response',
      decidedBy: 'nadia-rahman',
      askedIn: 'barrier-asked',
      askedBy: 'beatrix-holm',
      type: 'operational-direction',
      manner: 'amid other talk',
    },
  ],
  options: [{ firstKey: 'options-opened', room: 'barrier-options' }],
  offChannel: [{ key: 'off-channel', room: 'ministers-visit', author: 'callum-fraser' }],
  suggestions: [
    { room: 'flood-response', person: 'yusuf-demir', about: 'press' },
    { room: 'flood-response', person: 'idris-penhale', about: 'money' },
    { room: 'barrier-options', person: 'eleanor-marsh', about: 'legal' },
  ],
  silent: ['three-pm'],
  membership: story.flatMap((step): StoryExpectations['membership'] => {
    const { room } = step
    switch (step.does) {
      case 'adds':
        return [{ room, person: step.whom, change: 'joined', by: step.person }]
      case 'removes':
        return [{ room, person: step.whom, change: 'removed', by: step.person }]
      case 'joins':
        return [{ room, person: step.person, change: 'joined', by: step.person }]
      case 'leaves':
        return [{ room, person: step.person, change: 'left', by: step.person }]
      default:
        return []
    }
  }),
}
