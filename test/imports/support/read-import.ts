import { fileURLToPath } from 'node:url'
import { whatsappModule } from '../../../adapters/whatsapp/index.js'
import {
  type ChatEvent,
  type ChatEventKind,
  type ChatEventOf,
  chatEvent,
  type ImportModule,
  type ImportOptions,
  type SourceReport,
} from '../../../src/platform/index.js'

/** All that one file gives, in memory: fixtures are small. */
export interface Read {
  readonly events: readonly ChatEvent[]
  readonly report: SourceReport
  readonly conversation: string
  readonly groupName: string
  of<K extends ChatEventKind>(kind: K): ChatEventOf<K>[]
}

/** Path of a fixture of this folder. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
}

/** Imports a file as `runImport` does, without a database; every event is checked against the port's schema. */
export async function readImport(
  module: ImportModule,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<Read> {
  const source = await module.open(path, { timeZone: 'Europe/London', ...options })
  const events: ChatEvent[] = []
  let done = 0
  for await (const batch of source.envelopes()) {
    if (batch.done < done || batch.done > source.total) throw new Error('progress runs backwards or over')
    done = batch.done
    for (const envelope of batch.envelopes)
      events.push(...envelope.events.map((event) => chatEvent.parse(event)))
  }
  const report = source.report()
  await source.close()
  const [first] = source.conversations
  return {
    events,
    report,
    conversation: first?.conversation ?? '',
    groupName: first?.name ?? '',
    of: <K extends ChatEventKind>(kind: K) =>
      events.filter((event): event is ChatEventOf<K> => event.kind === kind),
  }
}

/** A WhatsApp fixture by name. */
export function readChat(name: string, options: Partial<ImportOptions> = {}): Promise<Read> {
  return readImport(whatsappModule, fixture(`whatsapp/${name}`), options)
}
