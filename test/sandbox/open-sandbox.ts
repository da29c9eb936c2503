import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Cast, createSandboxPlatform, type SandboxPlatform } from '../../adapters/sandbox/index.js'
import { registerAssets } from '../../src/web/assets.js'
import { createTemplates, registerTemplates } from '../../src/web/templates.js'
import { createFakeHost, type FakeHost } from '../support/fake-host.js'

/** A sandbox on a port of its own over a fake host: what the tests and the development server drive. */
export interface OpenSandbox {
  readonly platform: SandboxPlatform
  readonly host: FakeHost
  readonly app: FastifyInstance
  /** Address without trailing slash. */
  readonly url: string
  /** Posts a form as the page's script does. */
  send(path: string, body: Record<string, string> | URLSearchParams): Promise<SandboxAnswer>
  /** HTML of a page. */
  page(path: string): Promise<string>
  /** Stops pages and platform; the data folder stays unless `forget` is set. */
  stop(options?: { forget?: boolean }): Promise<void>
}
export interface SandboxAnswer {
  readonly status: number
  readonly ok: boolean
  readonly problem?: string
  readonly message?: string
  readonly location?: string
}

/** Starts a sandbox over a fake host, on a free port unless one is given. */
export async function openSandbox(
  options: { cast?: Cast; host?: FakeHost; port?: number } = {},
): Promise<OpenSandbox> {
  const host = options.host ?? (await createFakeHost())
  const platform = createSandboxPlatform(options.cast ? { cast: options.cast } : {})
  await platform.start(host)
  const app = Fastify()
  const { pages } = platform
  if (!pages) throw new Error('The sandbox has pages')
  registerTemplates(app, createTemplates([pages.views]))
  await registerAssets(app)
  await pages.register(app)
  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    platform,
    host,
    app,
    url,
    async send(path, body) {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(body),
      })
      return { status: response.status, ...((await response.json()) as Omit<SandboxAnswer, 'status'>) }
    },
    async page(path) {
      return (await fetch(url + path)).text()
    },
    async stop({ forget = false } = {}) {
      await platform.stop()
      await app.close()
      if (forget) await host.close()
    },
  }
}
