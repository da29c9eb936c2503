import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline, type Readable, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { isRemembrancerError, RemembrancerError } from '../errors.js'

/** A file inside an archive. Nothing is ever unpacked to disk: names are only names. */
export interface ArchiveEntry {
  /** Path inside the archive, with `/`. */
  readonly name: string
  /** Bytes once decompressed, as the archive declares and reading enforces. */
  readonly size: number
}

/** A zip or a folder, read one file at a time. */
export interface ImportArchive {
  readonly entries: readonly ArchiveEntry[]
  /** Streams a file; ends in an error when it is damaged or longer than declared. */
  read(entry: ArchiveEntry): Promise<Readable>
  close(): Promise<void>
}

const maxEntries = 500_000
const maxDepth = 3

/** Whether a file begins as zip files do. */
export async function looksLikeZip(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    // A local file header, or the end record of an empty archive.
    return bytesRead === 4 && ['504b0304', '504b0506'].includes(buffer.toString('hex'))
  } finally {
    await file.close()
  }
}

/**
 * Opens a zip and lists it. Names that would leave the archive, encrypted files and absurd numbers of files are refused.
 * @throws RemembrancerError IMPORT_TRUNCATED when the list at its end is missing or damaged, IMPORT_NOT_RECOGNISED,
 *         IMPORT_TOO_LARGE
 */
export async function openZip(path: string): Promise<ImportArchive> {
  const { openPromise } = await import('yauzl')
  const shown = basename(path)
  let zip: ZipFile
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: false })
  } catch (cause) {
    throw new RemembrancerError('IMPORT_TRUNCATED', `The list of files at the end of ${shown} is missing.`, {
      cause,
    })
  }
  const held = new Map<string, Entry>()
  try {
    if (zip.entryCount > maxEntries) throw tooMany(shown)
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || entry.fileName.startsWith('__MACOSX/')) continue
      if (entry.isEncrypted())
        throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${shown} is protected by a password.`)
      held.set(entry.fileName, entry)
    }
  } catch (cause) {
    zip.close()
    if (isRemembrancerError(cause)) throw cause
    if (
      cause instanceof Error &&
      /^(invalid relative path|absolute path|invalid characters)/.test(cause.message)
    )
      throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${shown} holds file names that lead out of it.`)
    throw new RemembrancerError('IMPORT_TRUNCATED', `The list of files in ${shown} is damaged.`, { cause })
  }
  return {
    entries: [...held.values()].map((entry) => ({ name: entry.fileName, size: entry.uncompressedSize })),
    async read({ name }) {
      const entry = held.get(name)
      if (!entry) throw new RemembrancerError('IMPORT_TRUNCATED', `${name} is missing from ${shown}.`)
      try {
        return checked(await zip.openReadStreamPromise(entry), entry)
      } catch (cause) {
        throw damaged(name, cause)
      }
    },
    close: async () => zip.close(),
  }
}

/** Lists a folder as if it were an archive, three levels deep, never following links out of it. */
export async function openFolder(path: string): Promise<ImportArchive> {
  const entries: ArchiveEntry[] = []
  const walk = async (inside: string, depth: number): Promise<void> => {
    for (const item of await readdir(join(path, inside), { withFileTypes: true })) {
      const name = inside === '' ? item.name : `${inside}/${item.name}`
      if (item.isDirectory() && depth < maxDepth) await walk(name, depth + 1)
      if (!item.isFile()) continue
      if (entries.length >= maxEntries) throw tooMany(basename(path))
      entries.push({ name, size: (await stat(join(path, name))).size })
    }
  }
  await walk('', 1)
  return {
    entries,
    read: async ({ name }) => createReadStream(join(path, name)),
    close: async () => undefined,
  }
}

/**
 * A whole small file as text.
 * @param limit most bytes it may hold
 * @throws RemembrancerError IMPORT_TOO_LARGE, IMPORT_TRUNCATED
 */
export async function readText(archive: ImportArchive, entry: ArchiveEntry, limit: number): Promise<string> {
  if (entry.size > limit) throw new RemembrancerError('IMPORT_TOO_LARGE', `${entry.name} is too large.`)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of await archive.read(entry)) {
      size += (chunk as Buffer).length
      if (size > limit) throw new RemembrancerError('IMPORT_TOO_LARGE', `${entry.name} is too large.`)
      chunks.push(chunk as Buffer)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw isRemembrancerError(cause) ? cause : damaged(entry.name, cause)
  }
}

/** Zip libraries check lengths; the checksum is what notices a flipped bit. */
function checked(source: Readable, entry: Entry): Readable {
  let sum = 0
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum)
      done(null, chunk)
    },
    flush(done) {
      done(sum === entry.crc32 ? null : damaged(entry.fileName, undefined))
    },
  })
  // pipeline destroys both sides; the reader of `check` sees the error.
  pipeline(source, check, () => undefined)
  return check
}

function damaged(name: string, cause: unknown): RemembrancerError {
  return new RemembrancerError('IMPORT_TRUNCATED', `${name} inside the archive is damaged.`, { cause })
}

function tooMany(name: string): RemembrancerError {
  return new RemembrancerError('IMPORT_TOO_LARGE', `${name} holds more than ${maxEntries} files.`)
}
