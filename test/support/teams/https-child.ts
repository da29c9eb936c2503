/** Run as a process of its own, since Node reads NODE_EXTRA_CA_CERTS once: asks an HTTPS token endpoint for a token. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createTokenSource } from '../../../adapters/teams/token.js'

const pem = readFileSync(process.argv[2] ?? '', 'utf8')
let asked = 0
const server = createServer({ key: pem, cert: pem }, (_request, response) => {
  asked += 1
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ access_token: 'token', expires_in: 3600 }))
})
server.listen(0, '127.0.0.1', async () => {
  const tokens = createTokenSource({
    tokenUrl: `https://localhost:${(server.address() as AddressInfo).port}/token`,
    appId: 'app',
    credential: { kind: 'password', password: 'secret' },
    http: { fetch: globalThis.fetch, now: () => new Date(), timeoutMs: 5000 },
  })
  const outcome = await tokens.get('scope').catch((error: { code?: string }) => error.code)
  console.log(JSON.stringify({ outcome, asked }))
  server.closeAllConnections()
  server.close()
})
