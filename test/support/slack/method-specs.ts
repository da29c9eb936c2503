import type { MethodSpec } from './arguments.js'

const reference = (method: string) => `https://docs.slack.dev/reference/methods/${method}`
/** https://docs.slack.dev/apis/web-api/rate-limits: requests a minute by tier. */
const tier2 = 20
const tier3 = 50
const tier4 = 100
const message = {
  text: 'string',
  blocks: 'json',
  attachments: 'json',
  thread_ts: 'ts',
  link_names: 'boolean',
  parse: 'string',
} as const
const paging = { cursor: 'string', limit: 'integer' } as const

/** The methods of the Web API the stand-in knows, each from its reference page. */
export const methodSpecs: Readonly<Record<string, MethodSpec>> = {
  'auth.test': { doc: reference('auth.test'), perMinute: 300, required: {}, optional: {} },
  'apps.connections.open': {
    doc: reference('apps.connections.open'),
    perMinute: 300,
    required: {},
    optional: {},
  },
  'chat.postMessage': {
    doc: reference('chat.postMessage'),
    perMinute: 300,
    scopes: ['chat:write'],
    required: { channel: 'string' },
    optional: {
      ...message,
      metadata: 'json',
      unfurl_links: 'boolean',
      unfurl_media: 'boolean',
      reply_broadcast: 'boolean',
      mrkdwn: 'boolean',
    },
  },
  'chat.postEphemeral': {
    // No metadata and no unfurling here.
    doc: reference('chat.postEphemeral'),
    perMinute: tier4,
    scopes: ['chat:write'],
    required: { channel: 'string', user: 'string' },
    optional: message,
  },
  'chat.update': {
    doc: reference('chat.update'),
    perMinute: tier3,
    scopes: ['chat:write'],
    required: { channel: 'string', ts: 'ts' },
    optional: {
      text: 'string',
      blocks: 'json',
      attachments: 'json',
      metadata: 'json',
      link_names: 'boolean',
      parse: 'string',
      reply_broadcast: 'boolean',
    },
  },
  'chat.getPermalink': {
    doc: reference('chat.getPermalink'),
    perMinute: 300,
    required: { channel: 'string', message_ts: 'ts' },
    optional: {},
  },
  'conversations.history': {
    doc: reference('conversations.history'),
    perMinute: tier3,
    required: { channel: 'string' },
    optional: {
      ...paging,
      oldest: 'ts',
      latest: 'ts',
      inclusive: 'boolean',
      include_all_metadata: 'boolean',
    },
  },
  'conversations.replies': {
    doc: reference('conversations.replies'),
    perMinute: tier3,
    required: { channel: 'string', ts: 'ts' },
    optional: {
      ...paging,
      oldest: 'ts',
      latest: 'ts',
      inclusive: 'boolean',
      include_all_metadata: 'boolean',
    },
  },
  'conversations.info': {
    doc: reference('conversations.info'),
    perMinute: tier3,
    required: { channel: 'string' },
    optional: { include_locale: 'boolean', include_num_members: 'boolean' },
  },
  'conversations.list': {
    doc: reference('conversations.list'),
    perMinute: tier2,
    required: {},
    optional: { ...paging, types: 'string', exclude_archived: 'boolean', team_id: 'string' },
  },
  'users.conversations': {
    doc: reference('users.conversations'),
    perMinute: tier3,
    required: {},
    optional: { ...paging, types: 'string', exclude_archived: 'boolean', team_id: 'string', user: 'string' },
  },
  'conversations.members': {
    doc: reference('conversations.members'),
    perMinute: tier4,
    required: { channel: 'string' },
    optional: paging,
  },
  'conversations.open': {
    doc: reference('conversations.open'),
    perMinute: tier3,
    scopes: ['im:write'],
    required: {},
    optional: { users: 'string', channel: 'string', return_im: 'boolean', prevent_creation: 'boolean' },
  },
  'conversations.join': {
    doc: reference('conversations.join'),
    perMinute: tier3,
    scopes: ['channels:join'],
    required: { channel: 'string' },
    optional: {},
  },
  'conversations.invite': {
    doc: reference('conversations.invite'),
    perMinute: tier3,
    required: { channel: 'string', users: 'string' },
    optional: { force: 'boolean' },
  },
  'users.info': {
    doc: reference('users.info'),
    perMinute: tier4,
    scopes: ['users:read'],
    required: { user: 'string' },
    optional: { include_locale: 'boolean' },
  },
  'users.list': {
    doc: reference('users.list'),
    perMinute: tier2,
    scopes: ['users:read'],
    required: {},
    optional: { ...paging, include_locale: 'boolean', team_id: 'string' },
  },
  'views.open': {
    doc: reference('views.open'),
    perMinute: tier4,
    required: { view: 'json', trigger_id: 'string' },
    optional: {},
  },
  'views.update': {
    doc: reference('views.update'),
    perMinute: tier4,
    required: { view: 'json' },
    optional: { view_id: 'string', external_id: 'string', hash: 'string' },
  },
  'views.publish': {
    doc: reference('views.publish'),
    perMinute: tier4,
    required: { view: 'json', user_id: 'string' },
    optional: { hash: 'string' },
  },
}
