/** What officials say to each other in a busy hour, for measurements: matters with a settled end, and plain talk. */
export interface Turn {
  readonly text: string
  /** True for the first message of a matter. */
  readonly begins: boolean
}

/** Matters from their first word to their last: some settled, some left open, some moved elsewhere. */
const matters: readonly (readonly string[])[] = [
  [
    'The wall at {place} is weeping again and the next tide is at four.',
    'How long will it hold?',
    'Six hours, the engineer says; less if the wind turns.',
    'Then we close the road and move people out before three.',
    'Agreed: {place} road closes at one, and we open the rest centre in the school.',
    'I will tell the wardens.',
  ],
  [
    'Has anyone found the projector cable for the {place} room?',
    'It was in the drawer under the coffee machine last week.',
    'Got it, thank you.',
  ],
  [
    'We can hire the {place} pumps for £{sum},000, or wait for the army’s on Thursday.',
    'What does waiting cost us?',
    'Another night of water in the substation, probably.',
    'Approved, hire them today. Please raise the order with procurement.',
  ],
  [
    'Three options for {place}: dredge now, dredge in spring, or buy the meadow and let it flood.',
    'Dredging now runs into the spawning season.',
    'Buying the meadow needs the Treasury, so not this year.',
    'Could we do half in spring and decide the rest after the survey?',
    'Shall we talk about it on Monday rather than here?',
  ],
  [
    'The journalist from the {place} Herald has called twice about the closures.',
    'Who is on the press desk tonight?',
    'I am. I will say that we have nothing to add before the statement at six.',
  ],
  [
    'Send me the contractor’s number, I will message him on WhatsApp about {place}.',
    'Please keep it here so that we can find it again.',
  ],
  [
    'The minister asked whether {place} gets its new gauge this year.',
    'It is in the plan for March, if the supplier delivers.',
    'We will commit to March and write to the council today.',
    'Draft reply is in the folder, comments by noon please.',
    'Two small changes from me, otherwise good.',
  ],
  ['Good morning all.', 'Morning! Trains from {place} are late again, dial me in.', 'Will do.'],
]
const places = [
  'Mere Street',
  'Skelby',
  'Highbridge',
  'Oldmoor',
  'Fenton',
  'Ashwater',
  'Lock Lane',
  'Thornby',
]

/** The `round`th message said in a channel: the same each time it is asked. */
export function benchTalk(channel: number, round: number): Turn {
  let matter = channel
  let at = round
  for (;;) {
    const lines = matters[matter % matters.length] ?? []
    const line = lines[at]
    if (line !== undefined) return { text: fill(line, matter * 5 + round - at), begins: at === 0 }
    at -= lines.length
    matter += 3
  }
}

function fill(line: string, n: number): string {
  const place = places[n % places.length] ?? ''
  return line.replaceAll('{place}', place).replaceAll('{sum}', String(2 + (n % 90)))
}
