import { cut } from './limits.js'

/*
 * Cards and forms are sent as `rich_text` and `plain_text`, which Slack shows literally. Only the notification text of
 * a message is mrkdwn, and is escaped here.
 */

/** Marks that turn the writing direction, with which a name or a quote could disguise what follows it. */
const directionMarks = /[\u202a-\u202e\u2066-\u2069]/g

/** Text without direction marks. */
export function clean(text: string): string {
  return text.replace(directionMarks, '')
}

/**
 * Text as literal mrkdwn: the three characters Slack gives meaning to are escaped, so that nothing a person wrote
 * can mention a channel or dress up a link.
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeText(text: string): string {
  return clean(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escapes and cuts so that the escaped text fits, never cutting inside an entity. */
export function escapeTo(text: string, max: number): string {
  let size = Math.min(text.length, max)
  let result = escapeText(cut(text, size))
  while (result.length > max && size > 1) {
    size = Math.max(1, size - Math.max(1, Math.ceil((result.length - max) / 5)))
    result = escapeText(cut(text, size))
  }
  return result
}

/** A web address fit for a link; undefined when it is not http(s), or too long to be worth a line. */
export function webAddress(url: string): string | undefined {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return undefined
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined
  return parsed.href.length > 1000 ? undefined : parsed.href
}
