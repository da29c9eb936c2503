import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { openFolder } from '../platform/index.js'

/** SHA-256 of a file; of a folder, over the names, sizes and contents of its files in order of name. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  if (!(await stat(path)).isDirectory()) {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }
  const folder = await openFolder(path)
  for (const entry of [...folder.entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${entry.name}\0${entry.size}\0`)
    for await (const chunk of await folder.read(entry)) hash.update(chunk as Buffer)
  }
  await folder.close()
  return hash.digest('hex')
}
