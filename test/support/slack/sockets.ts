import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../../adapters/slack/clock.js'
import { patienceMs } from './delivery.js'

type Json = Record<string, unknown>

/**
 * Socket Mode's server side: a hello on connecting, envelopes to be acknowledged by id within three seconds, a
 * `disconnect` from time to time, at most ten connections sharing the events.
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export class SocketServer {
  private readonly server = new WebSocketServer({ noServer: true })
  private readonly open = new Set<WebSocket>()
  private readonly waiting = new Map<string, (payload: Json | undefined) => void>()
  private turn = 0
  private counter = 0
  /** Connections made so far. */
  connections = 0

  constructor(
    private readonly clock: Clock,
    http: Server,
  ) {
    http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer): void => {
      if (!request.url?.startsWith('/link')) return void socket.destroy()
      this.server.handleUpgrade(request, socket, head, (client) => this.accept(client))
    })
  }

  get size(): number {
    return this.open.size
  }

  private accept(client: WebSocket): void {
    this.connections += 1
    this.open.add(client)
    client.on('close', () => this.open.delete(client))
    client.on('error', () => this.open.delete(client))
    client.on('message', (data) => this.heard(data.toString()))
    client.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.open.size,
        connection_info: { app_id: 'A0APP' },
      }),
    )
  }

  private heard(text: string): void {
    const { envelope_id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: Json }
    const waiter = this.waiting.get(String(envelope_id))
    this.waiting.delete(String(envelope_id))
    waiter?.(payload ?? {})
  }

  /** Sends one envelope over one of the connections; the acknowledgement's payload, or undefined for none in time. */
  async send(
    type: 'events_api' | 'slash_commands' | 'interactive',
    payload: Json,
    retry = 0,
  ): Promise<Json | undefined> {
    const clients = [...this.open].filter((client) => client.readyState === client.OPEN)
    const client = clients[this.turn++ % Math.max(1, clients.length)]
    if (client === undefined) return undefined
    this.counter += 1
    const envelope_id = `e-${this.counter}`
    const acknowledged = new Promise<Json | undefined>((resolve) => this.waiting.set(envelope_id, resolve))
    client.send(
      JSON.stringify({
        type,
        envelope_id,
        payload,
        accepts_response_payload: type !== 'events_api',
        ...(type === 'events_api' ? { retry_attempt: retry, retry_reason: retry > 0 ? 'timeout' : '' } : {}),
      }),
    )
    const late = this.clock.sleep(patienceMs).then(() => undefined)
    const answer = await Promise.race([acknowledged, late])
    this.waiting.delete(envelope_id)
    return answer
  }

  /** Tells one connection to go, as Slack does when it recycles a host, and closes it a little later. */
  refresh(reason: 'refresh_requested' | 'warning' = 'refresh_requested'): void {
    const [client] = this.open
    if (client === undefined) return
    client.send(JSON.stringify({ type: 'disconnect', reason, debug_info: {} }))
    this.open.delete(client)
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const client of this.open) client.terminate()
  }

  close(): void {
    this.cut()
    this.server.close()
  }
}
