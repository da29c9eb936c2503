import { listSetAside, replaySetAside } from '../delivery/index.js'
import type { Command } from './index.js'
import { parseOptions } from './options.js'

/** Puts events that were set aside back in line. */
export const replay: Command = {
  name: 'replay',
  usage: 'replay [EVENT …] [--sandbox]',
  summary: 'Try events again that could not be applied, all or those named.',
  async run(context) {
    const { values, positionals } = parseOptions(context.args, { sandbox: { type: 'boolean' } })
    const { world } = await context.world(values.sandbox ? 'sandbox' : context.usual)
    const ids = positionals.filter((word) => /^\d{1,18}$/.test(word)).map(BigInt)
    const count = await replaySetAside(world.database, ids.length > 0 ? ids : undefined)
    await world.settle()
    const left = await listSetAside(world.database)
    context.out(`${count} put back in line; ${left.length} set aside now.\n`)
    for (const event of left.slice(0, 20))
      context.out(`  ${event.id} ${event.platform} ${event.kind}: ${event.error ?? ''}\n`)
    return left.length > 0 ? 3 : 0
  },
}
