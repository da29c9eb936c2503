import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { isRemembrancerError } from '../../src/errors.js'
import { readImport } from './support/read-import.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-properties-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Said {
  readonly author: string
  readonly text: string
  /** Minutes after the message before. */
  readonly after: number
}
type Render = (at: Date, author: string, text: string) => string

const two = (value: number): string => String(value).padStart(2, '0')
const twelve = (at: Date): number => at.getUTCHours() % 12 || 12
const half = (at: Date): string => (at.getUTCHours() < 12 ? 'AM' : 'PM')
const day = (at: Date): [number, number, number] => [
  at.getUTCDate(),
  at.getUTCMonth() + 1,
  at.getUTCFullYear(),
]

const dialects: Readonly<Record<string, Render>> = {
  'Android, day first, 24 hours': (at, author, text) => {
    const [d, m, y] = day(at)
    return `${two(d)}/${two(m)}/${y}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} - ${author}: ${text}\n`
  },
  'Android, month first, 12 hours': (at, author, text) => {
    const [d, m, y] = day(at)
    return `${m}/${d}/${two(y % 100)}, ${twelve(at)}:${two(at.getUTCMinutes())}\u202f${half(at)} - ${author}: ${text}\n`
  },
  'Android, points': (at, author, text) => {
    const [d, m, y] = day(at)
    return `${two(d)}.${two(m)}.${two(y % 100)}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} - ${author}: ${text}\n`
  },
  'Android, p.m.': (at, author, text) => {
    const [d, m, y] = day(at)
    const marker = half(at) === 'AM' ? 'a.\u00a0m.' : 'p.\u00a0m.'
    return `${d}/${m}/${y} ${twelve(at)}:${two(at.getUTCMinutes())} ${marker} - ${author}: ${text}\n`
  },
  'iPhone, day first': (at, author, text) => {
    const [d, m, y] = day(at)
    return `[${two(d)}/${two(m)}/${y}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:00] ${author}: ${text}\r\n`
  },
  'iPhone, year first': (at, author, text) => {
    const [d, m, y] = day(at)
    return `\u200e[${y}-${two(m)}-${two(d)}, ${twelve(at)}:${two(at.getUTCMinutes())}:00\u202f${half(at)}] ${author}: ${text}\r\n`
  },
}

const words = fc
  .array(
    fc.constantFrom('flood', 'Müller', 'agreed', '4,000', '10:30', '- yes', '(a)', '日本', '😀', '?', '[x]'),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(' '))
const chats = fc.array(
  fc.record({
    author: fc.constantFrom('Ann Lee', 'Bob', 'Çağrı', '李雷', '+447700900123', 'O’Neill - Ops'),
    text: fc.array(words, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
    after: fc.integer({ min: 0, max: 3000 }),
  }),
  { minLength: 1, maxLength: 25 },
)

function render(chat: readonly Said[], dialect: Render): { text: string; at: string[] } {
  // Christmas Day settles the order of dates; everything after is in winter or summer alike, in UTC.
  let now = Date.UTC(2023, 11, 25, 9, 0)
  let text = dialect(new Date(now), 'Ann Lee', 'Start')
  const at = [new Date(now).toISOString()]
  for (const said of chat) {
    now += said.after * 60_000
    text += dialect(new Date(now), said.author, said.text)
    at.push(new Date(now).toISOString())
  }
  return { text, at }
}

describe.each(Object.entries(dialects))('%s', (name, dialect) => {
  it('gives back every chat as it was written', async () => {
    const path = join(folder, `${name}.txt`)
    await fc.assert(
      fc.asyncProperty(chats, async (chat) => {
        const { text, at } = render(chat, dialect)
        await writeFile(path, text)
        const { of, report } = await readImport(whatsappModule, path, { timeZone: 'UTC' })
        const posted = of('message-posted')
        expect(posted.map((event) => event.text)).toEqual(['Start', ...chat.map((said) => said.text)])
        expect(posted.map((event) => event.author.name)).toEqual([
          'Ann Lee',
          ...chat.map((said) => said.author),
        ])
        expect(posted.map((event) => event.at)).toEqual(at)
        expect(new Set(posted.map((event) => event.message)).size).toBe(posted.length)
        expect(report.linesNotUnderstood.count).toBe(0)
      }),
      { numRuns: 40 },
    )
  })
})

describe('junk', () => {
  const heads = fc.constantFrom(
    '[31/12/2023, 21:41:07] ',
    '31/12/23, 21:41 - ',
    '[99/99/9999, 99:99:99] ',
    '\u200e[',
    '[[[[[',
    ' - ',
    ': ',
    'Ann: \u200e',
    '\n',
    '\r\n',
    'You were added',
    ' created group "',
    '"',
    ', and ',
    'left',
  )
  const soup = fc.array(fc.oneof(heads, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 60 })

  it('is read or refused with a code, never with a crash', async () => {
    const path = join(folder, 'soup.txt')
    await fc.assert(
      fc.asyncProperty(soup, async (parts) => {
        await writeFile(path, parts.join(''))
        const error = await readImport(whatsappModule, path, { timeZone: 'UTC' }).catch(
          (caught: unknown) => caught,
        )
        if (error instanceof Error) expect(isRemembrancerError(error), error.stack ?? '').toBe(true)
      }),
      { numRuns: 250 },
    )
  })

  it('of random bytes is not recognised', async () => {
    const path = join(folder, 'bytes.txt')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        await writeFile(path, bytes)
        await expect(readImport(whatsappModule, path)).rejects.toMatchObject({
          code: expect.stringMatching(/^IMPORT_(NOT_RECOGNISED|TRUNCATED)$/) as string,
        })
      }),
      { numRuns: 80 },
    )
  })

  it('of one enormous line is read in time, or refused', async () => {
    const path = join(folder, 'line.txt')
    for (const piece of ['31/12/23, 21:41 - Ann', '[1', ' added ', '" ', '\u200e'])
      await writeFile(
        path,
        `31/12/23, 21:41 - Ann: x\n31/12/23, 21:42 - ${piece.repeat(900_000 / piece.length)}\n`,
      ).then(() =>
        readImport(whatsappModule, path).catch((error: unknown) => {
          if (!isRemembrancerError(error)) throw error
        }),
      )
  })
})
