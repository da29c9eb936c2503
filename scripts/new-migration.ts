/**
 * Writes prisma/migrations/<time>_<name>/migration.sql with the difference between the schema the newest migration
 * was made from (prisma/schema.migrated.prisma) and schema.prisma, without a database server. Review the SQL by
 * hand before committing it; test/storage checks that migrations and schema agree.
 *   npx tsx scripts/new-migration.ts add-something
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaDifference } from '../test/support/schema-difference.js'

const snapshot = 'prisma/schema.migrated.prisma'
const name = process.argv[2]
if (!name || !/^[a-z0-9-]+$/.test(name)) {
  console.error('usage: npx tsx scripts/new-migration.ts <kebab-case-name>')
  process.exit(2)
}
const schema = readFileSync('prisma/schema.prisma', 'utf8')
const sql = await schemaDifference(existsSync(snapshot) ? readFileSync(snapshot, 'utf8') : undefined, schema)
if (sql.includes('This is an empty migration')) {
  console.log('Schema and migrations agree: nothing written.')
} else {
  const stamp = new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  const folder = join('prisma/migrations', `${stamp}_${name.replaceAll('-', '_')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'migration.sql'), sql)
  writeFileSync(snapshot, schema)
  console.log(`Wrote ${folder}/migration.sql: review it by hand.`)
}
