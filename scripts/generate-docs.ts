/**
 * Writes what is generated from code: .env.example (from the documented settings) and docs/errors.md (from the registry
 * of errors). `--check` writes nothing and fails when a file is out of date; the tests run it so.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { slackModule } from '../adapters/slack/index.js'
import { teamsModule } from '../adapters/teams/index.js'
import { coreSettings } from '../src/config/index.js'
import { errorRegistry } from '../src/errors.js'
import type { SettingDoc } from '../src/platform/index.js'

/** Text of every generated file, by path. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['.env.example', environmentExample()],
    ['docs/errors.md', errorPage()],
  ])
}

function environmentExample(): string {
  const sections: [string, readonly SettingDoc[]][] = [
    ['The program', coreSettings],
    ['Slack (docs/slack.md)', slackModule.settings],
    ['Microsoft Teams (docs/teams.md)', teamsModule.settings],
  ]
  const documented = new Set<string>()
  const lines = [
    '# Every setting is optional: without any, npm start runs the sandbox on the embedded database.',
    '# Copy this file to .env and set what you need. Generated from the code; npm test checks that it is current.',
  ]
  for (const [title, settings] of sections) {
    lines.push('', `# ── ${title} ──`)
    for (const { key, summary, default: value } of settings) {
      if (documented.has(key)) continue
      documented.add(key)
      lines.push('', ...wrap(summary).map((line) => `# ${line}`), `# ${key}=${value ?? ''}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function errorPage(): string {
  const rows = Object.entries(errorRegistry).map(
    ([code, fix]) => `| \`${code}\` | ${fix.replaceAll('|', '\\|')} |`,
  )
  return `# Errors\n\nEvery foreseeable failure has a stable code, a sentence saying what happened, and what to do. Generated from \`src/errors.ts\`.\n\n| code | what to do |\n|---|---|\n${rows.join('\n')}\n`
}

function wrap(text: string, width = 110): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

if (process.argv[1]?.endsWith('generate-docs.ts')) {
  const check = process.argv.includes('--check')
  for (const [path, text] of generatedFiles()) {
    const current = existsSync(path) && readFileSync(path, 'utf8') === text
    if (!current && check) {
      console.error(`${path} is out of date: run npm run generate-docs`)
      process.exitCode = 1
    } else if (!current) writeFileSync(path, text)
  }
}
