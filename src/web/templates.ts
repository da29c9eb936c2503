import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import nunjucks from 'nunjucks'
import { gapReasonInWords } from '../delivery/index.js'
import { officeInWords } from '../groups/index.js'
import { frontendFolders } from './assets.js'

/** A place in the navigation of every page; `key` is what a page sets as `nav` to mark itself as current. */
export interface NavigationItem {
  readonly key: string
  readonly text: string
  readonly href: string
}

/** The navigation in its order. A page that has none of these leaves `nav` unset. */
export const navigation: readonly NavigationItem[] = [
  { key: 'groups', text: 'Groups', href: '/groups' },
  { key: 'unrecorded', text: 'Unrecorded decisions', href: '/unrecorded' },
  { key: 'decisions', text: 'Decisions', href: '/decisions' },
  { key: 'digests', text: 'Digests', href: '/digests' },
  { key: 'people', text: 'People', href: '/people' },
  { key: 'ledger', text: 'Ledger', href: '/ledger' },
  { key: 'sandbox', text: 'Sandbox', href: '/sandbox' },
]

/** Settings of the page frame that every view sees. */
export interface TemplateOptions {
  /** Zone in which dates are shown unless a filter names another. */
  readonly timeZone?: string
  /** Keys of {@link navigation} to leave out (`sandbox` when it is off). */
  readonly hide?: readonly string[]
  /** Further variables that every view sees. */
  readonly globals?: Readonly<Record<string, unknown>>
}

const dateStyles = {
  /** 9 February 2026 */
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  /** 9 Feb 2026 */
  shortDate: { day: 'numeric', month: 'short', year: 'numeric' },
  /** Mon 9 Feb */
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  /** Monday 9 February */
  longDay: { weekday: 'long', day: 'numeric', month: 'long' },
  /** 14:05 */
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  /** 9 February 2026 at 14:05 */
  dateTime: {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** How a date may be shown; each is also a filter of that name: `{{ at | dateTime }}`, `{{ at | time('UTC') }}`. */
export type DateStyle = keyof typeof dateStyles

const formatters = new Map<string, Intl.DateTimeFormat>()

/** An instant in words, in a time zone; empty for nothing and for what is no date. */
export function formatInstant(at: unknown, style: DateStyle, timeZone: string): string {
  if (!(at instanceof Date) && typeof at !== 'string' && typeof at !== 'number') return ''
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  const key = `${style}|${timeZone}`
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { ...dateStyles[style], timeZone })
    formatters.set(key, formatter)
  }
  return formatter.format(date)
}

/**
 * The template environment of all pages: autoescaping, GOV.UK and MOJ components on the search path, and filters:
 * the styles of {@link DateStyle}, `iso`, `plural` (`{{ 3 | plural('day') }}`), `initials`,
 * `office` (its name within a sentence) and `gapReason`.
 * @param viewFolders searched first to last; views may extend `layouts/page.njk`
 */
export function createTemplates(
  viewFolders: readonly string[],
  options: TemplateOptions = {},
): nunjucks.Environment {
  const own = fileURLToPath(new URL('./views', import.meta.url))
  const folders = [...new Set([...viewFolders.map((folder) => path.resolve(folder)), own])]
  const loader = new nunjucks.FileSystemLoader([...folders, ...frontendFolders()])
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
    throwOnUndefined: false,
  })
  const home = options.timeZone ?? 'Europe/London'
  for (const style of Object.keys(dateStyles) as DateStyle[])
    environment.addFilter(style, (at: unknown, zone?: string) => formatInstant(at, style, zone ?? home))
  environment.addFilter('iso', (at: unknown) => (at instanceof Date ? at.toISOString() : String(at ?? '')))
  environment.addFilter('plural', (count: number, one: string, many?: string) =>
    count === 1 ? `1 ${one}` : `${count.toLocaleString('en-GB')} ${many ?? `${one}s`}`,
  )
  environment.addFilter('initials', initials)
  environment.addFilter('office', officeInWords)
  environment.addFilter('gapReason', (reason: string) => {
    const words = gapReasonInWords(reason)
    return words.charAt(0).toUpperCase() + words.slice(1)
  })
  const hidden = new Set(options.hide)
  environment.addGlobal(
    'navigation',
    navigation.filter((item) => !hidden.has(item.key)),
  )
  environment.addGlobal('timeZone', home)
  for (const [name, value] of Object.entries(options.globals ?? {})) environment.addGlobal(name, value)
  return environment
}

/** First letters of the first and last word of a name, titles left out: "Rt Hon Ada Fenn MP" is AF. */
export function initials(name: unknown): string {
  const titles = /^(the|rt|hon|sir|dame|dr|mr|mrs|ms|mx|mp|cbe|obe)$/i
  const words = String(name ?? '')
    .split(/\s+/)
    .filter((word) => word !== '' && !titles.test(word.replaceAll(/[.,]/g, '')))
  const first = words[0] ?? ''
  const last = words.length > 1 ? (words.at(-1) ?? '') : ''
  return `${[...first][0] ?? ''}${[...last][0] ?? ''}`.toUpperCase()
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Renders a view as text: fragments for live updates. */
    render(name: string, data?: Readonly<Record<string, unknown>>): string
  }
  interface FastifyReply {
    /** Renders a view as an HTML page. */
    view(name: string, data?: Readonly<Record<string, unknown>>): FastifyReply
  }
}

/** Gives every reply of this app `view(name, data)`, and the app `render(name, data)`. */
export function registerTemplates(app: FastifyInstance, templates: nunjucks.Environment): void {
  app.decorate('render', (name, data = {}) => templates.render(name, data))
  app.decorateReply('view', function view(name, data = {}) {
    return this.type('text/html; charset=utf-8').send(templates.render(name, data))
  })
}
