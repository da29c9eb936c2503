import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import draft04 from 'ajv-draft-04'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { buildLocalisation, buildManifest, manifestVersions } from '../../adapters/teams/package/manifest.js'

// Both are CommonJS: what they export is found under `default`.
const Ajv = draft04.default
const addFormats = formats.default

/** Microsoft's published schemas, as its own package ships them. */
function published(version: string, name: 'MicrosoftTeams' | 'MicrosoftTeams.Localization') {
  const file = `../../node_modules/@microsoft/app-manifest/build/json-schemas/teams/v${version}/${name}.schema.json`
  const schema: object = JSON.parse(
    readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8').replace(/^\uFEFF/, ''),
  )
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats(ajv)
  return ajv.compile(schema)
}

describe.each(manifestVersions)('the manifest and the published schema %s', (manifestVersion) => {
  const options = {
    appId: '3f1c2a4e-0000-4000-8000-000000000001',
    host: 'chat.example.gov.uk',
    manifestVersion,
    developer: 'Department',
  }
  const check = published(manifestVersion, 'MicrosoftTeams')

  test.each(['Department', 'Department for the Environment, Food and Rural Affairs'])(
    'agree for %s',
    (developer) => {
      check(buildManifest({ ...options, developer }))
      expect(check.errors).toBeNull()
    },
  )

  test('agree on an update', () => {
    check(buildManifest({ ...options, appVersion: '1.2.10' }))
    expect(check.errors).toBeNull()
  })

  test.each([
    ['a property that the schema does not know', { commands: [] }],
    ['a permission that does not exist', { permissions: ['readEverything'] }],
    ['a colour that is none', { accentColor: 'navy' }],
    ['too long a description', { description: { short: 'x'.repeat(81), full: 'x' } }],
    ['an id that is none', { id: 'remembrancer' }],
  ])('%s is refused', (_what, change) => {
    expect(check({ ...buildManifest(options), ...change })).toBe(false)
  })

  test('agree on the other languages', () => {
    const localisation = published(manifestVersion, 'MicrosoftTeams.Localization')
    localisation(buildLocalisation('fr', manifestVersion))
    expect(localisation.errors).toBeNull()
    expect(localisation({ ...buildLocalisation('fr', manifestVersion), 'name.short': 'x'.repeat(31) })).toBe(
      false,
    )
  })
})
