import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTeamsSettings } from '../../adapters/teams/settings.js'
import { createTokenSource } from '../../adapters/teams/token.js'
import { startService } from '../support/teams/service.js'

const run = promisify(execFile)
let folder: string
let pemFile: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'teams-tls-'))
  const key = path.join(folder, 'key.pem')
  const cert = path.join(folder, 'cert.pem')
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ])
  pemFile = path.join(folder, 'both.pem')
  await writeFile(pemFile, (await readFile(key, 'utf8')) + (await readFile(cert, 'utf8')))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function child(env: Record<string, string>): Promise<unknown> {
  const script = path.join(import.meta.dirname, '../support/teams/https-child.ts')
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, pemFile], {
    env: { ...process.env, ...env },
  })
  return JSON.parse(stdout)
}

test('over HTTPS the certificate of the other side is checked before anything is sent', async () => {
  const trusting = { NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') }
  expect(await child(trusting)).toEqual({ outcome: 'token', asked: 1 })
  expect(await child({ NODE_EXTRA_CA_CERTS: '' })).toEqual({ outcome: 'PLATFORM_UNAVAILABLE', asked: 0 })
}, 60_000)

test('a certificate proves the bot with a signed assertion that Entra can check', async () => {
  let form = new URLSearchParams()
  const service = await startService((call) => {
    form = new URLSearchParams(call.text)
    return { status: 200, body: { access_token: 'token', expires_in: 3600 } }
  })
  try {
    const pem = await readFile(pemFile, 'utf8')
    const tokenUrl = `${service.origin}/tenant/oauth2/v2.0/token`
    const tokens = createTokenSource({
      tokenUrl,
      appId: 'the-app',
      credential: { kind: 'certificate', pem },
      http: { fetch: globalThis.fetch, now: () => new Date('2026-11-22T12:00:00Z'), timeoutMs: 5000 },
    })
    expect(await tokens.get('scope')).toBe('token')
    // https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    expect(form.has('client_secret')).toBe(false)
    const [head = '', body = '', signature = ''] = (form.get('client_assertion') ?? '').split('.')
    const certificate = new X509Certificate(pem)
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const digest = (kind: string) => createHash(kind).update(certificate.raw).digest('base64url')
    expect(read(head)).toMatchObject({ alg: 'RS256', x5t: digest('sha1'), 'x5t#S256': digest('sha256') })
    expect(read(body)).toMatchObject({ iss: 'the-app', sub: 'the-app', aud: tokenUrl })
    const signed = Buffer.from(`${head}.${body}`)
    expect(verify('RSA-SHA256', signed, certificate.publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    )
  } finally {
    await service.stop()
  }
})

test('a certificate file that holds no pair is refused at the start, not at the first post', async () => {
  const read = (file: string) =>
    readTeamsSettings({
      TEAMS_APP_ID: '00000000-0000-4000-8000-000000000001',
      TEAMS_TENANT_ID: '00000000-0000-4000-8000-000000000002',
      TEAMS_CERTIFICATE_FILE: file,
    })
  expect(read(pemFile).credential.kind).toBe('certificate')
  const pem = await readFile(pemFile, 'utf8')
  const certificate = pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const wrong = {
    'junk.pem': 'junk',
    'key-alone.pem': pem.replace(certificate, ''),
    'certificate-alone.pem': certificate,
    'another-key.pem': `${stranger.export({ type: 'pkcs8', format: 'pem' })}${certificate}`,
  }
  for (const [name, text] of Object.entries(wrong)) {
    await writeFile(path.join(folder, name), text)
    expect(() => read(path.join(folder, name)), name).toThrow(/TEAMS_CERTIFICATE_FILE does not hold/)
  }
})
