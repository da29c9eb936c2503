import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSigner } from '../../src/ledger/index.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remembrancer-signer-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the key is made on first start, for this user alone, and stays', async () => {
  const first = await openSigner({ dataDir: folder })
  expect(statSync(join(folder, 'ledger-key.pem')).mode & 0o777).toBe(0o600)
  const second = await openSigner({ dataDir: folder })
  expect(second.keyId).toBe(first.keyId)
  expect(first.sign('text')).toBe(second.sign('text'))
})

test('several starts at once agree on one key', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => openSigner({ dataDir: folder })))
  expect(new Set(all.map((signer) => signer.keyId)).size).toBe(1)
})

test('a key given is used and never made', async () => {
  const keyFile = join(folder, 'given.pem')
  await expect(openSigner({ dataDir: folder, keyFile })).rejects.toMatchObject({
    code: 'LEDGER_KEY_UNUSABLE',
  })
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const signer = await openSigner({ dataDir: folder, keyFile })
  expect(signer.keyId).toMatch(/^[0-9a-f]{16}$/)
})

test.each([
  ['nonsense', () => 'nonsense'],
  [
    'another kind of key',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ],
])('%s is refused with a clear error, and left as it is', async (_what, content) => {
  const file = join(folder, 'ledger-key.pem')
  const text = String(content())
  writeFileSync(file, text, { mode: 0o600 })
  await expect(openSigner({ dataDir: folder })).rejects.toMatchObject({ code: 'LEDGER_KEY_UNUSABLE' })
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a key that others may read is refused', async () => {
  await openSigner({ dataDir: folder })
  chmodSync(join(folder, 'ledger-key.pem'), 0o644)
  await expect(openSigner({ dataDir: folder })).rejects.toThrow(/other users/)
})
