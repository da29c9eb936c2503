import { z } from 'zod'

/** How many rows a list page shows. */
export const pageSize = 25

/** A page number of a query string: whatever it says, a usable page. */
export const pageNumber = z.coerce.number().int().min(1).max(100_000).catch(1).default(1)

/** Words of a search box: trimmed, never an error; without NUL, which PostgreSQL cannot look for. */
export const searchWords = z
  .string()
  .transform((text) => text.replaceAll('\0', '').trim())
  .pipe(z.string().max(200))
  .catch('')
  .default('')

/** An id that may be given to filter; anything else means no filter. */
export const optionalId = z.uuid().optional().catch(undefined)

/** A page of rows as the rooms' queries return it. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
}

interface PaginationItem {
  readonly number?: number
  readonly href?: string
  readonly current?: boolean
  readonly ellipsis?: boolean
}

/** What GOV.UK's pagination component needs, with a sentence of what is shown. */
export interface Pagination {
  readonly items: readonly PaginationItem[]
  readonly previous?: { readonly href: string }
  readonly next?: { readonly href: string }
  readonly shown: string
  readonly several: boolean
}

/**
 * Pagination for a list.
 * @param query filters to keep in the links; empty ones are left out
 */
export function paginate(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  page: number,
  total: number,
  size: number = pageSize,
): Pagination {
  const pages = Math.max(1, Math.ceil(total / size))
  const href = (number: number): string => {
    const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
    const search = new URLSearchParams([
      ...kept.map(([key, value]) => [key, String(value)]),
      ...(number > 1 ? [['page', String(number)]] : []),
    ] as [string, string][])
    return search.size > 0 ? `${path}?${search}` : path
  }
  const wanted = [1, page - 1, page, page + 1, pages].filter((number) => number >= 1 && number <= pages)
  const numbers = [...new Set(wanted)].sort((a, b) => a - b)
  const items = numbers.flatMap((number, index): PaginationItem[] => [
    ...(index > 0 && number - (numbers[index - 1] ?? 0) > 1 ? [{ ellipsis: true }] : []),
    { number, href: href(number), current: number === page },
  ])
  const first = (page - 1) * size + 1
  const last = Math.min(total, page * size)
  const words = (count: number): string => count.toLocaleString('en-GB')
  return {
    items,
    ...(page > 1 ? { previous: { href: href(Math.min(page - 1, pages)) } } : {}),
    ...(page < pages ? { next: { href: href(page + 1) } } : {}),
    shown: total === 0 || first > total ? '' : `Showing ${words(first)} to ${words(last)} of ${words(total)}`,
    several: pages > 1,
  }
}
