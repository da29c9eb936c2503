import type { Readable } from 'node:stream'
import { isRemembrancerError, RemembrancerError } from '../../src/errors.js'

/** A line of a file, without its end. */
export interface Line {
  readonly text: string
  /** Numbered from 1. */
  readonly number: number
  /** Bytes read so far. */
  readonly bytes: number
  /** False for a last line that nothing ends. */
  readonly ended: boolean
}

const longestLine = 1_000_000

/**
 * Lines of a UTF-8 file, one at a time, in constant memory.
 * @throws RemembrancerError IMPORT_NOT_RECOGNISED for binary, IMPORT_TRUNCATED when it breaks off inside a character,
 *         IMPORT_TOO_LARGE beyond `limit` bytes
 */
export async function* readLines(source: Readable, name: string, limit: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let number = 0
  let bytes = 0
  for await (const chunk of readable(source, name)) {
    bytes += chunk.length
    if (bytes > limit)
      throw new RemembrancerError('IMPORT_TOO_LARGE', `${name} holds more than 100 MB of text.`)
    rest += decode(decoder, chunk, name)
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      yield { text: withoutReturn(rest.slice(from, end)), number: ++number, bytes, ended: true }
      from = end + 1
    }
    rest = rest.slice(from)
    if (rest.length > longestLine) throw notText(name)
  }
  try {
    rest += decoder.decode()
  } catch (cause) {
    throw new RemembrancerError('IMPORT_TRUNCATED', `${name} breaks off in the middle of a character.`, {
      cause,
    })
  }
  if (rest !== '') yield { text: withoutReturn(rest), number: ++number, bytes, ended: false }
}

async function* readable(source: Readable, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer
  } catch (cause) {
    if (isRemembrancerError(cause)) throw cause
    throw new RemembrancerError('IMPORT_TRUNCATED', `${name} could not be read to its end.`, { cause })
  } finally {
    source.destroy()
  }
}

function decode(decoder: TextDecoder, chunk: Buffer, name: string): string {
  if (chunk.includes(0)) throw notText(name)
  try {
    return decoder.decode(chunk, { stream: true })
  } catch {
    throw notText(name)
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function notText(name: string): RemembrancerError {
  return new RemembrancerError('IMPORT_NOT_RECOGNISED', `${name} is not a text file in UTF-8.`)
}
