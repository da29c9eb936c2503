import {
  checkRecordForm,
  decisionTypeNames,
  type FormSettings,
  insertDraft,
  keepTyped,
  loadDraft,
  openRecordDraft,
  type RecordDraft,
  recordDecision,
  renderRecordForm,
  type SignalRow,
  timeInWords,
  turnPage,
} from '../decisions/index.js'
import { enqueuePost } from '../delivery/index.js'
import type { DecisionType } from '../detection/index.js'
import { refreshDigests } from '../digests/index.js'
import { type GroupRow, groupById, whoSeesTheRecord } from '../groups/index.js'
import { closeNudges } from '../nudges/index.js'
import { peopleById, shownName } from '../people/index.js'
import { asTyped, type Card, type InteractionReply, type PlatformName } from '../platform/index.js'
import type { Tx } from '../storage/index.js'
import { type Asked, formSettings, type InteractionOf, type InteractionWorld, say } from './context.js'

/** Opens the record form for a group, filled in from a signal, a message, or nothing. */
export async function openRecordForm(
  asked: Asked,
  group: GroupRow,
  about: { signal?: SignalRow; around?: string; text?: string },
): Promise<InteractionReply> {
  const refusal = await mayRecord(asked.tx, group, asked.personId)
  if (refusal) return refusal
  const settings = formSettings(asked.world, asked.interaction.platform, group)
  if (about.signal?.state === 'recorded') {
    const record = await asked.tx.decisionRecord.findUnique({ where: { id: about.signal.recordId ?? '' } })
    return say('Already recorded', `This decision is recorded as ${record?.reference ?? 'a decision'}.`)
  }
  const draft = await openRecordDraft(asked.tx, {
    group,
    personId: asked.personId,
    now: asked.now,
    settings,
    ...about,
  })
  return { kind: 'form', form: await renderRecordForm(asked.tx, draft, group, settings) }
}

/** Answers a change in the record form: another page of evidence, or a field that redraws the form. */
export async function changeRecordForm(
  asked: Asked<InteractionOf<'form-change'>>,
): Promise<InteractionReply> {
  const kept = await keepOwn(asked)
  if ('refusal' in kept) return kept.refusal
  const { group, settings } = kept
  let { draft } = kept
  const page = /^page:(\d{1,4})$/.exec(asked.interaction.changed)
  if (page) draft = await turnPage(asked.tx, draft, Number(page[1]), asked.now, settings)
  return { kind: 'form', form: await renderRecordForm(asked.tx, draft, group, settings) }
}

/** Answers the submitted record form: errors at the fields with all that was typed, or the record. */
export async function submitRecordForm(
  asked: Asked<InteractionOf<'form-submit'>>,
): Promise<InteractionReply> {
  const kept = await keepOwn(asked)
  if ('refusal' in kept) return kept.refusal
  const { draft, group, settings } = kept
  const result = await submitDecision(asked.tx, asked.world, {
    draft,
    group,
    personId: asked.personId,
    now: asked.now,
    settings,
  })
  if ('errors' in result)
    return {
      kind: 'errors',
      errors: result.errors,
      form: await renderRecordForm(asked.tx, draft, group, settings),
    }
  return { kind: 'closed', card: result.card }
}

/**
 * Makes the record from a draft, confirms it in the group and closes its nudges. Chat forms and web pages both come
 * through here. The same draft submitted twice makes one record.
 */
export async function submitDecision(
  tx: Tx,
  world: InteractionWorld,
  given: { draft: RecordDraft; group: GroupRow; personId: string; now: Date; settings: FormSettings },
): Promise<{ reference: string; id: string; card: Card } | { errors: Record<string, string> }> {
  const { draft, group, personId, now, settings } = given
  // The draft's row is taken out first: whoever submits it a second time finds the record instead.
  const { count } = await tx.formDraft.deleteMany({ where: { id: draft.id } })
  if (count === 0) return { errors: { decision: 'This form has already been submitted' } }
  const checked = checkRecordForm(draft, now, settings)
  const earlier = checked.errors ? undefined : await recordedMeanwhile(tx, draft)
  const errors = checked.errors ?? (earlier === undefined ? undefined : { decision: earlier })
  if (errors || !checked.content) {
    await insertDraft(tx, draft, now)
    return { errors: errors ?? {} }
  }
  const permalinks = await permalinksOf(world, group, draft.chosen)
  const record = await recordDecision(tx, {
    group,
    content: checked.content,
    evidence: draft.chosen,
    permalinks,
    signalId: draft.signalId,
    by: personId,
    now,
  })
  const by = shownName((await peopleById(tx, [personId])).get(personId), 'a member')
  const card: Card = {
    heading: `Decision recorded: ${record.reference}`,
    summary: `Decision recorded: ${record.reference}`,
    text: [checked.content.decision],
    facts: [
      { label: 'Decided by', value: checked.content.decidedBy },
      { label: 'When', value: timeInWords(checked.content.decidedAt, settings.timeZone) },
      {
        label: 'Type',
        value:
          decisionTypeNames[checked.content.decisionType as DecisionType] ?? checked.content.decisionType,
      },
      { label: 'Recorded by', value: by },
    ],
    links: [{ label: 'Open the record', url: `${world.publicUrl}/decisions/${record.reference}` }],
    footer: `${whoSeesTheRecord(group.registration)} can see it.`,
  }
  if (!group.registration?.dryRun)
    await enqueuePost(tx, {
      key: `confirmation:${record.id}`,
      platform: group.platform,
      tenant: group.tenant,
      target: { kind: 'group', conversation: group.externalId },
      card,
      purpose: 'confirmation',
      at: now,
    })
  if (draft.signalId) {
    const signal = await tx.signal.findUniqueOrThrow({ where: { id: draft.signalId } })
    await closeNudges(tx, signal, group, 'recorded', now, undefined, record.reference)
    await refreshDigests(tx, signal.id, world.publicUrl, now)
  }
  return { ...record, card }
}

