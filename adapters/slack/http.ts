import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import type { App, Logger as BoltLogger, HTTPReceiver } from '@slack/bolt'
import type { Logger, Webhook } from '../../src/platform/index.js'
import { maxBodyBytes, verifyRequest } from './verify.js'

/** Where Slack sends events, commands and presses. */
export const eventsPath = '/slack/events'

type Bolt = typeof import('./bolt.js')

export interface HttpDoor {
  readonly receiver: HTTPReceiver
  readonly webhook: Webhook
  /** Difference between Slack's clock and ours at the last accepted request, in seconds. */
  skewSeconds(): number | undefined
}

/**
 * The HTTP door: reads at most {@link maxBodyBytes}, verifies signature and freshness, and only then hands the
 * request to Bolt's receiver, which parses it and holds the acknowledgement until ours.
 */
export function createHttpDoor(
  bolt: Bolt,
  options: { signingSecret: string; now: () => Date; log: () => Logger | undefined; logger: BoltLogger },
): HttpDoor {
  let skew: number | undefined
  const receiver = new bolt.HTTPReceiver({
    signingSecret: options.signingSecret,
    // Verified in `handle` below: with our clock, in both directions of skew, before anything is parsed.
    signatureVerification: false,
    endpoints: [eventsPath],
    logger: options.logger,
    customPropertiesExtractor: (request) => ({ rawText: request.rawBody.toString() }),
    processEventErrorHandler: async ({ response }) => answer(response, 500),
    // Too late for Slack by then; Bolt would say 404, which reads as a wrong address.
    unhandledRequestHandler: ({ response }) => void answer(response, 503),
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void answer(response, 405)
    const body = await readBody(request)
    if (body === undefined) {
      options.log()?.warn({ platform: 'slack', limit: maxBodyBytes }, 'refused an oversize request')
      response.setHeader('connection', 'close')
      return void answer(response, 413)
    }
    if (isSslCheck(request, body)) return void answer(response, 200)
    const verdict = verifyRequest({
      secret: options.signingSecret,
      timestamp: request.headers['x-slack-request-timestamp'],
      signature: request.headers['x-slack-signature'],
      body,
      now: options.now(),
    })
    if (!verdict.ok) {
      options
        .log()
        ?.warn({ platform: 'slack', reason: verdict.reason }, 'refused a request that is not from Slack')
      return void answer(response, 401)
    }
    skew = verdict.skewSeconds
    receiver.requestListener(Object.assign(request, { rawBody: body }), response)
  }

  return {
    receiver,
    webhook: {
      path: eventsPath,
      handle: (request, response) => {
        handle(request, response).catch(() => answer(response, 500))
      },
    },
    skewSeconds: () => skew,
  }
}

/** Connects Bolt's receivers to its app; Bolt would do it for one receiver only. */
export function attach(receiver: { init(app: App): void }, app: App): void {
  receiver.init(app)
}

function answer(response: ServerResponse, status: number): false {
  if (!response.headersSent) response.writeHead(status)
  if (!response.writableEnded) response.end()
  return false
}

/** The whole body, or undefined as soon as it proves too large. Rejects when the request breaks off. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return Promise.resolve(undefined)
  // Plain listeners: an async iterator over each small body costs more than checking its signature.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) {
        request.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the request broke off')))
  })
}

/** Slack checks our certificate with an unsigned form saying only `ssl_check=1`; nothing else in it is looked at. */
function isSslCheck(request: IncomingMessage, body: Buffer): boolean {
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded' || body.length > 1000)
    return false
  return parseQuery(body.toString()).ssl_check === '1'
}
