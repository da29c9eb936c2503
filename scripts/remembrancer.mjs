#!/usr/bin/env node
// `npx remembrancer …` in a clone: sets up what is missing, then runs the command line in TypeScript.
import './setup.mjs'
import { register } from 'tsx/esm/api'

register()
// A reader that has had enough (`| head`) is no failure.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
const { runCli } = await import('../src/cli.ts')
process.exitCode = await runCli(process.argv.slice(2))
