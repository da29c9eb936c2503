import type { CommandName } from '../../src/platform/index.js'

/** Commands one can type in the composer, with what the hint list says of them. */
export const commandHints: readonly { readonly typed: string; readonly hint: string }[] = [
  { typed: '/record-decision', hint: 'Record a decision taken here or elsewhere' },
  { typed: '/membership-log', hint: 'Who joined and left this group, and when' },
  { typed: '/register-group', hint: 'Register this group: purpose, administrators, private office' },
  { typed: '/remembrancer send-digest', hint: 'Send this week’s digest now' },
  { typed: '/remembrancer help', hint: 'What Remembrancer does and keeps' },
]

const byTyped: ReadonlyMap<string, CommandName> = new Map([
  ['/record-decision', 'record-decision'],
  ['/membership-log', 'membership-log'],
  ['/register-group', 'register-group'],
  ['/help', 'help'],
])
const afterName: ReadonlyMap<string, CommandName> = new Map([
  ['', 'help'],
  ['help', 'help'],
  ['send-digest', 'send-digest'],
  ['digest', 'send-digest'],
  ['record-decision', 'record-decision'],
  ['membership-log', 'membership-log'],
  ['register-group', 'register-group'],
])

/** What was typed, read as a command. */
export type ReadCommand =
  | { readonly kind: 'not-a-command' }
  | { readonly kind: 'unknown'; readonly typed: string }
  | { readonly kind: 'command'; readonly name: CommandName; readonly text: string }

/** Reads a composer's text: a command when it begins with a slash and a letter ("/ 5 km" is not one). */
export function readCommand(text: string): ReadCommand {
  const match = /^(\/[a-z][a-z-]*)(?:\s+([\s\S]*))?$/i.exec(text.trim())
  if (!match) return { kind: 'not-a-command' }
  const typed = (match[1] ?? '').toLowerCase()
  const rest = (match[2] ?? '').trim()
  if (typed === '/remembrancer') {
    const [word = '', ...others] = rest.split(/\s+/)
    const name = afterName.get(word.toLowerCase())
    return name
      ? { kind: 'command', name, text: others.join(' ') }
      : { kind: 'unknown', typed: `${typed} ${word}` }
  }
  const name = byTyped.get(typed)
  return name ? { kind: 'command', name, text: rest } : { kind: 'unknown', typed }
}
