import { beforeEach, expect, it } from 'vitest'
import { slackExportModule } from '../../adapters/slack-export/index.js'
import { whatsappModule } from '../../adapters/whatsapp/index.js'
import { readPolicy } from '../../src/config/index.js'
import { createInbox, createLaneRunner } from '../../src/delivery/index.js'
import { formatReport, type ImportReport, runImport } from '../../src/imports/index.js'
import { createPipeline } from '../../src/pipeline.js'
import type { ImportOptions } from '../../src/platform/index.js'
import { describeEachDatabase } from '../support/database.js'
import { fixture } from './support/read-import.js'

const now = () => new Date('2024-03-01T12:00:00Z')
const log = { info() {}, warn() {}, error() {} }

describeEachDatabase('an import', ({ database, empty }) => {
  beforeEach(empty)

  /** Imports through the real inbox and pipeline. */
  async function imported(path: string, options: Partial<ImportOptions> = {}) {
    const lanes = createLaneRunner(database(), {
      apply: createPipeline({ policy: readPolicy(undefined), now }),
      now,
      log,
      maxAttempts: 2,
      batchSize: 200,
      parallel: 4,
    })
    const inbox = createInbox(database(), { now, log, onCommitted: () => lanes.wake() })
    lanes.start()
    const progress: number[] = []
    const report: ImportReport = await runImport({
      path,
      modules: [whatsappModule, slackExportModule],
      options: { timeZone: 'Europe/London', ...options },
      accept: (envelopes) => inbox.accept(envelopes),
      settle: () => lanes.idle(),
      database: database(),
      now,
      progress: (done, total) => progress.push(done / total),
      webAddress: 'http://127.0.0.1:3000',
    })
    await lanes.stop()
    expect(report.notApplied).toEqual({ waiting: 0, setAside: 0 })
    return { report, progress }
  }

  const chat = fixture('whatsapp/WhatsApp Chat with Flood response.txt')

  it('brings a chat into the database and reports what it came to', async () => {
    const { report, progress } = await imported(chat)
    expect(report).toMatchObject({
      platform: 'whatsapp',
      messages: { read: 12, added: 12, held: 12 },
      linesNotUnderstood: { count: 1 },
      people: 6,
      importedBefore: undefined,
      groups: [{ name: 'Flood response: Severn' }],
    })
    expect(report.membershipChanges.held).toBe(10)
    expect(report.groups[0]?.address).toBe(`http://127.0.0.1:3000/groups/${report.groups[0]?.id}`)
    expect(progress[0]).toBe(0)
    expect(progress.at(-1)).toBe(1)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
  })

  it('reports what nobody recorded, oldest first, with evidence and age, and posts nothing', async () => {
    const { prisma } = database()
    const group = (await imported(chat)).report.groups[0]
    const settling = await prisma.message.findFirstOrThrow({ where: { text: { startsWith: 'Agreed' } } })
    // What the detector finds is its own affair: the report must tell whatever it left in the backlog, and no more.
    await prisma.signal.deleteMany()
    const signal = {
      groupId: group?.id ?? '',
      kind: 'decision',
      fromMessage: settling.externalId,
      toMessage: settling.externalId,
      atMessage: settling.externalId,
      evidence: [settling.externalId],
      confidence: 0.9,
      wouldNudge: true,
      because: 'settled',
      summary: 'Buy 4,000 sandbags from Severn',
      settledAt: settling.postedAt ?? now(),
      detectedAt: now(),
      backlog: true,
    }
    const id = (last: number) => `00000000-0000-4000-8000-00000000000${last}`
    await prisma.signal.createMany({
      data: [
        { ...signal, id: id(1), key: 'later', settledAt: new Date('2024-02-20T10:00:00Z') },
        { ...signal, id: id(2), key: 'first' },
        { ...signal, id: id(3), key: 'recorded', state: 'recorded' },
        { ...signal, id: id(4), key: 'unsure', wouldNudge: false },
        { ...signal, id: id(5), key: 'live', backlog: false },
        { ...signal, id: id(6), key: 'other', kind: 'off-channel' },
      ],
    })
    const { report } = await imported(chat)
    expect(report.unrecordedDecisions.total).toBe(2)
    expect(report.unrecordedDecisions.oldest.map(({ ageDays }) => ageDays)).toEqual([29, 10])
    expect(report.unrecordedDecisions.oldest[0]).toMatchObject({
      excerpt: 'Agreed, we will buy 4,000 sandbags from Severn.',
      author: 'Ann Lee',
      group: 'Flood response: Severn',
      address: group?.address,
    })
    expect(formatReport(report)).toContain('1 February 2024 (29 days ago)')
    expect(await prisma.outboxPost.count()).toBe(0)
    expect(await prisma.nudge.count()).toBe(0)
  })

  it('keeps an account of itself in the ledger, and counts without words in its row', async () => {
    const { report } = await imported(chat)
    const run = await database().prisma.importRun.findUniqueOrThrow({ where: { id: report.id } })
    expect(run.finishedAt).not.toBeNull()
    expect(run.report).toMatchObject({ messagesRead: 12, messagesAdded: 12, people: 6 })
    expect(JSON.stringify(run.report)).not.toContain('sandbags')
    const entries = await database().prisma.ledgerIntake.findMany({ where: { kind: 'import-finished' } })
    expect(entries.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        import: report.id,
        platform: 'whatsapp',
        messages: 12,
        fileHash: run.fileHash,
        group: report.groups[0]?.id,
      },
    ])
  })

  it('changes nothing the second time, and says so', async () => {
    const first = await imported(chat)
    const facts = await database().prisma.membershipFact.findMany()
    const revisions = await database().prisma.messageRevision.count()
    const { report } = await imported(chat)
    expect(report).toMatchObject({
      messages: { read: 12, added: 0, held: 12 },
      membershipChanges: { added: 0, held: first.report.membershipChanges.held },
      importedBefore: now(),
    })
    expect(report.unrecordedDecisions).toEqual(first.report.unrecordedDecisions)
    expect(await database().prisma.membershipFact.findMany()).toEqual(facts)
    expect(await database().prisma.messageRevision.count()).toBe(revisions)
  })

  it('brings in a whole Slack export', async () => {
    const { report } = await imported(fixture('slack-export'))
    expect(report.groups.map(({ name }) => name)).toEqual([
      'Ann Lee, Gina Guest',
      'budget',
      'flood-response',
      'old-plan',
    ])
    expect(report.messages).toEqual({ read: 8, added: 8, held: 8 })
    const flood = await database().prisma.group.findFirstOrThrow({ where: { externalId: 'C0FLOOD' } })
    const inside = await database().prisma.membership.findMany({ where: { groupId: flood.id, until: null } })
    const people = await database().prisma.person.findMany({
      where: { id: { in: inside.map((row) => row.personId) } },
    })
    const humans = people.filter(({ bot }) => !bot)
    expect(humans.map(({ fullName }) => fullName).sort()).toEqual(['Ann Lee', 'Gina Guest'])
    expect(report.leftOut[0]).toEqual({ what: 'direct conversations of two people', count: 1 })
  })
})
