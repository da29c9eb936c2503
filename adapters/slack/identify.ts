import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isRemembrancerError } from '../../src/errors.js'
import type { PlatformHost } from '../../src/platform/index.js'
import type { SlackApi } from './client.js'
import type { Clock } from './clock.js'
import type { Identity } from './identity.js'

const answer = z.looseObject({
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  user_id: z.string(),
  bot_id: z.string().nullish(),
  app_id: z.string().nullish(),
  url: z.string().nullish(),
})
const stored = z.object({
  tenant: z.string(),
  enterprise: z.string().optional(),
  botUserId: z.string(),
  botId: z.string().optional(),
  appId: z.string().optional(),
  workspaceUrl: z.string().optional(),
})

/** Asks Slack who we are. */
async function ask(api: SlackApi, budgetMs: number): Promise<Identity> {
  const who = await api.call('auth.test', {}, answer, { budgetMs })
  return {
    tenant: who.team_id ?? who.enterprise_id ?? '',
    botUserId: who.user_id,
    ...(who.enterprise_id ? { enterprise: who.enterprise_id } : {}),
    ...(who.bot_id ? { botId: who.bot_id } : {}),
    ...(who.app_id ? { appId: who.app_id } : {}),
    ...(who.url ? { workspaceUrl: who.url } : {}),
  }
}

/**
 * Finds out who we are. When Slack is away, what it said last time will do, and it is asked again until it answers:
 * an outage at start must not turn away the events that come after it.
 * @throws RemembrancerError SLACK_TOKEN_REFUSED when Slack refuses the token
 */
export async function identify(
  api: SlackApi,
  host: PlatformHost,
  clock: Clock,
  use: (identity: Identity) => void,
  stopped: () => boolean,
): Promise<void> {
  const file = path.join(host.dataDir, 'slack-identity.json')
  const settle = async (identity: Identity) => {
    use(identity)
    await writeFile(file, JSON.stringify(identity), { mode: 0o600 }).catch(() => undefined)
  }
  try {
    await settle(await ask(api, 15_000))
  } catch (error) {
    if (!isRemembrancerError(error, 'PLATFORM_UNAVAILABLE')) throw error
    host.log.warn({ platform: 'slack', code: error.code }, 'Slack does not answer yet; starting all the same')
    const before = await readStored(file)
    if (before !== undefined) use(before)
    void keepAsking(api, clock, settle, stopped)
  }
}

async function keepAsking(
  api: SlackApi,
  clock: Clock,
  settle: (identity: Identity) => Promise<void>,
  stopped: () => boolean,
): Promise<void> {
  for (let pause = 1000; !stopped(); pause = Math.min(pause * 2, 60_000)) {
    await clock.sleep(pause)
    const identity = await ask(api, 15_000).catch(() => undefined)
    if (identity !== undefined) return settle(identity)
  }
}

async function readStored(file: string): Promise<Identity | undefined> {
  try {
    const parsed = stored.safeParse(JSON.parse(await readFile(file, 'utf8')))
    if (!parsed.success) return undefined
    const { enterprise, botId, appId, workspaceUrl, ...rest } = parsed.data
    return {
      ...rest,
      ...(enterprise === undefined ? {} : { enterprise }),
      ...(botId === undefined ? {} : { botId }),
      ...(appId === undefined ? {} : { appId }),
      ...(workspaceUrl === undefined ? {} : { workspaceUrl }),
    }
  } catch {
    return undefined
  }
}
