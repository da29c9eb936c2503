import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import {
  type ArchiveEntry,
  type ImportArchive,
  looksLikeZip,
  openFolder,
  openZip,
  readText,
} from '../../src/platform/index.js'

/** Most bytes of one list or of one channel's day: each is held in memory as a whole. */
const fileLimit = 100_000_000
/** Most bytes of all of them together: more is no export but a trap. */
const totalLimit = 50_000_000_000
const conversationLists = ['channels.json', 'groups.json', 'mpims.json', 'dms.json'] as const
export type ListName = 'users.json' | 'org_users.json' | (typeof conversationLists)[number]

/** The files of an export, wherever its zip keeps them. */
export interface ExportFiles {
  readonly shown: string
  /** Validates and returns a list; empty when the export has none of that name. */
  list<T>(name: ListName, item: z.ZodType<T>): Promise<T[]>
  /** Day files of each channel folder, in order of date. */
  readonly days: ReadonlyMap<string, readonly ArchiveEntry[]>
  /** A day's messages, not yet looked at one by one. */
  day(entry: ArchiveEntry): Promise<unknown[]>
  close(): Promise<void>
}

/** Whether the path holds the lists a Slack export has. */
export async function looksLikeExport(path: string): Promise<boolean> {
  const info = await stat(path)
  if (info.isDirectory()) return (await hasFile(path, userLists)) && (await hasFile(path, conversationLists))
  if (info.size === 0 || !(await looksLikeZip(path))) return false
  const archive = await openZip(path)
  await archive.close()
  return rootOf(archive) !== undefined
}

/**
 * Opens an export.
 * @throws RemembrancerError IMPORT_NOT_RECOGNISED, IMPORT_TRUNCATED, IMPORT_TOO_LARGE
 */
export async function openExport(path: string): Promise<ExportFiles> {
  const shown = basename(path)
  const archive = (await stat(path)).isDirectory() ? await openFolder(path) : await openZip(path)
  const root = rootOf(archive)
  if (root === undefined) {
    await archive.close()
    throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${shown} lacks the lists of a Slack export.`)
  }
  const entries = new Map(archive.entries.map((entry) => [entry.name, entry]))
  const days = daysOf(archive.entries, root)
  const total = [...days.values()].flat().reduce((sum, entry) => sum + entry.size, 0)
  if (total > totalLimit) {
    await archive.close()
    throw new RemembrancerError('IMPORT_TOO_LARGE', `${shown} unpacks to more than 50 GB.`)
  }
  const array = async (entry: ArchiveEntry): Promise<unknown[]> => {
    const text = await readText(archive, entry, fileLimit)
    const parsed = z.array(z.unknown()).safeParse(parseJson(text, entry.name))
    if (!parsed.success) throw malformed(entry.name)
    return parsed.data
  }
  return {
    shown,
    days,
    day: array,
    async list(name, item) {
      const entry = entries.get(root + name)
      if (entry === undefined) return []
      const parsed = z.array(item).safeParse(await array(entry))
      if (!parsed.success) throw malformed(entry.name)
      return parsed.data
    },
    close: () => archive.close(),
  }
}

const userLists = ['users.json', 'org_users.json'] as const

async function hasFile(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) return true
  }
  return false
}

/** Prefix of the export inside the archive: none, or the one folder somebody zipped it in. */
function rootOf(archive: ImportArchive): string | undefined {
  const names = new Set(archive.entries.map((entry) => entry.name))
  const roots = new Set([
    '',
    ...archive.entries.flatMap(({ name }) =>
      name.split('/').length === 2 ? [`${name.split('/')[0]}/`] : [],
    ),
  ])
  for (const root of roots) {
    const has = (list: readonly string[]): boolean => list.some((name) => names.has(root + name))
    if (has(userLists) && has(conversationLists)) return root
  }
  return undefined
}

function daysOf(entries: readonly ArchiveEntry[], root: string): Map<string, ArchiveEntry[]> {
  const days = new Map<string, ArchiveEntry[]>()
  for (const entry of entries) {
    if (!entry.name.startsWith(root)) continue
    const [folder, file, ...deeper] = entry.name.slice(root.length).split('/')
    if (folder === undefined || file === undefined || deeper.length > 0) continue
    if (!/^\d{4}-\d{2}-\d{2}\.json$/.test(file)) continue
    const held = days.get(folder)
    if (held) held.push(entry)
    else days.set(folder, [entry])
  }
  for (const list of days.values()) list.sort((a, b) => (a.name < b.name ? -1 : 1))
  return days
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The parser's own message quotes the file: it stays out of ours.
    throw malformed(name)
  }
}

function malformed(name: string): RemembrancerError {
  return new RemembrancerError('IMPORT_TRUNCATED', `${name} inside the export is not what Slack writes.`)
}
