import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a stand-in's rules see it. */
export interface Call {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly json: Record<string, unknown>
}

/** An answer of a stand-in. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A running stand-in of one service. */
export interface Service {
  readonly origin: string
  readonly calls: Call[]
  /** Rules of the real service that a request broke. */
  readonly violations: string[]
  /** Answers the next calls with this, before any rule is looked at; `{}` lets one pass. */
  answerNext(...answers: (Answer | undefined)[]): void
  /** Leaves the next call of this method without an answer until the returned function is called. */
  holdNext(method: string): () => void
  stop(): Promise<void>
}

/** An error as the Bot Connector and Graph word theirs. */
export function fault(status: number, code: string, headers: Record<string, string> = {}): Answer {
  return { status, body: { error: { code, message: `stand-in: ${code}` } }, headers }
}

/** Starts a stand-in on a spare loopback port. */
export async function startService(
  handle: (call: Call, violate: (rule: string) => void) => Answer | Promise<Answer>,
): Promise<Service> {
  const calls: Call[] = []
  const violations: string[] = []
  const queue: (Answer | undefined)[] = []
  const holds: { method: string; until: Promise<void> }[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      violations.push(`the stand-in failed: ${String(error)}`)
      response.statusCode = 500
      response.end()
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const text = Buffer.concat(chunks).toString('utf8')
    const call: Call = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', origin),
      headers: request.headers,
      text,
      json: parse(text),
    }
    calls.push(call)
    const held = holds.findIndex((hold) => hold.method === call.method)
    if (held >= 0) await holds.splice(held, 1)[0]?.until
    const forced = queue.shift()
    const result = forced ?? (await handle(call, (rule) => violations.push(rule)))
    response.statusCode = result.status
    for (const [key, value] of Object.entries(result.headers ?? {})) response.setHeader(key, value)
    if (result.body === undefined) {
      response.end()
      return
    }
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(JSON.stringify(result.body))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    calls,
    violations,
    answerNext(...answers) {
      queue.push(...answers)
    },
    holdNext(method) {
      let release = () => {}
      const until = new Promise<void>((resolve) => {
        release = resolve
      })
      holds.push({ method, until })
      return release
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Reads a nested value of a payload without trusting its shape. */
export function dig(value: unknown, ...path: (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string | number, unknown>)[key]
  }
  return here
}
