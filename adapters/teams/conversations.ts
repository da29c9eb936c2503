import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { PostReceipt } from '../../src/platform/index.js'

/** A conversation we have met, with what is needed to write into it without being asked. */
const conversationSchema = z.object({
  id: z.string(),
  kind: z.enum(['channel', 'chat', 'personal']),
  serviceUrl: z.string(),
  name: z.string().optional(),
  team: z.string().optional(),
  /** `standard`, `private` or `shared`; channels only. */
  channelType: z.string().optional(),
  /** Whose personal chat it is: Entra object id. */
  person: z.string().optional(),
  present: z.boolean(),
  /** Why we could not write there last time: the service's own code. Cleared by any sign of life. */
  trouble: z.string().optional(),
})
export type Conversation = z.infer<typeof conversationSchema>

const teamSchema = z.object({
  id: z.string(),
  groupId: z.string().optional(),
  name: z.string().optional(),
})
export type Team = z.infer<typeof teamSchema>

const personSchema = z.object({
  id: z.string(),
  mri: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
})
export type KnownPerson = z.infer<typeof personSchema>

const postSchema = z.object({
  outbox: z.string(),
  conversation: z.string(),
  /** Absent while the post is on its way: a crash then leaves it in doubt. */
  message: z.string().optional(),
  thread: z.string().optional(),
})

const lineSchema = z.discriminatedUnion('t', [
  conversationSchema.extend({ t: z.literal('conversation') }),
  teamSchema.extend({ t: z.literal('team') }),
  personSchema.extend({ t: z.literal('person') }),
  postSchema.extend({ t: z.literal('post') }),
  z.object({ t: z.literal('cursor'), conversation: z.string(), at: z.string() }),
  z.object({ t: z.literal('forget'), conversation: z.string() }),
])
type Line = z.infer<typeof lineSchema>

/** How many of our own posts are remembered, newest last: enough to recognise those a crash left in doubt. */
const postsKept = 5000
/** Lines appended before the file is rewritten, beside twice what it holds. */
const rewriteAfter = 2000

/** What the adapter keeps on disk: references to conversations, people's ids, and its latest posts. */
export interface ConversationStore {
  conversation(id: string): Conversation | undefined
  conversations(): readonly Conversation[]
  personalChat(person: string): Conversation | undefined
  remember(conversation: Conversation): void
  mark(id: string, change: { trouble?: string | undefined; present?: boolean }): void
  forget(id: string): void
  team(id: string): Team | undefined
  teams(): readonly Team[]
  rememberTeam(team: Team): void
  channelsOf(team: string): readonly Conversation[]
  person(id: string): KnownPerson | undefined
  personOf(mri: string): string | undefined
  rememberPerson(person: KnownPerson): void
  /** Notes that a post is about to go out, or went out as this receipt. */
  notePost(outbox: string, conversation: string, done?: { message: string; thread?: string }): void
  post(outbox: string): { receipt: PostReceipt | undefined; conversation: string } | undefined
  threadOfPost(message: string): string | undefined
  cursor(conversation: string): string | undefined
  setCursor(conversation: string, at: string): void
}

/**
 * Opens the store: one file of JSON lines, appended to at each change and rewritten now and then. What is lost
 * with it repairs itself: the next activity, roster or channel list brings each reference back.
 */
