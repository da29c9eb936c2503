import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import { openPglite, pgliteStream } from '../../src/storage/pglite.js'

/**
 * SQL that leads from one Prisma schema to another, worked out without a server or a downloaded engine.
 * @param from text of the schema before; undefined = an empty database
 * @param to text of the schema after
 * @returns the SQL script; `-- This is an empty migration.` when nothing differs
 */
export async function schemaDifference(from: string | undefined, to: string): Promise<string> {
  const db = await openPglite(undefined)
  try {
    const factory = new PrismaPg({
      stream: () => pgliteStream(db),
      user: 'postgres',
      database: 'postgres',
      max: 1,
    })
    const target = (content: string) => ({
      tag: 'schemaDatamodel' as const,
      files: [{ path: 'schema.prisma', content }],
    })
    const engine = await (await loadEngine()).new(
      { datamodels: [['schema.prisma', to]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(factory),
    )
    const result = await engine.diff({
      from: from === undefined ? { tag: 'empty' } : target(from),
      to: target(to),
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    return result.stdout ?? ''
  } finally {
    await db.close()
  }
}

/** Node 20 cannot import `.wasm` as a module: instantiate it by hand with its JavaScript half. */
async function loadEngine(): Promise<typeof SchemaEngine> {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const wasm = readFileSync(script.replace(/\.js$/, '.wasm'))
  const imports = { './schema_engine_bg.js': glue }
  const { instance } = await WebAssembly.instantiate(wasm, imports)
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
  return glue.SchemaEngine
}
