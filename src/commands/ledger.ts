import { resolve } from 'node:path'
import { RemembrancerError } from '../errors.js'
import { exportCheckpoint, exportLedger, type VerifyReport, verifyDatabase } from '../ledger/index.js'
import type { Command, CommandContext } from './index.js'
import { parseOptions } from './options.js'

const sandbox = { sandbox: { type: 'boolean' } } as const

async function ledgerWorld(context: CommandContext, inSandbox: boolean | undefined) {
  const { world } = await context.world(inSandbox ? 'sandbox' : context.usual)
  return world
}

/** Checks the whole ledger against itself and a checkpoint kept elsewhere. */
export const verify: Command = {
  name: 'verify',
  usage: 'verify [--checkpoint FILE] [--sandbox]',
  summary: 'Check the ledger: every hash, every link, every signature.',
  async run(context) {
    const { values } = parseOptions(context.args, { ...sandbox, checkpoint: { type: 'string' } })
    const world = await ledgerWorld(context, values.sandbox)
    const report = await verifyDatabase(world.database, {
      publicKey: world.signer.publicKeyPem,
      ...(values.checkpoint === undefined ? {} : { checkpointFile: resolve(context.cwd, values.checkpoint) }),
    })
    for (const line of reportLines(report)) context.out(`${line}\n`)
    return report.ok ? 0 : 3
  },
}

function reportLines(report: VerifyReport): string[] {
  if (report.problem)
    return [
      `BROKEN at entry ${report.problem.seq}: ${report.problem.what} (${report.problem.code}).`,
      new RemembrancerError('LEDGER_BROKEN', 'The ledger does not verify.').line(),
    ]
  return [
    `The ledger verifies: ${counted(report.entries, 'entry', 'entries')}, each hash and link; ${report.checkpoints === 0 ? 'no checkpoint yet' : `${counted(report.checkpoints, 'checkpoint')}, each signature`}.`,
    `Head: entry ${report.head.seq}, ${report.head.hash}`,
    `${report.signedTo === 0 ? 'Nothing is signed yet' : `Signed up to entry ${report.signedTo}`}; ${report.anchoredTo === 0 ? 'nothing is anchored by a checkpoint kept elsewhere' : `anchored by a checkpoint kept elsewhere up to entry ${report.anchoredTo}`}.`,
    ...(report.unanchored > 0
      ? [
          `${report.unanchored === 1 ? '1 entry is' : `${report.unanchored} entries are`} not anchored: whoever owns this database and its key could have rewritten what is not. Compare with a checkpoint kept elsewhere (--checkpoint FILE).`,
        ]
      : []),
  ]
}

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** Writes the newest checkpoint to a file. */
export const checkpoint: Command = {
  name: 'checkpoint',
  usage: 'checkpoint FILE [--sandbox]',
  summary: 'Write the newest signed checkpoint to a file, to be kept elsewhere.',
  async run(context) {
    const { values, positionals } = parseOptions(context.args, sandbox)
    const world = await ledgerWorld(context, values.sandbox)
    await world.signHead()
    const file = resolve(context.cwd, positionals[0] ?? 'checkpoint.json')
    const written = await exportCheckpoint(world.database, file, { publicKeyPem: world.signer.publicKeyPem })
    context.out(
      `Checkpoint of entry ${written.seq} written to ${file}. Keep it where the owner of this database cannot change it.\n`,
    )
    return 0
  },
}

/** Writes the ledger to a folder that can be verified without this program. */
export const exportTo: Command = {
  name: 'export-ledger',
  usage: 'export-ledger FOLDER [--sandbox]',
  summary: 'Write the ledger and a script that verifies it offline to a folder.',
  async run(context) {
    const { values, positionals } = parseOptions(context.args, sandbox)
    const world = await ledgerWorld(context, values.sandbox)
    const folder = resolve(context.cwd, positionals[0] ?? 'ledger-export')
    const written = await exportLedger(world.database, folder, { publicKeyPem: world.signer.publicKeyPem })
    context.out(
      `${counted(written, 'entry', 'entries')} written to ${folder}. Verify there with: node verify.mjs ledger.jsonl\n`,
    )
    return 0
  },
}
