import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { teamsSettingDocs } from '../../adapters/teams/settings.js'

/** The guide and the settings speak of the same hosts. */
const guide = readFileSync('docs/teams.md', 'utf8')
const rows = (from: string, to: string): string[][] =>
  guide
    .slice(guide.indexOf(from), guide.indexOf(to))
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|--'))
    .map((line) => line.split('|').slice(1, -1))
const marked = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
const hostOf = (url: string): string => new URL(url.replace('{tenant}', 'tenant')).host
const byDefault = new Map(teamsSettingDocs.map((doc) => [doc.key, doc.default ?? '']))

/** The settings that name a service the program calls, in the order of the table of hosts. */
const called = [
  'TEAMS_TOKEN_URL',
  'TEAMS_OPENID_METADATA_URL',
  'TEAMS_SERVICE_URL',
  'TEAMS_GRAPH_URL',
] as const

describe('the guide', () => {
  const open = new Map(
    rows('Outgoing, the machine', 'They are Microsoft').map(([cloud = '', ...hosts]) => [
      cloud.trim(),
      hosts.flatMap(marked),
    ]),
  )
  const [head = [], ...settings] = rows('## Government clouds', 'token is sent to the hosts of')

  test('names the hosts to open in the public cloud: those of the defaults', () => {
    expect(open.get('public')).toEqual(called.map((key) => hostOf(byDefault.get(key) ?? '')))
  })

  test.each(['GCC', 'GCC High', 'DoD'])('names the hosts that the settings of %s lead to', (cloud) => {
    const column = head.map((name) => name.trim()).indexOf(cloud)
    expect(column).toBeGreaterThan(0)
    const urlOf = (key: string): string => {
      const row = settings.find((cells) => marked(cells[0]).includes(key))
      const own = row?.[column]?.trim() ?? ''
      if (own === '–') return byDefault.get(key) ?? ''
      return marked(own.startsWith('as GCC High') ? row?.[column - 1] : own)[0] ?? ''
    }
    expect(open.get(cloud)).toEqual(called.map((key) => hostOf(urlOf(key))))
  })

  test('names no Bot Connector to which the token would not be sent', () => {
    const connectors = [...open].filter(([cloud]) => cloud !== 'cloud').map(([, hosts]) => hosts[2])
    expect(connectors.join(',')).toBe(byDefault.get('TEAMS_SERVICE_HOSTS'))
  })
})
