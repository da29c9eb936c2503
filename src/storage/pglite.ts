import { existsSync, fsyncSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { RemembrancerError } from '../errors.js'

type InitResult = Awaited<ReturnType<NodeFS['init']>>
interface NodeFsStream {
  readonly nfd: number
}
interface EmscriptenFs {
  readonly filesystems: { readonly NODEFS: { stream_ops: { fsync?: (stream: NodeFsStream) => number } } }
}

/** PGlite's own file system never flushes to disk; this one does, so that an acknowledged commit survives power loss. */
class DurableNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): Promise<InitResult> {
    const result = await super.init(...args)
    const preRun = (result.emscriptenOpts.preRun ?? []) as unknown as ((module: {
      FS: EmscriptenFs
    }) => void)[]
    const flushing = (module: { FS: EmscriptenFs }): void => {
      module.FS.filesystems.NODEFS.stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd)
        return 0
      }
    }
    return {
      ...result,
      emscriptenOpts: {
        ...result.emscriptenOpts,
        preRun: [...preRun, flushing] as unknown as NonNullable<InitResult['emscriptenOpts']['preRun']>,
      },
    }
  }
}

const embeddedMajorVersion = '18'

/**
 * Opens the embedded PostgreSQL.
 * @param folder data folder, created with mode 0700 when missing; undefined = in memory (tests)
 * @param snapshot a data folder dumped by `dumpDataDir`, for a quick start in tests
 * @throws RemembrancerError DATA_DIR_NEWER when the folder was written by another major version,
 *         DATA_DIR_UNUSABLE when it cannot be opened
 */
export async function openPglite(folder: string | undefined, snapshot?: Blob): Promise<PGlite> {
  const options: PGliteOptions = { ...(snapshot ? { loadDataDir: snapshot } : {}) }
  if (folder === undefined) return await PGlite.create(options)
  const versionFile = join(folder, 'PG_VERSION')
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, 'utf8').trim()
    if (found !== embeddedMajorVersion)
      throw new RemembrancerError(
        'DATA_DIR_NEWER',
        `The embedded database in ${folder} was written by PostgreSQL ${found}, this version carries ${embeddedMajorVersion}.`,
      )
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return await PGlite.create({
      ...options,
      fs: new DurableNodeFS(folder),
      startParams: [
        ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
        '-c',
        'wal_sync_method=fsync',
        // A single session beside the operating system's own cache: more would only add to idle memory.
        '-c',
        'shared_buffers=32MB',
      ],
    })
  } catch (cause) {
    throw new RemembrancerError(
      'DATA_DIR_UNUSABLE',
      `The embedded database in ${folder} could not be opened.`,
      { cause },
    )
  }
}

/**
 * A socket look-alike that carries PostgreSQL's wire protocol to the embedded database, for `pg` and so for Prisma.
 * PGlite has one session: the pool over this must have exactly one connection.
 */
export function pgliteStream(db: PGlite): Duplex {
  let startedUp = false
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      db.execProtocolRaw(chunk)
        .then((answer) => {
          startedUp = true
          if (answer.length > 0) stream.push(Buffer.from(answer))
          done()
        })
        .catch((error: unknown) => done(error instanceof Error ? error : new Error(String(error))))
    },
    final(done) {
      stream.push(null)
      done()
    },
  })
  void startedUp
  return Object.assign(stream, {
    connect() {
      queueMicrotask(() => stream.emit('connect'))
      return stream
    },
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    ref: () => stream,
    unref: () => stream,
  })
}
