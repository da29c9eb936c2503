type Json = Record<string, unknown>

/** What an argument may be. */
export type ArgumentType = 'string' | 'ts' | 'boolean' | 'integer' | 'json'

/** One method of the Web API. */
export interface MethodSpec {
  /** Reference page the rules come from. */
  readonly doc: string
  readonly perMinute: number
  /** Any one of these scopes; for conversations it depends on their kind and is checked in the handler. */
  readonly scopes?: readonly string[]
  readonly required: Readonly<Record<string, ArgumentType>>
  readonly optional: Readonly<Record<string, ArgumentType>>
}

/** Arguments from a form-encoded or JSON body. */
export function decodeBody(contentType: string, body: string): Json {
  if (contentType.startsWith('application/json')) return JSON.parse(body || '{}') as Json
  return Object.fromEntries(new URLSearchParams(body))
}

/**
 * Arguments checked against a method's page: unknown, missing and wrongly typed ones are problems. Slack itself lets
 * some pass silently; a silently ignored argument is a mistake of ours all the same.
 */
export function checkArguments(spec: MethodSpec, raw: Json): { args: Json; problems: string[] } {
  const problems: string[] = []
  const args: Json = {}
  const known = { ...spec.required, ...spec.optional }
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'token') continue
    const type = known[name]
    if (type === undefined) {
      problems.push(`unknown argument ${name}`)
      continue
    }
    const read = readArgument(value, type)
    if (read === undefined) problems.push(`argument ${name} is not ${type}`)
    else args[name] = read
  }
  for (const name of Object.keys(spec.required))
    if (args[name] === undefined) problems.push(`missing argument ${name}`)
  return { args, problems }
}

function readArgument(value: unknown, type: ArgumentType): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value !== '' ? value : undefined
    case 'ts':
      return typeof value === 'string' && /^\d{1,12}(\.\d{1,6})?$/.test(value) ? value : undefined
    case 'boolean':
      return value === true || value === 'true' || value === '1'
        ? true
        : value === false || value === 'false' || value === '0'
          ? false
          : undefined
    case 'integer':
      return /^\d+$/.test(String(value)) ? Number(value) : undefined
    default:
      return readJson(value)
  }
}

function readJson(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return undefined
  }
}
