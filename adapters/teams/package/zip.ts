import { buffer } from 'node:stream/consumers'
import yazl from 'yazl'
import { colourIcon, outlineIcon } from './icons.js'
import { buildLocalisation, buildManifest, languages, type ManifestOptions } from './manifest.js'

/** The app package: manifest, icons and languages at the root of a zip, the same bytes for the same settings. */
export async function buildPackage(options: ManifestOptions): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  const fixed = { mtime: new Date('2026-01-01T00:00:00Z'), mode: 0o100644 }
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)
  zip.addBuffer(json(buildManifest(options)), 'manifest.json', fixed)
  zip.addBuffer(colourIcon(), 'color.png', fixed)
  zip.addBuffer(outlineIcon(), 'outline.png', fixed)
  for (const language of languages)
    zip.addBuffer(json(buildLocalisation(language, options.manifestVersion)), `${language}.json`, fixed)
  zip.end()
  return buffer(zip.outputStream)
}
