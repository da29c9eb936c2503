/** A line of input, without its end; `text` is undefined when it cannot be read. */
export type InputLine = { readonly text: string } | { readonly text: undefined; readonly problem: string }

/** Far more than any discussion, far less than memory: a line beyond it is skipped, not held. */
const longestLine = 64 * 1024 * 1024
const lineFeed = 10

/**
 * Cuts a stream into lines at line feeds alone: JSON may hold every other line separator within a line. Takes CRLF, a
 * byte order mark and a last line without an end. Holds one line at a time, and of one that is too long nothing.
 * @param longest bytes from which a line is too long
 */
export async function* linesOf(
  input: AsyncIterable<Buffer | string>,
  longest = longestLine,
): AsyncGenerator<InputLine, void, undefined> {
  let parts: Buffer[] = []
  let size = 0
  const take = (): InputLine => {
    const line = size > longest ? tooLong(longest) : decode(Buffer.concat(parts, size))
    parts = []
    size = 0
    return line
  }
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let from = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      add(bytes.subarray(from, end))
      from = end + 1
      yield take()
    }
    add(bytes.subarray(from))
  }
  if (size > 0) yield take()

  function add(part: Buffer): void {
    size += part.length
    if (size > longest) parts = []
    else if (part.length > 0) parts.push(part)
  }
}

const tooLong = (longest: number): InputLine => ({
  text: undefined,
  problem: `longer than ${Math.round(longest / 1024 / 1024)} MB`,
})

/** Not fatal: bytes that are not UTF-8 become U+FFFD, and a byte order mark at the start is dropped. */
const utf8 = new TextDecoder('utf-8')

function decode(bytes: Buffer): InputLine {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { text: undefined, problem: 'UTF-16: write the file in UTF-8' }
  return { text: utf8.decode(bytes) }
}
