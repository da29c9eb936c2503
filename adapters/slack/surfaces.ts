import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import type { Card, PostReceipt } from '../../src/platform/index.js'
import { plain, type SlackView, said } from './blocks.js'
import type { Channels } from './channels.js'
import { done, type SlackApi } from './client.js'
import { limits } from './limits.js'
import { cardBlocks, renderCard } from './render-card.js'

/** The places on a person's screen where we can show something, each through its own call. */
export interface Surfaces {
  openView(triggerId: string, view: SlackView): Promise<string>
  /** `hash`, when given, makes Slack refuse if the view has changed since. */
  updateView(viewId: string, view: SlackView, hash?: string): Promise<void>
  publishHome(person: string, card: Card): Promise<void>
  replacePost(receipt: PostReceipt, card: Card): Promise<void>
  /** Answers where the person asked, for them alone. */
  respond(url: string, card: Card, replace: boolean): Promise<void>
  /** Answers in the bot's direct conversation with the person. */
  tell(person: string, card: Card): Promise<void>
}

const interactiveMs = 5000
const viewAnswer = z.looseObject({ view: z.looseObject({ id: z.string() }) })

/** Creates the surfaces. `apiUrl` says which host, besides Slack's own, may be answered to. */
export function createSurfaces(api: SlackApi, channels: Channels, apiUrl: string): Surfaces {
  const quick = { budgetMs: interactiveMs }
  return {
    async openView(triggerId, view) {
      const args = { trigger_id: triggerId, view }
      return (await api.call('views.open', args, viewAnswer, { ...quick, repeatable: false })).view.id
    },
    async updateView(viewId, view, hash) {
      await api.call('views.update', { view_id: viewId, view, ...(hash ? { hash } : {}) }, done, quick)
    },
    async publishHome(person, card) {
      await api.call('views.publish', { user_id: person, view: homeView(card) }, done, quick)
    },
    async replacePost({ conversation, message }, card) {
      await api.call('chat.update', { channel: conversation, ts: message, ...renderCard(card) }, done, quick)
    },
    async respond(url, card, replace) {
      if (!isSlacks(url, apiUrl))
        throw new RemembrancerError('PLATFORM_REFUSED', 'The answer address is not one of Slack’s.')
      const body = { response_type: 'ephemeral', replace_original: replace, ...renderCard(card) }
      await postAnswer(url, body)
    },
    async tell(person, card) {
      const channel = await channels.directWith(person, interactiveMs)
      const args = { channel, ...renderCard(card), unfurl_links: false, unfurl_media: false }
      await api.call('chat.postMessage', args, done, { ...quick, channel, repeatable: false })
    },
  }
}

/** A card as a modal without anything to submit. */
export function cardView(card: Card): SlackView {
  return {
    type: 'modal',
    title: plain('Remembrancer', limits.viewTitle),
    close: plain('Close', limits.viewTitle),
    blocks: cardBlocks(card, limits.blocksInView),
  }
}

/** A card as the person's App Home. */
export function homeView(card: Card): SlackView {
  return { type: 'home', blocks: cardBlocks(card, limits.blocksInView) }
}

/** What stands in a modal while the answer is on its way. */
export function waitingView(words: string): SlackView {
  return {
    type: 'modal',
    title: plain('Remembrancer', limits.viewTitle),
    close: plain('Close', limits.viewTitle),
    blocks: [said(words)],
  }
}

/** Answers go to Slack's own hosts only (GovSlack's included), or to the configured API's origin. */
function isSlacks(url: string, apiUrl: string): boolean {
  let address: URL
  try {
    address = new URL(url)
  } catch {
    return false
  }
  if (address.origin === new URL(apiUrl).origin) return true
  return address.protocol === 'https:' && /^hooks\.slack(-gov)?\.com$/.test(address.hostname)
}

async function postAnswer(url: string, body: Record<string, unknown>): Promise<void> {
  let status: number
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(interactiveMs),
    })
    await response.arrayBuffer()
    status = response.status
  } catch (cause) {
    throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Slack could not be reached to answer.', { cause })
  }
  if (status >= 500 || status === 429)
    throw new RemembrancerError('PLATFORM_UNAVAILABLE', `Slack answered ${status} to an answer.`)
  if (status >= 400) throw new RemembrancerError('PLATFORM_REFUSED', `Slack refused an answer: ${status}.`)
}
