import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseEnvFile, readPolicy, readSettings } from '../../src/config/index.js'
import { isRemembrancerError } from '../../src/errors.js'

const folder = mkdtempSync(join(tmpdir(), 'remembrancer-policy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const policyWith = (yaml: string) => {
  writeFileSync(join(folder, 'policy.yaml'), yaml)
  return readPolicy(folder)
}
const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (isRemembrancerError(error)) return error.line()
    throw error
  }
  return 'accepted'
}

describe('policy.yaml', () => {
  test('is not needed', () => {
    expect(readPolicy(undefined)).toEqual(readPolicy(join(folder, 'nothing-here')))
  })

  test('changes what it names and nothing else', () => {
    const policy = policyWith('nudges:\n  perGroupPerDay: 1\n  quietHours: { from: "18:00" }\n')
    const shipped = readPolicy(undefined)
    expect(policy).toEqual({
      ...shipped,
      nudges: {
        ...shipped.nudges,
        perGroupPerDay: 1,
        quietHours: { ...shipped.nudges.quietHours, from: '18:00' },
      },
    })
  })

  test('may be empty, or hold only comments', () => {
    expect(policyWith('')).toEqual(readPolicy(undefined))
    expect(policyWith('# nothing yet\n')).toEqual(readPolicy(undefined))
  })

  test.each([
    ['recording: { limitDays: -1 }', 'recording.limitDays'],
    ['recording: { limitDays: soon }', 'recording.limitDays'],
    ['nudges: { place: shout }', 'nudges.place'],
    ['nudges: { quietHours: { from: "25:00" } }', 'nudges.quietHours.from'],
    ['nudges: { quietHours: { to: 7 } }', 'nudges.quietHours.to'],
    ['nudges: { quietHours: { timeZone: Europe/Atlantis } }', 'Europe/Atlantis'],
    ['nudges: { kinds: { gossip: true } }', 'gossip'],
    ['nudges: { perGroupPerDay: 1.5 }', 'nudges.perGroupPerDay'],
    ['nudges: yes please', 'nudges'],
    ['nudges:', 'nudges'],
    ['suggestions: { minimumScore: high }', 'suggestions.minimumScore'],
    ['digest: { day: 8 }', 'digest.day'],
    ['digest: { time: "9:00" }', 'digest.time'],
    ['digest: { timeZone: Mars }', 'Mars'],
    ['retention: { rawPayloadDays: forever }', 'retention.rawPayloadDays'],
    ['delivery: { maximumAttempts: 0 }', 'delivery.maximumAttempts'],
    ['delivrey: { maximumAttempts: 3 }', 'delivrey'],
    ['- a list', 'top'],
    ['just words', 'top'],
    ['a: [unclosed', 'not valid YAML'],
    ['nudges: { enabled: true }\nnudges: { enabled: false }', 'not valid YAML'],
  ])('%s is refused by name', (yaml, named) => {
    const line = refusal(() => policyWith(yaml))
    expect(line).toMatch(/^POLICY_INVALID: /)
    expect(line).toContain(named)
  })

  test.each([
    ['recording: { limitDays: -1 }', 'recording.limitDays: must be a whole number from 0 to 3660.'],
    ['recording: { limitDays: soon }', 'recording.limitDays: must be a whole number from 0 to 3660.'],
    ['recording: { limitDays: 1.5 }', 'recording.limitDays: must be a whole number from 0 to 3660.'],
    ['recording: { limitDays: .nan }', 'recording.limitDays: must be a whole number from 0 to 3660.'],
    ['recording: { limitDays: }', 'recording.limitDays: must be a whole number from 0 to 3660.'],
    ['nudges: { notOlderThanHours: "24" }', 'nudges.notOlderThanHours: must be a number from 0 to 720.'],
    ['suggestions: { minimumScore: high }', 'suggestions.minimumScore: must be a number, 0 or more.'],
  ])('%s is refused in a sentence that says what the number must be', (yaml, sentence) => {
    expect(refusal(() => policyWith(yaml))).toMatch(new RegExp(`at ${sentence.replaceAll('.', '\\.')}`))
  })
})

describe('settings', () => {
  test('have defaults, and empty ones count as not given', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({
      port: 3000,
      webhookPort: 3978,
      dataDir: './data',
      databaseUrl: undefined,
    })
  })

  test('the address of the pages loses its trailing slash', () => {
    expect(readSettings({ PUBLIC_URL: 'https://chat.example/' }).publicUrl).toBe('https://chat.example')
  })

  test.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['WEBHOOK_PORT', '-1'],
    ['WEBHOOK_PORT', '3.5'],
    ['SANDBOX', 'maybe'],
    ['DATABASE_URL', 'mysql://user:hunter2@host/db'],
    ['PUBLIC_URL', 'ftp://hunter2.example'],
    ['LOG_LEVEL', 'shouting'],
  ])('a wrong %s is named, and its value is not repeated', (key, value) => {
    const line = refusal(() => readSettings({ [key]: value }))
    expect(line).toMatch(new RegExp(`^CONFIG_INVALID: ${key}:`))
    expect(line).not.toContain(value)
  })

  test.each(['PORT', 'WEBHOOK_PORT', 'SECOND_PORT'])(
    '%s that is no port is refused in a sentence that says what it must be',
    (key) => {
      for (const value of ['abc', '70000', '-1', '3.5', '1e3', '0x50'])
        expect(refusal(() => readSettings({ [key]: value }))).toMatch(
          new RegExp(`^CONFIG_INVALID: ${key}: must be a whole number from 0 to 65535\\. `),
        )
      expect(Object.values(readSettings({ [key]: ' 8080 ' }))).toContain(8080)
    },
  )

  test('no refusal speaks the language of the library that checks them', () => {
    const wrong = { SANDBOX: 'maybe', LOG_LEVEL: 'shouting', PUBLIC_URL: 'ftp://x', WEBHOOK_PORT: 'abc' }
    for (const [key, value] of Object.entries(wrong))
      expect(refusal(() => readSettings({ [key]: value }))).not.toMatch(/expected|received|invalid (?!:)/)
  })
})

describe('.env', () => {
  test('is KEY=value lines with comments, quotes and export', () => {
    const text =
      '# comment\r\nA=1\nexport B = two words # note\nC="#not a comment"\nD=\'it\'\n\nE=\nF=a=b\nG=x#y\n'
    expect(parseEnvFile(text)).toEqual({
      A: '1',
      B: 'two words',
      C: '#not a comment',
      D: 'it',
      E: '',
      F: 'a=b',
      G: 'x#y',
    })
  })

  test('may begin with a byte order mark, and quote a value before a comment', () => {
    expect(parseEnvFile('\uFEFFA=1\nB="two" # note\n')).toEqual({ A: '1', B: 'two' })
  })

  test.each([
    ['A=1\nhunter2', 2],
    ['2A=hunter2', 1],
    ['A="hunter2', 1],
    ["A=1\n\nB='hunter2", 3],
  ])('a bad line is named by its number, and not repeated', (text, number) => {
    const line = refusal(() => parseEnvFile(text))
    expect(line).toContain(`CONFIG_INVALID: .env line ${number} `)
    expect(line).not.toContain('hunter2')
  })
})
