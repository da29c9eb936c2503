import { RemembrancerError } from './errors.js'

/**
 * Says a failure on standard error: foreseeable ones in one line with code and fix, others with their stack for a
 * report.
 * @returns the exit status
 */
export function reportFailure(
  error: unknown,
  write: (text: string) => void = (text) => void process.stderr.write(text),
): number {
  if (error instanceof RemembrancerError) {
    write(`${error.line()}\n`)
    return 1
  }
  write(`UNEXPECTED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 70
}
