import { defineConfig } from 'prisma/config'

// generate, validate and format never run the schema engine, yet try to fetch it; pointing at an existing
// executable keeps them offline. Never for `migrate`, which would then report success having done nothing.
if (process.argv.some((word) => word === 'generate' || word === 'validate' || word === 'format')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath
}

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } })
