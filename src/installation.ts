/** What a database knows of itself: which world it holds, under which policy, and how far its clock was moved. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Policy } from './config/index.js'
import { append } from './ledger/index.js'
import type { Database, InstallationKind } from './storage/index.js'

/** The first start, and every change of policy, is written down. */
export async function noteInstallation(
  database: Database,
  kind: InstallationKind,
  policy: Policy,
  at: Date,
): Promise<void> {
  const hash = createHash('sha256')
    .update(canonicalize(policy) ?? '')
    .digest('hex')
  await database.transaction(async (tx) => {
    const last = await tx.policyVersion.findFirst({ orderBy: { at: 'desc' } })
    if (last?.hash === hash) return
    if (!last) await append(tx, { kind: 'installation-created', installation: kind, at: at.toISOString() })
    const { count } = await tx.policyVersion.createMany({
      data: [{ hash, content: JSON.parse(JSON.stringify(policy)), at }],
      skipDuplicates: true,
    })
    if (count === 0) await tx.policyVersion.update({ where: { hash }, data: { at } })
    await append(tx, {
      kind: 'policy-changed',
      policyHash: hash,
      ...(last ? { previous: last.hash } : {}),
      at: at.toISOString(),
    })
  })
}

/** How far the sandbox's clock was moved, in milliseconds; 0 where it never was. */
export async function storedClockOffset(database: Database): Promise<number> {
  const row = await database.prisma.installation.findUnique({ where: { id: 1 } })
  return Number(row?.clockOffsetMs ?? 0)
}

/** Keeps how far the sandbox's clock was moved, so that time does not run backwards at the next start. */
export async function storeClockOffset(database: Database, offsetMs: number): Promise<void> {
  await database.prisma.installation.update({ where: { id: 1 }, data: { clockOffsetMs: BigInt(offsetMs) } })
}
