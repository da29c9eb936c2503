import pino from 'pino'
import type { Settings } from './config/index.js'
import type { Logger } from './platform/index.js'

/** Structured logs on standard error. Fields are ids, codes, kinds and counts; never message text. */
export function createLogger(level: Settings['logLevel']): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['text', '*.text', 'raw', '*.raw', 'event', '*.event'],
    },
    pino.destination({ fd: 2, sync: true }),
  )
}
