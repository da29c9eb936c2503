import { z } from 'zod'
import { RemembrancerError } from '../../src/errors.js'
import { failure, type HttpContext, request } from './http.js'
import type { TeamsSettings } from './settings.js'
import type { TokenSource } from './token.js'

/** The little of Microsoft Graph we use: reading, page by page. */
export interface Graph {
  /** One resource, or undefined when it is not there (404). */
  get(path: string): Promise<unknown>
  /** All items of a collection, following `@odata.nextLink`. */
  list(path: string): AsyncIterable<unknown>
  /** Follows a link Graph itself gave (nested `…@odata.nextLink`). */
  follow(link: string): AsyncIterable<unknown>
}

const pageSchema = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
})

// One call waits out a short throttling itself; a longer one goes back to the caller with its Retry-After.
const patienceMs = 20_000
const tries = 3

/**
 * Creates the client.
 * @param sleep how to wait between tries; replaced in tests
 */
export function createGraph(options: {
  readonly settings: TeamsSettings
  readonly tokens: TokenSource
  readonly http: HttpContext
  readonly sleep: (ms: number) => Promise<void>
}): Graph {
  const { settings, tokens, http, sleep } = options
  const base = new URL(settings.graphUrl)
  const scope = `${base.origin}/.default`

  async function call(url: string, left = tries, freshToken = false): Promise<unknown> {
    const token = await tokens.get(scope)
    const answer = await request(http, 'Microsoft Graph', url, {
      method: 'GET',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    if (answer.status === 200) return answer.body
    if (answer.status === 401 && !freshToken) {
      tokens.forget(scope)
      return call(url, left, true)
    }
    const error = failure('Microsoft Graph', answer, http.now())
    const wait = error.retryAfterMs ?? 1000
    if (error.code === 'PLATFORM_UNAVAILABLE' && left > 1 && wait <= patienceMs) {
      await sleep(wait)
      return call(url, left - 1, freshToken)
    }
    throw error
  }

  async function* pages(first: string): AsyncIterable<unknown> {
    let url: string | undefined = first
    while (url !== undefined) {
      const page = pageSchema.safeParse(await call(url))
      if (!page.success)
        throw new RemembrancerError('PLATFORM_UNAVAILABLE', 'Microsoft Graph answered without a list.')
      yield* page.data.value
      url = page.data['@odata.nextLink']
      if (url !== undefined) ownLink(url)
    }
  }

  /** A link from a page may lead nowhere but to Graph: our token goes with it. */
  function ownLink(link: string): string {
    if (!URL.canParse(link) || new URL(link).origin !== base.origin)
      throw new RemembrancerError('PLATFORM_REFUSED', 'Microsoft Graph named a page on another host.')
    return link
  }

  return {
    async get(path) {
      try {
        return await call(`${settings.graphUrl}${path}`)
      } catch (error) {
        if (error instanceof RemembrancerError && error.code === 'PLATFORM_NOT_FOUND') return undefined
        throw error
      }
    },
    list: (path) => pages(`${settings.graphUrl}${path}`),
    follow: (link) => pages(ownLink(link)),
  }
}
