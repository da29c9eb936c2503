import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { eventKey } from '../../src/platform/index.js'
import { readImport } from './support/read-import.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-again-'))
})
afterAll(() => rm(folder, { recursive: true }))

const start = `25/12/2023, 09:00 - Ann created group "Rota"
25/12/2023, 09:01 - Ann added Bob
25/12/2023, 09:02 - Ann: One
25/12/2023, 09:02 - Ann: One
25/12/2023, 09:03 - Bob: I will buy the boats
25/12/2023, 09:04 - Bob: <Media omitted>
`

async function keysOf(text: string, name = 'WhatsApp Chat with Rota.txt'): Promise<string[]> {
  const path = join(folder, name)
  await writeFile(path, text)
  return (await readImport(whatsappModule, path)).events.map(eventKey)
}

describe('importing again', () => {
  it('gives the same events the same keys', async () => {
    const keys = await keysOf(start)
    expect(await keysOf(start)).toEqual(keys)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('gives a longer export of the same chat the same keys for what both hold', async () => {
    const keys = await keysOf(start)
    const longer = await keysOf(`${start}26/12/2023, 10:00 - Ann: Two\n`, 'WhatsApp Chat with Rota (1).txt')
    expect(longer.slice(0, keys.length)).toEqual(keys)
    expect(longer).toHaveLength(keys.length + 1)
  })

  it('recognises a message that has been edited or deleted since, or whose media are there now', async () => {
    const keys = await keysOf(start)
    const later = start
      .replace('I will buy the boats', 'I will hire the boats <This message was edited>')
      .replace('<Media omitted>', 'IMG-1.jpg (file attached)')
      .replace('09:02 - Ann: One\n25', '09:02 - Ann: You deleted this message\n25')
    const fresh = (await keysOf(later)).filter((key) => !keys.includes(key))
    expect(fresh.map((key) => key.split('|')[3])).toEqual(['message-deleted', 'message-edited'])
    const message = (key: string) => key.split('|')[4]
    expect(keys.map(message)).toEqual(expect.arrayContaining(fresh.map(message)))
  })
})