/** Several people are asked about one decision: whoever submits second hears that it is recorded, and keeps the text. */
async function recordedMeanwhile(tx: Tx, draft: RecordDraft): Promise<string | undefined> {
  if (!draft.signalId) return undefined
  // Locked, so that two forms submitted at the same moment do not both find it open.
  await tx.$queryRaw`SELECT id::text FROM signal WHERE id = ${draft.signalId}::uuid FOR UPDATE`
  const signal = await tx.signal.findUnique({ where: { id: draft.signalId } })
  if (signal?.state !== 'recorded') return undefined
  const record = await tx.decisionRecord.findUnique({ where: { id: signal.recordId ?? '' } })
  return `Somebody has recorded this as ${record?.reference ?? 'a decision'} meanwhile. If you mean another decision, open a new form`
}

/** Any member of the group now, its administrators and records officer, and the members of its office's room may record. */
export async function mayRecord(
  tx: Tx,
  group: GroupRow,
  personId: string,
): Promise<InteractionReply | undefined> {
  if (group.registration === null)
    return say(
      'This group is not registered',
      `No messages are kept here, so there is nothing to record from. A member can register it: ${asTyped(group.platform, 'register-group')}.`,
    )
  const inside = await tx.membership.count({ where: { groupId: group.id, personId, until: null } })
  const administrator = await tx.groupAdministrator.count({ where: { groupId: group.id, personId } })
  const office = await tx.membership.count({
    where: { personId, until: null, groupId: { in: await roomIds(tx, group) } },
  })
  const officer = group.registration.recordsOfficerId === personId ? 1 : 0
  return inside + administrator + office + officer > 0
    ? undefined
    : say('Only members can do this', `You are not a member of ${group.name}.`)
}

async function roomIds(tx: Tx, group: GroupRow): Promise<string[]> {
  const office = group.registration?.privateOffice
  if (!office) return []
  const rows = await tx.group.findMany({
    where: { platform: office.platform, tenant: office.tenant, externalId: office.room },
    select: { id: true },
  })
  return rows.map((row) => row.id)
}

/** What was typed, kept in the draft of whoever opened it. */
async function keepOwn(
  asked: Asked<InteractionOf<'form-change' | 'form-submit'>>,
): Promise<{ draft: RecordDraft; group: GroupRow; settings: FormSettings } | { refusal: InteractionReply }> {
  const { tx, interaction, personId, now } = asked
  const draft = await loadDraft(tx, interaction.state, personId)
  const group = draft ? await groupById(tx, draft.groupId) : undefined
  if (!draft || !group) return { refusal: expired(interaction.platform) }
  // Asked again: a form may stand open for days, and whoever opened it may have left the group since.
  const refusal = await mayRecord(tx, group, personId)
  if (refusal) return { refusal }
  const settings = formSettings(asked.world, interaction.platform, group)
  return { draft: await keepTyped(tx, draft, interaction.values, now, settings), group, settings }
}

function expired(platform: PlatformName): InteractionReply {
  return {
    kind: 'closed',
    card: {
      heading: 'This form was already submitted or is too old',
      summary: 'Form no longer open',
      text: [`Open it again: ${asTyped(platform, 'record-decision')}.`],
    },
  }
}

async function permalinksOf(
  world: InteractionWorld,
  group: GroupRow,
  messages: readonly string[],
): Promise<Map<string, string>> {
  const platform = world.platform(group.platform)
  const links = new Map<string, string>()
  if (!platform) return links
  const deadline = new Promise<undefined>((resolve) => setTimeout(resolve, 1500, undefined).unref())
  const found = await Promise.all(
    messages
      .slice(0, 40)
      .map(
        async (message) =>
          [
            message,
            await Promise.race([
              platform.permalink(group.tenant, group.externalId, message).catch(() => undefined),
              deadline,
            ]),
          ] as const,
      ),
  )
  for (const [message, link] of found) if (link) links.set(message, link)
  return links
}
