import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { slackExportModule } from '../../adapters/slack-export/index.js'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { runImport } from '../../src/imports/index.js'
import type { Database } from '../../src/storage/index.js'
import { fixture, readImport } from './support/read-import.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bad-input-'))
})
afterAll(() => rm(folder, { recursive: true }))

const chat = () => readFile(fixture('whatsapp/us-android.txt'))

async function zip(name: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
  const path = join(folder, name)
  const made = new ZipFile()
  for (const [file, content] of Object.entries(files)) made.addBuffer(content, file)
  made.end()
  await pipeline(made.outputStream, createWriteStream(path))
  return path
}

async function file(name: string, content: Buffer | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Runs an import that must fail before it touches inbox or database; gives the error's line. */
async function refusal(path: string): Promise<{ code: string; line: string }> {
  const untouchable = new Proxy({}, { get: () => untouched() }) as Database
  const untouched = (): never => {
    throw new Error('a bad file must not get this far')
  }
  const error: unknown = await runImport({
    path,
    modules: [whatsappModule, slackExportModule],
    options: { timeZone: 'Europe/London' },
    accept: async () => untouched(),
    settle: async () => untouched(),
    database: untouchable,
    now: () => new Date(),
    webAddress: 'http://127.0.0.1:3000',
  }).catch((caught: unknown) => caught)
  const { code, line } = error as { code?: string; line?: () => string }
  if (code === undefined || line === undefined) throw error
  return { code, line: line.call(error) }
}

describe('a zip', () => {
  it('is read whatever media lie beside the chat', async () => {
    const path = await zip('WhatsApp Chat with Rota.zip', {
      'IMG-20231231-WA0001.jpg': Buffer.alloc(3_000_000, 7),
      'notes.txt': Buffer.from('Dear all,\nthis was sent as a document.\n'),
      'WhatsApp Chat with Rota.txt': await chat(),
    })
    const { of, groupName } = await readImport(whatsappModule, path)
    expect(of('message-posted')).toHaveLength(3)
    expect(groupName).toBe('Rota')
  })

  it("takes an iPhone chat's name from the zip", async () => {
    const path = await zip('WhatsApp Chat - Winter rota.zip', {
      '_chat.txt': await readFile(fixture('whatsapp/ios-gb.zip-chat.txt')),
    })
    expect((await readImport(whatsappModule, path)).groupName).toBe('Winter rota')
  })

  it('that is cut short imports nothing', async () => {
    const whole = await readFile(await zip('whole.zip', { '_chat.txt': await chat() }))
    for (const length of [10, Math.floor(whole.length / 2), whole.length - 5]) {
      const path = await file('cut.zip', whole.subarray(0, length))
      expect(await refusal(path)).toMatchObject({ code: 'IMPORT_TRUNCATED' })
    }
  })

  it('with a flipped bit in its text imports nothing', async () => {
    const path = await zip('flipped.zip', { '_chat.txt': Buffer.concat(Array(400).fill(await chat())) })
    const bytes = await readFile(path)
    bytes[200] = (bytes[200] ?? 0) ^ 0x10
    expect(await refusal(await file('flipped.zip', bytes))).toMatchObject({ code: 'IMPORT_TRUNCATED' })
  })

  it('of something else, or of nothing, is not recognised', async () => {
    expect(
      await refusal(await zip('letter.docx', { 'word/document.xml': Buffer.from('<w/>') })),
    ).toMatchObject({
      code: 'IMPORT_NOT_RECOGNISED',
    })
    expect(await refusal(await zip('empty.zip', {}))).toMatchObject({ code: 'IMPORT_NOT_RECOGNISED' })
  })

  it('with names that lead out of it is refused', async () => {
    const path = await zip('slip.zip', { 'aa/_chat.txt': await chat() })
    const bytes = await readFile(path)
    const slipped = Buffer.from(bytes.toString('latin1').replaceAll('aa/_chat.txt', '../_chat.txt'), 'latin1')
    expect(await refusal(await file('slip.zip', slipped))).toMatchObject({ code: 'IMPORT_NOT_RECOGNISED' })
  })

  it('that unpacks to more than 100 MB of text is too large', async () => {
    const line =
      '12/31/23, 9:41 PM - Ann: 0123456789012345678901234567890123456789012345678901234567890123456789\n'
    const path = await zip('bomb.zip', { '_chat.txt': Buffer.alloc(101_000_000, line) })
    expect(await refusal(path)).toMatchObject({ code: 'IMPORT_TOO_LARGE' })
  })
})

describe('a text file', () => {
  it('that is empty, binary or foreign is not recognised, and the refusal does not quote it', async () => {
    const secret = 'Ann Lee is leaving'
    const files = [
      await file('empty.txt', ''),
      await file('binary.txt', Buffer.from([0, 1, 2, 3, 255, 254, 10, 0])),
      await file('latin1.txt', Buffer.from(`31/12/2023, 21:41 - Ann: caf\xe9 ${secret}\n`, 'latin1')),
      await file('letter.txt', `Dear all,\n${secret} - soon.\n`),
      await file('log.txt', `2023-12-31 21:41:07 - INFO: ${secret}\n`),
    ]
    for (const path of files) {
      const { code, line } = await refusal(path)
      expect(code).toBe('IMPORT_NOT_RECOGNISED')
      expect(line).not.toContain(secret)
    }
  })

  it('that breaks off inside a character or a heading imports nothing', async () => {
    const whole = Buffer.from('31/12/2023, 21:41 - Zoé: ça va\n31/12/2023, 21:42 - Zoé: très')
    expect(await refusal(await file('cut.txt', whole.subarray(0, whole.length - 2)))).toMatchObject({
      code: 'IMPORT_TRUNCATED',
    })
    const headed = '31/12/2023, 21:41 - Zoé: ça va\n31/12/2023, 21:4'
    expect(await refusal(await file('cut.txt', headed))).toMatchObject({ code: 'IMPORT_TRUNCATED' })
  })

  it('of 200 MB is too large, and is refused without being read to its end', async () => {
    const path = join(folder, 'huge.txt')
    const handle = await open(path, 'w')
    await handle.write('31/12/2023, 21:41 - Ann: hello\n'.repeat(3000))
    await handle.truncate(200_000_000)
    await handle.close()
    expect(await refusal(path)).toMatchObject({ code: 'IMPORT_TOO_LARGE' })
    await rm(path)
  })

  it('with ambiguous dates imports nothing', async () => {
    const { code, line } = await refusal(fixture('whatsapp/ambiguous.txt'))
    expect(code).toBe('IMPORT_DATES_AMBIGUOUS')
    expect(line).toContain('--date-order')
  })
})

describe('a path', () => {
  it('that is missing is said to be missing', async () => {
    expect(await refusal(join(folder, 'nowhere.txt'))).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('of a folder that is no export is not recognised', async () => {
    await mkdir(join(folder, 'photos'), { recursive: true })
    expect(await refusal(join(folder, 'photos'))).toMatchObject({ code: 'IMPORT_NOT_RECOGNISED' })
  })
})
