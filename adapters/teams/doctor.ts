import { isRemembrancerError } from '../../src/errors.js'
import type { DoctorFinding } from '../../src/platform/index.js'
import type { ConversationStore } from './conversations.js'
import type { KeyStore } from './keys.js'
import type { Reconciler } from './reconcile.js'
import type { TeamsSettings } from './settings.js'
import type { TokenSource } from './token.js'

/** What the checks look at. */
export interface DoctorParts {
  readonly settings: TeamsSettings
  readonly tokens: TokenSource
  readonly keys: KeyStore
  readonly store: ConversationStore
  readonly reconciler: Reconciler
}

/** Checks credentials, keys, Graph and the conversations the bot cannot write to. */
export async function examine(parts: DoctorParts): Promise<DoctorFinding[]> {
  const { settings, tokens, keys, store, reconciler } = parts
  if (!settings.auth)
    return [
      {
        check: 'Teams authentication',
        ok: false,
        detail: 'TEAMS_AUTH is off: requests are not verified. This is for a local emulator only.',
        fix: 'Remove TEAMS_AUTH before connecting to Teams.',
      },
    ]
  const findings = [
    await tried('Teams bot token', 'The token endpoint gives the bot a token.', () =>
      tokens.get(settings.botScope),
    ),
    await tried('Teams signing keys', 'The keys of incoming requests can be read.', () =>
      keys.find('doctor'),
    ),
  ]
  if (settings.graph) {
    findings.push(
      await tried('Microsoft Graph token', 'The token endpoint gives a Graph token.', () =>
        tokens.get(`${new URL(settings.graphUrl).origin}/.default`),
      ),
    )
    const denied = reconciler.denied().size
    findings.push({
      check: 'Microsoft Graph consent',
      ok: denied === 0,
      detail:
        denied === 0
          ? 'Graph has refused no conversation since the start.'
          : `Graph refused ${denied} conversation(s): there, who added and removed people stays unknown and gaps cannot be filled.`,
      ...(denied === 0
        ? {}
        : { fix: 'Update the app in those teams and chats and consent to its permissions (docs/teams.md).' }),
    })
  }
  const silent = store.conversations().filter((one) => one.trouble !== undefined)
  findings.push({
    check: 'Teams conversations',
    ok: silent.length === 0,
    detail:
      silent.length === 0
        ? `${store.conversations().filter((one) => one.present).length} conversations known.`
        : `Teams does not let the bot write to ${silent.length} conversation(s).`,
    ...(silent.length === 0
      ? {}
      : { fix: 'Install the app there again, or ask why it was blocked (docs/teams.md).' }),
  })
  return findings
}

async function tried(check: string, fine: string, work: () => Promise<unknown>): Promise<DoctorFinding> {
  try {
    await work()
    return { check, ok: true, detail: fine }
  } catch (error) {
    if (!isRemembrancerError(error)) throw error
    return { check, ok: false, detail: `${error.code}: ${error.message}`, fix: error.fix }
  }
}
