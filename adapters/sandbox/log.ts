import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { RemembrancerError } from '../../src/errors.js'
import { type LogRecord, type ReadLine, readLine } from './records.js'

/** An append-only log of JSON lines, each on disk before anybody hears of it. */
export interface RecordLog {
  /** Lines found when the log was opened. */
  readonly found: readonly ReadLine[]
  /** Resolves with its line number once the record is on disk; appends made together share one sync. */
  append(record: LogRecord): Promise<number>
  close(): Promise<void>
}

interface Waiting {
  readonly record: LogRecord
  readonly resolve: (line: number) => void
  readonly reject: (error: unknown) => void
}

/**
 * Opens (or begins) the log. A last line without its newline was torn by a crash before anybody was told of it: it
 * is cut off.
 * @param applied called in order for every record once it is on disk, before its append resolves
 */
export async function openLog(
  file: string,
  applied: (record: LogRecord, line: number) => void,
): Promise<RecordLog> {
  const handle = await openFile(file)
  const bytes = await readFile(file)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) await handle.truncate(whole)
  const rows = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  const found = rows.map((raw, index) => readLine(raw, index + 1))

  let lines = rows.length
  let size = whole
  let waiting: Waiting[] = []
  let flushing: Promise<void> | undefined

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const data = Buffer.from(batch.map(({ record }) => `${JSON.stringify(record)}\n`).join(''))
      try {
        await writeAll(handle, data, size)
      } catch (cause) {
        // Half a batch may have reached the disk: cut it off, so that what was refused cannot come back at the next start.
        await handle.truncate(size).catch(() => undefined)
        const error = unusable(file, cause)
        for (const { reject } of batch) reject(error)
        continue
      }
      size += data.length
      for (const { record, resolve } of batch) {
        lines += 1
        applied(record, lines)
        resolve(lines)
      }
    }
    flushing = undefined
  }

  return {
    found,
    append(record) {
      return new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject })
        flushing ??= flush()
      })
    },
    async close() {
      await flushing
      await handle.close()
    },
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    return await open(file, constants.O_RDWR | constants.O_CREAT, 0o600)
  } catch (cause) {
    throw unusable(file, cause)
  }
}

async function writeAll(handle: FileHandle, data: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < data.length) {
    const { bytesWritten } = await handle.write(data, written, data.length - written, position + written)
    written += bytesWritten
  }
  await handle.datasync()
}

function unusable(file: string, cause: unknown): RemembrancerError {
  return new RemembrancerError('DATA_DIR_UNUSABLE', `The sandbox cannot write ${file}.`, { cause })
}
