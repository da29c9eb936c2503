import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { RemembrancerError } from '../errors.js'
import { keyIdOf } from './offline/verify.mjs'

/** Signs checkpoints (Ed25519). */
export interface Signer {
  /** Short name of the key, printed with every checkpoint. */
  readonly keyId: string
  readonly publicKeyPem: string
  /** Base64 signature over UTF-8 text. */
  sign(text: string): string
}

/**
 * Opens the signing key, making one on the first start (`ledger-key.pem` in the data folder, readable by this user
 * alone). Back it up: checkpoints signed by it are checked against its public half.
 * @param options `keyFile` = a key given by the operator, which is never made or changed
 * @throws RemembrancerError LEDGER_KEY_UNUSABLE when it cannot be read, is not Ed25519, or others may read it
 */
export async function openSigner(options: { dataDir: string; keyFile?: string }): Promise<Signer> {
  const file = options.keyFile ?? join(options.dataDir, 'ledger-key.pem')
  if (options.keyFile === undefined) makeKey(file)
  const key = readKey(file, options.keyFile === undefined ? 0o077 : 0o007)
  const publicKey = createPublicKey(key)
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64'),
  }
}

/** Written aside, flushed and linked into place: a crash leaves either no key or a whole one, and the first wins. */
function makeKey(file: string): void {
  const aside = `${file}.${process.pid}`
  try {
    if (exists(file)) return
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const { privateKey } = generateKeyPairSync('ed25519')
    rmSync(aside, { force: true })
    const handle = openSync(aside, 'wx', 0o600)
    writeSync(handle, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(handle)
    closeSync(handle)
    chmodSync(aside, 0o600)
    linkSync(aside, file)
    const folder = openSync(dirname(file), 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return
    throw new RemembrancerError('LEDGER_KEY_UNUSABLE', `The ledger signing key ${file} cannot be made.`, {
      cause,
    })
  } finally {
    rmSync(aside, { force: true })
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}

function readKey(file: string, forbidden: number): KeyObject {
  const unusable = (what: string, cause?: unknown): RemembrancerError =>
    new RemembrancerError('LEDGER_KEY_UNUSABLE', `The ledger signing key ${file} ${what}.`, { cause })
  let key: KeyObject
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & forbidden) !== 0)
      throw unusable('may be read by other users of this machine (chmod 600 mends that)')
    key = createPrivateKey(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof RemembrancerError) throw cause
    throw unusable('cannot be read', cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unusable('is not an Ed25519 key')
  return key
}
