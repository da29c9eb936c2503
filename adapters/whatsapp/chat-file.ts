import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { RemembrancerError } from '../../src/errors.js'
import { type ArchiveEntry, type ImportArchive, looksLikeZip, openZip } from '../../src/platform/index.js'
import { readHeading } from './heading.js'
import { nameInFileName } from './phrases.js'

/** The text of an exported chat, by itself or inside its zip. */
export interface ChatFile {
  /** What errors call it. */
  readonly shown: string
  /** Name of the chat as its file is called, where it is called so. */
  readonly name: string | undefined
  readonly size: number
  open(): Promise<Readable>
  close(): Promise<void>
}

/** Most bytes of text taken; media in a zip do not count. */
export const textLimit = 100_000_000
const beginning = 64 * 1024
const mostTextsTried = 20

/** Finds the chat in a `.txt` or a `.zip`; undefined when there is none. */
export async function findChat(path: string): Promise<ChatFile | undefined> {
  const info = await stat(path)
  if (!info.isFile() || info.size === 0) return undefined
  if (await looksLikeZip(path)) return await chatInZip(path)
  const open = async (): Promise<Readable> => createReadStream(path)
  if (!(await beginsLikeChat(open))) return undefined
  const file = basename(path)
  const name = nameInFileName(file) ?? nameInFileName(basename(dirname(path))) ?? stem(file)
  return { shown: file, name, size: info.size, open, close: async () => undefined }
}

/** The chat of a path that must hold one. */
export async function chatAt(path: string): Promise<ChatFile> {
  const chat = await findChat(path)
  if (chat === undefined)
    throw new RemembrancerError(
      'IMPORT_NOT_RECOGNISED',
      `${basename(path)} holds no chat in WhatsApp's form.`,
    )
  if (chat.size <= textLimit) return chat
  await chat.close()
  throw new RemembrancerError('IMPORT_TOO_LARGE', `${chat.shown} holds more than 100 MB of text.`)
}

async function chatInZip(path: string): Promise<ChatFile | undefined> {
  const archive = await openZip(path)
  try {
    const entry = await chatEntry(archive)
    if (entry === undefined) {
      await archive.close()
      return undefined
    }
    const inside = basename(entry.name)
    const file = basename(path)
    return {
      shown: inside,
      name: nameInFileName(inside) ?? nameInFileName(file) ?? stem(inside) ?? stem(file),
      size: entry.size,
      open: () => archive.read(entry),
      close: () => archive.close(),
    }
  } catch (error) {
    await archive.close()
    throw error
  }
}

async function chatEntry(archive: ImportArchive): Promise<ArchiveEntry | undefined> {
  const texts = archive.entries
    .filter((entry) => /\.txt$/i.test(entry.name) && entry.name.split('/').length <= 2 && entry.size > 0)
    .sort((a, b) => likelihood(b) - likelihood(a))
  for (const entry of texts.slice(0, mostTextsTried))
    if (await beginsLikeChat(() => archive.read(entry))) return entry
  return undefined
}

function likelihood(entry: ArchiveEntry): number {
  const file = basename(entry.name)
  return file === '_chat.txt' ? 2 : nameInFileName(file) !== undefined ? 1 : 0
}

function stem(file: string): string | undefined {
  const name = file.replace(/\.(txt|zip)$/i, '').replace(/ ?\(\d{1,3}\)$/, '')
  return name === '_chat' || name === '' ? undefined : name
}

async function beginsLikeChat(open: () => Promise<Readable>): Promise<boolean> {
  const source = await open()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= beginning) break
  }
  source.destroy()
  const start = Buffer.concat(chunks).subarray(0, beginning)
  if (start.includes(0)) return false
  return start
    .toString('utf8')
    .split('\n')
    .some((line) => readHeading(line) !== undefined)
}
