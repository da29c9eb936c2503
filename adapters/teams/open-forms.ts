import { randomUUID } from 'node:crypto'
import type { Form } from '../../src/platform/index.js'

/** Forms waiting for the press that opens them. */
export interface OpenForms {
  /** @returns the token the button carries */
  keep(form: Form, person: string): string
  /** The form, if it is still kept and was offered to this person. */
  find(token: string, person: string): Form | undefined
}

const keptMs = 60 * 60_000
const mostKept = 1000

/** Keeps offered forms for an hour in memory: after a restart the person asks again, nothing typed is lost. */
export function createOpenForms(now: () => Date): OpenForms {
  const kept = new Map<string, { form: Form; person: string; until: number }>()
  return {
    keep(form, person) {
      const token = randomUUID()
      kept.set(token, { form, person, until: now().getTime() + keptMs })
      const oldest = kept.keys().next()
      if (kept.size > mostKept && !oldest.done) kept.delete(oldest.value)
      return token
    },
    find(token, person) {
      const one = kept.get(token)
      if (!one || one.person !== person) return undefined
      if (one.until < now().getTime()) {
        kept.delete(token)
        return undefined
      }
      return one.form
    },
  }
}
