import { expect } from 'vitest'
import type { Policy } from '../../src/config/index.js'
import type { SignalRow } from '../../src/decisions/index.js'
import { loggedErrors } from '../support/logged-errors.js'
import { flood, idris, office, openSlackOffice, rosa, type SlackOffice, tamsin } from './slack-office.js'

/** Opens the office with the bot invited to the flood channel, registered by Tamsin, and to the private office's. */
export async function openRegistered(change?: (policy: Policy) => void): Promise<SlackOffice> {
  const slack = await openSlackOffice(change)
  await inviteBot(slack)
  await slack.command(tamsin, flood, '/register-group')
  await slack.submit(tamsin, registration(slack))
  await slack.settle()
  expect(slack.modalOpen(tamsin)).toBe(false)
  return slack
}

/** Tamsin invites the bot to the flood channel and the private office's. */
export async function inviteBot({ slack, settle }: SlackOffice): Promise<void> {
  for (const channel of [flood, office]) slack.people.join(channel, slack.world.bot.userId, tamsin)
  await settle()
}

/** What Tamsin fills in to register the flood channel. */
export function registration(slack: SlackOffice) {
  return {
    purpose: 'Answer the flood',
    businessNeed: 'Minutes matter',
    administrators: [tamsin, rosa],
    recordsOfficer: rosa,
    officeName: 'Office of the Secretary of State',
    officeOfficial: 'The Secretary of State',
    officeRoom: office,
    reviewDate: new Date(slack.now() + 30 * 86_400_000).toISOString().slice(0, 10),
  }
}

/** Says something in a channel; returns its `ts`. */
export function say({ slack }: SlackOffice, channel: string, who: string, text: string): string {
  return slack.people.say(channel, who, text)
}

/** Idris asks and Tamsin settles it in the flood channel; then it is so much later. Returns the `ts` of her word. */
export async function decide(slack: SlackOffice, what: string, ms = 20_000): Promise<string> {
  say(slack, flood, idris, `What do we do about ${what}?`)
  const ts = say(slack, flood, tamsin, `Decided: ${what}`)
  await slack.settle()
  await slack.later(ms)
  return ts
}

/** The newest card in a person's direct conversation, whole. */
export function newest(slack: SlackOffice, person: string): string {
  return JSON.stringify(slack.cards(slack.direct(person)).at(-1) ?? null)
}

/** Signals of the flood channel, oldest first. */
export async function signals(slack: SlackOffice): Promise<SignalRow[]> {
  const groupId = await slack.groupId(flood)
  return await slack.database.prisma.signal.findMany({ where: { groupId }, orderBy: { settledAt: 'asc' } })
}

/**
 * Ends it. Whatever was tested: Slack had nothing to object to, the ledger holds, nothing failed unseen.
 * @param failures codes of the errors that had to be logged, in order
 */
export async function endSlackOffice(slack: SlackOffice, failures: readonly string[] = []): Promise<void> {
  const end = await slack.close()
  expect(end.violations).toEqual([])
  expect(end.problem).toBeUndefined()
  expect(end.entries).toBeGreaterThan(10)
  expect(loggedErrors(slack.logged())).toEqual(failures)
  expect(slack.logged()).not.toMatch(/INTERACTION_FAILED|EVENT_SET_ASIDE/)
  expect(slack.logged()).not.toContain('Mere Street')
}
