/** The program's entry: reads settings, starts everything, says where to look, and stops cleanly. Nothing imports this. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { startApp } from './compose.js'
import { readSettings } from './config/index.js'
import { listenForCommands } from './control/index.js'
import { loadEnvironment } from './environment.js'
import { reportFailure } from './report-failure.js'

const out = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const started = performance.now()
  const env = loadEnvironment(process.env, process.cwd())
  const settings = readSettings(env)
  const app = await startApp(settings, env)
  mkdirSync(resolve(settings.dataDir), { recursive: true, mode: 0o700 })
  const control = await listenForCommands(resolve(settings.dataDir), async (request, output) => {
    // Loaded when first needed: most starts never hand over a command.
    const { runHandedOver } = await import('./cli.js')
    return await runHandedOver(app, env, request, output)
  })

  const names = app.primary.world.platforms.map((platform) => platform.name)
  out('')
  out(
    `  Remembrancer is running (${((performance.now() - started) / 1000).toFixed(1)} s, ${app.primary.world.database.embedded ? 'embedded database' : 'PostgreSQL'}${names.length > 0 ? `, ${names.join(' and ')}` : ''}).`,
  )
  out(`  Open ${app.primary.address}${app.primary.world.kind === 'sandbox' ? '/sandbox' : ''}`)
  out('')

  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130)
    stopping = true
    out(`${signal}: stopping …`)
    void control
      .close()
      .then(() => app.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => process.exit(reportFailure(error)),
      )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

process.on('unhandledRejection', (error) => {
  // A library's stray rejection must not end the process and lose what is under way; it is said once and counted.
  process.stderr.write(
    `UNHANDLED: ${error instanceof Error ? `${error.name} ${(error.stack ?? '').split('\n')[1]?.trim() ?? ''}` : 'unknown'}\n`,
  )
})
main().catch((error: unknown) => process.exit(reportFailure(error)))
