import { appendFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Cast, SandboxPlatform } from '../../adapters/sandbox/index.js'
import type { ChatPlatform, FormValues, PostTarget } from '../../src/platform/index.js'
import { type OpenSandbox, openSandbox } from '../sandbox/open-sandbox.js'
import { cardsIn, formIn, type PageCard } from '../sandbox/read-page.js'
import { createFakeHost } from '../support/fake-host.js'
import { describePlatformContract, type Harness, type SeenCard } from './platform-contract.js'

const person = (id: string, name: string) => ({
  id,
  name,
  email: `${id}@example.test`,
  title: 'Official',
  team: 'Team',
  remit: 'None',
})
const room = (id: string, visibility: 'public' | 'private', botPresent: boolean, members: string[]) => ({
  id,
  name: id,
  visibility,
  topic: '',
  owners: ['ann'],
  members,
  botPresent,
})
const cast: Cast = {
  department: 'Contract',
  people: [person('ann', 'Ann Ash'), person('ben', 'Ben Birch'), person('cat', 'Cat Cedar')],
  rooms: [room('group', 'private', true, ['ben']), room('open', 'public', false, [])],
  opening: { person: 'ann', room: 'group' },
}

describePlatformContract('sandbox', async (): Promise<Harness> => {
  const host = await createFakeHost()
  let open: OpenSandbox = await openSandbox({ cast, host })
  const logFile = path.join(host.dataDir, 'sandbox.jsonl')
  const act = async (at: string, body: Record<string, string> | URLSearchParams) => {
    const answer = await open.send(`/sandbox/as/${at}`, body)
    if (!answer.ok) throw new Error(`${answer.status}: ${answer.problem}`)
    return answer
  }
  const restart = async () => {
    open = await openSandbox({ cast, host })
  }
  const cards = async (viewer: string, where: string, thread?: string): Promise<PageCard[]> => {
    const query = thread === undefined ? '' : `?thread=${thread}`
    return cardsIn(
      await open.page(`/sandbox/as/${viewer}/${where}${query}`),
      thread === undefined ? 'timeline' : 'thread',
    )
  }
  const placeOf = async (viewer: string, card: SeenCard, label: string) => {
    for (const where of ['group', `dm-${viewer}`])
      for (const found of await cards(viewer, where))
        if (found.id === card.id) return { where, place: found.places.get(label) ?? '' }
    throw new Error(`${viewer} does not see the card`)
  }
  const formOf = async (viewer: string) => formIn(await open.page(`/sandbox/as/${viewer}/group`))
  const sendForm = async (viewer: string, action: string, values: FormValues) => {
    const form = await formOf(viewer)
    if (!form) throw new Error('No form is open')
    const body = new URLSearchParams({ open: form.openId, action })
    for (const field of form.fields)
      for (const value of [values[field.name] ?? field.value].flat()) body.append(`v.${field.name}`, value)
    const answer = await open.send(form.action, body)
    if (!answer.ok) throw new Error(answer.problem)
  }

  return {
    // The platform behind the pages changes when the sandbox is opened again.
    get platform(): ChatPlatform {
      return open.platform
    },
    host,
    tenant: 'local',
    group: 'group',
    publicGroup: 'open',
    people: {
      member: { id: 'ann', name: 'Ann Ash' },
      other: { id: 'ben', name: 'Ben Birch' },
      outsider: { id: 'cat', name: 'Cat Cedar' },
    },
    act: {
      async say(where, who, text, opts = {}) {
        return (await act(`${who}/${where}/say`, { text, ...opts })).message ?? ''
      },
      async sayToBot(who, text) {
        await act(`${who}/dm-${who}/say`, { text })
      },
      async edit(where, message, who, text) {
        await act(`${who}/${where}/edit`, { message, text })
      },
      async remove(where, message, who) {
        await act(`${who}/${where}/delete`, { message })
      },
      async join(where, who, by = who) {
        await act(`${by}/${where}/members`, by === who ? { action: 'join' } : { action: 'add', person: who })
      },
      async leave(where, who) {
        await act(`${who}/${where}/members`, { action: 'leave' })
      },
      async removeMember(where, who, by) {
        await act(`${by}/${where}/members`, { action: 'remove', person: who })
      },
      async command(who, where, command, text) {
        const typed = command === 'help' ? '/remembrancer help' : `/${command}`
        await act(`${who}/${where}/say`, { text: `${typed} ${text}` })
      },
      async messageAction(who, where, message) {
        await act(`${who}/${where}/record`, { message })
      },
      async press(who, card, label) {
        const { where, place } = await placeOf(who, card, label)
        await act(`${who}/${where}/press`, { post: card.id, place })
      },
      submit: (who, values) => sendForm(who, 'submit', values),
      change: (who, values, changed) => sendForm(who, `change:${changed}`, values),
      async sendUnreadable() {
        await open.stop()
        await appendFile(logFile, '{"type":"poll","at":"2026-01-01T00:00:00Z","room":"group"}\n')
        await restart()
      },
    },
    delivery: {
      acknowledged: () => waiting(open.platform) === 0,
      async again() {
        if (waiting(open.platform) > 0) return open.platform.world().deliver()
        // As after a crash between the inbox's commit and the note of it: the note is not in the log.
        await open.stop()
        const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n')
        const last = lines.findLastIndex((line) => line.includes('"type":"accepted"'))
        await writeFile(logFile, `${lines.toSpliced(last, 1).join('\n')}\n`)
        await restart()
      },
    },
    see: {
      async posts(target: PostTarget) {
        if (target.kind === 'person') return cards(target.person, `dm-${target.person}`)
        if (target.kind === 'group')
          return (await cards('ann', target.conversation, target.thread)).filter((card) => !card.onlyYou)
        return (await cards(target.person, target.conversation, target.thread)).filter((card) => card.onlyYou)
      },
      openForm: formOf,
      async answers(who) {
        return (await cards(who, 'group')).filter((card) => card.onlyYou)
      },
    },
    stop: () => open.stop({ forget: true }),
  }
})

const waiting = (platform: SandboxPlatform) => platform.world().undelivered()
