import { resolve } from 'node:path'
import { RemembrancerError } from '../errors.js'
import { createProgressBar, formatReport, runImport } from '../imports/index.js'
import { dateOrders } from '../platform/index.js'
import { importModules } from '../platforms.js'
import type { Command } from './index.js'
import { parseOptions } from './options.js'

/** Brings the past of a chat in, from a file. */
export const importFile: Command = {
  name: 'import',
  usage: 'import FILE [--date-order dmy|mdy|ymd] [--time-zone ZONE] [--group NAME] [--me NAME]',
  summary: 'Read a WhatsApp chat export or a Slack export: membership, decisions, evidence. Posts nothing.',
  async run(context) {
    const { values, positionals } = parseOptions(context.args, {
      'date-order': { type: 'string' },
      'time-zone': { type: 'string' },
      group: { type: 'string' },
      me: { type: 'string' },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new RemembrancerError('USAGE', `Give one file: ${importFile.usage}.`)
    const dateOrder = dateOrders.find((order) => order === values['date-order'])
    if (values['date-order'] !== undefined && dateOrder === undefined)
      throw new RemembrancerError('USAGE', `--date-order is one of ${dateOrders.join(', ')}.`)
    const timeZone = values['time-zone'] ?? 'Europe/London'
    assertTimeZone(timeZone)
    const { world, address } = await context.world('official')
    const bar = createProgressBar({ write: (text) => context.err(text), isTTY: context.tty })
    try {
      const report = await runImport({
        path: resolve(context.cwd, path),
        modules: await Promise.all(Object.values(importModules).map((load) => load())),
        options: {
          timeZone,
          ...(dateOrder === undefined ? {} : { dateOrder }),
          ...(values.group === undefined ? {} : { groupName: values.group }),
          ...(values.me === undefined ? {} : { me: values.me }),
        },
        accept: (envelopes) => world.inbox.accept(envelopes),
        settle: () => world.settle(),
        database: world.database,
        now: () => world.now(),
        progress: (done, total) => bar.update(done, total),
        webAddress: address,
      })
      bar.end()
      context.out(formatReport(report))
      return 0
    } finally {
      // An error must not land on the bar's line.
      bar.end()
    }
  },
}

function assertTimeZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
  } catch {
    throw new RemembrancerError(
      'USAGE',
      `--time-zone ${zone.slice(0, 40)} is not a known zone (like Europe/London).`,
    )
  }
}
