import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Lab, startLab } from '../support/teams/lab.js'
import { hmacToken, makeKey, signToken, unsignedToken } from '../support/teams/tokens.js'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.stop())
beforeEach(() => {
  lab.host.forget()
  lab.connector.calls.length = 0
  lab.graph.calls.length = 0
})

const seconds = () => Math.floor(lab.host.now().getTime() / 1000)

function message(changes: Record<string, unknown> = {}) {
  const said = lab.world.say({ conversation: lab.room.id, author: lab.people.member, text: 'Secret words' })
  return { ...lab.activities.message(lab.room, said), ...changes }
}

async function refused(token: string | undefined, changes: Record<string, unknown> = {}, status = 401) {
  const asked = lab.login.asked()
  const delivered = await lab.deliver(message(changes), { token })
  expect(delivered).toEqual({ status, body: undefined })
  expect(lab.host.attempts, 'nothing may be written').toBe(0)
  expect(lab.host.interactions).toEqual([])
  expect(lab.login.asked(), 'no token may be asked for').toBe(asked)
  expect(lab.connector.calls).toEqual([])
  expect(lab.graph.calls).toEqual([])
  expect(JSON.stringify(lab.host.lines)).not.toContain('Secret words')
}

describe('a token that is not what it should be is answered 401, writes nothing, sends no token anywhere', () => {
  test('none at all', () => refused(undefined))
  test('not a token', () => refused('rubbish'))
  test('a forged signature', () => {
    const [head, , signature] = lab.token().split('.')
    const forged = Buffer.from(JSON.stringify(lab.claims({ exp: seconds() + 9999 }))).toString('base64url')
    return refused(`${head}.${forged}.${signature}`)
  })
  test('signed with a key nobody publishes', () => refused(signToken(makeKey('unknown'), lab.claims())))
  test('signed with another key under a published id', () =>
    refused(signToken(makeKey(lab.login.key.kid), lab.claims())))
  test('meant for another bot', () => refused(lab.token({ aud: 'aaaaaaaa-0000-0000-0000-000000000000' })))
  test('meant for nobody', () => refused(lab.token({ aud: undefined })))
  test('by another issuer', () => refused(lab.token({ iss: 'https://issuer.example' })))
  test('by the issuer of the emulator', () =>
    refused(lab.token({ iss: `https://sts.windows.net/${lab.world.tenant}/`, appid: lab.world.appId })))
  test('expired', () => refused(lab.token({ exp: seconds() - 301 })))
  test('without expiry', () => refused(lab.token({ exp: undefined })))
  test('not valid yet', () => refused(lab.token({ nbf: seconds() + 301 })))
  test('alg none', () => refused(unsignedToken(lab.login.key.kid, lab.claims())))
  test('HS256 with the public key as secret', () => refused(hmacToken(lab.login.key, lab.claims())))
  test('RS256 in name, RS512 in its header', () =>
    refused(signToken(lab.login.key, lab.claims(), { alg: 'RS512' })))
  test('without a key id', () => refused(signToken(lab.login.key, lab.claims(), { kid: undefined })))
  test('without serviceUrl claim', () => refused(lab.token({ serviceurl: undefined })))
  test('for another serviceUrl than the activity names', () =>
    refused(lab.token({ serviceurl: 'https://smba.trafficmanager.net/emea/' })))
  test('an activity without serviceUrl', () => refused(lab.token(), { serviceUrl: undefined }))
  test('a serviceUrl on a foreign host, though the token names it too', () => {
    const foreign = 'https://collector.example/teams/'
    return refused(lab.token({ serviceurl: foreign }), { serviceUrl: foreign })
  })
  test('a serviceUrl that hides a foreign host behind a name', () => {
    const foreign = `http://${new URL(lab.connector.serviceUrl).host}@collector.example/`
    return refused(lab.token({ serviceurl: foreign }), { serviceUrl: foreign })
  })
  test('signed with a key that may speak for another channel only', async () => {
    const own = await startLab({ installed: false })
    try {
      const skype = makeKey('skype', ['skype'])
      own.login.publish(own.login.key, skype)
      const said = own.world.say({ conversation: own.room.id, author: own.people.member, text: 'Words' })
      const activity = own.activities.message(own.room, said)
      const token = signToken(skype, own.claims())
      expect(await own.deliver(activity, { token })).toEqual({ status: 401, body: undefined })
      expect(own.host.attempts).toBe(0)
      expect((await own.deliver(activity)).status).toBe(200)
    } finally {
      await own.stop()
    }
  })
  test('an activity of another channel', () => refused(lab.token(), { channelId: 'emulator' }))
})

