import { createHash } from 'node:crypto'
import type { PersonRef } from '../../src/platform/index.js'
import { plainName } from './marks.js'
import { isYou } from './phrases.js'

const longest = 400

/** Makes references to the people of one chat: known by the name or number the exporter's phone showed. */
export class People {
  readonly #me: string | undefined
  readonly #seen = new Set<string>()

  /** @param me name of whoever exported, for what the file calls "You" */
  constructor(me?: string) {
    this.#me = me === undefined ? undefined : displayName(me)
  }

  /** Someone by the name shown; the same name is always the same person. */
  ref(shown: string): PersonRef {
    const name = isYou(displayName(shown)) ? (this.#me ?? 'You') : displayName(shown)
    const id = idOf(name)
    this.#seen.add(id)
    return { id, name }
  }

  get count(): number {
    return this.#seen.size
  }
}

/** A name as shown, without WhatsApp's tilde before names that are not in the phone's contacts. */
export function displayName(shown: string): string {
  const name = plainName(shown).normalize('NFC').replace(/^~ ?/, '')
  return name === '' ? '?' : name.slice(0, longest)
}

function idOf(name: string): string {
  return /^\+?[\d ().-]{7,40}$/.test(name) ? name.replace(/[^\d+]/g, '') : name
}

/** Stable id of a conversation from its name: readable, with a hash against names that read alike. */
export function conversationId(name: string): string {
  const key = plainName(name).normalize('NFKC').toLowerCase()
  const slug = key
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 10)
  return slug === '' ? hash : `${slug}-${hash}`
}