export function openConversationStore(dataDir: string): ConversationStore {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, 'conversations.jsonl')
  const conversations = new Map<string, Conversation>()
  const personal = new Map<string, string>()
  const teams = new Map<string, Team>()
  const people = new Map<string, KnownPerson>()
  const mris = new Map<string, string>()
  const posts = new Map<string, z.infer<typeof postSchema>>()
  const threads = new Map<string, string>()
  const cursors = new Map<string, string>()

  function apply(line: Line): void {
    switch (line.t) {
      case 'conversation': {
        const { t: _t, ...conversation } = line
        conversations.set(line.id, conversation)
        if (line.person !== undefined && line.kind === 'personal') personal.set(line.person, line.id)
        return
      }
      case 'team':
        teams.set(line.id, { ...teams.get(line.id), ...without(line) })
        return
      case 'person':
        people.set(line.id, { ...people.get(line.id), ...without(line) })
        mris.set(line.mri, line.id)
        return
      case 'post':
        posts.delete(line.outbox)
        posts.set(line.outbox, without(line))
        if (line.message !== undefined && line.thread !== undefined) threads.set(line.message, line.thread)
        trimOldest(posts)
        trimOldest(threads)
        return
      case 'cursor':
        cursors.set(line.conversation, line.at)
        return
      case 'forget': {
        const owner = conversations.get(line.conversation)?.person
        if (owner !== undefined && personal.get(owner) === line.conversation) personal.delete(owner)
        conversations.delete(line.conversation)
      }
    }
  }

  let appended = 0

  function write(line: Line): void {
    apply(line)
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    appended += 1
    const held = teams.size + people.size + conversations.size + posts.size + cursors.size
    if (appended > rewriteAfter + 2 * held) rewrite()
  }

  /** Writes what is known now to a new file and puts it in the place of the old one. */
  function rewrite(): void {
    const lines: Line[] = [
      ...[...teams.values()].map((one) => ({ t: 'team' as const, ...one })),
      ...[...people.values()].map((one) => ({ t: 'person' as const, ...one })),
      ...[...conversations.values()].map((one) => ({ t: 'conversation' as const, ...one })),
      ...[...posts.values()].map((one) => ({ t: 'post' as const, ...one })),
      ...[...cursors].map(([conversation, at]) => ({ t: 'cursor' as const, conversation, at })),
    ]
    writeFileSync(`${file}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    appended = 0
  }

  function load(): void {
    if (!existsSync(file)) return
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      const parsed = lineSchema.safeParse(safeJson(text))
      // A line cut short by a crash says nothing; what it meant comes back by itself.
      if (parsed.success) apply(parsed.data)
    }
    rewrite()
  }
  load()

  return {
    conversation: (id) => conversations.get(id),
    conversations: () => [...conversations.values()],
    personalChat(person) {
      const id = personal.get(person)
      return id === undefined ? undefined : conversations.get(id)
    },
    remember(conversation) {
      const merged = { ...conversations.get(conversation.id), ...conversation }
      if (!same(conversations.get(conversation.id), merged)) write({ t: 'conversation', ...merged })
    },
    mark(id, change) {
      const known = conversations.get(id)
      if (!known) return
      const { trouble: _old, ...rest } = known
      const trouble = 'trouble' in change ? change.trouble : known.trouble
      const next = {
        ...rest,
        ...(change.present === undefined ? {} : { present: change.present }),
        ...(trouble === undefined ? {} : { trouble }),
      }
      if (!same(known, next)) write({ t: 'conversation', ...next })
    },
    forget(id) {
      if (conversations.has(id)) write({ t: 'forget', conversation: id })
    },
    team: (id) => teams.get(id),
    teams: () => [...teams.values()],
    rememberTeam(team) {
      const merged = { ...teams.get(team.id), ...team }
      if (!same(teams.get(team.id), merged)) write({ t: 'team', ...merged })
    },
    channelsOf: (team) =>
      [...conversations.values()].filter((one) => one.kind === 'channel' && one.team === team),
    person: (id) => people.get(id),
    personOf: (mri) => mris.get(mri),
    rememberPerson(person) {
      const merged = { ...people.get(person.id), ...person }
      if (!same(people.get(person.id), merged)) write({ t: 'person', ...merged })
    },
    notePost(outbox, conversation, done) {
      write({ t: 'post', outbox, conversation, ...done })
    },
    post(outbox) {
      const known = posts.get(outbox)
      if (!known) return undefined
      const { conversation, message } = known
      return { conversation, receipt: message === undefined ? undefined : { conversation, message } }
    },
    threadOfPost: (message) => threads.get(message),
    cursor: (conversation) => cursors.get(conversation),
    setCursor(conversation, at) {
      if (cursors.get(conversation) !== at) write({ t: 'cursor', conversation, at })
    },
  }
}

function without<T extends { t: string }>(line: T): Omit<T, 't'> {
  const { t: _t, ...rest } = line
  return rest
}

function trimOldest<V>(map: Map<string, V>): void {
  const oldest = map.keys().next()
  if (map.size > postsKept && !oldest.done) map.delete(oldest.value)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
