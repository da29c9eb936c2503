import { RemembrancerError } from '../../src/errors.js'
import type {
  ArchiveEntry,
  ChatEvent,
  Envelope,
  ImportBatch,
  ImportModule,
  ImportSource,
  PersonRef,
  SourceReport,
} from '../../src/platform/index.js'
import { type ExportFiles, looksLikeExport, openExport } from './export-files.js'
import { eventsOf } from './message-events.js'
import { exportedChannel, exportedMessage, exportedUser, instantOf } from './payloads.js'
import { type Channel, channelOf, Workspace } from './workspace.js'

/** Imports of Slack's own workspace exports: the zip, or its unpacked folder. */
export const slackExportModule: ImportModule = {
  name: 'slack-export',
  recognises: looksLikeExport,
  async open(path) {
    const files = await openExport(path)
    try {
      return await ExportSource.check(files)
    } catch (error) {
      await files.close()
      throw error
    }
  },
}

const batchSize = 500
const firstLines = 5
/** Below this share of readable messages the file is no export of Slack's. */
const leastReadable = 0.5

interface Checked {
  readonly workspace: Workspace
  readonly channels: readonly Channel[]
  readonly directs: number
  readonly strayFolders: number
  /** Last instant of the whole export, at which its lists of members are true. */
  readonly lastTs: string | undefined
}

class ExportSource implements ImportSource {
  readonly total: number
  readonly conversations: ImportSource['conversations']
  readonly #files: ExportFiles
  readonly #checked: Checked
  readonly #notUnderstood: { file: string; line: number }[] = []
  #notUnderstoodCount = 0
  #messages = 0

  private constructor(files: ExportFiles, checked: Checked) {
    const { workspace, channels } = checked
    this.#files = files
    this.#checked = checked
    this.total = channels.flatMap((channel) => daysOf(files, channel)).reduce((sum, day) => sum + day.size, 0)
    this.conversations = channels.map(({ id, name }) => ({
      tenant: workspace.tenant,
      conversation: id,
      name,
    }))
  }

  /** Reads every file once; throws when one is damaged. */
  static async check(files: ExportFiles): Promise<ExportSource> {
    const users = [
      ...(await files.list('users.json', exportedUser)),
      ...(await files.list('org_users.json', exportedUser)),
    ]
    const workspace = new Workspace(users)
    const channels: Channel[] = []
    const kinds = { 'channels.json': 'channel', 'groups.json': 'group', 'mpims.json': 'mpim' } as const
    for (const name of ['channels.json', 'groups.json', 'mpims.json'] as const)
      for (const raw of await files.list(name, exportedChannel))
        channels.push(channelOf(raw, kinds[name], workspace))
    for (const channel of channels) workspace.nameChannel(channel.id, channel.name)
    const directs = new Set((await files.list('dms.json', exportedChannel)).map((dm) => dm.id))
    const folders = new Set(channels.flatMap((channel) => [channel.folder, channel.id]))
    const stray = [...files.days.keys()].filter((folder) => !folders.has(folder) && !directs.has(folder))
    const found = { workspace, channels, directs: directs.size, strayFolders: stray.length }
    return new ExportSource(files, { ...found, lastTs: await lastInstant(files, channels) })
  }

  async *envelopes(): AsyncGenerator<ImportBatch> {
    const { workspace, channels } = this.#checked
    let batch: Envelope[] = []
    let done = 0
    for (const channel of channels) {
      batch.push(...this.#opening(channel))
      for (const day of daysOf(this.#files, channel)) {
        for (const [index, raw] of (await this.#files.day(day)).entries()) {
          const parsed = exportedMessage.safeParse(raw)
          if (!parsed.success) {
            this.#miss(day, index)
            continue
          }
          const events = eventsOf(parsed.data, channel, workspace)
          if (events.some((event) => isMessage(event, parsed.data.ts))) this.#messages++
          if (events.length > 0) batch.push({ raw: JSON.stringify(raw), events })
          if (batch.length < batchSize) continue
          yield { envelopes: batch, done }
          batch = []
        }
        done += day.size
      }
      batch.push(...this.#roster(channel))
    }
    yield { envelopes: batch, done: this.total }
  }

  report(): SourceReport {
    const { channels, workspace, directs, strayFolders } = this.#checked
    return {
      messages: this.#messages,
      linesNotUnderstood: { count: this.#notUnderstoodCount, first: [...this.#notUnderstood] },
      groups: channels.length,
      people: workspace.people,
      leftOut: [
        ...(directs > 0 ? [{ what: 'direct conversations of two people', count: directs }] : []),
        ...(strayFolders > 0 ? [{ what: 'folders that no list names', count: strayFolders }] : []),
      ],
    }
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  #opening(channel: Channel): Envelope[] {
    const { id, name, visibility, shared, createdAt, creator } = channel
    const { workspace, lastTs } = this.#checked
    const named = { name, visibility, shared }
    if (createdAt === undefined)
      return lastTs === undefined
        ? []
        : [
            {
              raw: JSON.stringify({ id, name }),
              events: [{ ...this.#base(id, instantOf(lastTs)), kind: 'group-renamed', ...named }],
            },
          ]
    const event: ChatEvent = {
      ...this.#base(id, createdAt),
      kind: 'group-created',
      ...named,
      ...(creator === undefined ? {} : { actor: workspace.ref(creator) }),
    }
    return [{ raw: JSON.stringify({ id, name, created: createdAt }), events: [event] }]
  }

  #roster(channel: Channel): Envelope[] {
    const { lastTs, workspace } = this.#checked
    if (channel.members === undefined || lastTs === undefined) return []
    const members: PersonRef[] = channel.members.map((id) => workspace.ref(id))
    const event: ChatEvent = {
      ...this.#base(channel.id, instantOf(lastTs)),
      kind: 'roster-observed',
      members,
    }
    return [{ raw: JSON.stringify({ id: channel.id, members: channel.members }), events: [event] }]
  }

  #base(conversation: string, at: string) {
    const { tenant } = this.#checked.workspace
    return { platform: 'slack-export', tenant, conversation, source: 'import', at } as const
  }

  #miss(day: ArchiveEntry, index: number): void {
    this.#notUnderstoodCount++
    if (this.#notUnderstood.length < firstLines) this.#notUnderstood.push({ file: day.name, line: index + 1 })
  }
}

/** Whether an event is the message itself: posted, or no more than the sign of its deletion. */
function isMessage(event: ChatEvent, ts: string): boolean {
  return event.kind === 'message-posted' || (event.kind === 'message-deleted' && event.message === ts)
}

function daysOf(files: ExportFiles, channel: Channel): readonly ArchiveEntry[] {
  return files.days.get(channel.folder) ?? files.days.get(channel.id) ?? []
}

/** Reads every message once: damaged files throw, and the last time stamp of all is when the lists were true. */
async function lastInstant(files: ExportFiles, channels: readonly Channel[]): Promise<string | undefined> {
  let last: string | undefined
  let all = 0
  let readable = 0
  for (const channel of channels)
    for (const day of daysOf(files, channel))
      for (const raw of await files.day(day)) {
        all++
        const parsed = exportedMessage.safeParse(raw)
        if (!parsed.success) continue
        readable++
        if (last === undefined || Number(parsed.data.ts) > Number(last)) last = parsed.data.ts
      }
  if (readable < all * leastReadable)
    throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${files.shown} holds no messages in Slack's form.`)
  return last
}
