import { type ParseArgsConfig, parseArgs } from 'node:util'
import { RemembrancerError } from '../errors.js'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Parses the arguments of a command.
 * @throws RemembrancerError USAGE when an option is unknown or lacks its value
 */
export function parseOptions<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new RemembrancerError('USAGE', `${(error as Error).message.split('. ')[0]}.`)
  }
}
