/**
 * Runs the tests. Finds PostgreSQL (starting one of its own on a spare loopback port) and Chromium; where one is
 * missing, says so in one line and runs the rest. With TEST_COMPLETE=1 (as .ci/run sets it) anything left out fails.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const complete = process.env.TEST_COMPLETE === '1'
const left = []

const chromium = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path))
if (!chromium)
  left.push('Chromium not found: tests in a real browser are left out (Debian: apt-get install chromium).')

const postgres = process.env.TEST_DATABASE_URL ? undefined : await startPostgres()
const databaseUrl = process.env.TEST_DATABASE_URL ?? postgres?.url
if (!databaseUrl)
  left.push('PostgreSQL not found: tests on it are left out (Debian: apt-get install postgresql).')
for (const line of left) console.error(line)

const report = join(root, 'test/.output/report.json')
mkdirSync(dirname(report), { recursive: true })
const env = {
  ...process.env,
  VITEST_JSON: report,
  ...(chromium ? { CHROMIUM_PATH: chromium } : {}),
  ...(databaseUrl ? { TEST_DATABASE_URL: databaseUrl } : {}),
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env,
})
postgres?.stop()

const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numTotalTests: 0 }
const skipped = (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0)
console.log(`${result.numPassedTests ?? 0} passed, ${result.numFailedTests ?? 0} failed, ${skipped} skipped`)
if (status !== 0) process.exit(status ?? 1)
if ((result.numTotalTests ?? 0) === 0) fail('No test ran.')
if (complete && left.length > 0) fail('Something the tests need is missing, see above.')
if (complete && skipped > 0) fail(`${skipped} tests were left out.`)

function fail(reason) {
  console.error(reason)
  process.exit(1)
}

/** Starts test/support/postgres.ts, which prints its address and stays until it is told to stop. */
async function startPostgres() {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/postgres.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    new Promise((resolve) => lines.once('line', resolve)),
    new Promise((resolve) => child.once('exit', () => resolve(undefined))),
  ])
  const url = typeof first === 'string' ? /postgres(ql)?:\/\/\S+/.exec(first)?.[0] : undefined
  return url ? { url, stop: () => child.kill('SIGTERM') } : undefined
}
