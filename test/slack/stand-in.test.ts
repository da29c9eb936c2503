import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handClock } from '../support/slack/clock.js'
import { createSlackStandIn, type SlackStandIn } from '../support/slack/index.js'
import { furnish } from '../support/slack/running.js'

type Json = Record<string, unknown>
const clock = handClock()
let slack: SlackStandIn
beforeEach(async () => {
  slack = await createSlackStandIn({ clock })
  furnish(slack)
})
afterEach(() => slack.stop())

async function call(method: string, args: Json, token = slack.settings.botToken): Promise<Json> {
  const response = await fetch(`${slack.settings.apiUrl}${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(args),
  })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ...((await response.json()) as Json),
  }
}
const blocks = (text: string) => [{ type: 'section', text: { type: 'plain_text', text } }]
const post = (args: Json) => call('chat.postMessage', { channel: 'C1FLOOD', text: 'x', ...args })

describe('the stand-in is as strict as Slack’s pages', () => {
  test.each([
    ['an unknown argument', { colour: 'red' }, 'invalid_arguments'],
    ['a wrong type', { unfurl_links: 'perhaps' }, 'invalid_arguments'],
    ['no fallback text', { text: undefined, blocks: blocks('x') }, 'invalid_arguments'],
    ['neither text nor blocks', { text: undefined }, 'no_text'],
    ['a block too long', { blocks: blocks('x'.repeat(3001)) }, 'invalid_blocks'],
    ['51 blocks', { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
    ['an unknown block', { blocks: [{ type: 'marquee' }] }, 'invalid_blocks'],
    ['an unknown field', { blocks: [{ type: 'divider', colour: 'red' }] }, 'invalid_blocks'],
    ['empty text', { blocks: blocks('') }, 'invalid_blocks'],
    [
      'an input in a context',
      { blocks: [{ type: 'context', elements: [{ type: 'button' }] }] },
      'invalid_blocks',
    ],
    ['metadata out of shape', { metadata: { event: 'x' } }, 'invalid_metadata_format'],
  ])('%s', async (_name, args, error) => {
    expect(await post(args)).toMatchObject({ ok: false, error })
    expect(slack.violations).toHaveLength(1)
  })

  test.each([
    ['a public channel the bot is not in', { channel: 'C2OPEN' }, 'not_in_channel'],
    ['a channel there is not', { channel: 'C404' }, 'channel_not_found'],
    ['a thread there is not', { thread_ts: '1.000001' }, 'thread_not_found'],
  ])('%s', async (_name, args, error) => {
    expect(await post(args)).toMatchObject({ ok: false, error })
  })

  test('ephemeral messages take no metadata, and only members see them', async () => {
    const args = { channel: 'C1FLOOD', user: 'U1TAMSIN', text: 'x' }
    expect(await call('chat.postEphemeral', { ...args, metadata: {} })).toMatchObject({
      error: 'invalid_arguments',
    })
    expect(await call('chat.postEphemeral', { ...args, user: 'U3OUTSIDE' })).toMatchObject({
      error: 'user_not_in_channel',
    })
  })

  test('a message of somebody else cannot be updated', async () => {
    const ts = slack.people.say('C1FLOOD', 'U1TAMSIN', 'Mine')
    expect(await call('chat.update', { channel: 'C1FLOOD', ts, text: 'x' })).toMatchObject({
      error: 'cant_update_message',
    })
  })

  test('tokens: none, wrong, of the wrong kind', async () => {
    expect(await call('auth.test', {}, '')).toMatchObject({ error: 'not_authed' })
    expect(await call('auth.test', {}, 'xoxb-other')).toMatchObject({ error: 'invalid_auth' })
    expect(await call('auth.test', {}, slack.settings.appToken)).toMatchObject({
      error: 'not_allowed_token_type',
    })
  })

  test('a trigger opens one modal, within three seconds', async () => {
    const view = { type: 'modal', title: { type: 'plain_text', text: 'Hi' }, blocks: blocks('x') }
    const trigger = (id: string) =>
      slack.world.triggers.set(id, { user: 'U1TAMSIN', at: clock.now(), used: false })
    expect(await call('views.open', { trigger_id: 'none', view })).toMatchObject({
      error: 'invalid_trigger_id',
    })
    trigger('t1')
    expect(await call('views.open', { trigger_id: 't1', view })).toMatchObject({ ok: true })
    expect(await call('views.open', { trigger_id: 't1', view })).toMatchObject({
      error: 'exchanged_trigger_id',
    })
    trigger('t2')
    clock.advance(3001)
    expect(await call('views.open', { trigger_id: 't2', view })).toMatchObject({
      error: 'expired_trigger_id',
    })
  })

  test.each([
    ['a title of 25 characters', { title: { type: 'plain_text', text: 'x'.repeat(25) } }],
    ['metadata of 3,001 characters', { private_metadata: 'x'.repeat(3001) }],
    [
      'an input without submit',
      {
        blocks: [
          {
            type: 'input',
            label: { type: 'plain_text', text: 'L' },
            element: { type: 'plain_text_input', action_id: 'a' },
          },
        ],
      },
    ],
    [
      'eleven checkboxes',
      {
        submit: { type: 'plain_text', text: 'Go' },
        blocks: [
          {
            type: 'input',
            label: { type: 'plain_text', text: 'L' },
            element: {
              type: 'checkboxes',
              action_id: 'a',
              options: Array.from({ length: 11 }, (_, n) => ({
                text: { type: 'plain_text', text: `${n}` },
                value: `${n}`,
              })),
            },
          },
        ],
      },
    ],
  ])('a modal with %s is refused', async (_name, change) => {
    slack.world.triggers.set('t', { user: 'U1TAMSIN', at: clock.now(), used: false })
    const view = { type: 'modal', title: { type: 'plain_text', text: 'Hi' }, blocks: blocks('x'), ...change }
    expect(await call('views.open', { trigger_id: 't', view })).toMatchObject({ error: 'invalid_arguments' })
  })

  test('the 51st call of a tier-3 method in a minute is refused with the time to wait', async () => {
    for (let n = 0; n < 50; n += 1)
      expect(await call('conversations.info', { channel: 'C1FLOOD' })).toMatchObject({ ok: true })
    clock.advance(20_000)
    expect(await call('conversations.info', { channel: 'C1FLOOD' })).toMatchObject({
      status: 429,
      retryAfter: '40',
    })
    clock.advance(40_001)
    expect(await call('conversations.info', { channel: 'C1FLOOD' })).toMatchObject({ ok: true })
  })

  test('posting to a channel is one message a second, with a short burst; other channels do not wait for it', async () => {
    for (let n = 0; n < 3; n += 1) expect(await post({})).toMatchObject({ ok: true })
    expect(await post({})).toMatchObject({ status: 429, retryAfter: '1', error: 'ratelimited' })
    expect(slack.violations).toEqual(['chat.postMessage: more than one message a second in C1FLOOD'])
    expect(await post({ channel: 'C3PRIVATE' })).toMatchObject({ ok: true })
    clock.advance(1000)
    expect(await post({})).toMatchObject({ ok: true })
    expect(await post({})).toMatchObject({ status: 429 })
    for (let n = 0; n < 20; n += 1) {
      clock.advance(1000)
      expect(await post({})).toMatchObject({ ok: true })
    }
  })

  test('private channels the bot is not in do not exist for it', async () => {
    slack.people.addChannel('C7SECRET', { kind: 'private', members: ['U1TAMSIN'] })
    expect(await call('conversations.info', { channel: 'C7SECRET' })).toMatchObject({
      error: 'channel_not_found',
    })
    const { channels } = await call('conversations.list', { types: 'public_channel,private_channel' })
    expect((channels as Json[]).map((channel) => channel.id)).toEqual(['C1FLOOD', 'C2OPEN', 'C3PRIVATE'])
  })

  test('an unknown method is a violation', async () => {
    expect(await call('conversations.kick', { channel: 'C1FLOOD', user: 'U1TAMSIN' })).toMatchObject({
      error: 'unknown_method',
    })
    expect(slack.violations).toEqual(['conversations.kick: not a method this app should call'])
  })
})
