import { describe, expect, it } from 'vitest'
import { sandboxCast } from '../../adapters/sandbox/cast.js'
import { story, storyExpectations } from '../../adapters/sandbox/story.js'
import { type DetectMessage, detect, type Signal } from '../../src/detection/index.js'

/** Names as the program gives them to the detector: titles and all. */
const nameOf = (id: string): string => sandboxCast.people.find((person) => person.id === id)?.name ?? id

/** The story's messages by room, in the order they are said. Edits and deletions change no decision in it. */
function rooms(): ReadonlyMap<string, readonly DetectMessage[]> {
  const byRoom = new Map<string, DetectMessage[]>()
  for (const step of story) {
    if (step.does !== 'says') continue
    const said = byRoom.get(step.room) ?? []
    byRoom.set(step.room, said)
    said.push({
      id: step.key,
      speaker: nameOf(step.person),
      at: (step.day * 1440 + step.minute) * 60_000,
      text: step.text,
      ...(step.thread ? { threadId: step.thread } : {}),
    })
  }
  return byRoom
}

const nudges = new Map<string, Signal[]>(
  [...rooms()].map(([room, messages]) => [room, detect(messages).filter((s) => s.wouldNudge)]),
)
const nudgesIn = (room: string, kind: Signal['kind']): Signal[] =>
  (nudges.get(room) ?? []).filter((s) => s.kind === kind)

describe('the week of the story', () => {
  it.each(storyExpectations.decisions)(
    'nudges about $key, taken $manner, and names who took it',
    (decision) => {
      const found = nudgesIn(decision.room, 'decision').find((s) => s.at === decision.key)
      expect(found?.decidedBy).toBe(nameOf(decision.decidedBy))
    },
  )

  it.each(storyExpectations.offChannel)(
    'nudges about $key as off-channel and as nothing else',
    (expected) => {
      expect(nudgesIn(expected.room, 'off-channel').map((s) => s.at)).toContain(expected.key)
      expect(nudgesIn(expected.room, 'decision').map((s) => s.at)).not.toContain(expected.key)
    },
  )

  it.each(storyExpectations.options)('nudges once about the options weighed in $room', ({ room }) => {
    expect(nudgesIn(room, 'options')).toHaveLength(1)
  })

  it('says nothing of what must stay silent', () => {
    const said = [...nudges.values()].flat().flatMap((s) => s.at)
    for (const key of storyExpectations.silent) expect(said).not.toContain(key)
  })

  it('makes no wrong nudge in the whole week', () => {
    const rightDecisions = new Set(storyExpectations.decisions.map((d) => d.key))
    const rightMoves = new Set(storyExpectations.offChannel.map((o) => o.key))
    const weighing = new Set(storyExpectations.options.map((o) => o.room))
    const wrong = [...nudges].flatMap(([room, found]) =>
      found.filter(
        (s) =>
          !(s.kind === 'decision' && rightDecisions.has(s.at)) &&
          !(s.kind === 'off-channel' && rightMoves.has(s.at)) &&
          !(s.kind === 'options' && weighing.has(room)),
      ),
    )
    expect(wrong.map((s) => `${s.kind} ${s.at}`)).toEqual([])
  })
})
