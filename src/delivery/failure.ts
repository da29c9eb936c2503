import { isRemembrancerError } from '../errors.js'

const outageCodes = /^(08...|53...|57P0[1-5]|58...|25006|P1001|P1002|P1008|P1011|P1017|P2024)$/
const networkCodes = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|ENOSPC|EIO|EAI_AGAIN)$/
const outageKinds =
  /^(DatabaseNotReachable|ConnectionClosed|TooManyConnections|SocketTimeout|TlsConnectionError|PrismaClientInitializationError|PrismaClientRustPanicError)$/
const outageWords =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed|Transaction API error: Unable to start a transaction|Cannot use a pool after)/

/**
 * True when the database, its disk or the way to it is at fault, not what was being written: such a failure says
 * nothing about an event and must not count against it.
 */
export function isOutage(error: unknown, depth = 0): boolean {
  if (isRemembrancerError(error)) return error.code === 'DATABASE_UNREACHABLE'
  if (typeof error !== 'object' || error === null || depth > 5) return false
  const { code, originalCode, kind, name, message } = error as Record<string, unknown>
  for (const word of [code, originalCode])
    if (typeof word === 'string' && (outageCodes.test(word) || networkCodes.test(word))) return true
  if (typeof kind === 'string' && outageKinds.test(kind)) return true
  if (typeof name === 'string' && outageKinds.test(name)) return true
  if (typeof message === 'string' && outageWords.test(message)) return true
  const { cause, meta, driverAdapterError, errors } = error as Record<string, unknown>
  return [cause, meta, driverAdapterError, ...(Array.isArray(errors) ? errors : [])].some((inner) =>
    isOutage(inner, depth + 1),
  )
}

/**
 * What may be written about a failure: our own code and sentence, or the error's class, code and the place in our
 * source where it arose. Never another program's message, which may quote what people wrote.
 */
export function describeFailure(error: unknown): string {
  if (isRemembrancerError(error)) return `${error.code}: ${error.message}`.slice(0, 300)
  if (!(error instanceof Error)) return 'unknown failure'
  const code = 'code' in error && typeof error.code === 'string' ? error.code.replace(/\W/g, '') : ''
  const place = /\n\s+at [^\n]*?((?:src|adapters)\/[a-z0-9/-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1]
  const words = [error.constructor.name.replace(/\W/g, ''), code, place ? `at ${place}` : '']
  return words.filter((word) => word !== '').join(' ')
}

/** The same as one code, for the ledger. */
export function failureCode(error: unknown): string {
  if (isRemembrancerError(error)) return error.code
  const name = error instanceof Error ? error.constructor.name.replace(/\W/g, '') : ''
  return /^[A-Za-z]\w{1,63}$/.test(name) ? name : 'UNKNOWN'
}
