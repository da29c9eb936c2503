import { isRemembrancerError, type RemembrancerError } from '../../src/errors.js'
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
  /** What a running platform knows beside; absent when only the settings are examined. */
  readonly store?: ConversationStore
  readonly reconciler?: Reconciler
  readonly withoutRoster?: ReadonlySet<string>
}

/** Checks credentials, keys, Graph and the conversations the bot cannot write to. */
export async function examine(parts: DoctorParts): Promise<DoctorFinding[]> {
  const { settings, tokens, keys, store, reconciler, withoutRoster } = parts
  if (!settings.auth)
    return [
      {
        check: 'Teams authentication',
        ok: false,
        detail: 'TEAMS_AUTH is off: requests are not verified. This is for a local emulator only.',
        fix: 'Remove TEAMS_AUTH before connecting to Teams.',
      },
    ]
  const tokenEndpoint = { setting: 'TEAMS_TOKEN_URL', url: settings.tokenUrl }
  const signingKeys = { setting: 'TEAMS_OPENID_METADATA_URL', url: settings.openIdMetadataUrl }
  const findings = [
    await tried('Teams bot token', 'The token endpoint gives the bot a token.', tokenEndpoint, () =>
      tokens.get(settings.botScope),
    ),
    await tried('Teams signing keys', 'The keys of incoming requests can be read.', signingKeys, () =>
      keys.find('doctor'),
    ),
  ]
  if (settings.graph) {
    findings.push(
      await tried('Microsoft Graph token', 'The token endpoint gives a Graph token.', tokenEndpoint, () =>
        tokens.get(`${new URL(settings.graphUrl).origin}/.default`),
      ),
    )
    if (reconciler) findings.push(consent(reconciler.denied().size))
  }
  if (store && withoutRoster) {
    // Where the bot has left since, there is nothing to mend.
    const missing = [...withoutRoster].filter((id) => store.conversation(id)?.present === true)
    findings.push(rosters(missing.length, settings.graph))
  }
  if (store) findings.push(conversations(store))
  return findings
}

function consent(denied: number): DoctorFinding {
  const check = 'Microsoft Graph consent'
  if (denied === 0) return { check, ok: true, detail: 'Graph has refused no conversation since the start.' }
  return {
    check,
    ok: false,
    detail: `Graph refused ${denied} conversation(s): who added and removed people there stays unknown, and gaps cannot be filled.`,
    fix: 'Update the app in those teams and chats and consent to its permissions (docs/teams.md).',
  }
}

function rosters(missing: number, graph: boolean): DoctorFinding {
  const check = 'Rosters of private and shared channels'
  if (missing === 0) return { check, ok: true, detail: 'Every one asked for since the start was complete.' }
  return {
    check,
    ok: false,
    detail: `No complete roster is to be had of ${missing} channel(s): who is in them is known from events alone.`,
    fix: graph
      ? 'Give the registration the application permission ChannelMember.Read.All (docs/teams.md, step 4), or accept it.'
      : 'Remove TEAMS_GRAPH=off and consent to the permissions (docs/teams.md, step 4), or accept it.',
  }
}

function conversations(store: ConversationStore): DoctorFinding {
  const check = 'Teams conversations'
  const all = store.conversations()
  const silent = all.filter((one) => one.trouble !== undefined).length
  if (silent === 0)
    return { check, ok: true, detail: `${all.filter((one) => one.present).length} conversations known.` }
  return {
    check,
    ok: false,
    detail: `Teams does not let the bot write to ${silent} conversation(s).`,
    fix: 'Install the app there again, or ask why it was blocked (docs/teams.md).',
  }
}

/** An address a check asks, and the setting it comes from. */
interface Asked {
  readonly setting: string
  readonly url: string
}

async function tried(
  check: string,
  fine: string,
  asked: Asked,
  work: () => Promise<unknown>,
): Promise<DoctorFinding> {
  try {
    await work()
    return { check, ok: true, detail: fine }
  } catch (error) {
    if (!isRemembrancerError(error)) throw error
    return { check, ok: false, detail: `${error.code}: ${error.message}`, fix: fixOf(error, asked) }
  }
}

/** While setting up, nothing mends by itself: what stands in the way is a firewall, or an address that is not right. */
function fixOf(error: RemembrancerError, { setting, url }: Asked): string {
  const { code, cause, fix } = error
  if (code !== 'PLATFORM_UNAVAILABLE' && code !== 'PLATFORM_NOT_FOUND' && code !== 'PLATFORM_REFUSED')
    return fix
  const { host } = new URL(url)
  // Only where no answer came at all is there a cause.
  return cause === undefined
    ? `Check that ${setting} is the address Microsoft names for your cloud (it leads to ${host}); if it is, try again in some minutes.`
    : `Let this machine reach ${host} through its firewall (docs/teams.md lists every host), and check ${setting}.`
}
