import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { RemembrancerError } from '../errors.js'
import { append } from '../ledger/index.js'
import type { Envelope, ImportModule, ImportOptions, ImportSource, SourceReport } from '../platform/index.js'
import type { Database } from '../storage/index.js'
import { fileHash } from './file-hash.js'
import { countHeld, countNotApplied, type Held, type ImportReport, reportOf } from './report.js'

export interface ImportRunOptions {
  /** File or folder. */
  readonly path: string
  readonly modules: readonly ImportModule[]
  readonly options: ImportOptions
  /** Commits envelopes to the inbox. */
  accept(envelopes: readonly Envelope[]): Promise<void>
  /** Resolves once everything accepted has gone through the pipeline. */
  settle(): Promise<void>
  readonly database: Database
  now(): Date
  progress?(done: number, total: number): void
  /** Address of the pages, for the report; without a slash at its end. */
  readonly webAddress: string
}

/** Batches between settlings: keeps the inbox short and the progress honest. */
const batchesBetween = 4

/**
 * Imports an export file into the running program. Nothing is imported from a file that is damaged, foreign or unclear;
 * importing one again, or a longer export of the same chat, adds only what is new.
 * @returns what it came to, counted in the database
 * @throws RemembrancerError FILE_NOT_FOUND, IMPORT_NOT_RECOGNISED, IMPORT_TRUNCATED, IMPORT_TOO_LARGE,
 *         IMPORT_DATES_AMBIGUOUS, USAGE
 */
export async function runImport(options: ImportRunOptions): Promise<ImportReport> {
  const module = await recognise(options.path, options.modules)
  const source = await module.open(options.path, options.options)
  try {
    return await importFrom(module, source, options)
  } finally {
    await source.close()
  }
}

async function importFrom(
  module: ImportModule,
  source: ImportSource,
  options: ImportRunOptions,
): Promise<ImportReport> {
  const { database } = options
  const platform = module.name
  const hash = await fileHash(options.path)
  const earlier = await database.prisma.importRun.findFirst({
    where: { fileHash: hash, finishedAt: { not: null } },
    orderBy: { finishedAt: 'desc' },
  })
  const before = await countHeld(database, platform, source.conversations)
  const id = randomUUID()
  const startedAt = options.now()
  await database.prisma.importRun.create({ data: { id, platform, fileHash: hash, startedAt } })
  await push(source, options)
  const after = await countHeld(database, platform, source.conversations)
  const finishedAt = options.now()
  const read = source.report()
  await finish(database, { id, platform, hash, finishedAt }, after, before, read)
  return await reportOf(database, {
    id,
    platform,
    file: basename(options.path),
    finishedAt,
    importedBefore: earlier?.finishedAt ?? undefined,
    notApplied: await countNotApplied(database, platform, source.conversations),
    timeZone: options.options.timeZone,
    webAddress: options.webAddress,
    before,
    after,
    read,
  })
}

async function push(source: ImportSource, options: ImportRunOptions): Promise<void> {
  options.progress?.(0, source.total)
  let unsettled = 0
  for await (const { envelopes, done } of source.envelopes()) {
    if (envelopes.length > 0) await options.accept(envelopes)
    if (++unsettled >= batchesBetween) {
      await options.settle()
      unsettled = 0
    }
    // The last step is kept for settling what is left.
    options.progress?.(Math.min(done, source.total - 1), source.total)
  }
  await options.settle()
  options.progress?.(source.total, source.total)
}

async function finish(
  database: Database,
  run: { id: string; platform: ImportModule['name']; hash: string; finishedAt: Date },
  after: Held,
  before: Held,
  read: SourceReport,
): Promise<void> {
  const [only, ...more] = after.groups
  const group = only !== undefined && more.length === 0 ? { group: only.id } : {}
  // Counts only: a report with excerpts would outlive the disposal of the messages it quotes.
  const report = {
    messagesRead: read.messages,
    messagesAdded: after.messages - before.messages,
    linesNotUnderstood: read.linesNotUnderstood.count,
    groups: after.groups.length,
    people: after.people,
    membershipChangesAdded: after.membershipChanges - before.membershipChanges,
  }
  await database.transaction(async (tx) => {
    await tx.importRun.update({ where: { id: run.id }, data: { finishedAt: run.finishedAt, report } })
    await append(tx, {
      kind: 'import-finished',
      import: run.id,
      platform: run.platform,
      ...group,
      fileHash: run.hash,
      messages: report.messagesAdded,
      at: run.finishedAt.toISOString(),
    })
  })
}

async function recognise(path: string, modules: readonly ImportModule[]): Promise<ImportModule> {
  const shown = basename(path)
  const info = await stat(path).catch((cause: unknown) => {
    throw new RemembrancerError('FILE_NOT_FOUND', `There is no file ${shown} at that path.`, { cause })
  })
  if (!info.isFile() && !info.isDirectory())
    throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${shown} is neither a file nor a folder.`)
  try {
    for (const module of modules) if (await module.recognises(path)) return module
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    throw new RemembrancerError('FILE_NOT_FOUND', `${shown} may not be read by this user.`, { cause })
  }
  throw new RemembrancerError('IMPORT_NOT_RECOGNISED', `${shown} is not an export that can be read.`)
}
