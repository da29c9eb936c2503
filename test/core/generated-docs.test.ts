import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../scripts/generate-docs.js'

test.each([...generatedFiles()])('%s is what the code says', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})
