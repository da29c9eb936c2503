import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Settings } from './config/index.js'
import { RemembrancerError } from './errors.js'
import type { ChatPlatform, Webhook } from './platform/index.js'

/**
 * Listens on an address.
 * @param setting name of the setting the port comes from, for the error
 * @returns the address as a URL
 * @throws RemembrancerError PORT_IN_USE
 */
export async function listen(server: Server, port: number, host: string, setting: string): Promise<string> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new RemembrancerError('PORT_IN_USE', `${setting} ${port} cannot be listened on (${error.code}).`)
          : error,
      ),
    )
    server.listen(port, host, () => done())
  })
  const bound = server.address() as AddressInfo
  return `http://localhost:${bound.port}`
}

/**
 * Opens the one port meant to face the internet, if a platform needs it: it serves the platforms' request addresses
 * and nothing else.
 */
export async function listenWebhooks(
  platforms: readonly ChatPlatform[],
  settings: Settings,
): Promise<Server | undefined> {
  const routes = new Map<string, Webhook>()
  for (const { webhook } of platforms) if (webhook) routes.set(webhook.path, webhook)
  if (routes.size === 0) return undefined
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000 }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const route = routes.get(path)
    if (!route) {
      response.writeHead(404, { 'content-type': 'text/plain', connection: 'close' }).end('Not found\n')
      request.resume()
      return
    }
    route.handle(request, response)
  })
  await listen(server, settings.webhookPort, settings.webhookHost, 'WEBHOOK_PORT')
  return server
}
