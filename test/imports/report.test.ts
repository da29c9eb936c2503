import { describe, expect, it } from 'vitest'
import { createProgressBar, formatReport, type ImportReport } from '../../src/imports/index.js'

const report: ImportReport = {
  id: '7b0c7f0e-6a35-4c53-9f0c-1f5f1c0f7a11',
  platform: 'whatsapp',
  file: 'WhatsApp Chat with Flood response.zip',
  importedBefore: undefined,
  timeZone: 'Europe/London',
  messages: { read: 12345, added: 12000, held: 12345 },
  linesNotUnderstood: { count: 7, first: [{ line: 3 }, { line: 90 }] },
  leftOut: [],
  groups: [{ id: 'g1', name: 'Flood response', address: 'http://127.0.0.1:3000/groups/g1' }],
  people: 14,
  membershipChanges: { added: 20, held: 23 },
  notApplied: { waiting: 0, setAside: 0 },
  unrecordedDecisions: {
    total: 31,
    oldest: [
      {
        group: 'Flood response',
        summary:
          'Buy 4,000 sandbags from the Severn depot and have them brought to the county store overnight',
        excerpt: 'Agreed \u001b[31mred\u001b[0m \u202egnirps',
        author: 'Ann Lee',
        settledAt: new Date('2024-02-01T08:10:00Z'),
        ageDays: 640,
        address: 'http://127.0.0.1:3000/groups/g1',
      },
    ],
  },
  webAddress: 'http://127.0.0.1:3000',
}

describe('the report in a terminal', () => {
  const text = formatReport(report)

  it('keeps to 80 columns', () => {
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('lays the figures out one below the other', () => {
    expect(text).toContain('  Messages taken            12,345   12,000 new, 12,345 held\n')
    expect(text).toContain('  Lines not understood           7   line 3, 90, …\n')
    expect(text).toContain('  Unrecorded decisions          31\n')
  })

  it('lists decisions with evidence, date, age and where to read them, and says how many more there are', () => {
    expect(text).toContain('   1. 1 February 2024 (640 days ago), Flood response\n')
    expect(text).toContain('(Ann Lee)')
    expect(text).toContain('      http://127.0.0.1:3000/groups/g1\n')
    expect(text).toContain('and 30 more, in the browser.')
  })

  it('lets nothing from a chat drive the terminal', () => {
    for (const mark of ['\u001b', '\u202e']) expect(text).not.toContain(mark)
  })

  it('says so when something has not gone through', () => {
    expect(text).not.toContain('Events')
    const told = formatReport({ ...report, notApplied: { waiting: 3, setAside: 2 } })
    expect(told).toContain('  Events still to come           3   these failed and are tried again by\n')
    expect(told).toContain('  Events set aside               2   these failed: see npx remembrancer doctor\n')
  })

  it('says when the same file was imported before, and when nothing was found', () => {
    const again = formatReport({
      ...report,
      importedBefore: new Date('2024-03-01T00:00:00Z'),
      unrecordedDecisions: { total: 0, oldest: [] },
    })
    expect(again).toContain('imported before, on 1 March 2024')
    expect(again).toContain('No unrecorded decisions were found.')
  })
})

describe('the progress bar', () => {
  const run = (isTTY: boolean) => {
    const written: string[] = []
    const bar = createProgressBar({ write: (text: string) => written.push(text), isTTY })
    for (let done = 0; done <= 1000; done++) bar.update(done, 1000)
    bar.end()
    bar.end()
    return written
  }

  it('redraws one line on a terminal, as seldom as it changes', () => {
    const written = run(true)
    expect(written).toHaveLength(102)
    expect(written.slice(0, -1).every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true)
    expect(written.at(-2)).toContain('100 %')
    expect(written.at(-1)).toBe('\n')
  })

  it('writes a line every ten per cent elsewhere', () => {
    expect(run(false)).toEqual(Array.from({ length: 11 }, (_, tenth) => `Importing: ${tenth * 10} %\n`))
  })
})
