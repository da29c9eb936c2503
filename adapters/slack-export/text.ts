import type { ExportedMessage } from './payloads.js'

/** Names for ids met in Slack markup. */
export interface Names {
  person(id: string): string | undefined
  channel(id: string): string | undefined
}

/** Slack's markup as people read it: mentions become names, links their label and address, entities characters. */
export function plainText(text: string, names: Names): string {
  return text
    .replace(/<([^<>]{1,4000})>/g, (whole, inner: string) => resolve(whole, inner, names))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[\u200e\u202a-\u202e\u2066-\u2069]/g, '')
}

function resolve(whole: string, inner: string, names: Names): string {
  const bar = inner.indexOf('|')
  const target = bar < 0 ? inner : inner.slice(0, bar)
  const label = bar < 0 ? '' : inner.slice(bar + 1)
  const id = target.slice(1)
  if (target.startsWith('@')) return `@${names.person(id) ?? (label || id)}`
  if (target.startsWith('#')) return `#${label || (names.channel(id) ?? id)}`
  if (target.startsWith('!subteam^')) return label || '@group'
  if (target.startsWith('!date^')) return label || 'a date'
  if (target.startsWith('!')) return label === '' ? `@${id}` : label.startsWith('@') ? label : `@${label}`
  if (!/^[a-z][a-z0-9+.-]{1,20}:/i.test(target)) return whole
  const address = target.replace(/^(mailto|tel):/, '')
  if (label === '' || label === address || `https://${label}` === target || `http://${label}` === target)
    return address
  return `${label} (${address})`
}

/** What a message says: its text, or the text of its attachments when it has none of its own. */
export function messageText(message: ExportedMessage, names: Names): string {
  const own = plainText(message.text ?? '', names)
  if (own.trim() !== '') return own
  const blocks = blocksText(message.blocks, 0)
  if (blocks !== '') return plainText(blocks, names)
  return (message.attachments ?? [])
    .map((part) => plainText(part.text ?? part.fallback ?? part.title ?? '', names))
    .filter((part) => part !== '')
    .join('\n')
}

/** Ids of the people mentioned, once each, in order. */
export function mentioned(text: string): string[] {
  return [...new Set([...text.matchAll(/<@([UW][A-Z0-9]{1,40})(?:\||>)/g)].map((match) => match[1] ?? ''))]
}

const deepest = 12

/** Words of Block Kit blocks, for messages of programs that carry nothing else. */
function blocksText(node: unknown, depth: number): string {
  if (depth > deepest || typeof node !== 'object' || node === null) return ''
  if (Array.isArray(node)) return joined(node.map((part) => blocksText(part, depth + 1)))
  const { type, text, elements, fields } = node as Record<string, unknown>
  if (type === 'actions') return ''
  const own = typeof text === 'string' ? text : blocksText(text, depth + 1)
  return joined([own, blocksText(fields, depth + 1), blocksText(elements, depth + 1)])
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}
