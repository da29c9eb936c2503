import { enqueuePost, type UndeliveredPost } from '../delivery/index.js'
import { accountsOf } from '../people/index.js'
import type { Tx } from '../storage/index.js'
import { administratorsOf } from './registration.js'

const notice = 'operator-notice'

/**
 * Says to administrators that a post was given up: those of the group it was for or about; for a private office's room
 * those of its groups. A notice that cannot be delivered either is not spoken of again: the status page lists both.
 */
export async function tellOfUndelivered(
  tx: Tx,
  post: UndeliveredPost,
  publicUrl: string,
  at: Date,
): Promise<void> {
  if (post.purpose === notice) return
  const about = await concerned(tx, post)
  const administrators = new Set(
    (await Promise.all(about.map((group) => administratorsOf(tx, group.id)))).flat(),
  )
  const accounts = await accountsOf(tx, post, [...administrators])
  const where = about.length === 1 ? ` about ${about[0]?.name ?? 'a group'}` : ''
  for (const account of accounts.values()) {
    // The person who could not be reached is not told that they could not be reached.
    if (post.target.kind === 'person' && post.target.person === account) continue
    await enqueuePost(tx, {
      key: `gave-up:${post.id}:${account}`,
      platform: post.platform,
      tenant: post.tenant,
      target: { kind: 'person', person: account },
      card: {
        heading: 'Something could not be delivered',
        summary: `A ${post.purpose}${where} could not be delivered`,
        text: [
          `A ${post.purpose}${where} could not be delivered (${post.error}). Check that the bot may still post there.`,
        ],
        links: [{ label: 'What is not delivered', url: `${publicUrl}/status` }],
      },
      purpose: notice,
      at,
    })
  }
}

async function concerned(tx: Tx, post: UndeliveredPost): Promise<{ id: string; name: string }[]> {
  const select = { id: true, name: true } as const
  const { platform, tenant, target } = post
  if (target.kind !== 'person') {
    const group = await tx.group.findUnique({
      where: { platform_tenant_externalId: { platform, tenant, externalId: target.conversation } },
      select: { ...select, registration: { select: { groupId: true } } },
    })
    if (group?.registration) return [group]
    const office = { platform, tenant, room: target.conversation }
    return await tx.group.findMany({ where: { registration: { privateOffice: office } }, select, take: 50 })
  }
  const nudge = await tx.nudge.findFirst({ where: { outboxId: post.id }, select: { groupId: true } })
  return nudge ? await tx.group.findMany({ where: { id: nudge.groupId }, select }) : []
}
