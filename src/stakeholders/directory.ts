import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Tx } from '../storage/index.js'

const columns = ['name', 'email', 'role', 'team', 'remit'] as const
const filled = (name: string, limit: number) =>
  z
    .string()
    .trim()
    .min(1, `${name} is missing`)
    .max(limit, `${name} must be ${limit.toLocaleString('en-GB')} characters or fewer`)

const directoryRow = z.object({
  name: filled('name', 200),
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320, 'email must be 320 characters or fewer')
    .pipe(z.email('email must be an address like name@department.example')),
  role: filled('role', 200),
  team: filled('team', 200),
  remit: filled('remit', 2000),
})

/** A person and what they are responsible for, as a file gives them. */
export type DirectoryRow = z.infer<typeof directoryRow>

/** Something wrong with a file, with the line it stands on. */
export interface LineProblem {
  readonly line: number
  readonly problem: string
}

const maximumRows = 50_000
const listedProblems = 50

/**
 * Reads a directory from CSV with the columns name, email, role, team and remit, in any order, others ignored.
 * @returns the rows, or what is wrong line by line (the first 50)
 */
export function parseDirectory(
  text: string,
): { rows: DirectoryRow[]; problems?: undefined } | { rows?: undefined; problems: LineProblem[] } {
  const table = parseCsv(text)
  if (table === undefined)
    return { problems: [{ line: 1, problem: 'A quote is opened and never closed: this is not a CSV file' }] }
  const [head, ...lines] = table
  const names = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length > 0)
    return {
      problems: [
        { line: 1, problem: `The first line must name the columns; not found: ${missing.join(', ')}` },
      ],
    }
  if (lines.length === 0) return { problems: [{ line: 2, problem: 'There is nobody in this file' }] }
  if (lines.length > maximumRows)
    return { problems: [{ line: maximumRows + 2, problem: 'The file has more than 50,000 lines' }] }
  const rows: DirectoryRow[] = []
  const problems: LineProblem[] = []
  const seen = new Map<string, number>()
  for (const { line, cells } of lines) {
    const values = Object.fromEntries(columns.map((column) => [column, cells[names.indexOf(column)] ?? '']))
    const parsed = directoryRow.safeParse(values)
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map((issue) => ({ line, problem: issue.message })))
      continue
    }
    const before = seen.get(parsed.data.email)
    if (before !== undefined)
      problems.push({ line, problem: `The same email address is already on line ${before}` })
    seen.set(parsed.data.email, line)
    rows.push(parsed.data)
  }
  return problems.length > 0 ? { problems: problems.slice(0, listedProblems) } : { rows }
}

/**
 * Loads a directory: new people are added, known ones (by email address) brought up to date.
 * @param whole true = the file is the whole directory: everybody else no longer holds a remit
 */
export async function loadDirectory(
  tx: Tx,
  rows: readonly DirectoryRow[],
  options: { readonly whole: boolean },
): Promise<{ loaded: number; retired: number }> {
  const column = (key: keyof DirectoryRow): string[] => rows.map((row) => row[key])
  const emails = column('email')
  await tx.$executeRaw`
    INSERT INTO directory_entry (id, name, email, role, team, remit, person_id, active)
    SELECT row.id, row.name, row.email, row.role, row.team, row.remit,
           (SELECT p.id FROM person p WHERE lower(p.email) = row.email ORDER BY p.created_at LIMIT 1), true
    FROM unnest(${rows.map(() => randomUUID())}::uuid[], ${column('name')}::text[], ${emails}::text[],
                ${column('role')}::text[], ${column('team')}::text[], ${column('remit')}::text[])
      AS row (id, name, email, role, team, remit)
    ON CONFLICT (email) DO UPDATE SET
      name = excluded.name, role = excluded.role, team = excluded.team, remit = excluded.remit, active = true,
      person_id = coalesce(directory_entry.person_id, excluded.person_id)`
  const retired = options.whole
    ? await tx.$executeRaw`
        UPDATE directory_entry SET active = false WHERE active AND NOT email = ANY(${emails}::text[])`
    : 0
  return { loaded: rows.length, retired }
}

interface CsvLine {
  readonly line: number
  readonly cells: string[]
}

/** CSV after RFC 4180, empty lines left out; undefined when a quote is never closed. */
function parseCsv(text: string): CsvLine[] | undefined {
  const content = text.replace(/^\uFEFF/, '')
  const delimiter = /^[^\n",]*;/.test(content) ? ';' : ','
  const lines: CsvLine[] = []
  let cells: string[] = []
  let cell = ''
  let quoted = false
  let line = 1
  let began = 1
  const endLine = (): void => {
    cells.push(cell)
    if (cells.some((value) => value.trim() !== '')) lines.push({ line: began, cells })
    cells = []
    cell = ''
  }
  for (let index = 0; index < content.length; index++) {
    const character = content[index] ?? ''
    if (character === '\n') line++
    if (quoted) {
      if (character !== '"') cell += character
      else if (content[index + 1] === '"') {
        cell += '"'
        index++
      } else quoted = false
    } else if (character === '"' && cell === '') quoted = true
    else if (character === delimiter) {
      cells.push(cell)
      cell = ''
    } else if (character === '\n' || (character === '\r' && content[index + 1] !== '\n')) {
      endLine()
      began = line
    } else if (character !== '\r') cell += character
  }
  if (quoted) return undefined
  endLine()
  return lines
}
