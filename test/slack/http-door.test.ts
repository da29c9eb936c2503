import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maxBodyBytes, signature, verifyRequest } from '../../adapters/slack/verify.js'
import { furnish, type RunningSlack, runSlack } from '../support/slack/running.js'
import { signature as slacksSignature } from '../support/slack/sign.js'

let running: RunningSlack
beforeEach(async () => {
  running = await runSlack({ prepare: furnish })
  running.host.forget()
})
afterEach(() => running.stop())

function message(text = 'A word'): string {
  const { slack } = running
  const ts = slack.world.nextTs()
  return JSON.stringify(
    slack.wrap({
      type: 'message',
      channel: 'C1FLOOD',
      channel_type: 'channel',
      user: 'U1TAMSIN',
      text,
      ts,
      event_ts: ts,
    }),
  )
}
function nothingAccepted(): void {
  expect(running.host.attempts).toBe(0)
  expect(running.host.interactions).toEqual([])
}

describe('the HTTP door', () => {
  test('a signed event is committed and acknowledged', async () => {
    expect((await running.slack.sendRaw(message())).status).toBe(200)
    expect(running.host.eventsOf('message-posted')).toHaveLength(1)
  })

  test.each([
    ['a forged signature', { 'x-slack-signature': `v0=${'0'.repeat(64)}` }],
    ['an empty signature', { 'x-slack-signature': '' }],
    ['another version of signature', { 'x-slack-signature': 'v1=abc' }],
    ['a timestamp that is no number', { 'x-slack-request-timestamp': 'soon' }],
  ])('%s is refused with 401 and nothing is written', async (_name, headers) => {
    expect((await running.slack.sendRaw(message(), headers)).status).toBe(401)
    nothingAccepted()
  })

  test.each([
    ['six minutes old', -360],
    ['six minutes ahead', 360],
  ])('a rightly signed request %s is refused as a replay', async (_name, shift) => {
    const body = message()
    const timestamp = String(Math.floor(Date.now() / 1000) + shift)
    const headers = {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slacksSignature(running.slack.settings.signingSecret, timestamp, body),
    }
    expect((await running.slack.sendRaw(body, headers)).status).toBe(401)
    nothingAccepted()
  })

  test('the core’s clock decides what is old', async () => {
    running.host.setNow(new Date(Date.now() + 10 * 60_000))
    expect((await running.slack.sendRaw(message())).status).toBe(401)
    nothingAccepted()
  })

  test('an oversize request is refused with 413, announced or not', async () => {
    const big = message('x'.repeat(maxBodyBytes))
    expect((await running.slack.sendRaw(big)).status).toBe(413)
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent <= maxBodyBytes; sent += 65_536) controller.enqueue(new Uint8Array(65_536))
        controller.close()
      },
    })
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
    const answer = await fetch(running.slack.requestUrl, init).catch(() => undefined)
    if (answer !== undefined) expect(answer.status).toBe(413)
    nothingAccepted()
  })

  test('a changed body does not pass under another body’s signature', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const headers = {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slacksSignature(running.slack.settings.signingSecret, timestamp, message('one')),
    }
    expect((await running.slack.sendRaw(message('two'), headers)).status).toBe(401)
    nothingAccepted()
  })

  test('the address check is answered only when signed', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c-1', token: 't' })
    expect(JSON.parse((await running.slack.sendRaw(body)).body)).toEqual({ challenge: 'c-1' })
    expect((await running.slack.sendRaw(body, { 'x-slack-signature': 'v0=0' })).status).toBe(401)
  })

  test('the certificate check is answered, and a payload smuggled along with it is not looked at', async () => {
    const form = new URLSearchParams({ ssl_check: '1', payload: message().slice(0, 300) }).toString()
    const answer = await running.slack.sendRaw(
      form,
      { 'x-slack-signature': 'v0=0' },
      'application/x-www-form-urlencoded',
    )
    expect(answer.status).toBe(200)
    nothingAccepted()
    const long = new URLSearchParams({ ssl_check: '1', payload: 'x'.repeat(2000) }).toString()
    const refused = await running.slack.sendRaw(
      long,
      { 'x-slack-signature': 'v0=0' },
      'application/x-www-form-urlencoded',
    )
    expect(refused.status).toBe(401)
    nothingAccepted()
  })

  test('what is not JSON is refused with 400, other methods with 405', async () => {
    expect((await running.slack.sendRaw('{nonsense')).status).toBe(400)
    expect((await fetch(running.slack.requestUrl)).status).toBe(405)
    nothingAccepted()
  })

  test('refusals are logged without the words that were refused', async () => {
    await running.slack.sendRaw(message('a secret word'), { 'x-slack-signature': 'v0=0' })
    expect(running.host.lines).toHaveLength(1)
    expect(JSON.stringify(running.host.lines)).not.toContain('secret')
  })
})

describe('verifying', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  const timestamp = String(now.getTime() / 1000)
  const body = Buffer.from('{"a":"é"}')
  const good = { secret: 's', timestamp, signature: signature('s', timestamp, body), body, now }

  test('says by how much the clocks differ', () => {
    const later = new Date(now.getTime() + 90_000)
    expect(verifyRequest({ ...good, now: later })).toEqual({ ok: true, skewSeconds: 90 })
  })

  test('agrees with the example of Slack’s documentation', () => {
    const words =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    expect(signature('8f742231b10e8888abcd99yyyzzz85a5', '1531420618', words)).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    )
  })

  test.each([
    ['unsigned', { signature: undefined }],
    ['unsigned', { timestamp: ['1', '2'] }],
    ['unsigned', { secret: '' }],
    ['expired', { timestamp: '1531420618' }],
    ['forged', { body: Buffer.from('{}') }],
  ])('%s', (reason, change) => {
    expect(verifyRequest({ ...good, ...change })).toEqual({ ok: false, reason })
  })
})
