/**
 * The one registry of operator-facing errors. Each has a stable code, what happened, and the fix.
 * Everything that can go wrong in a foreseeable way is thrown as a {@link RemembrancerError} with one of these codes;
 * `docs/errors.md` is generated from this table.
 */
const registry = {
  CONFIG_INVALID: 'Correct the named setting in .env or the environment; .env.example documents each one.',
  DETECTION_LANGUAGE_UNKNOWN:
    'Name in DETECTION_LANGUAGE a language that has both files in src/detection: cues-<language>.json and weights-<language>.json. docs/detector.md says how to add one.',
  POLICY_INVALID:
    'Correct policy.yaml at the named place; docs/policy.md lists every key. Nothing was changed.',
  DATA_DIR_IN_USE: 'Stop the other process, or give this one another DATA_DIR.',
  DATA_DIR_NEWER: 'Start the version that wrote this data, or a newer one; this version will not touch it.',
  DATA_DIR_UNUSABLE: 'Make DATA_DIR a folder this user may write to, with free space.',
  DATABASE_UNREACHABLE: 'Check DATABASE_URL and that PostgreSQL is running and accepts this user.',
  DATABASE_MIGRATION_FAILED:
    'Nothing was changed. Restore the migrations folder of this version, or report the message.',
  DATABASE_WRONG_KIND:
    'Sandbox fiction and official records never share a database: give the sandbox its own DATA_DIR, or unset DATABASE_URL for it.',
  PORT_IN_USE: 'Stop the program that holds the port, or set another one (PORT, WEBHOOK_PORT).',
  NOT_RUNNING: 'Start Remembrancer with npm start, then try again.',
  IMPORT_NOT_RECOGNISED:
    'Give a WhatsApp chat export (.txt or .zip) or a Slack export (.zip or unpacked folder). Nothing was imported.',
  IMPORT_TRUNCATED: 'Export the chat again: this file ends too early or is damaged. Nothing was imported.',
  IMPORT_TOO_LARGE: 'Export the chat without media, or in shorter periods. Nothing was imported.',
  IMPORT_DATES_AMBIGUOUS: 'Add --date-order dmy, mdy or ymd to settle how dates in this file are written.',
  FILE_NOT_FOUND: 'Check the path.',
  USAGE: 'Run npx remembrancer help for the commands and their options.',
  LEDGER_BROKEN:
    'Keep the database as it is, export the ledger, and compare with the last checkpoint held elsewhere.',
  LEDGER_KEY_UNUSABLE:
    'Restore the ledger signing key from your backup, or give its path in LEDGER_KEY_FILE.',
  EVENT_UNREADABLE: 'Nothing to do: the payload is kept. Report its kind if it recurs.',
  EVENT_SET_ASIDE:
    'Run npx remembrancer replay after the cause is mended; npx remembrancer doctor lists them.',
  DELIVERY_GAVE_UP:
    'Check that the bot may still post there; npx remembrancer doctor lists undelivered posts.',
  PLATFORM_REFUSED:
    'The message names what the platform refused; docs for that platform list the permission needed.',
  PLATFORM_UNAVAILABLE: 'Nothing to do at once: deliveries are tried again by themselves.',
  PLATFORM_NOT_FOUND:
    'The conversation, message or person no longer exists on the platform, or the bot was removed.',
  SLACK_CONFIG_INCOMPLETE:
    'Set SLACK_BOT_TOKEN, and SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).',
  SLACK_TOKEN_REFUSED: 'Reinstall the Slack app and copy its bot token to SLACK_BOT_TOKEN.',
  SLACK_APP_TOKEN_REFUSED:
    'Turn Socket Mode on in the Slack app, and make an app-level token with connections:write for SLACK_APP_TOKEN.',
  SLACK_SCOPE_MISSING: 'Add the named scope under OAuth & Permissions in the Slack app and reinstall it.',
  TEAMS_CONFIG_INCOMPLETE:
    'Set TEAMS_APP_ID, TEAMS_TENANT_ID and TEAMS_APP_PASSWORD (or the certificate settings).',
  TEAMS_AUTH_OFF_REFUSED: 'TEAMS_AUTH=off is for a local emulator: listen on loopback only, or turn it on.',
  TEAMS_TOKEN_REFUSED:
    'Check TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID in the Entra registration.',
  FORM_INVALID: 'Correct the fields marked; nothing typed was lost.',
  NOT_ALLOWED: 'Ask an administrator of the group.',
  NOT_FOUND: 'Check the reference; it may have been disposed of under a retention rule.',
  GROUP_NOT_REGISTERED: 'Register the group first: /register-group, or the Register link on its page.',
} as const

/** A stable, documented error code. */
export type ErrorCode = keyof typeof registry

/** Every code with the fix shown to the operator, for the documentation generator and its test. */
export const errorRegistry: Readonly<Record<ErrorCode, string>> = registry

/**
 * A foreseeable failure. `message` is one sentence saying what happened (never message text from a chat);
 * `fix` is the sentence telling the operator what to do.
 */
export class RemembrancerError extends Error {
  readonly code: ErrorCode
  readonly fix: string
  readonly retryAfterMs: number | undefined

  /**
   * @param code registry key
   * @param what one sentence: what happened, with names of settings or files, never chat text
   * @param options `cause` for the log; `retryAfterMs` when a platform asked us to wait
   */
  constructor(code: ErrorCode, what: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RemembrancerError'
    this.code = code
    this.fix = registry[code]
    this.retryAfterMs = options.retryAfterMs
  }

  /** The line an operator sees: code, what happened, what to do. */
  line(): string {
    return `${this.code}: ${this.message} ${this.fix}`
  }
}

/** True when `error` is a {@link RemembrancerError}, optionally of one code. */
export function isRemembrancerError(error: unknown, code?: ErrorCode): error is RemembrancerError {
  return error instanceof RemembrancerError && (code === undefined || error.code === code)
}
