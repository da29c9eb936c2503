import { z } from 'zod'

/** Names for ids met in Slack markup; undefined when we do not know them (yet). */
export interface NameLookup {
  person(id: string): string | undefined
  channel(id: string): string | undefined
}

const token = /<([^<>]*)>/g

/**
 * Slack's markup as people read it: mentions become names, links their label and address, entities characters.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function plainText(text: string, names: NameLookup): string {
  return text
    .replace(token, (whole, inner: string) => resolve(whole, inner, names))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function resolve(whole: string, inner: string, names: NameLookup): string {
  const bar = inner.indexOf('|')
  const target = bar < 0 ? inner : inner.slice(0, bar)
  const label = bar < 0 ? '' : inner.slice(bar + 1)
  if (target.startsWith('@')) return `@${names.person(target.slice(1)) ?? (label || target.slice(1))}`
  if (target.startsWith('#')) return `#${label || (names.channel(target.slice(1)) ?? target.slice(1))}`
  if (target.startsWith('!subteam^')) return label || '@group'
  if (target.startsWith('!date^')) return label || 'a date'
  if (target.startsWith('!')) return label ? withAt(label) : `@${target.slice(1)}`
  if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) return whole
  if (label === '' || label === target) return target.replace(/^(mailto|tel):/, '')
  if (/^(mailto|tel):/.test(target)) return label
  return isSameAddress(label, target) ? target : `${label} (${target})`
}

function withAt(label: string): string {
  return label.startsWith('@') ? label : `@${label}`
}

function isSameAddress(label: string, target: string): boolean {
  return target.replace(/^https?:\/\//, '').replace(/\/$/, '') === label.replace(/\/$/, '')
}

/** Ids of the people mentioned in Slack markup, in order, once each. */
export function mentionedPeople(text: string): string[] {
  return [...new Set([...text.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g)].map((match) => match[1] ?? ''))]
}

/** Ids of the channels mentioned without a label. */
export function mentionedChannels(text: string): string[] {
  return [...new Set([...text.matchAll(/<#([CG][A-Z0-9]+)\|?>/g)].map((match) => match[1] ?? ''))]
}

const node: z.ZodType<BlockNode> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    text: z.union([z.string(), node]).optional(),
    elements: z.array(node).optional(),
    fields: z.array(node).optional(),
    url: z.string().optional(),
    user_id: z.string().optional(),
    channel_id: z.string().optional(),
    name: z.string().optional(),
    range: z.string().optional(),
    alt_text: z.string().optional(),
  }),
)

interface BlockNode {
  type?: string | undefined
  text?: string | BlockNode | undefined
  elements?: BlockNode[] | undefined
  fields?: BlockNode[] | undefined
  url?: string | undefined
  user_id?: string | undefined
  channel_id?: string | undefined
  name?: string | undefined
  range?: string | undefined
  alt_text?: string | undefined
}

/** Readable text of Block Kit blocks, for messages whose own text is empty. Unknown blocks give nothing. */
export function blocksText(blocks: unknown, names: NameLookup): string {
  const parsed = z.array(node).safeParse(blocks)
  if (!parsed.success) return ''
  return parsed.data
    .map((block) => nodeText(block, names))
    .filter((part) => part !== '')
    .join('\n')
}

function nodeText(block: BlockNode, names: NameLookup): string {
  switch (block.type) {
    case 'mrkdwn':
      return typeof block.text === 'string' ? plainText(block.text, names) : ''
    case 'plain_text':
    case 'raw_text':
      return typeof block.text === 'string' ? block.text : ''
    case 'text':
      return typeof block.text === 'string' ? block.text : ''
    case 'user':
      return `@${names.person(block.user_id ?? '') ?? block.user_id ?? ''}`
    case 'channel':
      return `#${names.channel(block.channel_id ?? '') ?? block.channel_id ?? ''}`
    case 'broadcast':
      return `@${block.range ?? 'here'}`
    case 'emoji':
      return `:${block.name ?? ''}:`
    case 'link':
      return linkText(block)
    case 'image':
      return block.alt_text ?? ''
    case 'actions':
    case 'input':
      return ''
    default:
      return containerText(block, names)
  }
}

function linkText(block: BlockNode): string {
  const label = typeof block.text === 'string' ? block.text : ''
  if (label === '' || label === block.url) return block.url ?? ''
  return `${label} (${block.url ?? ''})`
}

function containerText(block: BlockNode, names: NameLookup): string {
  const own = typeof block.text === 'object' ? [nodeText(block.text, names)] : []
  const fields = (block.fields ?? []).map((field) => nodeText(field, names))
  const inline = block.type?.startsWith('rich_text_') === true && block.type !== 'rich_text_list'
  const elements = (block.elements ?? []).map((element) => nodeText(element, names))
  const inner = elements.join(inline ? '' : '\n')
  return [...own, ...fields, ...(inner === '' ? [] : [inner])].join('\n')
}
