import { z } from 'zod'
import { RemembrancerError } from '../errors.js'
import type { SettingDoc } from '../platform/index.js'

const port = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65535, {
    error: 'must be a whole number from 0 to 65535',
  })
  .transform(Number)
const flag = z.enum(['on', 'off'], { error: 'must be on or off' })
/** An empty line in .env means the setting is not given. */
const given = (value: string | undefined): string | undefined => (value?.trim() ? value.trim() : undefined)

/** The program's own settings; each platform declares its own beside its adapter. */
export const coreSettings: readonly SettingDoc[] = [
  {
    key: 'PORT',
    default: '3000',
    summary: 'Port of the pages. They listen on loopback only until sign-in exists.',
  },
  {
    key: 'WEBHOOK_PORT',
    default: '3978',
    summary:
      'Port of the platform webhooks, the only one meant to face the internet. Opened only when a platform needs it.',
  },
  {
    key: 'WEBHOOK_HOST',
    default: '0.0.0.0',
    summary: 'Address the webhooks listen on. Use 127.0.0.1 behind a reverse proxy on the same machine.',
  },
  {
    key: 'DATA_DIR',
    default: './data',
    summary: 'Folder for the embedded database, keys, policy.yaml and the control socket.',
  },
  {
    key: 'DATABASE_URL',
    summary:
      'PostgreSQL address (postgresql://user:password@host:5432/name). Empty = the embedded database in DATA_DIR.',
    secret: true,
  },
  {
    key: 'SANDBOX',
    summary:
      'on or off. On by itself when no platform is configured. Its data always lies in a folder of its own.',
  },
  {
    key: 'SECOND_PORT',
    default: '3001',
    summary:
      'Port of the second set of pages, when the sandbox runs beside a real platform, or imported chats beside the sandbox.',
  },
  {
    key: 'PUBLIC_URL',
    summary: 'Address of the pages as people reach them, for links in cards. Empty = http://localhost:PORT.',
  },
  {
    key: 'LEDGER_KEY_FILE',
    summary: 'Ed25519 private key (PEM) that signs checkpoints. Empty = made in DATA_DIR at first start.',
  },
  {
    key: 'DETECTION_LANGUAGE',
    default: 'en',
    summary:
      'Language the official groups write, one that has cues and weights (docs/detector.md says how to add one). The sandbox speaks English.',
  },
  { key: 'LOG_LEVEL', default: 'info', summary: 'debug, info, warn or error. Logs never hold message text.' },
]

const schema = z.object({
  PORT: port.default(3000),
  WEBHOOK_PORT: port.default(3978),
  WEBHOOK_HOST: z.string().default('0.0.0.0'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
    .optional(),
  SANDBOX: flag.optional(),
  SECOND_PORT: port.default(3001),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
    .optional(),
  LEDGER_KEY_FILE: z.string().optional(),
  DETECTION_LANGUAGE: z
    .string()
    .regex(/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/, 'must be the code of a language, such as en')
    .default('en'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn or error' })
    .default('info'),
})

/** Validated settings of the program itself. */
export interface Settings {
  readonly port: number
  readonly webhookPort: number
  readonly webhookHost: string
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly sandbox: 'on' | 'off' | undefined
  readonly secondPort: number
  readonly publicUrl: string | undefined
  readonly ledgerKeyFile: string | undefined
  readonly detectionLanguage: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/**
 * Reads the program's settings from the environment.
 * @throws RemembrancerError CONFIG_INVALID naming the first wrong setting (never its value: it may be a secret)
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const picked = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, given(env[key])]))
  const parsed = schema.safeParse(picked)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RemembrancerError('CONFIG_INVALID', `${issue?.path.join('.')}: ${issue?.message}.`)
  }
  const value = parsed.data
  return {
    port: value.PORT,
    webhookPort: value.WEBHOOK_PORT,
    webhookHost: value.WEBHOOK_HOST,
    dataDir: value.DATA_DIR,
    databaseUrl: value.DATABASE_URL,
    sandbox: value.SANDBOX,
    secondPort: value.SECOND_PORT,
    publicUrl: value.PUBLIC_URL?.replace(/\/+$/, ''),
    ledgerKeyFile: value.LEDGER_KEY_FILE,
    detectionLanguage: value.DETECTION_LANGUAGE,
    logLevel: value.LOG_LEVEL,
  }
}

const line = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/

/**
 * Parses a `.env` file: `KEY=value` lines, `#` comments, single or double quotes around a value.
 * @throws RemembrancerError CONFIG_INVALID with the line number of the first line that is none of these
 */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  lines.forEach((content, index) => {
    if (content.trim() === '' || content.trim().startsWith('#')) return
    const match = line.exec(content)
    if (!match?.[1]) throw new RemembrancerError('CONFIG_INVALID', `.env line ${index + 1} is not KEY=value.`)
    const value = match[2] ?? ''
    const quoted = /^(["'])(.*?)\1(?:\s+#.*)?$/.exec(value)
    if (!quoted && /^["']/.test(value))
      throw new RemembrancerError('CONFIG_INVALID', `.env line ${index + 1} has a quote that is not closed.`)
    values[match[1]] = quoted ? (quoted[2] ?? '') : value.replace(/\s+#.*$/, '')
  })
  return values
}
