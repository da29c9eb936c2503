import type {
  ChatEvent,
  Envelope,
  ImportBatch,
  ImportModule,
  ImportOptions,
  ImportSource,
  SourceReport,
} from '../../src/platform/index.js'
import { ChatEvents } from './chat-events.js'
import { type ChatFile, chatAt, findChat, textLimit } from './chat-file.js'
import { localTime } from './date-order.js'
import { type Entry, readEntries } from './entries.js'
import { type Heading, readHeading } from './heading.js'
import { readLines } from './lines.js'
import { conversationId, People } from './people.js'
import { readStatement } from './statement.js'
import { type Survey, survey } from './survey.js'
import { openZone, type Zone } from './zone.js'

/** Imports of exported WhatsApp chats: `.txt`, or `.zip` with or without media, from Android and iPhone. */
export const whatsappModule: ImportModule = {
  name: 'whatsapp',
  async recognises(path) {
    const chat = await findChat(path)
    await chat?.close()
    return chat !== undefined
  },
  async open(path, options) {
    const zone = openZone(options.timeZone)
    const chat = await chatAt(path)
    try {
      return new ChatSource(chat, await survey(chat, options), options, zone)
    } catch (error) {
      await chat.close()
      throw error
    }
  },
}

const batchSize = 500
const firstLines = 5

class ChatSource implements ImportSource {
  readonly total: number
  readonly conversations: ImportSource['conversations']
  readonly #chat: ChatFile
  readonly #survey: Survey
  readonly #zone: Zone
  readonly #events: ChatEvents
  readonly #people: People
  readonly #notUnderstood: { line: number }[] = []
  #notUnderstoodCount = 0
  #messages = 0

  constructor(chat: ChatFile, found: Survey, options: ImportOptions, zone: Zone) {
    const name = options.groupName ?? chat.name ?? found.groupName ?? 'WhatsApp chat'
    const conversation = conversationId(name)
    this.total = chat.size
    this.conversations = [{ tenant: 'local', conversation, name }]
    this.#chat = chat
    this.#survey = { ...found, voices: new Set([...found.voices, name, ...(chat.name ? [chat.name] : [])]) }
    this.#zone = zone
    this.#people = new People(options.me)
    this.#events = new ChatEvents({
      conversation,
      groupName: name,
      people: this.#people,
      authors: found.authors,
    })
  }

  async *envelopes(): AsyncGenerator<ImportBatch> {
    const { dialect, order, voices } = this.#survey
    const headingOf = (text: string): Heading | undefined => {
      const heading = readHeading(text)
      return heading?.dialect === dialect && localTime(heading, order) ? heading : undefined
    }
    const lines = readLines(await this.#chat.open(), this.#chat.shown, textLimit)
    let batch: Envelope[] = []
    let previous = Number.NEGATIVE_INFINITY
    let first: number | undefined
    for await (const entry of readEntries(lines, headingOf)) {
      const local = entry.kind === 'entry' ? localTime(entry.heading, order) : undefined
      if (entry.kind === 'stray' || local === undefined) {
        this.#miss(entry.line)
        continue
      }
      previous = this.#zone.toUtc(local, previous)
      first ??= previous
      const statement = readStatement(entry.heading.form, entry.text, voices)
      const { events, understood } = this.#events.read(statement, previous, entry.heading.form)
      if (!understood) this.#miss(entry.line)
      for (const line of entry.dropped) this.#miss(line)
      if (statement.kind === 'message') this.#messages++
      if (events.length > 0) batch.push(envelope(entry, events))
      if (batch.length >= batchSize) {
        yield { envelopes: batch, done: entry.bytes }
        batch = []
      }
    }
    if (first !== undefined && !this.#events.named)
      batch.push({ raw: '{}', events: [this.#events.nameEvent(first)] })
    yield { envelopes: batch, done: this.total }
  }

  report(): SourceReport {
    return {
      messages: this.#messages,
      linesNotUnderstood: { count: this.#notUnderstoodCount, first: [...this.#notUnderstood] },
      groups: 1,
      people: this.#people.count,
      leftOut: [],
    }
  }

  close(): Promise<void> {
    return this.#chat.close()
  }

  #miss(line: number): void {
    this.#notUnderstoodCount++
    if (this.#notUnderstood.length < firstLines) this.#notUnderstood.push({ line })
  }
}

function envelope(entry: Entry & { kind: 'entry' }, events: readonly ChatEvent[]): Envelope {
  return { raw: JSON.stringify({ line: entry.line, date: entry.heading.date, text: entry.text }), events }
}
