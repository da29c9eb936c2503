/**
 * Sets up what a fresh clone lacks, with nothing but Node and npm: dependencies as the lockfile pins them, then the
 * generated database client. Runs before every npm script and does nothing when all is there.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Remembrancer needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

const fingerprint = (...files) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
const isCurrent = (stamp, wanted) => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted

function run(title, command, args) {
  console.error(`${title} …`)
  const started = Date.now()
  // Everything goes to standard error: what a command prints on standard output is its own.
  const shell = process.platform === 'win32'
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell })
  if (status !== 0) {
    console.error(
      `${title} failed (${command} ${args.join(' ')}). Mend what it says above, then run this again.`,
    )
    process.exit(status ?? 1)
  }
  console.error(`${title}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

const installed = join(root, 'node_modules/.remembrancer-installed')
const dependencies = fingerprint('package.json', 'package-lock.json')
if (!isCurrent(installed, dependencies)) {
  run('Installing dependencies', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--progress=true',
  ])
  writeFileSync(installed, dependencies)
}

const generated = join(root, 'src/generated/.schema')
const schema = fingerprint('prisma/schema.prisma', 'package-lock.json')
if (!isCurrent(generated, schema) || !existsSync(join(root, 'src/generated/prisma/client.ts'))) {
  run('Generating the database client', process.execPath, [
    join(root, 'node_modules/prisma/build/index.js'),
    'generate',
  ])
  mkdirSync(dirname(generated), { recursive: true })
  writeFileSync(generated, schema)
}
