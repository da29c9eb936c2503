import { groupNames } from '../cues.js'
import { featureNames } from '../feature-names.js'
import { type Register, registerScore } from '../model.js'
import { crowd, oneAfterAnother } from './crowd.js'
import { seed, type TrainingSet } from './heads.js'
import { logistic, type Sample, seededRandom } from './learn.js'
import { type Prepared, prepare } from './prepare.js'
import { offices, technical } from './schools.js'

const rounded = (v: number): number => Math.round(v * 1e5) / 1e5

// Not how many messages there were: a busy group talks longer than any meeting.
const meetingFeatures = [
  'speakers',
  'recent-length',
  'turn-length',
  'same-speaker-before',
  'addresses-someone',
  'was-named',
  'distance-to-asked',
  'pair-turns',
  'speaker-share',
  'words-shared-with-recent',
  ...groupNames.map((move) => `lasting.${move}`),
]

/** What tells a minuted meeting from chat: one linear score over the moves of the discussion so far. */
export function trainFormality(set: TrainingSet): Register {
  const columns = meetingFeatures.map((name) => featureNames.indexOf(name))
  const random = seededRandom(seed)
  const samples: Sample[] = []
  const add = (prepared: Prepared, y: 0 | 1, share: number): void => {
    prepared.full.forEach((x, i) => {
      if (i >= 3 && random() < share)
        samples.push({ x: Float32Array.from(columns, (c) => Math.sqrt(x[c] ?? 0)), y, weight: 1 })
    })
  }
  for (const p of set.exact) add(p, 0, 0.4)
  for (const p of chained(set)) add(p, 0, 0.4)
  for (const w of set.weak) add(w.prepared, 0, 0.1)
  for (const f of set.formal) add(f.prepared, 1, 0.05)
  const fit = samples.some((s) => s.y)
    ? logistic(samples, columns.length, { epochs: 30, rate: 0.02, l2: 1e-4, seed })
    : { bias: -20, weights: new Float64Array(columns.length) }
  return {
    features: meetingFeatures,
    weights: Array.from(fit.weights, rounded),
    bias: rounded(fit.bias),
    atLeast: sureMeeting,
    rooted: true,
  }
}

const chainLength = 12
const pauseMs = 20 * 60_000

/** A group's discussions one after another: what it said before must not make its talk a meeting. */
function chained({ exact, language }: TrainingSet): Prepared[] {
  return [...new Set(exact.map((p) => p.discussion.group))].flatMap((group) => {
    const members = exact.filter((p) => p.discussion.group === group).map((p) => p.discussion)
    const chains: Prepared[] = []
    for (let start = 0; start < members.length; start += chainLength) {
      const links = members.slice(start, start + chainLength)
      const starts = oneAfterAnother(links, () => pauseMs)
      chains.push(prepare(crowd(links, starts).talk, false, language))
    }
    return chains
  })
}

/** Votes before the talk shows what it is are judged better by the head for meetings; chat hardly ever comes so far. */
const sureMeeting = 0.3

const officeTopics =
  'money procure people comms policy project thirdparty operation tech routine party drafting logistics status reading substance'
const officeFeatures = [
  ...['lasting', 'recent', 'own', 'asked'].flatMap((where) =>
    officeTopics.split(' ').map((topic) => `${where}.${topic}`),
  ),
  'title',
  'office',
  'asked-title',
]

/** What tells an office's business from the talk of people who build software: one linear score over named topics and titles. */
export function trainOffice(set: TrainingSet): Register {
  const columns = officeFeatures.map((name) => featureNames.indexOf(name))
  const samples: Sample[] = []
  for (const { discussion, full } of set.exact) {
    const y = offices.has(discussion.group) ? 1 : technical.test(discussion.group) ? 0 : undefined
    if (y === undefined) continue
    for (const x of full) samples.push({ x: Float32Array.from(columns, (c) => x[c] ?? 0), y, weight: 1 })
  }
  const positive = samples.reduce((sum, s) => sum + s.y, 0)
  if (positive === 0 || positive === samples.length)
    return { features: [], weights: [], bias: -20, atLeast: sureOffice }
  const weight = (samples.length - positive) / positive
  const fit = logistic(
    samples.map((s) => (s.y ? { ...s, weight } : s)),
    columns.length,
    { epochs: 30, rate: 0.02, l2: 1e-4, seed },
  )
  return {
    features: officeFeatures,
    weights: Array.from(fit.weights, rounded),
    bias: rounded(fit.bias),
    atLeast: sureOffice,
  }
}
/** Only talk that is plainly of an office's business is judged by its calibration. */
const sureOffice = 0.6

/** Whether a message is an office's talk by that score. */
export function officeTest(register: Register): (x: Float32Array) => boolean {
  const score = registerScore(register)
  return (x) => score(x) >= register.atLeast
}
