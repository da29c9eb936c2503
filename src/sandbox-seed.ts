import { randomUUID } from 'node:crypto'
import { ensurePrivateOffice, groupById, register, resolveGroup } from './groups/index.js'
import { resolvePeople } from './people/index.js'
import type { World } from './world.js'

/** The fictional department: its directory of remits, and how its groups are registered. */
export interface SandboxSeed {
  readonly tenant: string
  readonly directory: readonly {
    name: string
    email: string
    role: string
    team: string
    remit: string
    personId: string
  }[]
  readonly registrations: readonly {
    conversation: string
    purpose: string
    businessNeed: string
    administrators: readonly string[]
    privateOffice: string
    privateOfficeRoom: string
    seniorOfficial: string
    recordsOfficer: string
    reviewInDays: number
  }[]
}

/** Gives a new sandbox its directory and registrations, once. Existing ones are left as people made them. */
export async function seedSandbox(world: World, seed: SandboxSeed): Promise<void> {
  const { database, policy } = world
  const seeded = await database.prisma.directoryEntry.count()
  if (seeded > 0) return
  const now = world.now()
  await database.transaction(async (tx) => {
    const scope = { platform: 'sandbox' as const, tenant: seed.tenant }
    const people = await resolvePeople(
      tx,
      scope,
      seed.directory.map((entry) => ({
        ref: { id: entry.personId, name: entry.name, email: entry.email, title: entry.role },
        at: now,
      })),
    )
    await tx.directoryEntry.createMany({
      data: seed.directory.map(({ personId, ...entry }) => ({
        id: randomUUID(),
        ...entry,
        personId: people.get(personId) ?? null,
      })),
    })
    for (const wanted of seed.registrations) {
      const person = (account: string): string => people.get(account) ?? ''
      const { group } = await resolveGroup(tx, { ...scope, externalId: wanted.conversation }, now)
      if (group.registration !== null) continue
      const privateOffice = await ensurePrivateOffice(
        tx,
        {
          ...scope,
          name: wanted.privateOffice,
          official: 'Secretary of State',
          room: wanted.privateOfficeRoom,
          escalationAccount: wanted.seniorOfficial,
        },
        policy,
        now,
      )
      const reviewDate = new Date(now.getTime() + wanted.reviewInDays * 86_400_000).toISOString().slice(0, 10)
      const values = {
        purpose: wanted.purpose,
        businessNeed: wanted.businessNeed,
        administrators: wanted.administrators.map(person),
        privateOffice,
        recordsOfficer: person(wanted.recordsOfficer),
        reviewDate,
        dryRun: false,
      }
      const current = await groupById(tx, group.id)
      const by = values.administrators[0]
      if (current && by) await register(tx, current, values, by, policy, now)
    }
  })
}
