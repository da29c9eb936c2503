import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { type DecisionType, type DetectMessage, decisionTypes } from '../types.js'

/** A labelled stretch of a discussion; positions count from 0. `procedural` is a vote on minutes or logistics. */
export interface Episode {
  readonly type: 'decision' | 'reported' | 'open' | 'options' | 'off-channel' | 'procedural'
  readonly from: number
  readonly to: number
  readonly at: number
  readonly low: boolean
  readonly decisionType: DecisionType | undefined
  readonly decidedBy: string | undefined
}

export interface LabelledDiscussion {
  readonly id: string
  readonly source: string
  readonly group: string
  readonly stratum: string | undefined
  readonly main: string | undefined
  readonly messages: readonly DetectMessage[]
  readonly episodes: readonly Episode[]
  /** Positions nobody labelled: neither right nor wrong. */
  readonly unlabelled: ReadonlySet<number>
}

export interface Source {
  readonly name: string
  readonly files: readonly string[]
  readonly form: 'discussions' | 'messages'
  readonly licence: string
  /** May its text train weights that ship? Evaluation-only text trains nothing: not weights, not n-grams, not calibration. */
  readonly trains: boolean
  /** May its text be shown on a screen when listing mistakes? */
  readonly quotable: boolean
}

/** Every source of labelled text there is, and what its licence allows. Paths are inside the data folder. */
export const sources: readonly Source[] = [
  {
    name: 'government',
    files: ['gov-dev.jsonl'],
    form: 'discussions',
    licence: 'ours',
    trains: true,
    quotable: true,
  },
  {
    name: 'w3c',
    files: ['dev/w3c_epub.jsonl.gz', 'dev/w3c_jsonld.jsonl.gz', 'dev/w3c_publ.jsonl.gz'],
    form: 'messages',
    licence: 'W3C Software and Document licence',
    trains: true,
    quotable: true,
  },
  {
    name: 'w3c-thin',
    files: [
      'dev/w3c_epub.thin_nat.jsonl.gz',
      'dev/w3c_jsonld.thin_nat.jsonl.gz',
      'dev/w3c_publ.thin_nat.jsonl.gz',
    ],
    form: 'messages',
    licence: 'W3C Software and Document licence',
    trains: true,
    quotable: true,
  },
  {
    name: 'delidata',
    files: ['dev/delidata.jsonl.gz'],
    form: 'messages',
    licence: 'CC-BY-4.0',
    trains: true,
    quotable: true,
  },
  {
    name: 'ami',
    files: ['dev/ami_train.jsonl.gz'],
    form: 'messages',
    licence: 'CC-BY-4.0',
    trains: true,
    quotable: true,
  },
  {
    name: 'workplace',
    files: ['workplace-dev.jsonl'],
    form: 'discussions',
    licence: 'none stated',
    trains: false,
    quotable: false,
  },
  {
    name: 'icsi',
    files: ['dev/icsi_meetings.jsonl.gz'],
    form: 'messages',
    licence: 'unverified',
    trains: false,
    quotable: false,
  },
  {
    name: 'background',
    files: ['dev/background_dev_irc.jsonl.gz', 'dev/background_fluid_dev.jsonl.gz'],
    form: 'messages',
    licence: 'none stated',
    trains: false,
    quotable: false,
  },
]

const episodeSchema = z.object({
  type: z.enum(['decision', 'reported', 'open', 'options', 'off-channel']),
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  at: z.number().int().nonnegative().nullish(),
  confidence: z.string().nullish(),
  decision_type: z.string().nullish(),
  decided_by: z.string().nullish(),
})
const discussionSchema = z.object({
  id: z.string().min(1),
  stratum: z.string().optional(),
  main: z.string().nullish(),
  messages: z
    .array(
      z.object({
        speaker: z.string(),
        minute: z.number().nullish(),
        ts: z.string().nullish(),
        text: z.string(),
      }),
    )
    .min(1),
  episodes: z.array(episodeSchema),
})
const messageSchema = z.object({
  conversation: z.string(),
  speaker: z.string(),
  text: z.string(),
  ts: z.union([z.string(), z.number()]).nullish(),
  label: z.string().nullish(),
  episode: z.union([z.string(), z.number()]).nullish(),
})

function lines(path: string): string[] {
  const bytes = readFileSync(path)
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8')
  return text.split('\n').filter((line) => line.trim() !== '')
}

/** Reads one discussion line. Throws a zod error naming what is wrong with it. */
export function parseDiscussion(line: string, source: string): LabelledDiscussion {
  const row = discussionSchema.parse(JSON.parse(line))
  const count = row.messages.length
  return {
    id: row.id,
    source,
    group: source,
    stratum: row.stratum,
    main: row.main ?? undefined,
    messages: row.messages.map((m, i) => ({
      id: String(i),
      speaker: m.speaker,
      at: m.minute != null ? m.minute * 60_000 : m.ts ? Date.parse(`${m.ts}Z`) || i * 30_000 : i * 30_000,
      text: m.text,
    })),
    episodes: row.episodes.map((e) => {
      if (e.from > e.to || e.to >= count || (e.at ?? e.to) >= count)
        throw new Error(`${row.id}: an episode lies outside its messages`)
      return {
        type: e.type,
        from: e.from,
        to: e.to,
        at: e.at ?? e.to,
        low: e.confidence === 'low',
        decisionType: decisionTypes.find((type) => type === e.decision_type),
        decidedBy: e.decided_by ?? undefined,
      }
    }),
    unlabelled: new Set(),
  }
}

function readMessages(path: string, source: string): LabelledDiscussion[] {
  const conversations = new Map<string, z.infer<typeof messageSchema>[]>()
  for (const line of lines(path)) {
    const row = messageSchema.parse(JSON.parse(line))
    const rows = conversations.get(row.conversation)
    if (rows) rows.push(row)
    else conversations.set(row.conversation, [row])
  }
  return [...conversations].map(([id, rows]) => conversation(id, source, path, rows))
}

function conversation(
  id: string,
  source: string,
  path: string,
  rows: z.infer<typeof messageSchema>[],
): LabelledDiscussion {
  const spans = new Map<string, { from: number; to: number; type: Episode['type'] }>()
  const unlabelled = new Set<number>()
  rows.forEach((row, i) => {
    if (row.label === 'ignore' || row.label == null) unlabelled.add(i)
    const type =
      row.label === 'decision' || row.label === 'open' || row.label === 'procedural' ? row.label : undefined
    if (!type || row.episode == null) return
    const key = `${type} ${row.episode}`
    const span = spans.get(key)
    // An episode number may come back later in a conversation for another matter.
    if (span && i - span.to <= 25) span.to = i
    else spans.set(span ? `${key} ${i}` : key, { from: i, to: i, type })
  })
  const stamp = (row: z.infer<typeof messageSchema>, i: number): number => {
    if (typeof row.ts === 'number') return row.ts * 1000
    const parsed = typeof row.ts === 'string' && row.ts.includes('T') ? Date.parse(`${row.ts}Z`) : Number.NaN
    return Number.isNaN(parsed) ? i * 30_000 : parsed
  }
  return {
    id,
    source,
    group: /(w3c_\w+?|delidata|ami|icsi|background_\w+?)[._]/.exec(path)?.[1] ?? source,
    stratum: undefined,
    main: undefined,
    messages: rows.map((row, i) => ({
      id: String(i),
      speaker: row.speaker,
      at: stamp(row, i),
      text: row.text,
    })),
    episodes: [...spans.values()].map((s) => ({
      ...s,
      at: s.to,
      low: false,
      decisionType: undefined,
      decidedBy: undefined,
    })),
    unlabelled,
  }
}

/** All discussions of a source found under the data folder; [] when its files are absent. Throws on a malformed line. */
export function loadSource(source: Source, dataFolder: string): LabelledDiscussion[] {
  return source.files.flatMap((file) => {
    const path = join(dataFolder, file)
    if (!existsSync(path)) return []
    return source.form === 'messages'
      ? readMessages(path, source.name)
      : lines(path).map((line) => parseDiscussion(line, source.name))
  })
}

/** Our own hand-written corpus: every *.jsonl in the folder, in the order of names. Throws on a malformed line, naming it. */
export function loadCorpus(folder: string): LabelledDiscussion[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) =>
      lines(join(folder, name)).map((line, i) => {
        try {
          return {
            ...parseDiscussion(line, 'corpus'),
            group: `corpus/${name.replace(/-\d+\.jsonl$|\.jsonl$/, '')}`,
          }
        } catch (error) {
          throw new Error(`${name}:${i + 1}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }),
    )
}