describe('a genuine token', () => {
  test('passes, and so does one a little early or late', async () => {
    for (const changes of [{}, { nbf: seconds() + 200 }, { exp: seconds() - 200 }, { nbf: undefined }]) {
      lab.host.forget()
      const delivered = await lab.deliver(message(), { token: lab.token(changes) })
      expect(delivered.status).toBe(200)
      expect(lab.host.eventsOf('message-posted')).toHaveLength(1)
    }
  })

  test('of another tenant is answered 403 and writes nothing', () =>
    refused(
      lab.token(),
      {
        conversation: { id: lab.room.id, conversationType: 'channel', tenantId: 'another' },
      },
      403,
    ))

  test('passes after the issuer has changed its keys, once the wait for strangers’ key ids is over', async () => {
    const fresh = makeKey('key-2')
    lab.login.publish(lab.login.key, fresh)
    lab.host.setNow(new Date(Date.now() + 6 * 60_000))
    const token = signToken(fresh, lab.claims())
    expect((await lab.deliver(message(), { token })).status).toBe(200)
  })

  test('strangers naming unknown keys make us ask the issuer once, not each time', async () => {
    lab.host.setNow(new Date(Date.now() + 60 * 60_000))
    const before = lab.login.calls.length
    for (let index = 0; index < 20; index += 1)
      await lab.deliver(message(), { token: signToken(makeKey(`stranger-${index % 2}`), lab.claims()) })
    expect(lab.login.calls.length - before).toBeLessThanOrEqual(2)
  })
})

describe('the address itself', () => {
  test('takes POSTs only', async () => {
    const answer = await fetch(`${lab.address}/api/messages`)
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
  })

  test('refuses bodies that are too large, announced or not', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(1024 * 1024) })
    expect((await lab.deliver({}, { body })).status).toBe(413)
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 20; part += 1) controller.enqueue(Buffer.alloc(64 * 1024, 'x'))
        controller.close()
      },
    })
    const answer = await fetch(`${lab.address}/api/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lab.token()}` },
      body: stream,
      duplex: 'half',
    } as RequestInit).catch(() => undefined)
    expect(answer?.status ?? 413).toBe(413)
    expect(lab.host.attempts).toBe(0)
  })

  test('refuses what is not a JSON object', async () => {
    for (const body of ['', 'nonsense', '[]', '"text"', 'null'])
      expect((await lab.deliver({}, { body })).status).toBe(400)
    expect(lab.host.attempts).toBe(0)
  })

  test('writes a refusal down once a minute, however often strangers knock', async () => {
    lab.host.setNow(new Date(Date.now() + 5 * 60 * 60_000))
    for (let index = 0; index < 10; index += 1) await lab.deliver(message(), { token: 'a.b.c' })
    expect(lab.host.lines.filter((line) => line.level === 'warn')).toHaveLength(1)
  })

  test('asks to be called again while the issuer’s keys cannot be read', async () => {
    const own = await startLab()
    try {
      own.host.setNow(new Date(Date.now() + 10 * 60_000))
      own.login.answerNext({ status: 503 })
      const said = own.world.say({ conversation: own.room.id, author: own.people.member, text: 'Again' })
      const token = signToken(makeKey('rotated'), own.claims())
      expect((await own.deliver(own.activities.message(own.room, said), { token })).status).toBe(503)
    } finally {
      await own.stop()
    }
  })
})
