import { afterAll, beforeAll, expect, test } from 'vitest'
import { signCheckpoint } from '../../src/ledger/checkpoint.js'
import type { Checkpoint, LedgerRow, Signer } from '../../src/ledger/index.js'
import { entryHash, verifyExport } from '../../src/ledger/offline/verify.mjs'
import { createRandom, type Random, seedOf } from './random.js'
import { sampleLedger, temporarySigner } from './samples.js'

/*
 * 10,000 random single changes to an exported ledger of 150 entries, of which a checkpoint held outside covers 128.
 * TAMPER_SEED replays a run.
 */
const mutations = 10_000
const covered = 128

let kit: Awaited<ReturnType<typeof temporarySigner>>
beforeAll(async () => {
  kit = await temporarySigner()
})
afterAll(() => kit.remove())

interface Line {
  entry?: LedgerRow
  checkpoint?: Checkpoint
}
type Mutation = (lines: readonly string[], random: Random, signer: Signer) => string[]

const parse = (line: string): Line => JSON.parse(line) as Line
const write = (line: Line): string => JSON.stringify(line)
const linesOf = (lines: readonly string[], what: 'entry' | 'checkpoint'): number[] =>
  lines.flatMap((line, index) => (line.startsWith(`{"${what}"`) ? [index] : []))

/** Changes one entry and recomputes every hash after it, as an owner of the database can. */
function rechain(lines: readonly string[], random: Random): Line[] {
  const target = random.pick(linesOf(lines, 'entry'))
  let prevHash: string | undefined
  return lines.map((text, index) => {
    const line = parse(text)
    if (!line.entry || index < target) return line
    const body =
      index === target ? line.entry.body.replace(/[0-9a-f]{12}"/, '0123456789ab"') : line.entry.body
    const changed = { ...line.entry, body, prevHash: prevHash ?? line.entry.prevHash }
    prevHash = entryHash(changed)
    return { entry: { ...changed, hash: prevHash } }
  })
}

const kinds: Readonly<Record<string, Mutation>> = {
  'a character changed': (lines, random) => {
    const text = lines.join('\n')
    const at = random.below(text.length)
    const other = String.fromCharCode(32 + random.below(95))
    return `${text.slice(0, at)}${other === text[at] ? '\n' : other}${text.slice(at + 1)}`.split('\n')
  },
  'an entry deleted': (lines, random) => lines.toSpliced(random.pick(linesOf(lines, 'entry')), 1),
  'a checkpoint deleted': (lines, random) => lines.toSpliced(random.pick(linesOf(lines, 'checkpoint')), 1),
  'an entry repeated': (lines, random) => {
    const at = random.pick(linesOf(lines, 'entry'))
    return lines.toSpliced(at, 0, lines[at] ?? '')
  },
  'two lines swapped': (lines, random) => {
    const [one, two] = [1 + random.below(lines.length - 1), 1 + random.below(lines.length - 1)]
    return lines.with(one, lines[two] ?? '').with(two, lines[one] ?? '')
  },
  'the tail cut off': (lines, random) => lines.slice(0, 1 + random.below(lines.length - 1)),
  'hashes recomputed': (lines, random) => rechain(lines, random).map(write),
  'hashes recomputed, checkpoints removed': (lines, random) =>
    rechain(lines, random)
      .filter((line) => !line.checkpoint)
      .map(write),
  'hashes recomputed and signed anew': (lines, random, signer) => {
    const changed = rechain(lines, random)
    const hashes = new Map(changed.flatMap(({ entry }) => (entry ? [[entry.seq, entry.hash]] : [])))
    return changed.map(({ entry, checkpoint }) =>
      checkpoint
        ? write({
            checkpoint: signCheckpoint(
              signer,
              checkpoint.seq,
              hashes.get(checkpoint.seq) ?? '',
              new Date(checkpoint.at),
            ),
          })
        : write(entry ? { entry } : parse(lines[0] ?? '')),
    )
  },
}

test('10,000 changes: whatever touches what a checkpoint held outside covers is found', async () => {
  const seed = seedOf('TAMPER_SEED')
  const random = createRandom(seed)
  const publicKey = kit.signer.publicKeyPem
  const { rows, checkpoints } = sampleLedger(150, kit.signer)
  const outside = checkpoints.filter((checkpoint) => checkpoint.seq === covered)
  const lines = [
    JSON.stringify({ ledger: 'remembrancer-ledger-v1' }),
    ...rows.flatMap((entry) => [
      write({ entry }),
      ...checkpoints
        .filter((checkpoint) => checkpoint.seq === entry.seq)
        .map((checkpoint) => write({ checkpoint })),
    ]),
  ]
  const whole = await verifyExport(lines, { publicKey, outside })
  expect(whole).toMatchObject({ ok: true, entries: 150, anchoredTo: covered, unanchored: 22 })

  originals = new Set(lines)
  const promised = coveredPart(lines)
  const names = Object.keys(kinds)
  const foundByCheckpointAlone = new Set<string>()
  const unnoticedBeyond = new Set<string>()
  let touching = 0
  for (let n = 0; n < mutations; n++) {
    const name = names[n % names.length] ?? ''
    const changed = kinds[name]?.(lines, random, kit.signer) ?? []
    const touches = coveredPart(changed) !== promised
    const anchored = await verifyExport(changed, { publicKey, outside })
    const what = `seed ${seed}, change ${n}: ${name}`
    if (touches) {
      touching += 1
      expect(anchored.ok, what).toBe(false)
      if ((await verifyExport(changed, { publicKey })).ok) foundByCheckpointAlone.add(name)
    } else if (anchored.ok && changed.join('\n') !== lines.join('\n')) {
      unnoticedBeyond.add(name)
      // Beyond the checkpoint nothing is promised, and the report says how much that is.
      expect(anchored.anchoredTo, what).toBe(covered)
      expect(anchored.unanchored, what).toBe(anchored.entries - covered)
    }
  }
  expect(touching).toBeGreaterThan(mutations / 2)
  // An owner of database and key can do these unnoticed by the ledger itself: hence checkpoints kept elsewhere.
  expect([...foundByCheckpointAlone].sort()).toEqual([
    'hashes recomputed and signed anew',
    'the tail cut off',
  ])
  // And these, in the tail that no checkpoint held outside covers yet.
  const possibleBeyond = [
    'an entry deleted',
    'hashes recomputed',
    'hashes recomputed and signed anew',
    'the tail cut off',
  ]
  for (const name of unnoticedBeyond) expect(possibleBeyond).toContain(name)
}, 300_000)

let originals: ReadonlySet<string> = new Set()

/** What a checkpoint at 128 promises: the entries up to there, in order. */
function coveredPart(lines: readonly string[]): string {
  const entries: string[] = []
  for (const line of lines) {
    if (entries.length === covered) break
    if (!originals.has(line))
      try {
        const { entry } = parse(line)
        if (entry) entries.push(write({ entry }))
      } catch {
        return 'unreadable'
      }
    else if (line.startsWith('{"entry"')) entries.push(line)
  }
  return entries.join('\n')
}
